//! The contract of a state store, held by SQLite.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;

use sql_database::migrate::Migrated;
use sql_database::{DatabaseUrl, Settings, SqlStateStore};
use store_sqlite::{SqliteDatabase, connect_options};
use testkit::store::Held;

fn main() {
    testkit::store::run("sqlite", || async {
        let directory = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", directory.path().join("state.db").display());
        let config = connect_options(DatabaseUrl::parse(&url).unwrap()).unwrap();
        let database = SqliteDatabase::new(config, &Settings::default());
        Held::new(Arc::new(SqlStateStore::new(Migrated::new(Arc::new(database), true))), directory)
    });
}
