//! `spec.flinkConfiguration`, which may be nested, flat or both, as the flat map that Flink reads.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// Keys joined by `.`, lists by `;`, other values by their text. A flat key beats a nested one, as it sorts behind it.
/// What is null is not set.
pub fn flatten(configuration: &Map<String, Value>) -> BTreeMap<String, String> {
    let mut flat = BTreeMap::new();
    walk(configuration, &mut Vec::new(), &mut |path, value| {
        flat.insert(path.join("."), text(value));
    });
    flat
}

/// The keys by which the value of the flat `key` is reached: `["a.b"]`, or `["a", "b"]` where it is nested.
pub fn path_of(configuration: &Map<String, Value>, key: &str) -> Option<Vec<String>> {
    let mut found = None;
    walk(configuration, &mut Vec::new(), &mut |path, _| {
        if path.join(".") == key {
            found = Some(path.to_vec());
        }
    });
    found
}

fn walk(map: &Map<String, Value>, path: &mut Vec<String>, each: &mut dyn FnMut(&[String], &Value)) {
    let mut entries: Vec<_> = map.iter().collect();
    // The API server sorts, too; the order is what decides which of two values counts.
    entries.sort_by_key(|(key, _)| *key);
    for (key, value) in entries {
        path.push(key.clone());
        match value {
            Value::Null => {}
            Value::Object(inner) => walk(inner, path, each),
            value => each(path, value),
        }
        path.pop();
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(";"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_flat_and_mixed_configurations_are_read() {
        let json = serde_json::json!({
            "a": {"b": 1, "c": {"d": true}, "e": null},
            "a.b": "2",
            "list": ["x", 3, 1.5],
            "text": "k:v",
        });
        let Value::Object(map) = json else { unreachable!() };
        let flat: Vec<_> = flatten(&map).into_iter().collect();
        let expected = [("a.b", "2"), ("a.c.d", "true"), ("list", "x;3;1.5"), ("text", "k:v")];
        assert_eq!(flat, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
        assert_eq!(path_of(&map, "a.b"), Some(vec!["a.b".to_owned()]));
        assert_eq!(path_of(&map, "a.c.d"), Some(vec!["a".to_owned(), "c".to_owned(), "d".to_owned()]));
        assert_eq!(path_of(&map, "a.e"), None);
    }
}
