//! How options open it.

use std::sync::Arc;

use autoscaler_core::options::{Configuration, InvalidOption};
use autoscaler_core::registry::{Backends, Opened, Opening};
use autoscaler_core::{AutoScalerStateStore, PortError};
use sql_database::register::{Connected, Driver, invalid, open_store, register_driver, register_store_url};
use sql_database::{ConnectSettings, DatabaseUrl, InvalidUrl, Scheme};

use crate::config::connect_options;
use crate::database::SqliteDatabase;

autoscaler_core::options! {
    /// Where the file is.
    SqliteOptions, prefix "autoscaler.standalone." {
        #[doc = "File of the SQLITE state store; created where there is none."]
        sqlite_file: String = "state-store.sqlite.file", "flink-autoscaler.db", &[];
    }
}

/// Adds the store of type SQLITE, the databases of `sqlite:` URLs, and the store of type JDBC.
pub fn register(backends: &mut Backends) {
    backends.add_options(SqliteOptions::SPECS);
    backends.stores.add("SQLITE", "the SQLite file of state-store.sqlite.file", open);
    register_driver(backends, Driver { scheme: Scheme::Sqlite, connect });
    register_store_url(backends, "SQLITE", url);
}

fn url(configuration: &Configuration) -> Result<String, InvalidOption> {
    // A path is no URL: what would end it there is spelled out.
    let file = SqliteOptions::read(configuration)?.sqlite_file;
    let problem = match file.as_str() {
        // It may have a password in it.
        file if file.contains("://") || file.starts_with("jdbc:") => {
            "a file, such as state.db; a URL goes into autoscaler.standalone.jdbc.url"
        }
        file if file.contains('?') => "a file without '?' in its name",
        _ => return Ok(format!("sqlite:{file}")),
    };
    match SqliteOptions::SPECS {
        [spec, ..] => Err(spec.invalid(configuration, problem)),
        [] => Err(InvalidOption::new("state-store.sqlite.file", "is not in the table")),
    }
}

fn open(opening: &mut Opening<'_>) -> Result<Opened<dyn AutoScalerStateStore>, PortError> {
    let url = url(opening.configuration).map_err(invalid)?;
    open_store(opening, &url)
}

fn connect(url: DatabaseUrl, settings: &ConnectSettings) -> Result<Connected, InvalidUrl> {
    let config = connect_options(url, settings)?;
    let (identity, ignored) = (config.identity(), config.ignored.clone());
    let database = SqliteDatabase::new(config, settings);
    Ok(Connected { lease: Some(database.lease()), database: Arc::new(database), identity, ignored })
}
