//! What is known of the resources, and how the Flink clusters behind them are reached.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use autoscaler_core::{Cluster, JobKey, PortError};

use crate::client::ApiClient;
use crate::defaults::OperatorDefaults;
use crate::key::Kind;
use crate::resource::FlinkResource;

/// What `Cluster::access` of Kubernetes holds.
#[derive(Clone, Debug)]
pub struct KubernetesAccess {
    /// The API server.
    pub api: ApiClient,
    /// The resources as they were last seen.
    pub resources: Resources,
    /// The Flink clusters.
    pub flink: Arc<dyn FlinkClusters>,
}

/// The Flink clusters that run the jobs.
pub trait FlinkClusters: Debug + Send + Sync + 'static {
    /// The cluster of a job: its `access` is what a source of Flink clusters puts there, a REST client.
    ///
    /// # Errors
    /// The job's resource is not there, names no cluster, or the cluster can't be reached for its configuration.
    fn of(&self, job: &JobKey) -> Result<Cluster, PortError>;
}

/// A cluster that runs every job.
impl FlinkClusters for Cluster {
    fn of(&self, _job: &JobKey) -> Result<Cluster, PortError> {
        Ok(self.clone())
    }
}

/// The resources of both kinds by namespace and name, and what the operator's own configuration sets for them. Clones share
/// them.
#[derive(Clone, Debug, Default)]
pub struct Resources {
    known: Arc<RwLock<Known>>,
    defaults: Arc<RwLock<Arc<OperatorDefaults>>>,
}

type Known = HashMap<(Kind, String), HashMap<String, Arc<FlinkResource>>>;

impl Resources {
    // No operation leaves the maps half changed, so a panic elsewhere does no harm here.
    fn read(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Known> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the operator's own configuration sets; the same `Arc` for as long as it stays the same.
    pub fn defaults(&self) -> Arc<OperatorDefaults> {
        Arc::clone(&self.defaults.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes in the operator's own configuration.
    pub fn set_defaults(&self, seen: OperatorDefaults) {
        let mut defaults = self.defaults.write().unwrap_or_else(PoisonError::into_inner);
        if **defaults != seen {
            *defaults = Arc::new(seen);
        }
    }

    /// The resource of that name.
    pub fn named(&self, kind: Kind, namespace: &str, name: &str) -> Option<Arc<FlinkResource>> {
        self.read().get(&(kind, namespace.to_owned()))?.get(name).cloned()
    }

    /// The resource of a job; none where it is gone, even if there is another of its name.
    pub fn of(&self, job: &JobKey) -> Option<Arc<FlinkResource>> {
        let wanted = crate::key::ResourceRef::of_key(job)?;
        let known = self.read();
        let there = known.get(&(wanted.kind, wanted.namespace.clone()))?;
        let found = match wanted.is_name_hashed() {
            true => there.values().find(|resource| resource.reference.uid == wanted.uid),
            false => there.get(&wanted.name).filter(|resource| resource.reference.uid == wanted.uid),
        };
        found.filter(|resource| resource.reference.reset_nonce == wanted.reset_nonce).cloned()
    }

    /// The FlinkDeployment whose cluster runs the job of a resource.
    pub fn cluster_of(&self, resource: &FlinkResource) -> Option<Arc<FlinkResource>> {
        self.named(Kind::FlinkDeployment, &resource.reference.namespace, resource.cluster_name()?)
    }

    /// All of them, in order.
    pub fn all(&self) -> Vec<Arc<FlinkResource>> {
        let mut all: Vec<_> = self.read().values().flat_map(HashMap::values).cloned().collect();
        all.sort_by(|a, b| a.reference.cmp(&b.reference));
        all
    }

    /// Takes in a resource that was seen.
    pub fn put(&self, resource: FlinkResource) {
        let of = &resource.reference;
        let place = (of.kind, of.namespace.clone());
        let name = of.name.clone();
        self.write().entry(place).or_default().insert(name, Arc::new(resource));
    }

    /// Takes out what was deleted.
    pub fn remove(&self, kind: Kind, namespace: &str, name: &str) {
        if let Some(there) = self.write().get_mut(&(kind, namespace.to_owned())) {
            there.remove(name);
        }
    }

    /// Takes in all that there is of a kind, in one namespace or in all of them.
    pub fn replace(&self, kind: Kind, namespace: Option<&str>, seen: Vec<FlinkResource>) {
        let mut known = self.write();
        known.retain(|(of, there), _| *of != kind || namespace.is_some_and(|namespace| namespace != there));
        for resource in seen {
            let of = &resource.reference;
            let place = (of.kind, of.namespace.clone());
            known.entry(place).or_default().insert(of.name.clone(), Arc::new(resource));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(namespace: &str, name: &str, uid: &str) -> FlinkResource {
        let object = serde_json::json!({"metadata": {"namespace": namespace, "name": name, "uid": uid}});
        FlinkResource::read(Kind::FlinkDeployment, serde_json::from_value(object).unwrap()).unwrap()
    }

    #[test]
    fn a_list_of_one_namespace_leaves_the_others() {
        let resources = Resources::default();
        resources.replace(Kind::FlinkDeployment, None, vec![resource("a", "x", "1"), resource("b", "y", "2")]);
        resources.replace(Kind::FlinkDeployment, Some("a"), vec![resource("a", "z", "3")]);
        let names: Vec<_> = resources.all().iter().map(|resource| resource.reference.name.clone()).collect();
        assert_eq!(names, ["z", "y"]);
        resources.replace(Kind::FlinkDeployment, None, Vec::new());
        assert!(resources.all().is_empty());
    }

    #[test]
    fn one_with_another_reset_nonce_is_another_job() {
        let with = |nonce: serde_json::Value| {
            let object = serde_json::json!({
                "metadata": {"namespace": "a", "name": "x", "uid": "1"}, "spec": {"job": {"autoscalerResetNonce": nonce}},
            });
            FlinkResource::read(Kind::FlinkDeployment, serde_json::from_value(object).unwrap()).unwrap()
        };
        let resources = Resources::default();
        let keys = [serde_json::Value::Null, 1.into(), 2.into()].map(|nonce| {
            let resource = with(nonce);
            let key = resource.reference.key();
            resources.put(resource);
            key
        });
        assert_eq!(keys.each_ref().map(JobKey::as_str), ["fd/a/x/1", "fd/a/x/1/1", "fd/a/x/1/2"]);
        assert_eq!(keys.map(|key| resources.of(&key).is_some()), [false, false, true]);
    }

    #[test]
    fn one_that_was_made_again_is_another() {
        let resources = Resources::default();
        let old = resource("a", "x", "1");
        let key = old.reference.key();
        resources.put(old);
        assert!(resources.of(&key).is_some());
        resources.put(resource("a", "x", "2"));
        assert_eq!(resources.of(&key), None);
        resources.remove(Kind::FlinkDeployment, "a", "x");
        assert!(resources.all().is_empty());
    }
}
