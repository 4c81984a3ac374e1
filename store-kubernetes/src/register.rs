//! How options open it.

use std::sync::Arc;
use std::time::Duration;

use autoscaler_core::options::{Configuration, InvalidOption};
use autoscaler_core::registry::{Backends, Opened, Opening};
use autoscaler_core::{AutoScalerStateStore, PortError};
use kubernetes_api::{ApiClient, KubernetesLease, is_name};

use crate::store::{KubernetesStateStore, StoreSettings};

autoscaler_core::options! {
    /// Where and how state is kept in ConfigMaps.
    KubernetesStoreOptions, prefix "autoscaler.standalone.state-store.kubernetes." {
        #[doc = "Name of the installation: of the Lease that is the right to act, and the label app.kubernetes.io/instance of its ConfigMaps."]
        instance: String = "instance", "flink-autoscaler", &[];
        #[doc = "Namespace of the Lease, and of the state of jobs that are no resources of Kubernetes; none: the pod's, else the kubeconfig's."]
        namespace: String = "namespace", none, &[];
        #[doc = "Namespaces of whose resources there may be state, those that the source looks at; none: all."]
        namespaces: Vec<String> = "namespaces", none, &[];
        #[doc = "Time between two writes of a job's observations while nothing else of its state changes; those since are lost with the process. 0: each is written at once."]
        observations_interval: Duration = "observations-interval", "5 min", &[];
    }
}

/// Adds the store of type KUBERNETES.
pub fn register(backends: &mut Backends) {
    backends.add_options(KubernetesStoreOptions::SPECS);
    backends.stores.add("KUBERNETES", "ConfigMaps beside the jobs' resources", open);
}

fn open(opening: &mut Opening<'_>) -> Result<Opened<dyn AutoScalerStateStore>, PortError> {
    let options = options(opening.configuration)?;
    let client = opening.extensions.get_or_default::<ApiClient>().clone();
    let lease = KubernetesLease::new(client.clone(), options.namespace.clone(), options.instance.as_str());
    let settings = StoreSettings::new(options.instance)
        .at(options.namespace)
        .in_namespaces(options.namespaces)
        .with_observations_interval(options.observations_interval);
    let store = KubernetesStateStore::new(client, settings).under(lease.clone());
    Ok(Opened::new(Arc::new(store) as Arc<dyn AutoScalerStateStore>).with_lease(Arc::new(lease)))
}

fn options(configuration: &Configuration) -> Result<KubernetesStoreOptions, InvalidOption> {
    let options = KubernetesStoreOptions::checked(configuration)?;
    let names = options.namespace.iter().chain(options.namespaces.iter().flatten()).chain([&options.instance]);
    let is_name = names.into_iter().all(|name| is_label(name));
    match KubernetesStoreOptions::SPECS.iter().find(|_| !is_name) {
        None => Ok(options),
        Some(first) => Err(InvalidOption::new(
            first.key,
            "and those of namespaces beside it: expected names of at most 63 characters of a-z, 0-9 and '-'",
        )),
    }
}

/// Whether a text can be the name of a namespace or an object, and the value of a label.
fn is_label(text: &str) -> bool {
    text.len() <= 63 && !text.contains('.') && is_name(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(key: &str, value: &str) -> Result<KubernetesStoreOptions, InvalidOption> {
        let key = format!("autoscaler.standalone.state-store.kubernetes.{key}");
        options(&[(key, value.to_owned())].into_iter().collect())
    }

    #[test]
    fn names_that_kubernetes_would_refuse_are_said_to_be_such() {
        assert_eq!(with("instance", "orders-2").unwrap().instance, "orders-2");
        for (key, value) in [
            ("instance", "Orders"),
            ("instance", "a,b=c"),
            ("namespace", "../x"),
            ("namespaces", "a;b_c"),
            ("instance", "-a"),
        ] {
            assert!(with(key, value).is_err(), "{key}: {value}");
        }
    }

    #[test]
    fn the_store_is_found_by_its_name() {
        let mut backends = Backends::new();
        register(&mut backends);
        assert_eq!(backends.stores.named("type", "kubernetes").unwrap().name, "KUBERNETES");
    }
}
