//! The state store over an API server.

mod load;
mod save;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use autoscaler_core::{AutoScalerStateStore, ErrorKind, Fence, JobKey, JobState, LoadedState, PortError, Revision};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::Api;
use kube::api::{DeleteParams, ListParams, PostParams, Preconditions};
use kubernetes_api::{ApiClient, KubernetesLease, of_status};

use crate::config_map::{Found, job_of, selector};
use crate::deferred::Deferred;
use crate::place::Place;

/// How often a write that met somebody else's is tried again with what is there then.
const TRIES: u32 = 4;
const UNWRITABLE: &str = "the job's state can't be written";
const FORBIDDEN: u16 = 403;
/// Objects of one page of a list.
const PAGE: u32 = 500;

/// Where and how state is kept.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StoreSettings {
    /// The installation's name, a label's value: two that share a namespace don't see each other's states.
    pub instance: String,
    /// The namespace of the state of jobs that are no resources; none: the one that the client is in.
    pub namespace: Option<String>,
    /// The namespaces of whose resources there may be state; none: all.
    pub namespaces: Option<Vec<String>>,
    /// The time between two writes of a job's observations when nothing else of its state changes; what was observed since
    /// is lost with the process.
    pub observations_interval: Duration,
}

impl StoreSettings {
    /// State in all namespaces, of jobs that are no resources in the one that the client is in; observations are written at
    /// once.
    pub fn new(instance: impl Into<String>) -> Self {
        Self { instance: instance.into(), namespace: None, namespaces: None, observations_interval: Duration::ZERO }
    }

    /// State of jobs that are no resources in this namespace.
    #[must_use]
    pub fn at(mut self, namespace: Option<String>) -> Self {
        self.namespace = namespace;
        self
    }

    /// State in these namespaces only.
    #[must_use]
    pub fn in_namespaces(mut self, namespaces: Option<Vec<String>>) -> Self {
        self.namespaces = namespaces;
        self
    }

    /// Observations are written so far apart when nothing else of a job's state changes.
    #[must_use]
    pub fn with_observations_interval(mut self, interval: Duration) -> Self {
        self.observations_interval = interval;
        self
    }
}

/// State in ConfigMaps: one for each job, beside its resource, gone with it.
#[derive(Debug)]
pub struct KubernetesStateStore {
    client: ApiClient,
    settings: StoreSettings,
    lease: Option<KubernetesLease>,
    deferred: Mutex<Deferred>,
}

impl KubernetesStateStore {
    /// A store behind an API server.
    pub fn new(client: ApiClient, settings: StoreSettings) -> Self {
        Self { client, settings, lease: None, deferred: Mutex::default() }
    }

    /// With the lease that its writers hold: what is written under a token of it counts only until it passes on.
    #[must_use]
    pub fn under(mut self, lease: KubernetesLease) -> Self {
        self.lease = Some(lease);
        self
    }

    fn deferred(&self) -> MutexGuard<'_, Deferred> {
        // Every operation leaves it whole.
        self.deferred.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn own_namespace(&self) -> Result<String, PortError> {
        match &self.settings.namespace {
            Some(namespace) => Ok(namespace.clone()),
            None => Ok(self.client.get().await?.default_namespace().to_owned()),
        }
    }

    async fn at(&self, job: &JobKey) -> Result<At<'_>, PortError> {
        let place = Place::of(job);
        let namespace = match &place.namespace {
            Some(namespace) => namespace.clone(),
            None => self.own_namespace().await?,
        };
        Ok(At { job: job.clone(), place, namespace, client: &self.client, instance: &self.settings.instance })
    }
}

/// The ConfigMap of a job.
#[derive(Debug)]
struct At<'a> {
    job: JobKey,
    place: Place,
    namespace: String,
    client: &'a ApiClient,
    instance: &'a str,
}

impl At<'_> {
    async fn look(&self) -> Result<Found, PortError> {
        let get = |client| async move { self.api(client).get_opt(&self.place.name).await };
        let object = self.answer("the job's state can't be read", get).await;
        Ok(Found::of(&self.job, object.map_err(|error| self.about(error))?))
    }

    /// Puts an object in place of what was found; none if that is no longer what is there.
    async fn put(&self, found: &Found, object: &ConfigMap) -> Result<Option<ConfigMap>, PortError> {
        let put = |client| async move {
            let (api, params) = (self.api(client), PostParams::default());
            match found {
                Found::Nothing => api.create(&params, object).await,
                _ => api.replace(&self.place.name, &params, object).await,
            }
        };
        self.unless_changed(found, self.answer(UNWRITABLE, put).await)
    }

    /// Deletes what was found; none if that is no longer what is there.
    async fn delete(&self, found: &Found) -> Result<Option<()>, PortError> {
        let Some(ConfigMap { metadata, .. }) = found.object() else { return Ok(Some(())) };
        let preconditions =
            Preconditions { uid: metadata.uid.clone(), resource_version: metadata.resource_version.clone() };
        let params = DeleteParams { preconditions: Some(preconditions), ..DeleteParams::default() };
        let delete = |client| async move { self.api(client).delete(&self.place.name, &params).await.map(drop) };
        self.unless_changed(found, self.answer(UNWRITABLE, delete).await)
    }

    fn unless_changed<T>(&self, found: &Found, written: Result<T, PortError>) -> Result<Option<T>, PortError> {
        match written {
            Ok(written) => Ok(Some(written)),
            Err(error) if error.kind() == ErrorKind::Conflict => Ok(None),
            // Gone meanwhile. Where nothing was found, it is the namespace that is not there.
            Err(error) if error.kind() == ErrorKind::NotFound && !matches!(found, Found::Nothing) => Ok(None),
            Err(error) => Err(self.about(error)),
        }
    }

    /// What comes of one request. What we may not do with one object, for want of a right or of quota in its namespace, or as
    /// a webhook does not like it, says nothing of others: it is refused, where who is not let in at all is denied.
    async fn answer<T, F>(&self, tried: &str, request: impl FnOnce(kube::Client) -> F + Send) -> Result<T, PortError>
    where
        F: Future<Output = Result<T, kube::Error>> + Send,
    {
        self.client.ask(tried, request).await?.map_err(|status| {
            let error = of_status(tried, &status);
            if status.code == FORBIDDEN { PortError::new(ErrorKind::Refused, error.to_string()) } else { error }
        })
    }

    fn api(&self, client: kube::Client) -> Api<ConfigMap> {
        Api::namespaced(client, &self.namespace)
    }

    fn conflict(&self) -> PortError {
        let message = "somebody else has written the job's state since it was loaded; nothing was written over it";
        self.about(PortError::new(ErrorKind::Conflict, message))
    }

    fn about(&self, error: PortError) -> PortError {
        let object = format!("{}/{}", self.namespace, self.place.name);
        error.with("job", self.job.as_str()).with("ConfigMap", object)
    }
}

#[async_trait]
impl AutoScalerStateStore for KubernetesStateStore {
    async fn load(&self, job: &JobKey) -> Result<LoadedState, PortError> {
        self.load_state(job).await
    }

    async fn save(&self, job: &JobKey, state: &JobState, fence: &Fence) -> Result<Revision, PortError> {
        self.save_state(job, state, fence).await
    }

    async fn remove(&self, job: &JobKey, fence: &Fence) -> Result<(), PortError> {
        let at = self.at(job).await?;
        for _ in 0..TRIES {
            let found = at.look().await?;
            self.check(&at, &found, fence).await?;
            let deleted = match &found {
                Found::State(_) | Found::Reserved(_) => at.delete(&found).await?,
                // What is there is another job's.
                Found::Nothing | Found::Another(_) => Some(()),
            };
            if deleted.is_some() {
                self.deferred().forget(job);
                return Ok(());
            }
            if fence.revision.is_some() {
                break;
            }
        }
        Err(at.conflict())
    }

    async fn jobs(&self) -> Result<Vec<JobKey>, PortError> {
        let mut keys = Vec::new();
        match &self.settings.namespaces {
            None => self.list(None, &mut keys).await?,
            Some(namespaces) => {
                let mut all = namespaces.clone();
                all.push(self.own_namespace().await?);
                all.sort_unstable();
                all.dedup();
                for namespace in &all {
                    self.list(Some(namespace), &mut keys).await?;
                }
            }
        }
        keys.sort_unstable();
        Ok(keys)
    }
}

impl KubernetesStateStore {
    async fn list(&self, namespace: Option<&str>, keys: &mut Vec<JobKey>) -> Result<(), PortError> {
        let mut params = ListParams::default().labels(&selector(&self.settings.instance)).limit(PAGE);
        loop {
            let page = &params;
            let list = |client: kube::Client| async move {
                let api: Api<ConfigMap> =
                    namespace.map_or_else(|| Api::all(client.clone()), |one| Api::namespaced(client.clone(), one));
                api.list_metadata(page).await
            };
            let listed = self.client.answer("the jobs with a state can't be listed", list).await;
            let listed = listed.map_err(|error| error.with("namespace", namespace.unwrap_or("all")))?;
            keys.extend(listed.items.iter().filter_map(|object| job_of(object.metadata.annotations.as_ref())));
            match listed.metadata.continue_.filter(|token| !token.is_empty()) {
                Some(token) => params.continue_token = Some(token),
                None => return Ok(()),
            }
        }
    }
}
