//! The source of clusters `KUBERNETES`: all of Kubernetes is one.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use autoscaler_core::options::JobOptions;
use autoscaler_core::ports::BackendObservers;
use autoscaler_core::registry::{Backends, Opened, Opening};
use autoscaler_core::{Cluster, ClusterList, ClusterName, ClusterSource, PortError};
use flink_rest::{AnswerRoom, ClusterAccessOptions, FlinkClient};
use kubernetes_api::{ApiClient, Kind, KubernetesAccess, Resources};
use tokio::task::JoinSet;

use crate::clusters::{Collector, RestClusters};
use crate::jobs::Jobs;
use crate::operator::OperatorConfiguration;
use crate::options::KubernetesSourceOptions;
use crate::proxy::{self, ThroughApiServer};
use crate::watch::Watch;

/// The jobs of the FlinkDeployments and FlinkSessionJobs of one API server.
pub struct KubernetesSource {
    cluster: Cluster,
    watches: Vec<Arc<Watch>>,
    operator: Option<Arc<OperatorConfiguration>>,
    /// Empty until the clusters are first asked for; they end with the source.
    tasks: Mutex<JoinSet<()>>,
}

impl fmt::Debug for KubernetesSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KubernetesSource").field("watches", &self.watches).finish_non_exhaustive()
    }
}

impl KubernetesSource {
    /// The jobs behind an API server; each request to a Flink cluster ends within `timeout` where its job sets no other.
    pub fn new(api: ApiClient, options: KubernetesSourceOptions, timeout: std::time::Duration) -> Self {
        let clusters = |resources, name| RestClusters::new(resources, options.rest_address.clone(), timeout, name);
        Self::of(api, &options, clusters)
    }

    fn of(
        api: ApiClient,
        options: &KubernetesSourceOptions,
        clusters: impl FnOnce(Resources, ClusterName) -> RestClusters,
    ) -> Self {
        let resources = Resources::default();
        let name = ClusterName::new(options.cluster_name.as_str());
        let clusters = Arc::new(clusters(resources.clone(), name.clone()));
        let mut namespaces: Vec<Option<String>> =
            options.namespaces.iter().flatten().map(|namespace| Some(namespace.trim().to_owned())).collect();
        if namespaces.is_empty() {
            namespaces.push(None);
        }
        namespaces.sort();
        namespaces.dedup();
        let places = namespaces.iter().flat_map(|namespace| Kind::ALL.map(|kind| (kind, namespace.clone())));
        let watches: Vec<Arc<Watch>> = places
            .map(|(kind, namespace)| {
                Watch::new(kind, namespace, options.label_selector.clone(), api.clone(), resources.clone())
            })
            .collect();
        let operator = options.operator_configuration.clone();
        let operator = operator.map(|place| OperatorConfiguration::new(place, api.clone(), resources.clone()));
        let mut jobs = Jobs::new(resources.clone(), Arc::clone(&clusters), watches.clone(), options.stale_after);
        jobs.operator.clone_from(&operator);
        let collector = Collector(Arc::clone(&clusters));
        let access = KubernetesAccess { api, resources, flink: clusters };
        let cluster = Cluster::new(name, Arc::new(jobs), Arc::new(collector), Arc::new(access));
        Self { cluster, watches, operator, tasks: Mutex::default() }
    }
}

#[async_trait]
impl ClusterSource for KubernetesSource {
    async fn clusters(&self) -> Result<ClusterList, PortError> {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        if tasks.is_empty() {
            for watch in &self.watches {
                tasks.spawn(Arc::clone(watch).run());
            }
            if let Some(operator) = &self.operator {
                tasks.spawn(Arc::clone(operator).run());
            }
        }
        Ok(ClusterList::new(vec![self.cluster.clone()]))
    }
}

/// Adds the source of clusters `KUBERNETES` and its options.
pub fn register(backends: &mut Backends) {
    backends.add_options(KubernetesSourceOptions::SPECS);
    backends.add_options(ClusterAccessOptions::SPECS);
    let doc = "the jobs of the Flink Kubernetes Operator's resources that are switched on";
    backends.sources.add("KUBERNETES", doc, open);
}

fn open(opening: &mut Opening<'_>) -> Result<Opened<dyn ClusterSource>, PortError> {
    let options = KubernetesSourceOptions::checked(opening.configuration)?;
    let timeout = JobOptions::from_configuration(opening.configuration)?.rest_client_timeout;
    let (access, max_answer) = ClusterAccessOptions::common(opening.configuration)?;
    // Else files that can't be used would be found out by each job, cycle after cycle.
    FlinkClient::with_access("https://localhost", timeout, access.clone())?;
    let api = opening.extensions.get_or_default::<ApiClient>().clone();
    let room = opening.extensions.get_or_default::<AnswerRoom>().clone();
    let observers = opening.extensions.get_or_default::<BackendObservers>().clone();
    let is_set = |key: &str| opening.configuration.get(key).is_some();
    let is_pod = std::env::var_os("KUBERNETES_SERVICE_HOST").is_some();
    let is_proxied = options.is_proxied(is_set, is_pod, &access)?;
    let clusters = |resources, name| {
        let mut clusters = RestClusters::new(resources, options.rest_address.clone(), timeout, name);
        if is_proxied {
            proxy::ADDRESS.clone_into(&mut clusters.address);
            clusters.transport = Some(Arc::new(ThroughApiServer(api.clone())));
        }
        (clusters.access, clusters.max_answer) = (access, Some(max_answer));
        (clusters.room, clusters.observers) = (room, observers);
        clusters
    };
    Ok(Opened::new(Arc::new(KubernetesSource::of(api.clone(), &options, clusters))))
}
