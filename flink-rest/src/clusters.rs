//! The source of clusters `FLINK_CLUSTER`: the one at a fixed address.

use std::sync::Arc;

use async_trait::async_trait;
use autoscaler_core::options::value::OptionValue;
use autoscaler_core::options::{Configuration, JobOptions};
use autoscaler_core::ports::BackendObservers;
use autoscaler_core::registry::{Backends, Opened, Opening};
use autoscaler_core::{Cluster, ClusterList, ClusterName, ClusterSource, PortError};

use crate::client::FlinkClient;
use crate::collector::FlinkCollector;
use crate::jobs::FlinkJobs;
use crate::options::FlinkClusterOptions;

/// Clusters that are there for as long as the process runs.
#[derive(Debug)]
pub struct FixedClusters {
    clusters: Vec<Cluster>,
}

impl FixedClusters {
    /// The clusters of these clients, named by their host and port.
    pub fn new(clients: impl IntoIterator<Item = FlinkClient>) -> Self {
        Self { clusters: clients.into_iter().map(cluster).collect() }
    }
}

/// The cluster of a client, named by its host and port: its jobs and their metrics over REST, and the client itself as
/// [`Cluster::access`].
pub fn cluster(client: FlinkClient) -> Cluster {
    let name = ClusterName::new(client.host_and_port());
    let jobs = Arc::new(FlinkJobs::new(client.clone()));
    let collector = Arc::new(FlinkCollector::new(client.clone()));
    Cluster::new(name, jobs, collector, Arc::new(client))
}

#[async_trait]
impl ClusterSource for FixedClusters {
    async fn clusters(&self) -> Result<ClusterList, PortError> {
        Ok(ClusterList::new(self.clusters.clone()))
    }
}

/// Adds the source of clusters `FLINK_CLUSTER` and its options.
pub fn register(backends: &mut Backends) {
    backends.add_options(FlinkClusterOptions::SPECS);
    backends.sources.add("FLINK_CLUSTER", "the cluster at fetcher.flink-cluster.host and .port", open);
}

fn open(opening: &mut Opening<'_>) -> Result<Opened<dyn ClusterSource>, PortError> {
    let url = FlinkClusterOptions::url(opening.configuration)?;
    let timeout = JobOptions::from_configuration(opening.configuration)?.rest_client_timeout;
    let max_answer = FlinkClusterOptions::read(opening.configuration)?.max_answer_size;
    opening.remarks.extend(tls_remark(opening.configuration, &url));
    let client = FlinkClient::new(&url, timeout)
        .map(|client| client.with_max_answer(usize::try_from(max_answer.0).unwrap_or(usize::MAX)))
        .map_err(|error| PortError::from(error).with("option", "autoscaler.standalone.fetcher.flink-cluster.host"))?;
    let observers = opening.extensions.get_or_default::<BackendObservers>().clone();
    let client = client.watched_by(observers, ClusterName::new(client.host_and_port()));
    Ok(Opened::new(Arc::new(FixedClusters::new([client]))))
}

/// Flink's own options of TLS are not read: the address says whether it is used.
fn tls_remark(configuration: &Configuration, url: &str) -> Option<String> {
    const PREFIX: &str = "security.ssl.rest.";
    let is_on = configuration.get("security.ssl.rest.enabled").is_some_and(|text| bool::read(text) == Some(true));
    let is_store = |key: &str| key.starts_with(PREFIX) && (key.contains("keystore") || key.contains("truststore"));
    let has_stores = configuration.iter().any(|(key, _)| is_store(key));
    match (is_on, url.starts_with("https://")) {
        (true, false) => Some(
            "security.ssl.rest.enabled has no effect here: TLS towards Flink is used where \
             autoscaler.standalone.fetcher.flink-cluster.host begins with https://"
                .to_owned(),
        ),
        (_, true) if has_stores => Some(format!(
            "the stores of {PREFIX}* have no effect here: Flink's certificate is verified by those that the system trusts, \
             and no certificate of our own is shown to it"
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use autoscaler_core::ErrorKind;
    use autoscaler_core::options::Origin;
    use autoscaler_core::registry::Extensions;

    fn opened(options: &[(&str, &str)]) -> Result<Opened<dyn ClusterSource>, PortError> {
        let mut configuration = Configuration::new();
        options.iter().for_each(|(key, value)| configuration.set(*key, *value, Origin::Flag));
        let mut backends = Backends::new();
        register(&mut backends);
        let source = backends.sources.named("fetcher.type", "flink_cluster").unwrap();
        (source.open)(&mut Opening::new(&configuration, &mut Extensions::default()))
    }

    #[tokio::test]
    async fn the_one_cluster_is_named_by_host_and_port() {
        let source = opened(&[
            ("autoscaler.standalone.fetcher.flink-cluster.host", "https://me:secret@gateway/a"),
            ("autoscaler.standalone.fetcher.flink-cluster.port", "443"),
            ("job.autoscaler.flink.rest-client.timeout", "3 s"),
        ]);
        let list = source.unwrap().port.clusters().await.unwrap();
        assert_eq!(list.clusters[0].name.as_str(), "gateway:443");
        let client = list.clusters[0].access.downcast_ref::<FlinkClient>().unwrap();
        assert_eq!(format!("{client:?}"), r#"FlinkClient { address: "https://gateway/a", timeout: 3s, .. }"#);
        assert!(!format!("{list:?}").contains("secret"));
    }

    #[test]
    fn options_of_tls_that_have_no_effect_are_said() {
        let remark = |options: &[(&str, &str)], url| {
            let mut configuration = Configuration::new();
            options.iter().for_each(|(key, value)| configuration.set(*key, *value, Origin::Flag));
            tls_remark(&configuration, url)
        };
        let on = ("security.ssl.rest.enabled", "true");
        let store = ("security.ssl.rest.truststore", "/x");
        assert!(remark(&[on], "http://a").unwrap().contains("begins with https://"));
        assert!(remark(&[on, store], "https://a").unwrap().contains("those that the system trusts"));
        assert_eq!(remark(&[on], "https://a"), None);
        assert_eq!(remark(&[("security.ssl.rest.enabled", "false")], "http://a"), None);
        assert_eq!(remark(&[], "http://a"), None);
    }

    #[test]
    fn what_cannot_be_used_names_the_option() {
        for (key, value, expected) in [
            ("autoscaler.standalone.fetcher.flink-cluster.host", "ftp://me:secret@a", "fetcher.flink-cluster.host"),
            ("autoscaler.standalone.fetcher.flink-cluster.host", "a b", "fetcher.flink-cluster.host"),
            ("autoscaler.standalone.fetcher.flink-cluster.port", "-1", "fetcher.flink-cluster.port"),
            ("job.autoscaler.flink.rest-client.timeout", "soon", "rest-client.timeout"),
            (
                "autoscaler.standalone.fetcher.flink-cluster.max-answer-size",
                "big",
                "fetcher.flink-cluster.max-answer-size",
            ),
        ] {
            let error = opened(&[(key, value)]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Invalid);
            let text = error.chain().to_string();
            assert!(text.contains(expected) && !text.contains("secret"), "{text}");
        }
    }
}
