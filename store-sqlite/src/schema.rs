//! The migrations, embedded, and how the schema is read back.

use sql_database::schema::TABLE;
use sqlx::migrate::Migrator;

/// The migrations, kept in our own table; who runs them holds a lock of ours.
pub(crate) fn migrator() -> Migrator {
    let mut migrator = sqlx::migrate!("./migrations");
    migrator.set_locking(false).dangerous_set_table_name(TABLE);
    migrator
}

/// The columns of our tables.
pub(crate) const COLUMNS: &str = "SELECT m.name, c.name, c.type, CASE WHEN c.\"notnull\" = 1 AND c.dflt_value IS NULL AND c.pk = 0 THEN 1 ELSE 0 END \
     FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type IN ('table', 'view') AND m.name LIKE 't_flink_autoscaler%' ORDER BY 1, 2";

/// Their unique keys, the columns of each one after the other.
pub(crate) const UNIQUE_KEYS: &str = "SELECT m.name, l.name, i.name FROM sqlite_master m, pragma_index_list(m.name) l, pragma_index_info(l.name) i \
     WHERE m.type = 'table' AND m.name LIKE 't_flink_autoscaler%' \
     AND l.\"unique\" = 1 AND l.partial = 0 AND i.name IS NOT NULL ORDER BY 1, 2, 3";
