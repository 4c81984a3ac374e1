//! How options open it.

use std::sync::Arc;

use autoscaler_core::registry::Backends;
use sql_database::register::{Connected, Driver, register_driver};
use sql_database::{ConnectSettings, DatabaseUrl, InvalidUrl, Scheme};

use crate::config::connect_options;
use crate::database::PostgresDatabase;

/// Adds the databases of `jdbc:postgresql://` and `postgres://` URLs, and the store of type JDBC.
pub fn register(backends: &mut Backends) {
    register_driver(backends, Driver { scheme: Scheme::Postgres, connect });
}

fn connect(url: DatabaseUrl, settings: &ConnectSettings) -> Result<Connected, InvalidUrl> {
    let config = connect_options(url, settings)?;
    let (identity, ignored) = (config.identity(), config.ignored.clone());
    let database = PostgresDatabase::new(config, settings);
    Ok(Connected { lease: None, database: Arc::new(database), identity, ignored })
}
