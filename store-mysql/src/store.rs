//! The store.

use std::sync::Arc;

use autoscaler_core::Lease;
use sql_database::{ConnectSettings, Database, DatabaseOptions, DatabaseUrl, InvalidUrl, RowLease, SqlStateStore};

use crate::config::connect_options;
use crate::database::MySqlDatabase;

/// State in a MySQL or MariaDB database.
#[derive(Clone, Debug)]
pub struct MySqlStateStore {
    store: SqlStateStore,
}

impl MySqlStateStore {
    /// Opens the store in the database of a URL, such as `mysql://user:password@host:3306/flink`. It is connected to,
    /// and its schema brought up to date, when it is first used. Needs a tokio runtime.
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
        let database = Database::new(Arc::new(MySqlDatabase::new(config, settings)), options);
        Ok(Self { store: SqlStateStore::new(database) })
    }

    /// The database, for an event handler to share.
    pub fn database(&self) -> Database {
        self.store.database()
    }

    /// The right to act on what the store remembers.
    pub fn lease(&self) -> Option<Arc<dyn Lease>> {
        RowLease::new(self.database()).map(|lease| Arc::new(lease) as _)
    }
}

sql_database::remembers!(MySqlStateStore);
