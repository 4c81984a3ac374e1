//! The ConfigMap of the operator's own autoscaler.

use std::collections::BTreeMap;

use autoscaler_core::{ErrorKind, PortError};
use kube::Api;
use kube::api::PostParams;
use kube::core::{ApiResource, DynamicObject, GroupVersionKind};
use kubernetes_api::{ApiClient, ResourceRef, operators_config_map};
use serde_json::Value;

/// How often a write that met somebody else's is tried again with what is there then.
const TRIES: u32 = 4;

fn kind() -> ApiResource {
    ApiResource::from_gvk(&GroupVersionKind::gvk("", "v1", "ConfigMap"))
}

async fn found(api: &ApiClient, of: &ResourceRef) -> Result<Option<DynamicObject>, PortError> {
    let name = of.operators_config_map();
    let tried = format!("the ConfigMap {}/{name} can't be read", of.namespace);
    let get = |client| async move {
        Api::<DynamicObject>::namespaced_with(client, &of.namespace, &kind()).get_opt(&name).await
    };
    api.answer(&tried, get).await
}

/// What is kept in it of a resource; nothing where the operator's own autoscaler is off, or has never seen it.
///
/// # Errors
/// It can't be told.
pub(crate) async fn operators_map(api: &ApiClient, of: &ResourceRef) -> Result<BTreeMap<String, String>, PortError> {
    let Some(map) = found(api, of).await? else { return Ok(BTreeMap::new()) };
    // A deployment and a session job of one name share it; it is owned by whom it was made for.
    let owners = map.metadata.owner_references.iter().flatten();
    let is_its = owners.clone().count() == 0 || owners.clone().any(|owner| owner.uid == of.uid);
    let entries = map.data.get("data").and_then(Value::as_object).filter(|_| is_its).into_iter().flatten();
    Ok(entries.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect())
}

/// Puts what is to be kept of a resource into it, whatever it has.
///
/// # Errors
/// It is of another resource that there may be, or can't be written.
pub(crate) async fn put_operators_map(
    api: &ApiClient,
    of: &ResourceRef,
    data: &BTreeMap<String, String>,
) -> Result<(), PortError> {
    let name = of.operators_config_map();
    let tried = format!("the ConfigMap {}/{name} can't be written", of.namespace);
    for _ in 0..TRIES {
        let there = found(api, of).await?;
        let owners = there.iter().flat_map(|map| map.metadata.owner_references.iter().flatten());
        if let Some(other) =
            owners.into_iter().find(|owner| (owner.kind.as_str(), &owner.name) != (of.kind.name(), &of.name))
        {
            let message = format!("{tried}: it belongs to the {} {}, which has the same", other.kind, other.name);
            return Err(PortError::new(ErrorKind::Refused, message));
        }
        let mut object = operators_config_map(of, data);
        if let Some(there) = &there {
            object["metadata"]["resourceVersion"] = there.metadata.resource_version.clone().into();
        }
        let put = |client| async {
            let object = serde_json::from_value(object).map_err(kube::Error::SerdeError)?;
            let (api, parameters) =
                (Api::<DynamicObject>::namespaced_with(client, &of.namespace, &kind()), PostParams::default());
            match there {
                Some(_) => api.replace(&name, &parameters, &object).await,
                None => api.create(&parameters, &object).await,
            }
        };
        match api.answer(&tried, put).await {
            Ok(_) => return Ok(()),
            // Somebody else has written it meanwhile.
            Err(error) if error.kind() == ErrorKind::Conflict => {}
            Err(error) => return Err(error),
        }
    }
    Err(PortError::new(ErrorKind::Unavailable, format!("{tried}: it is written by others again and again")))
}
