//! The backends that options name, as far as they were compiled in.

#[cfg(feature = "sql")]
pub(crate) mod sql;

use std::sync::Arc;

use anyhow::{Result, anyhow};
use autoscaler::autoscaler_core::options::{EventHandlerType, StandaloneOptions, StateStoreType};
use autoscaler::autoscaler_core::{AutoScalerEventHandler, AutoScalerStateStore, ScalingRealizer};
use autoscaler::autoscaler_runtime::EventHandlers;
use autoscaler::flink_rest::FlinkClient;

type Store = Arc<dyn AutoScalerStateStore>;
type Handler = Arc<dyn AutoScalerEventHandler>;

/// What remembers and who is told, with the databases behind them.
pub(crate) struct Backends {
    pub(crate) store: Store,
    pub(crate) handler: Handler,
    #[cfg(feature = "sql")]
    pub(crate) databases: Databases,
}

/// Opens the backends that the options name.
pub(crate) fn open(options: &StandaloneOptions) -> Result<Backends> {
    let mut opening = Opening { options, databases: Databases::default() };
    let store = match options.state_store_type {
        StateStoreType::Memory => memory_store(),
        StateStoreType::Jdbc | StateStoreType::Sqlite => opening.sql_store()?,
    };
    let store = store.ok_or_else(|| missing("state-store.type", &options.state_store_type, STORES))?;
    let mut handlers = Vec::new();
    for kind in &options.event_handler_types.0 {
        let handler = match kind {
            EventHandlerType::Logging => logging_handler(),
            EventHandlerType::Jdbc => opening.jdbc_handler()?,
        };
        handlers.push(handler.ok_or_else(|| missing("event-handler.type", kind, HANDLERS))?);
    }
    let handler = if handlers.len() == 1 { handlers.remove(0) } else { Arc::new(EventHandlers::new(handlers)) };
    Ok(Backends {
        store,
        handler,
        #[cfg(feature = "sql")]
        databases: opening.databases,
    })
}

#[cfg(feature = "sql")]
use sql::Databases;

/// A build without SQL has no databases.
#[cfg(not(feature = "sql"))]
#[derive(Default)]
struct Databases;

/// Backends that share databases, while they are being opened.
#[cfg_attr(not(feature = "sql"), expect(dead_code, reason = "nothing to open"))]
struct Opening<'a> {
    options: &'a StandaloneOptions,
    databases: Databases,
}

#[cfg(feature = "sql")]
impl Opening<'_> {
    fn sql_store(&mut self) -> Result<Option<Store>> {
        let database = self.databases.of_store(self.options)?;
        Ok(Some(Arc::new(autoscaler::sql_database::SqlStateStore::new(database))))
    }
}

#[cfg(not(feature = "sql"))]
impl Opening<'_> {
    fn sql_store(&mut self) -> Result<Option<Store>> {
        Ok(None)
    }
}

#[cfg(feature = "handler-jdbc")]
impl Opening<'_> {
    fn jdbc_handler(&mut self) -> Result<Option<Handler>> {
        let database = self.databases.of_events(self.options)?;
        Ok(Some(Arc::new(autoscaler::handler_jdbc::JdbcEventHandler::new(database))))
    }
}

#[cfg(not(feature = "handler-jdbc"))]
impl Opening<'_> {
    fn jdbc_handler(&mut self) -> Result<Option<Handler>> {
        Ok(None)
    }
}

#[cfg(feature = "store-memory")]
fn memory_store() -> Option<Store> {
    Some(Arc::new(autoscaler::store_memory::MemoryStateStore::new()))
}

#[cfg(not(feature = "store-memory"))]
fn memory_store() -> Option<Store> {
    None
}

#[cfg(feature = "handler-logging")]
fn logging_handler() -> Option<Handler> {
    Some(Arc::new(autoscaler::handler_logging::LoggingEventHandler::new()))
}

#[cfg(not(feature = "handler-logging"))]
fn logging_handler() -> Option<Handler> {
    None
}

/// The realizer of this binary.
#[cfg(feature = "realizer-rest")]
pub(crate) fn realizer(client: &FlinkClient) -> Result<Arc<dyn ScalingRealizer>> {
    Ok(Arc::new(autoscaler::realizer_rest::RestScalingRealizer::new(client.clone())))
}

/// The realizer of this binary.
#[cfg(not(feature = "realizer-rest"))]
pub(crate) fn realizer(_: &FlinkClient) -> Result<Arc<dyn ScalingRealizer>> {
    Err(anyhow!("this binary has no realizer and could change nothing: build it with --features realizer-rest"))
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

fn missing(option: &str, asked: &dyn std::fmt::Debug, choices: &[Choice]) -> anyhow::Error {
    let asked = format!("{asked:?}").to_uppercase();
    let feature =
        choices.iter().find(|(name, ..)| *name == asked).map_or("one of its features", |(_, feature, _)| feature);
    let there: Vec<&str> = choices.iter().filter(|(.., present)| *present).map(|(name, ..)| *name).collect();
    let there = if there.is_empty() { "none".to_owned() } else { there.join(", ") };
    anyhow!(
        "option autoscaler.standalone.{option} names {asked}, which is not in this binary: it has {there}; build it with --features \"{feature}\""
    )
}
