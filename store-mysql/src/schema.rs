//! The migrations, embedded.

use sql_database::schema::TABLE;
use sqlx::migrate::Migrator;

/// The migrations, kept in our own table; who runs them holds a lock of ours.
pub(crate) fn migrator() -> Migrator {
    let mut migrator = sqlx::migrate!("./migrations");
    migrator.set_locking(false).dangerous_set_table_name(TABLE);
    migrator
}
