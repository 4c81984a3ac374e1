//! The backends that options name, as far as they were compiled in.

#[cfg(feature = "sql")]
pub(crate) mod sql;

use std::sync::Arc;

use anyhow::{Result, bail};
use autoscaler::FanOut;
use autoscaler_core::options::{EventHandlerType, StandaloneOptions, StateStoreType};
use autoscaler_core::{AutoScalerEventHandler, AutoScalerStateStore, ScalingRealizer};
use flink_rest::FlinkClient;

/// What remembers and who is told, with the databases behind them.
pub(crate) struct Backends {
    pub(crate) store: Arc<dyn AutoScalerStateStore>,
    pub(crate) handler: Arc<dyn AutoScalerEventHandler>,
    #[cfg(feature = "sql")]
    pub(crate) databases: sql::Databases,
}

/// Opens the backends that the options name.
pub(crate) fn open(options: &StandaloneOptions) -> Result<Backends> {
    #[cfg(feature = "sql")]
    let mut databases = sql::Databases::default();
    let store: Arc<dyn AutoScalerStateStore> = match options.state_store_type {
        #[cfg(feature = "store-memory")]
        StateStoreType::Memory => Arc::new(store_memory::MemoryStateStore::new()),
        #[cfg(feature = "sql")]
        StateStoreType::Jdbc | StateStoreType::Sqlite => {
            Arc::new(sql_database::SqlStateStore::new(databases.of_store(options)?))
        }
        #[expect(unreachable_patterns, reason = "reachable in a build without one of the features above")]
        other => bail!(missing("state-store.type", &format!("{other:?}").to_uppercase(), STORES)),
    };
    let mut handlers: Vec<Arc<dyn AutoScalerEventHandler>> = Vec::new();
    for kind in &options.event_handler_types.0 {
        handlers.push(match kind {
            #[cfg(feature = "handler-logging")]
            EventHandlerType::Logging => Arc::new(handler_logging::LoggingEventHandler::new()),
            #[cfg(feature = "handler-jdbc")]
            EventHandlerType::Jdbc => Arc::new(handler_jdbc::JdbcEventHandler::new(databases.of_events(options)?)),
            #[expect(unreachable_patterns, reason = "reachable in a build without one of the features above")]
            other => bail!(missing("event-handler.type", &format!("{other:?}").to_uppercase(), HANDLERS)),
        });
    }
    let handler = if handlers.len() == 1 { handlers.remove(0) } else { Arc::new(FanOut::new(handlers)) };
    Ok(Backends {
        store,
        handler,
        #[cfg(feature = "sql")]
        databases,
    })
}

/// The realizer of this binary.
#[cfg(feature = "realizer-rest")]
pub(crate) fn realizer(client: &FlinkClient) -> Result<Arc<dyn ScalingRealizer>> {
    Ok(Arc::new(realizer_rest::RestScalingRealizer::new(client.clone())))
}

/// The realizer of this binary.
#[cfg(not(feature = "realizer-rest"))]
pub(crate) fn realizer(_: &FlinkClient) -> Result<Arc<dyn ScalingRealizer>> {
    bail!("this binary has no realizer and could change nothing: build it with --features realizer-rest")
}

/// Name, feature, and whether it is compiled in.
type Choice = (&'static str, &'static str, bool);

const STORES: &[Choice] = &[
    ("MEMORY", "store-memory", cfg!(feature = "store-memory")),
    ("SQLITE", "store-sqlite", cfg!(feature = "store-sqlite")),
    ("JDBC", "store-jdbc-postgres or store-mysql", cfg!(feature = "sql")),
];
const HANDLERS: &[Choice] = &[
    ("LOGGING", "handler-logging", cfg!(feature = "handler-logging")),
    ("JDBC", "handler-jdbc", cfg!(feature = "handler-jdbc")),
];

fn missing(option: &str, asked: &str, choices: &[Choice]) -> String {
    let feature =
        choices.iter().find(|(name, ..)| *name == asked).map_or("one of its features", |(_, feature, _)| feature);
    let there: Vec<&str> = choices.iter().filter(|(.., present)| *present).map(|(name, ..)| *name).collect();
    let there = if there.is_empty() { "none".to_owned() } else { there.join(", ") };
    format!(
        "option autoscaler.standalone.{option} names {asked}, which is not in this binary: it has {there}; build it with --features \"{feature}\""
    )
}
