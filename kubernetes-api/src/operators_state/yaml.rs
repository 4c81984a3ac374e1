//! YAML as Java's Jackson writes it, as the JSON that is in databases.

use serde_json::Value;
use serde_saphyr::options::NonFiniteFloatPolicy;

/// Nodes of a text, at most. How long it is, is bounded already.
const NODES: usize = 4_000_000;

/// The JSON that a YAML text means. A number that JSON does not have is a text, as in databases: `"NaN"`.
///
/// # Errors
/// Says where it is no YAML.
pub(super) fn json_of(text: &str) -> Result<String, String> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_nodes: NODES, max_events: 2 * NODES, max_aliases: 0, max_anchors: 0 },
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        strict_booleans: true,
        with_snippet: false,
    };
    let read: Result<Value, _> = serde_saphyr::from_str_with_options(text, options);
    let mut value = read.map_err(|error| match error.location() {
        Some(at) => format!("line {}, column {} of it is not valid YAML", at.line(), at.column()),
        None => "it is not valid YAML".to_owned(),
    })?;
    name_numbers(&mut value);
    Ok(value.to_string())
}

/// Java's names of the numbers that are none.
fn name_numbers(value: &mut Value) {
    match value {
        Value::Object(map) => map.values_mut().for_each(name_numbers),
        Value::Array(items) => items.iter_mut().for_each(name_numbers),
        Value::String(text) => match text.as_str() {
            ".nan" => *value = "NaN".into(),
            ".inf" => *value = "Infinity".into(),
            "-.inf" => *value = "-Infinity".into(),
            _ => {}
        },
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case(
        "---\n\"1\":\n  a: 1.5E12\n  b: NaN\n  c: .NaN\n  d: [-.inf]\n",
        r#"{"1":{"a":1500000000000.0,"b":"NaN","c":"NaN","d":["-Infinity"]}}"#
    )]
    #[case("{\"a\":{\"b\":[1,true,null,\"x\"]}}", r#"{"a":{"b":[1,true,null,"x"]}}"#)]
    #[case("12345678901234567890123456789012:\n- a: 1\n", r#"{"12345678901234567890123456789012":[{"a":1}]}"#)]
    fn yaml_is_read_as_it_is_meant(#[case] yaml: &str, #[case] expected: &str) {
        assert_eq!(json_of(yaml).as_deref(), Ok(expected));
    }

    #[rstest::rstest]
    #[case("a: [")]
    #[case("a: &x [1]\nb: *x\n")]
    fn what_is_none_or_grows_is_refused(#[case] yaml: &str) {
        assert!(json_of(yaml).is_err());
    }
}
