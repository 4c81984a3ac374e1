//! `config.yaml`: YAML, nested or flat.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::DuplicateKeyPolicy;

use super::content::FileContent;

/// Reads a YAML map of options.
///
/// # Errors
/// It is no YAML or no map: what is wrong and where. Nothing of the content is shown, as it may hold a secret.
pub(super) fn read(text: &str) -> Result<FileContent, String> {
    let options = serde_saphyr::options! {
        // Of one key given twice the later counts, flat or nested.
        duplicate_keys: DuplicateKeyPolicy::LastWins,
        // `yes` is a text, as on the command line.
        strict_booleans: true,
        // `0100` stays as it is written: it may be a number, or the beginning of an id.
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        // A snippet would show neighbouring lines, with whatever password stands in them.
        with_snippet: false,
    };
    let node = serde_saphyr::from_str_with_options(text, options).map_err(|error| match error.location() {
        Some(at) => format!("line {}, column {}: it is not valid YAML", at.line(), at.column()),
        None => "it is not valid YAML".to_owned(),
    })?;
    let mut content = FileContent::default();
    match node {
        Node::Null => {}
        Node::Map(_) => flatten("", node, &mut content.entries),
        Node::Text(_) | Node::List(_) => return Err("expected a map of options".to_owned()),
    }
    Ok(content)
}

/// A YAML value; maps in the order they are written.
enum Node {
    Null,
    Text(String),
    List(Vec<Self>),
    Map(Vec<(String, Self)>),
}

/// Nested maps become dotted keys; lists become texts with `;` between the entries.
fn flatten(key: &str, node: Node, entries: &mut Vec<(String, String)>) {
    match node {
        Node::Map(map) => {
            for (name, node) in map {
                let key = if key.is_empty() { name } else { format!("{key}.{name}") };
                flatten(&key, node, entries);
            }
        }
        Node::List(list) => {
            let entry = |node: &Node| {
                let text = node.to_string();
                if text.contains([';', '\'', '"']) { format!("'{}'", text.replace('\'', "''")) } else { text }
            };
            entries.push((key.to_owned(), list.iter().map(entry).collect::<Vec<_>>().join(";")));
        }
        Node::Null => {}
        Node::Text(text) => entries.push((key.to_owned(), text)),
    }
}

/// On one line, as YAML writes it between braces.
impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Text(text) => f.write_str(text),
            Self::List(list) => {
                let list: Vec<String> = list.iter().map(Self::within).collect();
                write!(f, "[{}]", list.join(", "))
            }
            Self::Map(map) => {
                let map: Vec<String> = map.iter().map(|(key, node)| format!("{key}: {}", node.within())).collect();
                write!(f, "{{{}}}", map.join(", "))
            }
        }
    }
}

impl Node {
    /// As it stands between brackets: a text in quotes where it would be read as something else.
    fn within(&self) -> String {
        match self {
            Self::Text(text)
                if text.contains([',', '[', ']', '{', '}', '\'', '"']) || text.starts_with(['*', '&', '!']) =>
            {
                format!("'{}'", text.replace('\'', "''"))
            }
            node => node.to_string(),
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a list or a map")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Text(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Text(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Text(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        // Debug keeps the `.0` that Display drops.
        Ok(Node::Text(format!("{value:?}")))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        Node::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(node) = sequence.next_element()? {
            list.push(node);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = access.next_entry()? {
            map.push(entry);
        }
        Ok(Node::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use autoscaler::autoscaler_core::options::{Configuration, Origin};

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)]) {
        let entries = read(text).unwrap().entries;
        let entries: Vec<_> = entries.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(entries, expected);
    }

    #[test]
    fn maps_are_read_nested_and_flat() {
        check(
            "job:\n  autoscaler:\n    enabled: true\n    metrics.window: 5 min\n    utilization.target: 0.8\n\
             rest.port: 8082\nempty:\nother: yes\n",
            &[
                ("job.autoscaler.enabled", "true"),
                ("job.autoscaler.metrics.window", "5 min"),
                ("job.autoscaler.utilization.target", "0.8"),
                ("rest.port", "8082"),
                ("other", "yes"),
            ],
        );
        check("# nothing\n", &[]);
        check("", &[]);
        check(
            "a: 0100\nb: [0001, 1_0]\nc: 0.4f\nd: 0x10",
            &[("a", "0100"), ("b", "0001;1_0"), ("c", "0.4f"), ("d", "16")],
        );
        check("a: {b: {c: 1}, d: 2.0}", &[("a.b.c", "1"), ("a.d", "2.0")]);
    }

    #[test]
    fn lists_are_read_with_every_entry_whole() {
        check(
            "excluded.periods: ['9:00-10:00', \"* * 9-11 * * ?\"]\nexclude.ids:\n- a;b\n- c\n- it's\n",
            &[("excluded.periods", "9:00-10:00;* * 9-11 * * ?"), ("exclude.ids", "'a;b';c;'it''s'")],
        );
    }

    #[test]
    fn maps_in_lists_stay_maps() {
        check(
            "rules:\n- name: open\n  period: '* * 9 ? * MON,FRI'\n  ids: [a, b]\n- {name: 8:30-17:30, least: 8}\n",
            &[("rules", "'{name: open, period: ''* * 9 ? * MON,FRI'', ids: [a, b]}';{name: 8:30-17:30, least: 8}")],
        );
    }

    #[test]
    fn of_a_key_given_twice_the_later_counts() {
        let mut configuration = Configuration::new();
        for (key, value) in read("a.b: 1\na:\n  b: 2\nc:\n  d: 3\nc.d: 4\ne: 5\ne: 6\n").unwrap().entries {
            configuration.set(key, value, Origin::Flag);
        }
        assert_eq!(configuration.iter().collect::<Vec<_>>(), [("a.b", "2"), ("c.d", "4"), ("e", "6")]);
    }

    #[test]
    fn broken_yaml_is_said_without_its_content() {
        for text in
            ["a: [1, secret", "password: \"secret\nb: 1\n", "a: secret\n  b: secret\n", "a: *secret", "secret: }"]
        {
            let problem = read(text).err().unwrap_or_else(|| panic!("{text} is read"));
            assert!(problem.contains("not valid YAML") && !problem.contains("secret"), "{problem}");
        }
        assert_eq!(read("- a\n- b").unwrap_err(), "expected a map of options");
        assert_eq!(read("just a text").unwrap_err(), "expected a map of options");
    }
}
