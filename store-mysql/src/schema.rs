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
pub(crate) const COLUMNS: &str = "SELECT CAST(table_name AS CHAR), CAST(column_name AS CHAR), CAST(data_type AS CHAR), \
     CASE WHEN is_nullable = 'NO' AND column_default IS NULL AND extra NOT LIKE '%auto_increment%' \
     AND extra NOT LIKE '%GENERATED%' THEN 1 ELSE 0 END FROM information_schema.columns \
     WHERE table_schema = DATABASE() AND table_name LIKE 't_flink_autoscaler%' ORDER BY 1, 2";

/// Their unique keys, the columns of each one after the other.
pub(crate) const UNIQUE_KEYS: &str = "SELECT CAST(table_name AS CHAR), CAST(index_name AS CHAR), CAST(column_name AS CHAR) \
     FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name LIKE 't_flink_autoscaler%' \
     AND non_unique = 0 AND column_name IS NOT NULL ORDER BY 1, 2, 3";
