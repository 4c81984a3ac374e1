//! What we read of a FlinkDeployment or a FlinkSessionJob. Every field may be absent.

mod applied;
mod spec;
mod status;

use std::collections::BTreeMap;

use k8s_openapi::jiff::Timestamp;
use kube::core::DynamicObject;
use serde::Deserialize;

pub use applied::{Applied, FIELD_MANAGER};
pub use spec::{FlinkSpec, JobSpec};
pub use status::{FlinkStatus, JobState, ReconciliationState, UnreadableSpec};

pub(crate) use self::applied::TAKEN_OVER;
use self::applied::applied_at;
use crate::key::{Kind, ResourceRef};

/// Annotations of which the values are kept.
const OUR_ANNOTATIONS: &str = "flink-autoscaler/";

/// One resource, as it was when it was last seen.
#[derive(Clone, Debug, PartialEq)]
pub struct FlinkResource {
    /// Which it is.
    pub reference: ResourceRef,
    /// What a patch of it must be based on.
    pub resource_version: String,
    /// Counts the changes of the spec.
    pub generation: Option<i64>,
    /// Whether its deletion has begun.
    pub is_being_deleted: bool,
    /// Kind and name of what owns it.
    pub owners: Vec<(String, String)>,
    /// The annotations that begin with `flink-autoscaler/`.
    pub annotations: BTreeMap<String, String>,
    /// Managers of `pipeline.jobvertex-parallelism-overrides`, where it is written flat.
    pub override_managers: Vec<String>,
    /// What we have applied ourselves, and must apply again each time.
    pub applied: Applied,
    /// When we rescaled the job last, by the API server's clock; none where the spec was changed by somebody else since, or the
    /// job was taken over since, with overrides that are not ours.
    pub rescaled_at: Option<Timestamp>,
    /// What is wanted.
    pub spec: FlinkSpec,
    /// What was last observed.
    pub status: FlinkStatus,
}

/// The nonce in a resource, whatever else of it can't be read.
pub fn reset_nonce(data: &serde_json::Value) -> Option<i64> {
    data.pointer("/spec/job/autoscalerResetNonce")?.as_i64()
}

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    spec: Option<FlinkSpec>,
    #[serde(default)]
    status: Option<FlinkStatus>,
}

impl FlinkResource {
    /// Reads a resource as the API server sends it.
    ///
    /// # Errors
    /// It has no name, namespace or uid, or a field is of a type it can't have.
    pub fn read(kind: Kind, object: DynamicObject) -> Result<Self, String> {
        let meta = object.metadata;
        let (applied, applied_at) = (Applied::of(&meta), applied_at(&meta));
        let (Some(namespace), Some(name), Some(uid)) = (meta.namespace, meta.name, meta.uid) else {
            return Err(format!("a {} without name, namespace or uid", kind.name()));
        };
        let reset_nonce = reset_nonce(&object.data);
        let reference = ResourceRef { kind, namespace, name, uid, reset_nonce };
        // The values of a spec are not repeated: they may be secrets.
        let body: Body = serde_json::from_value(object.data).map_err(|error| {
            format!(
                "{reference} has a field that can't be read ({:?} error); compare it with its CRD",
                error.classify()
            )
        })?;
        let managed = meta.managed_fields.unwrap_or_default();
        let override_managers = managed.into_iter().filter_map(|entry| {
            let fields = entry.fields_v1?.0;
            let owned = fields.pointer("/f:spec/f:flinkConfiguration")?;
            owned.get("f:pipeline.jobvertex-parallelism-overrides").and(entry.manager)
        });
        let annotations: BTreeMap<_, _> = meta.annotations.into_iter().flatten().collect();
        let is_others = annotations.get(TAKEN_OVER) == Some(&reference.uid);
        Ok(Self {
            reference,
            resource_version: meta.resource_version.unwrap_or_default(),
            generation: meta.generation,
            is_being_deleted: meta.deletion_timestamp.is_some(),
            owners: meta.owner_references.into_iter().flatten().map(|owner| (owner.kind, owner.name)).collect(),
            annotations: annotations.into_iter().filter(|(key, _)| key.starts_with(OUR_ANNOTATIONS)).collect(),
            override_managers: override_managers.collect(),
            applied,
            rescaled_at: applied_at.filter(|_| !is_others),
            spec: body.spec.unwrap_or_default(),
            status: body.status.unwrap_or_default(),
        })
    }

    /// The name of the FlinkDeployment whose cluster runs the job.
    pub fn cluster_name(&self) -> Option<&str> {
        match self.reference.kind {
            Kind::FlinkDeployment => Some(&self.reference.name),
            Kind::FlinkSessionJob => self.spec.deployment_name.as_deref(),
        }
    }

    /// Whether there is a spec that the operator has not reconciled yet.
    pub fn is_change_pending(&self) -> bool {
        self.generation != self.status.reconciled_generation()
    }
}

#[cfg(test)]
mod tests;
