//! Writing one event: into the object that there is of it, or into a new one.

use std::collections::HashMap;
use std::time::Duration;

use autoscaler_core::time::Instant;
use autoscaler_core::{ErrorKind, PortError};
use k8s_openapi::api::core::v1::{Event, EventSource, ObjectReference};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff::Timestamp;
use kube::api::{ObjectMeta, Patch, PatchParams, PostParams};
use kube::core::Status;
use kube::{Api, Client};
use kubernetes_api::{ApiClient, FIELD_MANAGER, Kind, of_status};
use serde_json::json;

use crate::note::Note;

/// The component that events come from.
const COMPONENT: &str = "flink-autoscaler";
/// The annotation that tells what was written last, so that nothing is counted twice when an answer got lost.
const WRITTEN: &str = "flink-autoscaler/written";
/// How often an event is tried again at once, as somebody else changed or deleted its object.
const ATTEMPTS: usize = 4;
/// Objects whose counts are remembered, at most; others are read first.
const REMEMBERED: usize = 1000;

/// Why an event was not written.
#[derive(Debug)]
pub(crate) enum Unwritten {
    /// Its namespace is not there any more, or not for long.
    Gone,
    /// We may not.
    Denied(PortError),
    /// It is not taken as it is.
    Refused(PortError),
    /// It may be later, and when the API server would like it to be.
    Later(PortError, Option<Duration>),
}

impl Unwritten {
    pub(crate) fn kind(&self) -> ErrorKind {
        match self {
            Self::Gone => ErrorKind::NotFound,
            Self::Denied(why) | Self::Refused(why) | Self::Later(why, _) => why.kind(),
        }
    }
}

/// The events that there are, as far as this process has written them.
#[derive(Debug)]
pub(crate) struct Events {
    client: ApiClient,
    /// By the names of those that are merged.
    known: HashMap<String, Known>,
}

#[derive(Debug)]
struct Known {
    count: i32,
    version: String,
}

type Answer = Result<Event, Box<Status>>;

impl Events {
    pub(crate) fn new(client: ApiClient) -> Self {
        Self { client, known: HashMap::new() }
    }

    pub(crate) async fn write(&mut self, note: &Note) -> Result<(), Unwritten> {
        let tried = format!("the Event {}/{} can't be written", note.resource.namespace, note.name);
        let mut latest = None;
        for _ in 0..ATTEMPTS {
            let known = self.known.remove(&note.name);
            let answer = match &known {
                Some(known) => self.patch(&tried, note, known).await?,
                None => self.create(&tried, note).await?,
            };
            match answer {
                Ok(object) => {
                    self.remember(note, &object);
                    return Ok(());
                }
                // It was written before, and the answer got lost: nothing else has its name.
                Err(status) if status.code == 409 && note.interval.is_none() => return Ok(()),
                // Its time was over.
                Err(status) if status.code == 404 && known.is_some() => latest = Some(status),
                Err(status) if status.code == 409 => {
                    if self.is_written(&tried, note).await? {
                        return Ok(());
                    }
                    latest = Some(status);
                }
                Err(status) => return Err(unwritten(&tried, &status)),
            }
        }
        let why =
            latest.map_or_else(|| PortError::new(ErrorKind::Conflict, tried.as_str()), |last| of_status(&tried, &last));
        Err(Unwritten::Later(why, None))
    }

    /// Reads what is there; whether that is what was to be written.
    async fn is_written(&mut self, tried: &str, note: &Note) -> Result<bool, Unwritten> {
        match self.answer(tried, note, async |api: Api<Event>| api.get(&note.name).await).await? {
            Ok(object) => {
                let written = object.metadata.annotations.as_ref().and_then(|all| all.get(WRITTEN));
                let is_written = written.is_some_and(|written| *written == note.mark());
                self.remember(note, &object);
                Ok(is_written)
            }
            Err(status) if status.code == 404 => Ok(false),
            Err(status) => Err(unwritten(tried, &status)),
        }
    }

    async fn create(&self, tried: &str, note: &Note) -> Result<Answer, Unwritten> {
        let object = object(note);
        let parameters = PostParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PostParams::default() };
        self.answer(tried, note, async |api: Api<Event>| api.create(&parameters, &object).await).await
    }

    async fn patch(&self, tried: &str, note: &Note, known: &Known) -> Result<Answer, Unwritten> {
        let patch = Patch::Merge(json!({
            "metadata": {"resourceVersion": known.version, "annotations": {WRITTEN: note.mark()}},
            "count": known.count.saturating_add(note.count),
            "lastTimestamp": time(note.last),
            "message": note.message,
        }));
        let parameters = PatchParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PatchParams::default() };
        self.answer(tried, note, async |api: Api<Event>| api.patch(&note.name, &parameters, &patch).await).await
    }

    /// What the API server answers; an error where it doesn't.
    async fn answer<F>(
        &self,
        tried: &str,
        note: &Note,
        request: impl FnOnce(Api<Event>) -> F + Send,
    ) -> Result<Answer, Unwritten>
    where
        F: Future<Output = Result<Event, kube::Error>> + Send,
    {
        let namespace = note.resource.namespace.as_str();
        let asked = self.client.ask(tried, async |client: Client| request(Api::namespaced(client, namespace)).await);
        asked.await.map_err(|why| Unwritten::Later(why, None))
    }

    /// Remembers an object whose event may be repeated.
    fn remember(&mut self, note: &Note, object: &Event) {
        let Some(version) = object.metadata.resource_version.clone().filter(|_| note.interval.is_some()) else {
            return;
        };
        if self.known.len() >= REMEMBERED {
            // They are read when they are needed again.
            self.known.clear();
        }
        self.known.insert(note.name.clone(), Known { count: object.count.unwrap_or(1), version });
    }
}

fn unwritten(tried: &str, status: &Status) -> Unwritten {
    let details = status.details.as_ref();
    let is_ending = details.is_some_and(|all| all.causes.iter().any(|cause| cause.reason == "NamespaceTerminating"));
    let why = of_status(tried, status);
    match status.code {
        404 => Unwritten::Gone,
        403 if is_ending => Unwritten::Gone,
        403 => Unwritten::Denied(why),
        // A token that is replaced, a server that has too much to do or is not well.
        401 | 408 | 409 | 429 | 500.. => {
            let seconds = details.map_or(0, |details| details.retry_after_seconds);
            Unwritten::Later(why, Some(Duration::from_secs(seconds.into())).filter(|after| !after.is_zero()))
        }
        _ => Unwritten::Refused(why),
    }
}

fn object(note: &Note) -> Event {
    let resource = &note.resource;
    Event {
        metadata: ObjectMeta {
            name: Some(note.name.clone()),
            namespace: Some(resource.namespace.clone()),
            annotations: Some([(WRITTEN.to_owned(), note.mark())].into()),
            ..ObjectMeta::default()
        },
        involved_object: ObjectReference {
            api_version: Some(Kind::API_VERSION.to_owned()),
            kind: Some(resource.kind.name().to_owned()),
            namespace: Some(resource.namespace.clone()),
            name: Some(resource.name.clone()),
            uid: Some(resource.uid.clone()),
            ..ObjectReference::default()
        },
        source: Some(EventSource { component: Some(COMPONENT.to_owned()), host: None }),
        type_: Some(note.event_type.to_owned()),
        reason: Some(note.reason.clone()),
        message: Some(note.message.clone()),
        first_timestamp: Some(time(note.first)),
        last_timestamp: Some(time(note.last)),
        count: Some(note.count),
        ..Event::default()
    }
}

/// To the second, as Events have it.
fn time(at: Instant) -> Time {
    Time(Timestamp::from_second(at.timestamp()).unwrap_or_default())
}
