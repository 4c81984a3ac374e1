//! What we apply of a resource.

use serde_json::{Map, Value, json};

use crate::flatten::path_of;
use crate::key::Kind;
use crate::resource::FlinkResource;

/// The object to apply so that these keys of `flinkConfiguration` have these values, each where it is already, else flat; with
/// all else that we own, as an apply without it would remove it.
pub fn applied_with(resource: &FlinkResource, values: &[(&str, &str)]) -> Value {
    let written = &resource.spec.flink_configuration;
    let mut configuration = Map::new();
    for path in &resource.applied.configuration {
        if let Some(value) = value_at(written, path) {
            insert(&mut configuration, path, value.clone());
        }
    }
    for (key, value) in values {
        let path = path_of(written, key).unwrap_or_else(|| vec![(*key).to_owned()]);
        insert(&mut configuration, &path, (*value).into());
    }
    json!({
        "apiVersion": Kind::API_VERSION,
        "kind": resource.reference.kind.name(),
        "metadata": {"name": resource.reference.name, "resourceVersion": resource.resource_version},
        "spec": {"flinkConfiguration": configuration},
    })
}

fn value_at<'a>(map: &'a Map<String, Value>, path: &[String]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    let value = map.get(first)?;
    if rest.is_empty() { Some(value) } else { value_at(value.as_object()?, rest) }
}

fn insert(map: &mut Map<String, Value>, path: &[String], value: Value) {
    match path {
        [] => {}
        [last] => {
            map.insert(last.clone(), value);
        }
        [first, rest @ ..] => {
            let inner = map.entry(first.clone()).or_insert_with(|| Map::new().into());
            if let Some(inner) = inner.as_object_mut() {
                insert(inner, rest, value);
            }
        }
    }
}
