//! The jobs that are switched on, whatever their state.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use autoscaler_core::{
    ErrorKind, JobConfiguration, JobId, JobKey, JobList, JobListFetcher, ListedJob, PortError, UnknownJob,
};
use kubernetes_api::{FlinkResource, OperatorDefaults, Resources};

use crate::clusters::RestClusters;
use crate::layers::configuration;
use crate::operator::OperatorConfiguration;
use crate::status::{effective_status, is_switched_on, job_id};
use crate::watch::Watch;

/// The jobs of the resources that are watched. Listing them is no request.
#[derive(Debug)]
pub(crate) struct Jobs {
    pub(crate) resources: Resources,
    pub(crate) clusters: Arc<RestClusters>,
    pub(crate) watches: Vec<Arc<Watch>>,
    /// None where it is not to be read.
    pub(crate) operator: Option<Arc<OperatorConfiguration>>,
    pub(crate) stale_after: Duration,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    configurations: HashMap<JobKey, KnownConfiguration>,
    warned_of: HashSet<JobKey>,
}

/// A configuration, and what it was read from.
#[derive(Debug)]
struct KnownConfiguration {
    /// The versions of the job's resource and of its cluster's.
    versions: [String; 2],
    defaults: Arc<OperatorDefaults>,
    read: Arc<JobConfiguration>,
}

impl Jobs {
    pub(crate) fn new(
        resources: Resources,
        clusters: Arc<RestClusters>,
        watches: Vec<Arc<Watch>>,
        stale_after: Duration,
    ) -> Self {
        Self { resources, clusters, watches, operator: None, stale_after, known: Mutex::default() }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // No operation leaves the maps half changed, so a panic elsewhere does no harm here.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds what is not known to a list; the namespaces of which nothing is heard, such as one that was deleted, or in which rights
    /// are missing: their jobs are unknown, and those of other namespaces are scaled all the same.
    ///
    /// # Errors
    /// Nothing is heard of any namespace, or not yet.
    fn silent(&self, list: &mut JobList) -> Result<BTreeSet<String>, PortError> {
        let (mut silent, mut error) = (BTreeSet::new(), None);
        for watch in &self.watches {
            match (watch.unreadable(self.stale_after), &watch.namespace) {
                (Ok(unreadable), _) => list.unknown.extend(unreadable),
                (Err(trouble), Some(namespace)) if !watch.is_beginning() => {
                    list.unknown.push(UnknownJob::new(None, trouble.chain().to_string()));
                    silent.insert(namespace.clone());
                    error.get_or_insert(trouble);
                }
                (Err(trouble), _) => return Err(trouble),
            }
        }
        let is_heard = |watch: &Arc<Watch>| watch.namespace.as_ref().is_some_and(|of| !silent.contains(of));
        match error {
            Some(error) if !self.watches.iter().any(is_heard) => Err(error),
            _ => Ok(silent),
        }
    }

    /// Whether something else writes the resource's spec anew from time to time; said once.
    fn is_written_by_another(&self, resource: &FlinkResource) -> bool {
        let owner = resource.owners.iter().find(|(kind, _)| kind == "FlinkBlueGreenDeployment");
        if let Some((kind, name)) = owner
            && self.known().warned_of.insert(resource.reference.key())
        {
            tracing::warn!(
                "{} is left alone: it belongs to the {kind} {name}, whose transitions would undo each scaling",
                resource.reference
            );
        }
        owner.is_some()
    }
}

#[async_trait]
impl JobListFetcher for Jobs {
    async fn list(&self) -> Result<JobList, PortError> {
        if let Some(operator) = &self.operator {
            operator.check(self.stale_after)?;
        }
        let mut list = JobList::default();
        let silent = self.silent(&mut list)?;
        self.clusters.drop_gone();
        let no_id = || "0".repeat(32).parse::<JobId>();
        for resource in self.resources.all() {
            let is_known = !silent.contains(&resource.reference.namespace);
            if !is_known || !is_switched_on(&resource) || self.is_written_by_another(&resource) {
                continue;
            }
            let id = job_id(&resource).map_or_else(no_id, Ok);
            let id = id.map_err(|error| PortError::new(ErrorKind::Invalid, error.to_string()))?;
            let cluster = self.resources.cluster_of(&resource);
            let status = effective_status(&resource, cluster.as_deref());
            let name = format!("{}/{}", resource.reference.namespace, resource.reference.name);
            list.jobs.push(ListedJob::new(id, name, status).with_key(resource.reference.key()));
        }
        Ok(list)
    }

    async fn configuration(&self, job: &ListedJob) -> Result<Arc<JobConfiguration>, PortError> {
        let missing = |what: &str| PortError::new(ErrorKind::NotFound, what).with("job", job.key.as_str());
        let resource = self.resources.of(&job.key).ok_or_else(|| missing("the job's resource is not there"))?;
        let cluster = self.resources.cluster_of(&resource);
        let cluster = cluster.ok_or_else(|| {
            missing(
                "the FlinkDeployment of the job's cluster is not there, or not looked at: its configuration is unknown",
            )
        })?;
        let versions = [resource.resource_version.clone(), cluster.resource_version.clone()];
        let defaults = self.resources.defaults();
        if let Some(known) = self.known().configurations.get(&job.key)
            && known.versions == versions
            && Arc::ptr_eq(&known.defaults, &defaults)
        {
            return Ok(Arc::clone(&known.read));
        }
        let read = Arc::new(configuration(&resource, Some(&cluster), &defaults));
        let known = KnownConfiguration { versions, defaults, read: Arc::clone(&read) };
        self.known().configurations.insert(job.key.clone(), known);
        Ok(read)
    }

    fn forget(&self, job: &JobKey) {
        let mut known = self.known();
        known.configurations.remove(job);
        known.warned_of.remove(job);
    }
}
