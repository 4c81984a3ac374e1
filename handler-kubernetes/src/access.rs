//! Whether events may be written.

use autoscaler_core::{ErrorKind, PortError};
use k8s_openapi::api::authorization::v1::{ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec};
use kube::api::PostParams;
use kube::{Api, Client};
use kubernetes_api::ApiClient;

/// What is done with events.
const VERBS: [&str; 3] = ["create", "patch", "get"];

/// Asks in each namespace, or without any in all of them at once.
///
/// # Errors
/// A right is missing, or can't be asked for.
pub(crate) async fn check(client: &ApiClient, namespaces: Option<&[String]>) -> Result<(), PortError> {
    let Some(denied) = first_denied(client, None).await? else { return Ok(()) };
    let Some(namespaces) = namespaces else { return Err(missing(denied, "in all namespaces")) };
    for namespace in namespaces {
        if let Some(denied) = first_denied(client, Some(namespace)).await? {
            return Err(missing(denied, &format!("in namespace {namespace}")));
        }
    }
    Ok(())
}

fn missing(verb: &str, place: &str) -> PortError {
    let message = format!(
        "Events can't be written: the right to {verb} events {place} is missing; `flink-autoscaler kubernetes rbac --events` \
         prints what to apply, and without KUBERNETES in autoscaler.standalone.event-handler.type it is not needed"
    );
    PortError::new(ErrorKind::Denied, message)
}

async fn first_denied(client: &ApiClient, namespace: Option<&String>) -> Result<Option<&'static str>, PortError> {
    for verb in VERBS {
        let attributes = ResourceAttributes {
            namespace: namespace.cloned(),
            resource: Some("events".to_owned()),
            verb: Some(verb.to_owned()),
            ..ResourceAttributes::default()
        };
        let spec = SelfSubjectAccessReviewSpec {
            resource_attributes: Some(attributes),
            ..SelfSubjectAccessReviewSpec::default()
        };
        let review = SelfSubjectAccessReview { spec, ..SelfSubjectAccessReview::default() };
        let tried = "it can't be told whether events may be written";
        let answer = client.answer(tried, async |client: Client| {
            Api::<SelfSubjectAccessReview>::all(client).create(&PostParams::default(), &review).await
        });
        if !answer.await?.status.is_some_and(|status| status.allowed) {
            return Ok(Some(verb));
        }
    }
    Ok(None)
}
