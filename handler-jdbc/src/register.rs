//! How options open it.

use std::sync::Arc;
use std::time::Duration;

use crate::NAME;
use autoscaler_core::ports::BackendObservers;
use autoscaler_core::registry::{Backends, Opened, Opening};
use autoscaler_core::{AutoScalerEventHandler, PortError};
use sql_database::register::{JdbcOptions, invalid, open_event_database};

use crate::handler::{EventOptions, JdbcEventHandler};

autoscaler_core::options! {
    /// How events are kept.
    JdbcEventOptions, prefix "autoscaler.standalone." {
        #[doc = "Age at which stored events are deleted; 0: never."]
        ttl: Duration = "jdbc.event-handler.ttl", "90 d", &[];
    }
}

/// Adds the handler of type JDBC. A driver of the database has to be registered, too.
pub fn register(backends: &mut Backends) {
    backends.add_options(JdbcOptions::SPECS);
    backends.add_options(JdbcEventOptions::SPECS);
    backends.handlers.add(NAME, "the SQL database of jdbc.url, else of the state store", open);
}

fn open(opening: &mut Opening<'_>) -> Result<Opened<dyn AutoScalerEventHandler>, PortError> {
    let options = JdbcEventOptions::read(opening.configuration).map_err(invalid)?;
    let ttl = Some(options.ttl).filter(|ttl| !ttl.is_zero());
    let observers = opening.extensions.get_or_default::<BackendObservers>().clone();
    let database = open_event_database(opening)?.database;
    Ok(Opened::new(Arc::new(JdbcEventHandler::watched_by(observers, database, EventOptions::default().with_ttl(ttl)))))
}
