//! How options open databases, and how the state store and the event handler come to share one.

mod open_databases;
mod options;

use std::fmt;
use std::sync::Arc;

use autoscaler_core::options::{Configuration, InvalidOption};
use autoscaler_core::registry::{Backends, Extensions, Opened, Opening};
use autoscaler_core::{AutoScalerStateStore, ErrorKind, Lease, PortError};

pub use open_databases::{OpenDatabases, Shared};
pub use options::{JdbcOptions, MigrateMode};

use crate::checked::Database;
use crate::config::{Access, ConnectSettings};
use crate::database::SqlDatabase;
use crate::lease::RowLease;
use crate::store::SqlStateStore;
use crate::url::{DatabaseUrl, InvalidUrl, Scheme};

/// The option that names the database.
const URL: &str = "autoscaler.standalone.jdbc.url";

/// A database as a driver connects to it: nothing is asked of it yet.
#[derive(Debug)]
pub struct Connected {
    /// The database.
    pub database: Arc<dyn SqlDatabase>,
    /// The right to act on it, where that is no row in it.
    pub lease: Option<Arc<dyn Lease>>,
    /// What is the same for two URLs of one database.
    pub identity: String,
    /// Parameters of the URL that have no effect.
    pub ignored: Vec<String>,
}

/// What connects to one kind of database.
#[derive(Clone, Copy)]
pub struct Driver {
    /// The kind.
    pub scheme: Scheme,
    /// How it connects.
    pub connect: fn(DatabaseUrl, &ConnectSettings) -> Result<Connected, InvalidUrl>,
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.scheme.fmt(f)
    }
}

/// The URL of a type of store that is no `jdbc.url`.
type UrlOfStore = fn(&Configuration) -> Result<String, InvalidOption>;

/// What the SQL backends of a process share.
#[derive(Default)]
struct SqlBackends {
    drivers: Vec<Driver>,
    stores: Vec<(&'static str, UrlOfStore)>,
    open: OpenDatabases,
    access: Access,
}

/// Has databases opened for reading only from now on: nothing is created or migrated.
pub fn read_only(extensions: &mut Extensions) {
    extensions.get_or_default::<SqlBackends>().access = Access::ReadOnly;
}

/// Has databases opened for changing what is there from now on: nothing is created or migrated.
pub fn only_what_is_there(extensions: &mut Extensions) {
    extensions.get_or_default::<SqlBackends>().access = Access::Existing;
}

/// Adds a driver, and with it the store of type JDBC and the options of databases.
pub fn register_driver(backends: &mut Backends, driver: Driver) {
    backends.add_options(JdbcOptions::SPECS);
    backends.stores.add("JDBC", "the SQL database of jdbc.url", open_jdbc_store);
    let shared: &mut SqlBackends = backends.extensions.get_or_default();
    shared.drivers.retain(|known| known.scheme != driver.scheme);
    shared.drivers.push(driver);
}

/// Takes note of the database that a type of store keeps its state in, for event handlers that share it.
pub fn register_store_url(backends: &mut Backends, store_type: &'static str, url: UrlOfStore) {
    backends.extensions.get_or_default::<SqlBackends>().stores.push((store_type, url));
}

fn open_jdbc_store(opening: &mut Opening<'_>) -> Result<Opened<dyn AutoScalerStateStore>, PortError> {
    open_store(opening, &jdbc_url(opening.configuration, "autoscaler.standalone.state-store.type: JDBC")?)
}

/// Opens a store in the database of a URL.
///
/// # Errors
/// An option can't be used.
pub fn open_store(opening: &mut Opening<'_>, url: &str) -> Result<Opened<dyn AutoScalerStateStore>, PortError> {
    let Shared { database, lease } = open_database(opening, url)?;
    let store: Arc<dyn AutoScalerStateStore> = Arc::new(SqlStateStore::new(database));
    let opened = Opened::new(store);
    Ok(match lease {
        Some(lease) => opened.with_lease(lease),
        None => opened,
    })
}

/// The database that events go to: that of `jdbc.url`; without one, that of a store that has a database of its own.
///
/// # Errors
/// There is neither, or an option can't be used.
pub fn open_event_database(opening: &mut Opening<'_>) -> Result<Shared, PortError> {
    const STORE: &str = "autoscaler.standalone.state-store.type";
    let configuration = opening.configuration;
    if configuration.get(URL).is_none()
        && let Some(store) = configuration.get(STORE)
    {
        let stores = &opening.extensions.get_or_default::<SqlBackends>().stores;
        if let Some((_, url)) = stores.iter().find(|(name, _)| name.eq_ignore_ascii_case(store.trim())) {
            let url = url(configuration).map_err(invalid)?;
            return open_database(opening, &url);
        }
    }
    let url = jdbc_url(configuration, "autoscaler.standalone.event-handler.type: JDBC")?;
    open_database(opening, &url)
}

/// The database of a URL: one that is open already, or a new one.
///
/// # Errors
/// An option can't be used, or the build lacks the driver.
pub fn open_database(opening: &mut Opening<'_>, url: &str) -> Result<Shared, PortError> {
    let options = JdbcOptions::checked(opening.configuration).map_err(invalid)?;
    let origin = opening.configuration.origin(URL).map_or(String::new(), |origin| format!(" (from {origin})"));
    let unusable =
        |error: &dyn fmt::Display| invalid(InvalidOption::new(URL, format_args!("can't be used{origin}: {error}")));
    let parsed = DatabaseUrl::parse(url).map_err(|error| unusable(&error))?;
    let shared: &mut SqlBackends = opening.extensions.get_or_default();
    let Some(driver) = shared.drivers.iter().find(|driver| driver.scheme == parsed.scheme).copied() else {
        let (name, feature) = (parsed.scheme.name(), parsed.scheme.feature());
        return Err(unusable(&format_args!("{name} is not in this build: build it with --features {feature}")));
    };
    let access = shared.access;
    let connected = (driver.connect)(parsed, &options.connect_settings(access)?).map_err(|error| unusable(&error))?;
    let mut all = shared.open.all();
    if let Some((_, open)) = all.iter().find(|(identity, _)| *identity == connected.identity) {
        return Ok(open.clone());
    }
    if !connected.ignored.is_empty() {
        let (name, ignored) = (connected.database.name(), connected.ignored.join(", "));
        opening.remarks.push(format!("{name}: parameters of {URL} without effect: {ignored}"));
    }
    let database = Database::new(connected.database, options.database_options(access));
    let row = || RowLease::new(database.clone()).map(|lease| Arc::new(lease) as _);
    let lease = connected.lease.or_else(row);
    let open = Shared { database, lease };
    all.push((connected.identity, open.clone()));
    Ok(open)
}

/// The databases that are opened with these extensions, for whoever looks after them.
pub fn open_databases(extensions: &mut Extensions) -> OpenDatabases {
    extensions.get_or_default::<SqlBackends>().open.clone()
}

fn jdbc_url(configuration: &Configuration, needed_by: &str) -> Result<String, PortError> {
    let options = JdbcOptions::read(configuration).map_err(invalid)?;
    options
        .jdbc_url
        .ok_or_else(|| invalid(InvalidOption::new(URL, format_args!("is not set, and {needed_by} needs it"))))
}

/// An option that can't be used, as a backend reports it.
pub fn invalid(option: InvalidOption) -> PortError {
    PortError::new(ErrorKind::Invalid, option.to_string())
}

#[cfg(test)]
mod tests;
