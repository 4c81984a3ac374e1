//! What is in the ConfigMap of the operator's configuration.

use std::collections::BTreeMap;

use kubernetes_api::flatten;
use serde_json::{Map, Value};
use serde_saphyr::options::DuplicateKeyPolicy;

const LINES: &str = "flink-conf.yaml";
const YAML: &str = "config.yaml";

/// Options, and the numbers of the lines that are none.
#[derive(Default)]
pub(super) struct Content {
    pub(super) entries: BTreeMap<String, String>,
    pub(super) odd_lines: Vec<usize>,
}

/// `flink-conf.yaml` counts where it has an entry, else `config.yaml`, as in the operator's pod.
///
/// # Errors
/// Neither is there, or the one that counts can't be read. Nothing of the content is shown, as it may hold a secret.
pub(super) fn read(data: &Map<String, Value>) -> Result<Content, String> {
    let text = |key: &str| data.get(key).and_then(Value::as_str);
    let by_lines = text(LINES).map(lines).unwrap_or_default();
    match text(YAML) {
        Some(text) if by_lines.entries.is_empty() => Ok(Content { entries: yaml(text)?, ..by_lines }),
        None if text(LINES).is_none() => Err(format!("it has neither {LINES} nor {YAML}")),
        _ => Ok(by_lines),
    }
}

/// `key: value` on each line; `#` begins a comment.
fn lines(text: &str) -> Content {
    let mut content = Content::default();
    for (index, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        match line.split_once(": ").map(|(key, value)| (key.trim(), value.trim())) {
            Some((key, value)) if !key.is_empty() && !value.is_empty() => {
                content.entries.insert(key.to_owned(), value.to_owned());
            }
            _ if line.is_empty() || line.starts_with("---") || line.starts_with("...") => {}
            _ => content.odd_lines.push(index + 1),
        }
    }
    content
}

fn yaml(text: &str) -> Result<BTreeMap<String, String>, String> {
    let options = serde_saphyr::options! {
        duplicate_keys: DuplicateKeyPolicy::LastWins,
        strict_booleans: true,
        // `0100` stays as it is written.
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        // A snippet would show neighbouring lines, with whatever password stands in them.
        with_snippet: false,
    };
    match serde_saphyr::from_str_with_options(text, options) {
        Ok(Value::Object(map)) => Ok(flatten(&map)),
        Ok(Value::Null) => Ok(BTreeMap::new()),
        Ok(_) => Err(format!("{YAML} is no map of options")),
        Err(error) => Err(match error.location() {
            Some(at) => format!("line {}, column {} of its {YAML} is not valid YAML", at.line(), at.column()),
            None => format!("its {YAML} is not valid YAML"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(data: Value) -> Result<Content, String> {
        let Value::Object(data) = data else { unreachable!() };
        read(&data)
    }

    #[track_caller]
    fn check(data: Value, expected: &[(&str, &str)], odd_lines: &[usize]) {
        let content = of(data).map_err(|problem| panic!("{problem}")).unwrap();
        let entries: Vec<_> = content.entries.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!((entries.as_slice(), content.odd_lines.as_slice()), (expected, odd_lines));
    }

    #[test]
    fn lines_count_where_there_is_any() {
        let yaml = "a: 1\nb:\n  c: [x, 2]\n  d: 0.5\nb.c: y\ne: yes\nf: 010\n";
        let nested = [("a", "1"), ("b.c", "y"), ("b.d", "0.5"), ("e", "yes"), ("f", "010")];
        check(json!({"config.yaml": yaml}), &nested, &[]);
        check(json!({"config.yaml": yaml, "flink-conf.yaml": "# none\n---\n"}), &nested, &[]);
        check(
            json!({"config.yaml": yaml, "flink-conf.yaml": "a: 2 # two\nb:c: 3\na: 4\n"}),
            &[("a", "4"), ("b:c", "3")],
            &[],
        );
        check(json!({"flink-conf.yaml": "\n"}), &[], &[]);
        check(json!({"config.yaml": "# none", "log4j.properties": "x"}), &[], &[]);
    }

    #[test]
    fn odd_lines_are_left_out() {
        check(json!({"flink-conf.yaml": "a: 1\nb:2\nc:\nd\n: e\nf: g"}), &[("a", "1"), ("f", "g")], &[2, 3, 4, 5]);
        check(json!({"flink-conf.yaml": "b:2", "config.yaml": "a: 1"}), &[("a", "1")], &[1]);
    }

    #[test]
    fn what_is_no_configuration_is_said_without_its_content() {
        let problem = |data: Value| of(data).err().unwrap();
        assert_eq!(problem(json!({"log4j.properties": "secret"})), "it has neither flink-conf.yaml nor config.yaml");
        assert_eq!(problem(json!({"config.yaml": "- secret"})), "config.yaml is no map of options");
        let said = problem(json!({"config.yaml": "a: 1\nb: [secret"}));
        assert!(said.ends_with("of its config.yaml is not valid YAML") && !said.contains("secret"), "{said}");
    }
}
