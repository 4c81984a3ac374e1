//! The requests to the API server, and what their answers mean.

use autoscaler_core::{ErrorKind, PortError};
use kube::Api;
use kube::api::{Patch, PatchParams};
use kube::core::DynamicObject;
use kubernetes_api::{ApiClient, FIELD_MANAGER, FlinkResource, ResourceRef, managers_in_the_way, of_status};
use serde_json::{Value, json};

/// As whom annotations are written.
const NOTES_MANAGER: &str = "flink-autoscaler-notes";

/// What came of an apply that was answered.
#[derive(Debug)]
pub(crate) enum Applied {
    /// It is done; the resource as it is now, where that can be read.
    Done(Option<Box<FlinkResource>>),
    /// The resource has changed since it was looked at, or is gone.
    Stale,
    /// These manage the key.
    Managed(Vec<String>),
    /// We may not patch it.
    Forbidden(PortError),
    /// It is refused for what it says.
    Refused(PortError),
}

/// Applies `body` to a resource, without force.
///
/// # Errors
/// Whether it was done is not known, or it may pass at another time.
pub(crate) async fn apply(api: &ApiClient, resource: &FlinkResource, body: Value) -> Result<Applied, PortError> {
    let of = &resource.reference;
    let tried = format!("{of} can't be patched");
    let answer = api.ask(&tried, |client| async move {
        let api = Api::<DynamicObject>::namespaced_with(client, &of.namespace, &of.kind.api_resource());
        api.patch(&of.name, &PatchParams::apply(FIELD_MANAGER), &Patch::Apply(body)).await
    });
    match answer.await? {
        Ok(object) => Ok(Applied::Done(FlinkResource::read(of.kind, object).ok().map(Box::new))),
        Err(status) => {
            let managers = managers_in_the_way(&status);
            let error = of_status(&tried, &status);
            // A webhook says no with 403, too, and it may say yes to something else.
            let is_webhook = status.message.contains("admission webhook");
            Ok(match error.kind() {
                ErrorKind::Conflict if !managers.is_empty() => Applied::Managed(managers),
                ErrorKind::Conflict | ErrorKind::NotFound => Applied::Stale,
                ErrorKind::Denied if status.code == 403 && !is_webhook => Applied::Forbidden(error),
                ErrorKind::Denied if status.code == 403 => Applied::Refused(error),
                ErrorKind::Refused | ErrorKind::TooLarge => Applied::Refused(error),
                _ => return Err(error),
            })
        }
    }
}

/// Sets an annotation of a resource, which is no change of its spec. Not as the field manager of the overrides: what that has
/// ever applied, it has to apply each time.
///
/// # Errors
/// It is not known to be done: the right to it is missing, the resource is gone, or it may pass at another time.
pub(crate) async fn annotate(api: &ApiClient, of: &ResourceRef, key: &str, value: &str) -> Result<(), PortError> {
    let body = json!({"metadata": {"uid": of.uid, "annotations": {key: value}}});
    let parameters = PatchParams { field_manager: Some(NOTES_MANAGER.to_owned()), ..PatchParams::default() };
    let tried = format!("{of} can't be annotated");
    let answer = api.answer(&tried, |client| async move {
        let api = Api::<DynamicObject>::namespaced_with(client, &of.namespace, &of.kind.api_resource());
        api.patch(&of.name, &parameters, &Patch::Merge(body)).await
    });
    answer.await.map(drop)
}
