//! The realizer as one of the backends that options can name.

use std::sync::Arc;

use autoscaler_core::options::Configuration;
use autoscaler_core::registry::Backends;
use autoscaler_core::{Cluster, ErrorKind, PortError, ScalingRealizer};
use flink_rest::FlinkClient;

use crate::realizer::RestScalingRealizer;

/// Adds the realizer `REST`.
pub fn register(backends: &mut Backends) {
    backends.realizers.add("REST", "rescales jobs in place, through the cluster's REST API", open);
}

fn open(_configuration: &Configuration, cluster: &Cluster) -> Result<Arc<dyn ScalingRealizer>, PortError> {
    let Some(client) = cluster.access.downcast_ref::<FlinkClient>() else {
        let message = "the realizer REST needs clusters that are reached over Flink's REST API, and this one is not: \
                       choose another realizer.type or fetcher.type";
        return Err(PortError::new(ErrorKind::Unsupported, message).with("cluster", cluster.name.as_str()));
    };
    Ok(Arc::new(RestScalingRealizer::new(client.clone())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn opened(cluster: &Cluster) -> Result<Arc<dyn ScalingRealizer>, PortError> {
        let mut backends = Backends::new();
        register(&mut backends);
        (backends.realizers.named("realizer.type", "rest").unwrap().open)(&Configuration::new(), cluster)
    }

    #[test]
    fn it_needs_a_rest_client() {
        let mut cluster = flink_rest::cluster(FlinkClient::new("http://a:8081", Duration::from_secs(1)).unwrap());
        assert!(opened(&cluster).is_ok());
        cluster.access = Arc::new("something else");
        let error = opened(&cluster).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().ends_with("(cluster: a:8081)"), "{error}");
    }
}
