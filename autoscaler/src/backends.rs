//! The backends an option names, as far as they were compiled in.

use std::sync::Arc;

use anyhow::{Result, bail};
#[cfg(feature = "handler-logging")]
use autoscaler_core::options::EventHandlerType;
use autoscaler_core::options::StandaloneOptions;
#[cfg(feature = "store-memory")]
use autoscaler_core::options::StateStoreType;
use autoscaler_core::{AutoScalerEventHandler, AutoScalerStateStore, ScalingRealizer};
use flink_rest::FlinkClient;

/// The store that `state-store.type` names.
pub(crate) fn store(options: &StandaloneOptions) -> Result<Arc<dyn AutoScalerStateStore>> {
    match options.state_store_type {
        #[cfg(feature = "store-memory")]
        StateStoreType::Memory => Ok(Arc::new(store_memory::MemoryStateStore::new())),
        other => bail!(
            "option autoscaler.standalone.state-store.type names {other:?}, which is not in this binary: it has {}",
            compiled_in(&[("MEMORY", cfg!(feature = "store-memory"))])
        ),
    }
}

/// The handler that `event-handler.type` names.
pub(crate) fn handler(options: &StandaloneOptions) -> Result<Arc<dyn AutoScalerEventHandler>> {
    match options.event_handler_type {
        #[cfg(feature = "handler-logging")]
        EventHandlerType::Logging => Ok(Arc::new(handler_logging::LoggingEventHandler::new())),
        other => bail!(
            "option autoscaler.standalone.event-handler.type names {other:?}, which is not in this binary: it has {}",
            compiled_in(&[("LOGGING", cfg!(feature = "handler-logging"))])
        ),
    }
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

fn compiled_in(backends: &[(&'static str, bool)]) -> String {
    let names: Vec<&str> = backends.iter().filter(|(_, present)| *present).map(|(name, _)| *name).collect();
    if names.is_empty() {
        "none; build it with one of the features of the autoscaler crate".to_owned()
    } else {
        names.join(", ")
    }
}
