//! A job is handed over between the operator's own autoscaler and this one, by one apply.

use autoscaler_core::{ErrorKind, PortError};
use kube::Api;
use kube::api::{Patch, PatchParams};
use kube::core::DynamicObject;
use kubernetes_api::{ApiClient, FIELD_MANAGER, FlinkResource, Kind, SWITCH_ANNOTATION, give_back, takeover};
use serde_json::Value;

/// To whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To this autoscaler.
    Takeover,
    /// To the operator's own.
    GiveBack,
}

/// A handover that was done, or would be.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Handover {
    /// `FlinkDeployment orders/checkout`.
    pub of: String,
    /// The object that is applied.
    pub object: Value,
    /// What else its user has to do.
    pub remarks: Vec<String>,
}

/// Hands a job over, or with `is_dry_run` has the API server check it and stores nothing.
///
/// Keys that somebody else manages are taken: they must be changed where they come from, too, which is in the remarks.
///
/// # Errors
/// It can't be done without a restart, the API server refuses it, or there is no such resource.
pub async fn handover(
    api: &ApiClient,
    kind: Kind,
    namespace: &str,
    name: &str,
    direction: Direction,
    is_dry_run: bool,
) -> Result<Handover, PortError> {
    let what = format!("{} {namespace}/{name}", kind.name());
    let of_kind = kind.api_resource();
    let (no_read, no_patch) = (format!("{what} can't be read"), format!("{what} can't be patched"));
    let found = api.answer(&no_read, |client| async {
        Api::<DynamicObject>::namespaced_with(client, namespace, &of_kind).get(name).await
    });
    let read = FlinkResource::read(kind, found.await?);
    let resource = read.map_err(|problem| PortError::new(ErrorKind::Invalid, problem))?;
    let object = match direction {
        Direction::Takeover => takeover(&resource),
        Direction::GiveBack => give_back(&resource),
    };
    let object = object.map_err(|problem| {
        PortError::new(ErrorKind::Refused, format!("{what} can't be handed over without a restart: {problem}"))
    })?;
    let mut parameters = PatchParams::apply(FIELD_MANAGER).force();
    parameters.dry_run = is_dry_run;
    let patched = api.answer(&no_patch, |client| async {
        let api = Api::<DynamicObject>::namespaced_with(client, namespace, &of_kind);
        api.patch(name, &parameters, &Patch::Apply(&object)).await
    });
    patched.await?;
    Ok(Handover { of: what, remarks: remarks(&resource, direction), object })
}

fn remarks(resource: &FlinkResource, direction: Direction) -> Vec<String> {
    let wanted = if direction == Direction::Takeover { "false" } else { "true" };
    let mut remarks = vec![format!(
        "where the resource comes from (Git, a chart, a file), set job.autoscaler.enabled: \"{wanted}\", too, and do not name \
         pipeline.jobvertex-parallelism-overrides there: else the next time it is applied undoes this"
    )];
    let annotated = resource.annotations.get(SWITCH_ANNOTATION).map(|text| text.trim().eq_ignore_ascii_case("true"));
    if annotated.is_some_and(|is_on| is_on != (direction == Direction::Takeover)) {
        remarks.push(format!("remove the annotation {SWITCH_ANNOTATION}, which says otherwise and counts first"));
    }
    remarks
}
