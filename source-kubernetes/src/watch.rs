//! Lists and watches one kind, in one namespace or all, for as long as the source is there.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use autoscaler_core::{ErrorKind, PortError, UnknownJob};
use futures::TryStreamExt;
use kube::Api;
use kube::api::{ListParams, WatchParams};
use kube::core::{DynamicObject, WatchEvent};
use kubernetes_api::{
    ApiClient, DEADLINE, FlinkResource, Kind, ResourceRef, Resources, of_status, port_error, reset_nonce,
};
use tokio::time::{Instant, sleep, timeout};

use crate::trouble::{Pause, Trouble};

const PAGE: u32 = 500;
/// What the API server is asked to end a watch after; that it does is the sign that it lives. Seconds.
const WATCH_SECONDS: u32 = 20;

/// One watch.
#[derive(Debug)]
pub(crate) struct Watch {
    pub(crate) kind: Kind,
    pub(crate) namespace: Option<String>,
    pub(crate) selector: Option<String>,
    pub(crate) api: ApiClient,
    pub(crate) resources: Resources,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// When the resources were last known to be as they are; none before the first list.
    heard: Option<Instant>,
    problem: Trouble,
    unreadable: HashMap<(String, String), UnknownJob>,
}

impl Watch {
    pub(crate) fn new(
        kind: Kind,
        namespace: Option<String>,
        selector: Option<String>,
        api: ApiClient,
        resources: Resources,
    ) -> Arc<Self> {
        Arc::new(Self { kind, namespace, selector, api, resources, state: Mutex::default() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No operation leaves the state half changed, so a panic elsewhere does no harm here.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn what(&self) -> String {
        format!("the {}s of {} can't be listed", self.kind.name(), self.place())
    }

    fn place(&self) -> String {
        self.namespace.as_ref().map_or("all namespaces".to_owned(), |of| format!("namespace {of}"))
    }

    /// Whether nothing has come of it so far, neither a list nor trouble.
    pub(crate) fn is_beginning(&self) -> bool {
        let state = self.state();
        state.heard.is_none() && state.problem.text().is_none()
    }

    /// Resources that are there and can't be read.
    ///
    /// # Errors
    /// They have not been listed yet, or not heard of for `bound`: they are unknown.
    pub(crate) fn unreadable(&self, bound: Duration) -> Result<Vec<UnknownJob>, PortError> {
        let state = self.state();
        let why = state.problem.text().map_or(String::new(), |problem| format!(": {problem}"));
        match state.heard {
            None => Err(PortError::new(ErrorKind::Unavailable, format!("{} yet{why}", self.what()))),
            Some(heard) if heard.elapsed() > bound => {
                // The same words each time, so that they are said once.
                let seconds = bound.as_secs();
                let message = format!("{}: they were last heard of more than {seconds} s ago{why}", self.what());
                Err(PortError::new(ErrorKind::Unavailable, message))
            }
            Some(_) => Ok(state.unreadable.values().cloned().collect()),
        }
    }

    fn hear(&self) {
        self.state().heard = Some(Instant::now());
    }

    /// Takes note that a watch tells something. That they can be listed doesn't end a trouble with watching them.
    fn follows(&self) {
        self.hear();
        self.state().problem.ends(|| format!("the {}s of {} are heard of again", self.kind.name(), self.place()));
    }

    /// Never ends.
    pub(crate) async fn run(self: Arc<Self>) {
        let mut pause = Pause::default();
        let mut version = None;
        loop {
            let (begun, is_watch) = match version.take() {
                None => (self.list().await, false),
                Some(from) => (self.follow(from).await, true),
            };
            match begun {
                Ok(next) => {
                    version = Some(next);
                    if is_watch {
                        pause = Pause::default();
                        self.follows();
                    } else {
                        self.hear();
                    }
                }
                Err(problem) => {
                    self.state().problem.stands(problem.chain().to_string());
                    sleep(pause.next()).await;
                }
            }
        }
    }

    async fn api(&self) -> Result<Api<DynamicObject>, PortError> {
        let (client, resource) = (self.api.get().await?, self.kind.api_resource());
        Ok(match &self.namespace {
            Some(namespace) => Api::namespaced_with(client, namespace, &resource),
            None => Api::all_with(client, &resource),
        })
    }

    /// All there is; the version to watch from. Nothing is taken in before all pages are there.
    async fn list(&self) -> Result<String, PortError> {
        let api = self.api().await?;
        let mut parameters = ListParams::default().limit(PAGE);
        parameters.label_selector.clone_from(&self.selector);
        let (mut seen, mut unreadable) = (Vec::new(), HashMap::new());
        loop {
            let page = timeout(DEADLINE, api.list(&parameters)).await.map_err(|_| self.late())?;
            let page = page.map_err(|error| port_error(&self.what(), error))?;
            for object in page.items {
                match self.read(object) {
                    Ok(resource) => seen.push(resource),
                    Err((place, entry)) => drop(unreadable.insert(place, entry)),
                }
            }
            match page.metadata.continue_.filter(|token| !token.is_empty()) {
                Some(token) => parameters.continue_token = Some(token),
                None => {
                    self.resources.replace(self.kind, self.namespace.as_deref(), seen);
                    self.state().unreadable = unreadable;
                    return page.metadata.resource_version.ok_or_else(|| {
                        PortError::new(ErrorKind::Invalid, format!("{}: the list has no version", self.what()))
                    });
                }
            }
        }
    }

    /// One watch, until the API server ends it; the version to go on from.
    async fn follow(&self, mut version: String) -> Result<String, PortError> {
        let api = self.api().await?;
        let mut parameters = WatchParams::default().timeout(WATCH_SECONDS);
        parameters.label_selector.clone_from(&self.selector);
        let stream = timeout(DEADLINE, api.watch(&parameters, &version)).await.map_err(|_| self.late())?;
        let mut stream = pin!(stream.map_err(|error| port_error(&self.what(), error))?);
        let silent = Duration::from_secs(u64::from(WATCH_SECONDS)) + DEADLINE;
        loop {
            let next = timeout(silent, stream.try_next()).await.map_err(|_| self.late())?;
            let Some(event) = next.map_err(|error| port_error(&self.what(), error))? else { return Ok(version) };
            match event {
                WatchEvent::Added(object) | WatchEvent::Modified(object) => {
                    version = object.metadata.resource_version.clone().unwrap_or(version);
                    self.take_in(object);
                }
                WatchEvent::Deleted(object) => {
                    version = object.metadata.resource_version.clone().unwrap_or(version);
                    let (namespace, name) = place(&object);
                    self.resources.remove(self.kind, &namespace, &name);
                    self.state().unreadable.remove(&(namespace, name));
                }
                WatchEvent::Bookmark(mark) => version = mark.metadata.resource_version,
                WatchEvent::Error(status) => return Err(of_status(&self.what(), &status)),
            }
            self.follows();
        }
    }

    fn take_in(&self, object: DynamicObject) {
        match self.read(object) {
            Ok(resource) => {
                let of = (resource.reference.namespace.clone(), resource.reference.name.clone());
                self.state().unreadable.remove(&of);
                self.resources.put(resource);
            }
            Err(((namespace, name), entry)) => {
                self.resources.remove(self.kind, &namespace, &name);
                self.state().unreadable.insert((namespace, name), entry);
            }
        }
    }

    fn read(&self, object: DynamicObject) -> Result<FlinkResource, ((String, String), UnknownJob)> {
        let (namespace, name) = place(&object);
        let (uid, reset_nonce) = (object.metadata.uid.clone(), reset_nonce(&object.data));
        FlinkResource::read(self.kind, object).map_err(|problem| {
            let key = uid.map(|uid| {
                ResourceRef { kind: self.kind, namespace: namespace.clone(), name: name.clone(), uid, reset_nonce }
                    .key()
            });
            ((namespace, name), UnknownJob::new(key, problem))
        })
    }

    fn late(&self) -> PortError {
        PortError::new(ErrorKind::Timeout, format!("{}: Kubernetes did not answer in time", self.what()))
    }
}

fn place(object: &DynamicObject) -> (String, String) {
    (object.metadata.namespace.clone().unwrap_or_default(), object.metadata.name.clone().unwrap_or_default())
}
