//! The objects that there are.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Refusal;
use super::request::Asked;

/// Bytes of a ConfigMap's data, at most.
const LARGEST_DATA: usize = 1 << 20;

/// By resource, namespace and name.
type Key = (String, String, String);

#[derive(Debug, Default)]
pub(super) struct Objects {
    objects: BTreeMap<Key, (u64, Value)>,
    writes: u64,
}

impl Objects {
    pub(super) fn answer(&mut self, asked: &Asked) -> Result<Value, Refusal> {
        let resource = asked.resource.clone();
        let Some(name) = &asked.name else {
            return match asked.method.as_str() {
                "GET" => Ok(self.list(asked)),
                "POST" => self.create(asked),
                _ => Err(refusal(405, "it has no name".to_owned())),
            };
        };
        let key = (resource, asked.namespace.clone().unwrap_or_default(), name.clone());
        let Some((number, there)) = self.objects.get(&key).cloned() else {
            return Err(refusal(404, format!("{} \"{name}\" not found", asked.resource)));
        };
        match asked.method.as_str() {
            "GET" => Ok(there),
            "PUT" => {
                expect_version(&there, &asked.body["metadata"])?;
                self.store(key, number, &there, asked.body.clone())
            }
            "PATCH" => {
                expect_version(&there, &asked.body["metadata"])?;
                let mut patched = there.clone();
                merge(&mut patched, &asked.body);
                self.store(key, number, &there, patched)
            }
            "DELETE" => {
                expect_version(&there, &asked.body["preconditions"])?;
                self.objects.remove(&key);
                Ok(json!({"kind": "Status", "apiVersion": "v1", "status": "Success"}))
            }
            _ => Err(refusal(405, "it can't be done".to_owned())),
        }
    }

    fn create(&mut self, asked: &Asked) -> Result<Value, Refusal> {
        let namespace = asked.namespace.clone().unwrap_or_default();
        let Some(name) = asked.body["metadata"]["name"].as_str().filter(|name| is_name(name)) else {
            return Err(refusal(422, "metadata.name: a lowercase RFC 1123 subdomain".to_owned()));
        };
        let key = (asked.resource.clone(), namespace.clone(), name.to_owned());
        if self.objects.contains_key(&key) {
            let message = format!("{} \"{name}\" already exists", asked.resource);
            return Err(Refusal { code: 409, reason: "AlreadyExists", message, details: Value::Null });
        }
        if asked.body["metadata"]["resourceVersion"].is_string() {
            return Err(refusal(400, "resourceVersion should not be set on objects to be created".to_owned()));
        }
        let involved = &asked.body["involvedObject"]["namespace"];
        if asked.resource == "events" && *involved != namespace.as_str() {
            return Err(refusal(422, "involvedObject.namespace: does not match event.namespace".to_owned()));
        }
        let number = self.writes + 1;
        let there = json!({"metadata": {"uid": format!("uid-{number}"), "namespace": namespace}});
        self.store(key, number, &there, asked.body.clone())
    }

    /// Stores an object in place of one, of which it has what no request can change.
    fn store(&mut self, key: Key, number: u64, there: &Value, mut object: Value) -> Result<Value, Refusal> {
        let data = object["data"].as_object().into_iter().flatten();
        let size: usize = data.map(|(key, value)| key.len() + value.as_str().map_or(0, str::len)).sum();
        if size > LARGEST_DATA {
            return Err(refusal(422, format!("data: Too long: may not be more than {LARGEST_DATA} bytes")));
        }
        self.writes += 1;
        for name in ["uid", "namespace"] {
            object["metadata"][name] = there["metadata"][name].clone();
        }
        object["metadata"]["resourceVersion"] = self.writes.to_string().into();
        self.objects.insert(key, (number, object.clone()));
        Ok(object)
    }

    fn list(&self, asked: &Asked) -> Value {
        let selected = self.objects.iter().filter(|((resource, namespace, _), (_, object))| {
            *resource == asked.resource
                && asked.namespace.as_ref().is_none_or(|wanted| wanted == namespace)
                && fits(object, asked.query.get("labelSelector").map_or("", String::as_str))
        });
        let from: usize = asked.query.get("continue").and_then(|token| token.parse().ok()).unwrap_or(0);
        let limit: usize = asked.query.get("limit").and_then(|limit| limit.parse().ok()).unwrap_or(usize::MAX);
        let all: Vec<&Value> = selected.map(|(_, (_, object))| object).collect();
        let page: Vec<Value> = all.iter().skip(from).take(limit).map(|object| shown(object, asked)).collect();
        let is_more = all.len() > from.saturating_add(page.len());
        let token = if is_more { (from + page.len()).to_string() } else { String::new() };
        let kind = if asked.is_metadata_only { "PartialObjectMetadataList" } else { "List" };
        let version = if asked.is_metadata_only { "meta.k8s.io/v1" } else { "v1" };
        let metadata = json!({"resourceVersion": self.writes.to_string(), "continue": token});
        json!({"kind": kind, "apiVersion": version, "metadata": metadata, "items": page})
    }

    pub(super) fn all(&self, resource: &str) -> Vec<Value> {
        let of_it = self.objects.iter().filter(|((kind, ..), _)| kind == resource);
        let mut all: Vec<&(u64, Value)> = of_it.map(|(_, object)| object).collect();
        all.sort_by_key(|(number, _)| *number);
        all.into_iter().map(|(_, object)| object.clone()).collect()
    }

    pub(super) fn put(&mut self, resource: &str, namespace: &str, object: Value) {
        let name = object["metadata"]["name"].as_str().unwrap().to_owned();
        let key = (resource.to_owned(), namespace.to_owned(), name);
        let number = self.writes + 1;
        let new = json!({"metadata": {"uid": format!("uid-{number}"), "namespace": namespace}});
        let (number, there) = self.objects.get(&key).cloned().unwrap_or((number, new));
        self.store(key, number, &there, object).unwrap();
    }

    pub(super) fn delete(&mut self, resource: &str, namespace: &str, name: &str) {
        self.objects.remove(&(resource.to_owned(), namespace.to_owned(), name.to_owned()));
    }
}

fn shown(object: &Value, asked: &Asked) -> Value {
    if !asked.is_metadata_only {
        return object.clone();
    }
    json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object["metadata"]})
}

fn refusal(code: u16, message: String) -> Refusal {
    super::refusal(code, message, Value::Null)
}

/// That what is there is what was meant, where that is said.
fn expect_version(there: &Value, meant: &Value) -> Result<(), Refusal> {
    for name in ["uid", "resourceVersion"] {
        let is_meant = meant[name].as_str().is_none_or(|text| there["metadata"][name] == text);
        if !is_meant {
            return Err(refusal(409, "the object has been modified".to_owned()));
        }
    }
    Ok(())
}

/// JSON merge patch.
fn merge(into: &mut Value, patch: &Value) {
    let Some(patch) = patch.as_object() else {
        *into = patch.clone();
        return;
    };
    if !into.is_object() {
        *into = json!({});
    }
    for (key, value) in patch {
        match value {
            Value::Null => drop(into.as_object_mut().map(|object| object.remove(key))),
            value => merge(&mut into[key], value),
        }
    }
}

fn fits(object: &Value, selector: &str) -> bool {
    let mut terms = selector.split(',').filter_map(|term| term.split_once('='));
    terms.all(|(key, value)| object["metadata"]["labels"][key] == value)
}

fn is_name(text: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
    !text.is_empty() && text.len() <= 253 && text.bytes().all(is_inner)
}
