//! The shape that our tables must have: columns, what these hold, and which of them together are unique.

use autoscaler_core::ErrorKind;

use crate::database::SqlDatabase;
use crate::error::SqlError;
use crate::statement::{Column, Statement};
use crate::table_shape::{ColumnShape, TableShape};

/// A table as it must be.
struct Expected {
    name: &'static str,
    columns: &'static [(&'static str, Column)],
    unique: &'static [&'static str],
}

/// The tables that a schema has in the end.
const TABLES: [Expected; 6] = [
    Expected {
        name: "t_flink_autoscaler_state_store",
        columns: &[
            ("id", Column::Integer),
            ("update_time", Column::Instant),
            ("job_key", Column::Text),
            ("state_type", Column::Text),
            ("state_value", Column::Text),
        ],
        unique: &["job_key", "state_type"],
    },
    Expected {
        name: "t_flink_autoscaler_event_handler",
        columns: &[
            ("id", Column::Integer),
            ("create_time", Column::Instant),
            ("update_time", Column::Instant),
            ("job_key", Column::Text),
            ("reason", Column::Text),
            ("event_type", Column::Text),
            ("message", Column::Text),
            ("event_count", Column::Integer),
            ("event_key", Column::Text),
        ],
        unique: &[],
    },
    Expected {
        name: "t_flink_autoscaler_observation",
        columns: &[("job_key", Column::Text), ("observed_at", Column::Integer), ("observation", Column::Text)],
        unique: &["job_key", "observed_at"],
    },
    Expected {
        name: "t_flink_autoscaler_policy_memory",
        columns: &[("job_key", Column::Text), ("policy", Column::Text), ("memory", Column::Text)],
        unique: &["job_key", "policy"],
    },
    Expected {
        name: "t_flink_autoscaler_job_cluster",
        columns: &[("job_key", Column::Text), ("cluster", Column::Text)],
        unique: &["job_key"],
    },
    // SQLite has a lock on files instead, and no such table.
    Expected {
        name: "t_flink_autoscaler_lease",
        columns: &[
            ("name", Column::Text),
            ("holder", Column::Text),
            ("token", Column::Integer),
            ("expires_at", Column::Integer),
        ],
        unique: &["name"],
    },
];

/// The names of the tables that a schema has in the end.
pub(crate) fn table_names() -> impl Iterator<Item = &'static str> {
    TABLES.iter().map(|table| table.name)
}

/// The same tables, each with a column of it.
pub(crate) fn tables_with_a_column() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLES.iter().filter_map(|table| Some((table.name, table.columns.first()?.0)))
}

/// Reads tables by two queries: table, column, type and whether it is required (as 0 or 1); and table, unique key and
/// column.
///
/// # Errors
/// The database can't be asked.
pub async fn tables(database: &dyn SqlDatabase, columns: &str, keys: &str) -> Result<Vec<TableShape>, SqlError> {
    const COLUMNS: &[Column] = &[Column::Text, Column::Text, Column::Text, Column::Integer];
    const KEYS: &[Column] = &[Column::Text, Column::Text, Column::Text];
    let mut tables: Vec<TableShape> = Vec::new();
    for row in &database.fetch(&Statement::new(columns), COLUMNS).await? {
        let (table, is_required) = (row.text(0)?, row.integer(3)? != 0);
        let column = ColumnShape { name: row.text(1)?.to_owned(), declared: row.text(2)?.to_owned(), is_required };
        match tables.iter_mut().find(|known| known.name == table) {
            Some(known) => known.columns.push(column),
            None => tables.push(TableShape { name: table.to_owned(), columns: vec![column], unique: Vec::new() }),
        }
    }
    let mut last = None;
    for row in &database.fetch(&Statement::new(keys), KEYS).await? {
        let (key, column) = ((row.text(0)?, row.text(1)?), row.text(2)?.to_owned());
        let Some(table) = tables.iter_mut().find(|known| known.name == key.0) else { continue };
        match table.unique.last_mut().filter(|_| last == Some(key)) {
            Some(columns) => columns.push(column),
            None => table.unique.push(vec![column]),
        }
        last = Some(key);
    }
    Ok(tables)
}

/// How tables of ours differ from what they must be, a sentence each; those that are not there are left out.
///
/// # Errors
/// The database can't be asked.
pub async fn alterations(database: &dyn SqlDatabase) -> Result<Vec<String>, SqlError> {
    let tables = database.shape().await?;
    let existing =
        TABLES.iter().filter_map(|expected| Some((expected, tables.iter().find(|t| t.name == expected.name)?)));
    Ok(existing.flat_map(|(expected, table)| expected.differences(table)).collect())
}

/// Makes sure that the tables which are there have not been altered.
///
/// # Errors
/// They have been: what to do about it. Or the database can't be asked.
pub(crate) async fn unaltered(database: &dyn SqlDatabase) -> Result<(), SqlError> {
    let alterations = alterations(database).await?;
    if alterations.is_empty() {
        return Ok(());
    }
    let message = format!(
        "its schema was altered: {}. Change that back; or drop or rename the table and run flink-autoscaler migrate with \
         the same options, which makes an empty one",
        alterations.join("; ")
    );
    Err(SqlError::new(database.name(), ErrorKind::Refused, message))
}

/// Whether an error can come from a schema that is not as it was.
pub(crate) fn may_be_of_schema(error: &SqlError) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Refused | ErrorKind::Invalid)
}

/// An error, or what was altered of the schema where it can come from that: which says more, and says the same each time.
pub(crate) async fn explained(database: &dyn SqlDatabase, error: SqlError) -> SqlError {
    if !may_be_of_schema(&error) {
        return error;
    }
    match unaltered(database).await {
        Err(altered) if altered.kind() == ErrorKind::Refused => altered,
        _ => error,
    }
}

impl Expected {
    fn differences(&self, table: &TableShape) -> Vec<String> {
        let mut found = Vec::new();
        for (name, holds) in self.columns {
            match table.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name)) {
                None => found.push(format!("{} lacks the column {name}", self.name)),
                Some(column) if cannot_hold(&column.declared, *holds) => {
                    let what = if *holds == Column::Text { "texts" } else { "numbers" };
                    found.push(format!("{}.{name} is {}, and {what} go there", self.name, column.declared));
                }
                Some(_) => {}
            }
        }
        let is_ours = |name: &str| self.columns.iter().any(|(ours, _)| ours.eq_ignore_ascii_case(name));
        for column in table.columns.iter().filter(|column| column.is_required && !is_ours(&column.name)) {
            found.push(format!("{} has a column {} that must have a value, and gets none", self.name, column.name));
        }
        let is_key = |key: &Vec<String>| {
            let has = |column: &&str| key.iter().any(|name| name.eq_ignore_ascii_case(column));
            key.len() == self.unique.len() && self.unique.iter().all(has)
        };
        // Where a column is missing, so is the key with it.
        if found.is_empty() && !self.unique.is_empty() && !table.unique.iter().any(is_key) {
            found.push(format!("{} has no unique key of {}", self.name, self.unique.join(" and ")));
        }
        found
    }
}

/// Whether a type is surely another than what goes into the column. Databases have many names for types, so what is
/// not known is let pass.
fn cannot_hold(declared: &str, holds: Column) -> bool {
    let declared = declared.to_ascii_lowercase();
    let is = |words: &[&str]| words.iter().any(|word| declared.contains(word));
    let (text, number, time) = (is(&["char", "text", "clob"]), is(&["int", "serial"]), is(&["time", "date"]));
    match holds {
        Column::Text => number || time,
        Column::Integer => text || time,
        Column::Instant => number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_that_cannot_be_right_are_known() {
        for (declared, holds, is_wrong) in [
            ("character varying(191)", Column::Text, false),
            ("longtext", Column::Text, false),
            ("jsonb", Column::Text, false),
            ("BIGINT", Column::Text, true),
            ("timestamp without time zone", Column::Text, true),
            ("bigint", Column::Integer, false),
            ("numeric", Column::Integer, false),
            ("TEXT", Column::Integer, true),
            ("DATETIME", Column::Instant, false),
            ("TEXT", Column::Instant, false),
            ("integer", Column::Instant, true),
        ] {
            assert_eq!(cannot_hold(declared, holds), is_wrong, "{declared}");
        }
    }

    #[test]
    fn a_table_s_differences_are_named() {
        let column = |name: &str, declared: &str, is_required| ColumnShape {
            name: name.to_owned(),
            declared: declared.to_owned(),
            is_required,
        };
        let memory = &TABLES[3];
        let mut table = TableShape {
            name: memory.name.to_owned(),
            columns: vec![
                column("JOB_KEY", "TEXT", true),
                column("policy", "TEXT", true),
                column("memory", "TEXT", true),
            ],
            unique: vec![vec!["policy".to_owned(), "job_key".to_owned()]],
        };
        assert_eq!(memory.differences(&table), [""; 0]);
        table.unique = vec![vec!["job_key".to_owned()]];
        assert_eq!(
            memory.differences(&table),
            ["t_flink_autoscaler_policy_memory has no unique key of job_key and policy"]
        );
        table.columns[1].name = "rule".to_owned();
        table.columns[2].declared = "bigint".to_owned();
        table.columns.push(column("note", "TEXT", false));
        assert_eq!(
            memory.differences(&table),
            [
                "t_flink_autoscaler_policy_memory lacks the column policy",
                "t_flink_autoscaler_policy_memory.memory is bigint, and texts go there",
                "t_flink_autoscaler_policy_memory has a column rule that must have a value, and gets none",
            ]
        );
    }
}
