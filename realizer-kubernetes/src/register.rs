//! The realizer as one of the backends that options can name.

use std::sync::Arc;

use autoscaler_core::options::Configuration;
use autoscaler_core::registry::Backends;
use autoscaler_core::{Cluster, ErrorKind, PortError, ScalingRealizer};
use kubernetes_api::KubernetesAccess;

use crate::options::KubernetesRealizerOptions;
use crate::realizer::KubernetesRealizer;

/// Adds the realizer `KUBERNETES` and its options.
pub fn register(backends: &mut Backends) {
    backends.add_options(KubernetesRealizerOptions::SPECS);
    let doc = "rescales jobs in place, through the resources of the Flink Kubernetes Operator";
    backends.realizers.add("KUBERNETES", doc, open);
}

fn open(configuration: &Configuration, cluster: &Cluster) -> Result<Arc<dyn ScalingRealizer>, PortError> {
    let options = KubernetesRealizerOptions::checked(configuration)?;
    let Some(access) = cluster.access.downcast_ref::<KubernetesAccess>() else {
        let message = "the realizer KUBERNETES needs the source KUBERNETES: set autoscaler.standalone.fetcher.type: \
                       KUBERNETES, or choose another autoscaler.standalone.realizer.type";
        return Err(PortError::new(ErrorKind::Unsupported, message).with("cluster", cluster.name.as_str()));
    };
    Ok(Arc::new(KubernetesRealizer::new(access.clone(), options)))
}
