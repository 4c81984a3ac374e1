//! A job's state as a ConfigMap.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use autoscaler_core::state::StatePart;
use autoscaler_core::state::codec::{Unencodable, UnreadableRow, decode_whole, encode_whole};
use autoscaler_core::{JobKey, JobState, LeaseToken, Revision};
use k8s_openapi::api::core::v1::ConfigMap;
use kubernetes_api::{pack, unpack};

use crate::place::Place;

/// The label that tells our objects from others'.
const MANAGED_BY: (&str, &str) = ("app.kubernetes.io/managed-by", "flink-autoscaler");
/// The label that tells states from what else is ours. Flink and the operator select by `app`, `component` and `type`.
const COMPONENT: (&str, &str) = ("app.kubernetes.io/component", "state");
/// The label that tells one installation's states from another's.
const INSTANCE: &str = "app.kubernetes.io/instance";
/// The annotation that has the job's key.
const JOB: &str = "flink-autoscaler/job";
/// The annotation that has the uid of the resource that the state is of.
const UID: &str = "flink-autoscaler/uid";
/// The annotation that has the greatest token under which the state was written or taken over.
const TOKEN: &str = "flink-autoscaler/token";

/// What selects the states of an installation.
pub(crate) fn selector(instance: &str) -> String {
    let [(managed_by, us), (component, state)] = [MANAGED_BY, COMPONENT];
    format!("{managed_by}={us},{component}={state},{INSTANCE}={instance}")
}

/// The job of which an object has the state, by its annotations.
pub(crate) fn job_of(annotations: Option<&BTreeMap<String, String>>) -> Option<JobKey> {
    annotations?.get(JOB).map(|key| JobKey::new(key.as_str()))
}

/// Which object it is and in which version: another one after each write.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Version {
    uid: String,
    resource_version: String,
}

/// The place of a job's state, as it was found.
#[derive(Clone, Debug)]
pub(crate) enum Found {
    /// Nothing is there.
    Nothing,
    /// One that only reserves the place: to be replaced in the version that it has.
    Reserved(ConfigMap),
    /// The state of another job: of a resource of the same name that was deleted.
    Another(ConfigMap),
    /// The job's state.
    State(ConfigMap),
}

impl Found {
    pub(crate) fn of(job: &JobKey, object: Option<ConfigMap>) -> Self {
        match object {
            None => Self::Nothing,
            Some(object) if job_of(object.metadata.annotations.as_ref()).as_ref() != Some(job) => Self::Another(object),
            Some(object) if object.data.as_ref().is_none_or(BTreeMap::is_empty) => Self::Reserved(object),
            Some(object) => Self::State(object),
        }
    }

    pub(crate) fn object(&self) -> Option<&ConfigMap> {
        match self {
            Self::Nothing => None,
            Self::Reserved(object) | Self::Another(object) | Self::State(object) => Some(object),
        }
    }

    /// None where nothing is there that counts.
    pub(crate) fn version(&self) -> Option<Version> {
        match self {
            Self::Nothing | Self::Reserved(_) => None,
            Self::Another(object) | Self::State(object) => Some(Version::of(object)),
        }
    }

    /// The greatest token under which the object was written.
    pub(crate) fn token(&self) -> Option<LeaseToken> {
        let annotations = self.object()?.metadata.annotations.as_ref()?;
        annotations.get(TOKEN)?.parse().ok().map(LeaseToken)
    }

    /// Keys and values of the job's state.
    pub(crate) fn data(&self) -> BTreeMap<String, String> {
        match self {
            Self::State(object) => object.data.clone().unwrap_or_default(),
            _ => BTreeMap::new(),
        }
    }

    /// The object as it is to be, in place of this one.
    pub(crate) fn with(
        &self,
        job: &JobKey,
        place: &Place,
        instance: &str,
        token: Option<LeaseToken>,
        data: BTreeMap<String, String>,
    ) -> ConfigMap {
        let mut object = self.object().cloned().unwrap_or_default();
        let meta = &mut object.metadata;
        meta.name = Some(place.name.clone());
        let labels = meta.labels.get_or_insert_default();
        for (key, value) in [MANAGED_BY, COMPONENT, (INSTANCE, instance)] {
            labels.insert(key.to_owned(), value.to_owned());
        }
        let annotations = meta.annotations.get_or_insert_default();
        annotations.insert(JOB.to_owned(), job.as_str().to_owned());
        if let Some(uid) = &place.uid {
            annotations.insert(UID.to_owned(), uid.clone());
        }
        mark(annotations, token.max(self.token()));
        meta.owner_references = place.owner.clone().map(|owner| vec![owner]);
        meta.managed_fields = None;
        object.data = Some(data);
        object
    }
}

/// Notes under which token an object was written or taken over.
pub(crate) fn mark(annotations: &mut BTreeMap<String, String>, token: Option<LeaseToken>) {
    if let Some(token) = token {
        annotations.insert(TOKEN.to_owned(), token.0.to_string());
    }
}

impl Version {
    pub(crate) fn of(object: &ConfigMap) -> Self {
        Self {
            uid: object.metadata.uid.clone().unwrap_or_default(),
            resource_version: object.metadata.resource_version.clone().unwrap_or_default(),
        }
    }
}

/// The number that stands for a version, with so many saves that were held back since.
pub(crate) fn revision(version: Option<&Version>, held_back: u64) -> Revision {
    // The default hasher's keys are fixed: the same is the same all over the process.
    let mut hasher = DefaultHasher::new();
    (version, held_back).hash(&mut hasher);
    Revision(hasher.finish())
}

/// The parts as a state, and those that can't be read.
pub(crate) fn read(data: &BTreeMap<String, String>) -> (JobState, Vec<UnreadableRow>) {
    let (mut state, mut unreadable) = (JobState::default(), Vec::new());
    for (key, value) in data {
        // A key that this build does not know is somebody else's.
        let Ok(part) = key.parse::<StatePart>() else { continue };
        let text = unpack(part, value).map_err(|problem| UnreadableRow::new(part, problem));
        unreadable.extend(text.and_then(|text| decode_whole(&mut state, part, &text)).err());
    }
    (state, unreadable)
}

/// Puts the parts of a state that changed among keys and values.
///
/// # Errors
/// A part has no form as a text.
pub(crate) fn write(state: &JobState, data: &mut BTreeMap<String, String>) -> Result<(), Unencodable> {
    for part in state.changed_parts() {
        match encode_whole(state, part)? {
            Some(text) => data.insert(part.name().to_owned(), pack(part, text)),
            None => data.remove(part.name()),
        };
    }
    Ok(())
}
