//! The migrations, embedded, and how the schema is read back.

use sql_database::schema::TABLE;
use sqlx::migrate::Migrator;

/// The migrations, kept in our own table; who runs them holds a lock of ours.
pub(crate) fn migrator() -> Migrator {
    let mut migrator = sqlx::migrate!("./migrations");
    migrator.set_locking(false).dangerous_set_table_name(TABLE);
    migrator
}

/// The columns of our tables, whoever may read them.
pub(crate) const COLUMNS: &str = "SELECT CAST(c.relname AS TEXT), CAST(a.attname AS TEXT), format_type(a.atttypid, a.atttypmod), \
     CASE WHEN a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' THEN 1 ELSE 0 END \
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE c.relname LIKE 't_flink_autoscaler%' \
     AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND pg_table_is_visible(c.oid) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1, 2";

/// Their unique keys, the columns of each one after the other.
pub(crate) const UNIQUE_KEYS: &str = "SELECT CAST(c.relname AS TEXT), CAST(i.indexrelid AS TEXT), CAST(a.attname AS TEXT) \
     FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid \
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey) \
     WHERE c.relname LIKE 't_flink_autoscaler%' AND pg_table_is_visible(c.oid) \
     AND i.indisunique AND i.indisvalid AND i.indpred IS NULL ORDER BY 1, 2, 3";
