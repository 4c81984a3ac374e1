//! What the user of a database may do with our tables, told without doing it.

use autoscaler_core::ErrorKind;

use crate::database::SqlDatabase;
use crate::error::SqlError;
use crate::shape::tables_with_a_column;
use crate::statement::Statement;

/// What the user may not do, such as `delete from t_flink_autoscaler_observation`. Statements are only explained, for which
/// servers ask for the same rights, so nothing is written; tables that are not there are left out.
///
/// # Errors
/// The database can't be asked.
pub async fn missing_rights(database: &dyn SqlDatabase) -> Result<Vec<String>, SqlError> {
    let there = database.shape().await?;
    let mut missing = Vec::new();
    for (table, column) in tables_with_a_column().filter(|(table, _)| there.iter().any(|known| known.name == *table)) {
        for (right, statement) in [
            ("read", format!("SELECT {column} FROM {table} WHERE {column} IS NULL")),
            (
                "insert into",
                format!("INSERT INTO {table} ({column}) SELECT {column} FROM {table} WHERE {column} IS NULL"),
            ),
            ("update", format!("UPDATE {table} SET {column} = {column} WHERE {column} IS NULL")),
            ("delete from", format!("DELETE FROM {table} WHERE {column} IS NULL")),
        ] {
            match database.fetch(&Statement::new(format!("EXPLAIN {statement}")), &[]).await {
                Err(error) if error.kind() == ErrorKind::Denied => missing.push(format!("{right} {table}")),
                Err(error) if error.kind().is_transient() => return Err(error),
                // What else is wrong with it is no matter of rights.
                Err(_) | Ok(_) => {}
            }
        }
    }
    Ok(missing)
}
