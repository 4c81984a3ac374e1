//! How options open it.

use std::sync::Arc;

use autoscaler_core::options::value::OptionValue;
use autoscaler_core::ports::BackendObservers;
use autoscaler_core::registry::{Backends, Opened, Opening};
use autoscaler_core::{AutoScalerEventHandler, PortError};
use kubernetes_api::ApiClient;

use crate::NAME;
use crate::handler::KubernetesEventHandler;

/// The option of the source that tells which namespaces it looks at.
const NAMESPACES: &str = "autoscaler.standalone.fetcher.kubernetes.namespaces";

/// Adds the handler of type KUBERNETES.
pub fn register(backends: &mut Backends) {
    backends.handlers.add(NAME, "Events of the jobs' resources", open);
}

fn open(opening: &mut Opening<'_>) -> Result<Opened<dyn AutoScalerEventHandler>, PortError> {
    let client = opening.extensions.get_or_default::<ApiClient>().clone();
    let observers = opening.extensions.get_or_default::<BackendObservers>().clone();
    // One that can't be read is the source's to complain about.
    let namespaces = opening.configuration.get(NAMESPACES).and_then(Vec::<String>::read);
    let handler = KubernetesEventHandler::watched_by(observers, client).in_namespaces(namespaces);
    Ok(Opened::new(Arc::new(handler)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_handler_is_found_by_its_name() {
        let mut backends = Backends::new();
        register(&mut backends);
        assert_eq!(backends.handlers.named("type", "kubernetes").unwrap().name, NAME);
    }
}
