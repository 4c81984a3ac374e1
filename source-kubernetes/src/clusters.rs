//! The REST APIs of the Flink clusters behind the resources, and how jobs are observed by them.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use autoscaler_core::ports::BackendObservers;
use autoscaler_core::time::Instant;
use autoscaler_core::{
    Cluster, ClusterName, ClusterSnapshot, ErrorKind, JobAutoScalerContext, JobHealth, JobKey, MetricsCollector,
    Observation, ObserveError, PortError,
};
use flink_rest::{AnswerRoom, ClusterAccess, FlinkClient, Transport, named_cluster};
use kubernetes_api::{FlinkClusters, FlinkResource, Kind, OperatorDefaults, Resources};

/// The clusters of the resources, a client for each that is asked for.
pub(crate) struct RestClusters {
    pub(crate) resources: Resources,
    /// With `{scheme}`, `{namespace}`, `{cluster}` and `{port}` in it.
    pub(crate) address: String,
    /// What carries requests where they are not sent to the address itself.
    pub(crate) transport: Option<Arc<dyn Transport>>,
    pub(crate) timeout: Duration,
    /// How each is reached, and the bound on its answers, bytes.
    pub(crate) access: ClusterAccess,
    pub(crate) max_answer: Option<usize>,
    pub(crate) room: AnswerRoom,
    pub(crate) observers: BackendObservers,
    pub(crate) name: ClusterName,
    known: Mutex<HashMap<Place, Known>>,
}

/// Namespace and name of a FlinkDeployment.
type Place = (String, String);

/// A client, and what its URL was read from.
struct Known {
    deployment: Arc<FlinkResource>,
    defaults: Arc<OperatorDefaults>,
    url: String,
    cluster: Cluster,
}

impl Known {
    fn is_of(&self, deployment: &Arc<FlinkResource>, defaults: &Arc<OperatorDefaults>) -> bool {
        Arc::ptr_eq(&self.deployment, deployment) && Arc::ptr_eq(&self.defaults, defaults)
    }
}

impl fmt::Debug for RestClusters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RestClusters").field("known", &self.locked().len()).finish_non_exhaustive()
    }
}

impl RestClusters {
    pub(crate) fn new(resources: Resources, address: String, timeout: Duration, name: ClusterName) -> Self {
        let (room, observers) = (AnswerRoom::default(), BackendObservers::default());
        let access = ClusterAccess::default();
        // A proxy's own scheme is not the cluster's.
        let address = match address.strip_prefix("http://{cluster}") {
            Some(rest) => format!("{{scheme}}://{{cluster}}{rest}"),
            None => address,
        };
        let known = Mutex::default();
        Self { resources, address, transport: None, timeout, access, max_answer: None, room, observers, name, known }
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<Place, Known>> {
        // No operation leaves the map half changed, so a panic elsewhere does no harm here.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where a cluster's REST API is.
    fn url(&self, cluster: &FlinkResource, defaults: &OperatorDefaults) -> String {
        let entries = defaults.merged(cluster, None);
        let port = entries.get("rest.port").map_or("8081", |port| port.trim());
        let is_tls = entries.get("security.ssl.rest.enabled").is_some_and(|text| text.trim() == "true");
        let address = self.address.replace("{scheme}", if is_tls { "https" } else { "http" });
        let url = address.replace("{namespace}", &cluster.reference.namespace);
        url.replace("{cluster}", &cluster.reference.name).replace("{port}", port)
    }

    fn client(&self, url: &str) -> Result<FlinkClient, PortError> {
        let client = match &self.transport {
            Some(transport) => FlinkClient::through(Arc::clone(transport), url, self.timeout, self.access.clone())?,
            None => FlinkClient::with_access(url, self.timeout, self.access.clone())?,
        };
        let client = client.with_answer_room(&self.room);
        let client = match self.max_answer {
            Some(max_answer) => client.with_max_answer(max_answer),
            None => client,
        };
        Ok(client.watched_by(self.observers.clone(), self.name.clone()))
    }

    /// Forgets the clients of clusters whose FlinkDeployments are gone.
    pub(crate) fn drop_gone(&self) {
        let is_there =
            |(namespace, name): &Place| self.resources.named(Kind::FlinkDeployment, namespace, name).is_some();
        self.locked().retain(|place, _| is_there(place));
    }

    fn all(&self) -> Vec<Cluster> {
        self.locked().values().map(|known| known.cluster.clone()).collect()
    }
}

impl FlinkClusters for RestClusters {
    fn of(&self, job: &JobKey) -> Result<Cluster, PortError> {
        let missing = |what: &str| PortError::new(ErrorKind::NotFound, what).with("job", job.as_str());
        let resource = self.resources.of(job).ok_or_else(|| missing("the job's resource is not there"))?;
        let deployment = self
            .resources
            .cluster_of(&resource)
            .ok_or_else(|| missing("the FlinkDeployment of the job's cluster is not there, or not looked at"))?;
        let defaults = self.resources.defaults();
        let place = (deployment.reference.namespace.clone(), deployment.reference.name.clone());
        let mut known = self.locked();
        if let Some(known) = known.get(&place).filter(|known| known.is_of(&deployment, &defaults)) {
            return Ok(known.cluster.clone());
        }
        let url = self.url(&deployment, &defaults);
        // Its clients end with a change of the URL, not with each change of the resource.
        let cluster = match known.get(&place).filter(|known| known.url == url) {
            Some(known) => known.cluster.clone(),
            None => named_cluster(ClusterName::new(format!("{}/{}", place.0, place.1)), self.client(&url)?),
        };
        known.insert(place, Known { deployment, defaults, url, cluster: cluster.clone() });
        Ok(cluster)
    }
}

/// Observes each job by the REST API of its cluster.
#[derive(Debug)]
pub(crate) struct Collector(pub(crate) Arc<RestClusters>);

impl MetricsCollector for Collector {
    fn begin(&self) -> Arc<dyn ClusterSnapshot> {
        Arc::new(Round { clusters: Arc::clone(&self.0), begun: Mutex::default() })
    }

    fn forget(&self, job: &JobKey) {
        self.0.all().iter().for_each(|cluster| cluster.collector.forget(job));
    }
}

/// A round over all clusters; each one's begins with its first job.
#[derive(Debug)]
struct Round {
    clusters: Arc<RestClusters>,
    begun: Mutex<HashMap<ClusterName, Arc<dyn ClusterSnapshot>>>,
}

#[async_trait]
impl ClusterSnapshot for Round {
    async fn observe(
        &self,
        job: &JobAutoScalerContext,
        history_start: Option<Instant>,
    ) -> Result<Observation, ObserveError> {
        self.of(job)?.observe(job, history_start).await
    }

    async fn health(&self, job: &JobAutoScalerContext) -> Result<JobHealth, ObserveError> {
        self.of(job)?.health(job).await
    }
}

impl Round {
    /// The round over the cluster of a job.
    fn of(&self, job: &JobAutoScalerContext) -> Result<Arc<dyn ClusterSnapshot>, ObserveError> {
        let cluster = self.clusters.of(&job.key)?;
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(begun.entry(cluster.name.clone()).or_insert_with(|| cluster.collector.begin())))
    }
}

#[cfg(test)]
mod tests {
    use autoscaler_core::options::{Configuration, Origin};
    use flink_rest::ClusterAccessOptions;
    use serde_json::json;
    use servers::gateway::Gateway;
    use servers::gateway::certificates::Authority;
    use servers::standin::StandIn;

    use super::*;
    use crate::tests::resource;

    #[test]
    fn a_session_job_is_reached_by_its_cluster_and_clients_end_with_it() {
        let resources = Resources::default();
        let job = resource("sj", "j", json!({"spec": {"deploymentName": "c", "job": {}}}));
        let key = job.reference.key();
        resources.put(job);
        let address = "http://{cluster}-rest.{namespace}:{port}".to_owned();
        let clusters = RestClusters::new(resources.clone(), address, Duration::from_secs(1), ClusterName::new("k"));
        let error = clusters.of(&key).unwrap_err();
        assert!(error.to_string().contains("FlinkDeployment of the job's cluster is not there"), "{error}");
        let url = || {
            let cluster = clusters.of(&key).unwrap();
            assert_eq!(cluster.name.as_str(), "orders/c");
            cluster.access.downcast_ref::<FlinkClient>().unwrap().shown_url().to_owned()
        };
        resources.put(resource("fd", "c", json!({})));
        assert_eq!(url(), "http://c-rest.orders:8081");
        resources.put(resource("fd", "c", json!({"spec": {"flinkConfiguration": {"rest.port": 9}}})));
        assert_eq!(url(), "http://c-rest.orders:9");
        let defaults = [("rest.port", "7"), ("security.ssl.rest.enabled", "true")];
        let defaults = defaults.map(|(key, value)| (key.to_owned(), value.to_owned()));
        resources.set_defaults(OperatorDefaults::new(defaults));
        assert_eq!(url(), "https://c-rest.orders:9");
        resources.put(resource("fd", "c", json!({})));
        assert_eq!(url(), "https://c-rest.orders:7");
        resources.remove(Kind::FlinkDeployment, "orders", "c");
        clusters.drop_gone();
        assert!(clusters.all().is_empty());
    }

    #[tokio::test]
    async fn clusters_with_tls_are_shown_who_we_are() {
        let (flink, authority) = (StandIn::start().await, Authority::new("ours"));
        let (server, ours) = (authority.server(&["localhost"]), authority.client("us"));
        let directives = format!(
            "ssl_certificate @/server.pem; ssl_certificate_key @/server.key; ssl_client_certificate @/ca.pem;
             ssl_verify_client on; location / {{ if ($http_authorization != \"Bearer t0ken\") {{ return 401; }}
             proxy_pass {}; }}",
            flink.url()
        );
        let files = [
            ("server.pem", server.certificate.as_str()),
            ("server.key", &server.key),
            ("ca.pem", &authority.certificate()),
            ("us.pem", &ours.certificate),
            ("us.key", &ours.key),
            ("token", "t0ken"),
        ];
        let gateway = Gateway::start(true, &directives, &files).unwrap();
        let resources = Resources::default();
        let spec = json!({"spec": {"job": {}, "flinkConfiguration": {
            "rest.port": gateway.port(), "security.ssl.rest.enabled": true}}});
        let job = resource("fd", "localhost", spec);
        let key = job.reference.key();
        resources.put(job);
        let ask = async |options: &[(&str, &str)]| {
            let mut configuration = Configuration::new();
            for (option, file) in options {
                let path = gateway.file(file).display().to_string();
                configuration.set(format!("autoscaler.standalone.fetcher.flink-cluster.{option}"), path, Origin::Flag);
            }
            let address = "http://{cluster}:{port}".to_owned();
            let patience = Duration::from_secs(60);
            let mut clusters = RestClusters::new(resources.clone(), address, patience, ClusterName::new("k"));
            clusters.access = ClusterAccessOptions::common(&configuration).unwrap().0;
            let cluster = clusters.of(&key).unwrap();
            cluster.jobs.list().await.map(drop).map_err(|error| error.chain().to_string())
        };
        let certificate = [("tls.client-certificate-file", "us.pem"), ("tls.client-key-file", "us.key")];
        let (ca, token) = ([("tls.ca-file", "ca.pem")], [("auth.token-file", "token")]);
        assert_eq!(ask(&[&ca[..], &certificate, &token].concat()).await, Ok(()));
        for (options, expected) in [
            ([&ca[..], &certificate].concat(), "401"),
            ([&ca[..], &token].concat(), "certificate"),
            ([&certificate[..], &token].concat(), "tls.ca-file"),
        ] {
            let error = ask(&options).await.unwrap_err();
            assert!(error.contains(expected) && !error.contains("t0ken"), "{error}");
        }
    }
}
