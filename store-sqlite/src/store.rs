//! The store.

use std::sync::Arc;

use autoscaler_core::Lease;
use sql_database::{ConnectSettings, Database, DatabaseOptions, DatabaseUrl, InvalidUrl, SqlStateStore};

use crate::config::connect_options;
use crate::database::SqliteDatabase;

/// State in a SQLite file.
#[derive(Clone, Debug)]
pub struct SqliteStateStore {
    store: SqlStateStore,
    lease: Arc<dyn Lease>,
}

impl SqliteStateStore {
    /// Opens the store in the file of a URL, such as `sqlite:/var/lib/flink/state.db`. The file is created, and its schema
    /// brought up to date, when it is first used. Needs a tokio runtime.
    ///
    /// # Errors
    /// The URL can't be used.
    pub fn open(url: &str, settings: &ConnectSettings) -> Result<Self, InvalidUrl> {
        Self::open_with(url, settings, DatabaseOptions::default())
    }

    /// The same, with a schema that is treated as `options` say: left alone, say, and refused while it is too old.
    ///
    /// # Errors
    /// The URL can't be used.
    pub fn open_with(url: &str, settings: &ConnectSettings, options: DatabaseOptions) -> Result<Self, InvalidUrl> {
        let config = connect_options(DatabaseUrl::parse(url)?, settings)?;
        let database = SqliteDatabase::new(config, settings);
        let lease = database.lease();
        let store = SqlStateStore::new(Database::new(Arc::new(database), options));
        Ok(Self { store, lease })
    }

    /// The database, for an event handler to share.
    pub fn database(&self) -> Database {
        self.store.database()
    }

    /// The right to act on what the store remembers.
    pub fn lease(&self) -> Arc<dyn Lease> {
        Arc::clone(&self.lease)
    }
}

sql_database::remembers!(SqliteStateStore);
