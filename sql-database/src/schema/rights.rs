//! What the user of a database may do with our tables, told without doing it.

use autoscaler_core::ErrorKind;

use crate::database::SqlDatabase;
use crate::error::SqlError;
use crate::shape::table_names;
use crate::statement::Statement;

/// What the user may not do, such as `delete from t_flink_autoscaler_observation`. Statements are only explained, for which
/// servers ask for the same rights, so nothing is written; tables that are not there are left out.
///
/// # Errors
/// The database can't be asked.
pub async fn missing_rights(database: &dyn SqlDatabase) -> Result<Vec<String>, SqlError> {
    let there = database.shape().await?;
    let mut missing = Vec::new();
    for table in table_names().filter(|table| there.iter().any(|known| known.name == *table)) {
        for (right, statement) in [
            ("read", format!("SELECT job_key FROM {table} WHERE job_key = ''")),
            ("insert into", format!("INSERT INTO {table} (job_key) SELECT job_key FROM {table} WHERE job_key = ''")),
            ("update", format!("UPDATE {table} SET job_key = '' WHERE job_key = ''")),
            ("delete from", format!("DELETE FROM {table} WHERE job_key = ''")),
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
