//! When two cycles are equal, by the rules of the recordings: numbers within 0.0015 or one part in 10^9, texts after the
//! numbers in them, order only where it means something.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// An `expect` that is not of the recordings' shape.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the recorded expect can't be compared: {0}")]
pub struct Unreadable(String);

fn close(a: f64, b: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= 0.0015_f64.max(1e-9 * a.abs().max(b.abs()))
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => match text.as_str() {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            _ => None,
        },
        _ => None,
    }
}

/// A text cut into its numbers and what is between them; ids are not numbers.
fn cut(text: &str) -> (String, Vec<f64>) {
    let bytes = text.as_bytes();
    let (mut rest, mut numbers, mut at) = (String::new(), Vec::new(), 0);
    while at < bytes.len() {
        let hex = bytes[at..].iter().take_while(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(*b)).count();
        if hex >= 32 {
            rest.push_str(&text[at..at + 32]);
            at += 32;
            continue;
        }
        let signed = usize::from(matches!(bytes[at], b'-' | b'+'));
        let digits = |from: usize| bytes[from.min(bytes.len())..].iter().take_while(|b| b.is_ascii_digit()).count();
        let whole = digits(at + signed);
        if whole == 0 {
            // Never the middle of a character: what was passed over is ASCII or whole.
            let c = text[at..].chars().next().unwrap_or_default();
            rest.push(c);
            at += c.len_utf8().max(1);
            continue;
        }
        let mut end = at + signed + whole;
        if bytes.get(end) == Some(&b'.') && digits(end + 1) > 0 {
            end += 1 + digits(end + 1);
        }
        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'-' | b'+')));
            if digits(end + 1 + sign) > 0 {
                end += 1 + sign + digits(end + 1 + sign);
            }
        }
        numbers.push(text[at..end].parse().unwrap_or(f64::NAN));
        rest.push('#');
        at = end;
    }
    (rest, numbers)
}

fn same_text(a: &str, b: &str) -> bool {
    let ((rest_a, numbers_a), (rest_b, numbers_b)) = (cut(a), cut(b));
    rest_a == rest_b && numbers_a.iter().zip(&numbers_b).all(|(x, y)| close(*x, *y))
}

/// A message with the entries and lines whose order does not matter sorted.
fn canonical(message: &str) -> String {
    if let Some(start) = message.find("{ Vertex ID") {
        let mut entries: Vec<&str> = message[start..].split_inclusive('}').collect();
        entries.sort_unstable();
        return format!("{}{}", &message[..start], entries.concat());
    }
    if !message.starts_with("Memory tuning recommends") {
        return message.to_owned();
    }
    let mut lines: Vec<String> = message.lines().map(str::to_owned).collect();
    for line in &mut lines {
        if let Some((head, list)) = line.clone().split_once('[') {
            let mut keys: Vec<&str> = list.trim_end_matches(']').split(", ").collect();
            keys.sort_unstable();
            *line = format!("{head}[{}]", keys.join(", "));
        }
    }
    lines[1..].sort_unstable();
    lines.join("\n")
}

fn diff(path: &str, want: &Value, got: &Value, out: &mut Vec<String>) {
    if let (Some(x), Some(y)) = (number(want), number(got)) {
        if !close(x, y) {
            out.push(format!("{path}: want {want}, got {got}"));
        }
        return;
    }
    match (want, got) {
        (Value::Object(w), Value::Object(g)) => {
            out.extend(w.keys().filter(|key| !g.contains_key(*key)).map(|key| format!("{path}.{key}: missing")));
            out.extend(g.keys().filter(|key| !w.contains_key(*key)).map(|key| format!("{path}.{key}: unexpected")));
            for (key, value) in w {
                if let Some(there) = g.get(key) {
                    diff(&format!("{path}.{key}"), value, there, out);
                }
            }
        }
        (Value::Array(w), Value::Array(g)) if w.len() == g.len() => {
            for (index, (w, g)) in w.iter().zip(g).enumerate() {
                diff(&format!("{path}[{index}]"), w, g, out);
            }
        }
        (Value::String(w), Value::String(_)) if w == "*" => {}
        (Value::String(w), Value::String(g)) if same_text(&canonical(w), &canonical(g)) => {}
        _ if want == got => {}
        _ => out.push(format!("{path}: want {want}, got {got}")),
    }
}

fn flow_map(text: &str) -> Value {
    let inner = text.trim().trim_start_matches('{').trim_end_matches('}');
    let unquoted = |text: &str| text.trim().trim_matches(['\'', '"']).to_owned();
    let pairs = inner.split(',').filter_map(|pair| pair.split_once(':'));
    let map: BTreeMap<String, String> = pairs.map(|(key, value)| (unquoted(key), unquoted(value))).collect();
    json!(map)
}

/// Rows as values instead of texts.
fn state(rows: &Value, keep_metrics: bool) -> Result<Value, Unreadable> {
    let rows = rows.as_object().ok_or_else(|| Unreadable("state is not an object".to_owned()))?;
    let mut parsed = serde_json::Map::new();
    for (kind, text) in rows {
        let text = text.as_str().ok_or_else(|| Unreadable(format!("state.{kind} is not a text")))?;
        if kind == "collectedMetrics" && !keep_metrics {
            continue;
        }
        let mut value = if kind == "parallelismOverrides" {
            flow_map(text)
        } else {
            serde_json::from_str(text).map_err(|error| Unreadable(format!("state.{kind}: {error}")))?
        };
        if kind == "configOverrides" {
            sort_removals(&mut value);
        }
        parsed.insert(kind.clone(), value);
    }
    Ok(Value::Object(parsed))
}

fn sort_removals(config: &mut Value) {
    if let Some(removals) = config.get_mut("removals").and_then(Value::as_array_mut) {
        removals.sort_by_key(ToString::to_string);
    }
}

fn sorted_events(events: &Value) -> Value {
    let mut events = events.as_array().cloned().unwrap_or_default();
    let key = |event: &Value| {
        let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
        let shape = format!("{}{}", text("messageKey"), canonical(&text("message")));
        let ids: Vec<String> = shape
            .split(|c: char| !c.is_ascii_hexdigit())
            .filter(|w| w.len() >= 32)
            .map(|w| w[..32].to_owned())
            .collect();
        (text("reason"), ids)
    };
    events.sort_by_key(key);
    Value::Array(events)
}

/// What differs between an expected cycle and one of ours, a line each; empty if they are equal. What is stored is
/// compared where the expected cycle has it, and `collectedMetrics` where that does.
///
/// # Errors
/// One of the two is not of the recordings' shape.
pub fn differences(want: &Value, got: &Value) -> Result<Vec<String>, Unreadable> {
    let is_stored_known = want.get("state").is_some();
    let keep_metrics = want["state"].get("collectedMetrics").is_some();
    let normal = |side: &Value| {
        let mut side = side.clone();
        if is_stored_known {
            side["state"] = state(&side["state"], keep_metrics)?;
        } else if let Some(side) = side.as_object_mut() {
            side.remove("state");
        }
        side["events"] = sorted_events(&side["events"]);
        if let Some(config) = side.get_mut("realizedConfig") {
            sort_removals(config);
        }
        Ok(side)
    };
    if !want.is_object() {
        return Err(Unreadable("it is not an object".to_owned()));
    }
    let mut out = Vec::new();
    diff("", &normal(want)?, &normal(got)?, &mut out);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_seen() {
        let cycle = json!({ "outcome": "none", "evaluated": null, "events": [], "realizedParallelism": null,
        "realizedConfig": null, "state": { "parallelismOverrides": "{a: '4'}" } });
        let with = |key: &str, value: Value| {
            let mut changed = cycle.clone();
            changed[key] = value;
            changed
        };
        let differences = |want: &Value, got: &Value| differences(want, got).unwrap();
        assert_eq!(differences(&cycle, &cycle), [""; 0]);
        assert_eq!(differences(&cycle, &with("outcome", json!("scaled"))).len(), 1);
        assert_eq!(differences(&cycle, &with("state", json!({ "parallelismOverrides": "{a: '5'}" }))).len(), 1);
        assert_eq!(differences(&cycle, &with("state", json!({}))).len(), 1);
        let event = |message: &str| json!([{ "type": "Normal", "reason": "r", "messageKey": null, "intervalMs": 1, "message": message }]);
        assert_eq!(differences(&with("events", event("rate 1.0001")), &with("events", event("rate 1.0002"))), [""; 0]);
        assert_eq!(differences(&with("events", event("rate 1.0")), &with("events", event("rate 1.1"))).len(), 1);
        assert_eq!(differences(&with("events", event("*")), &with("events", event("anything"))), [""; 0]);
    }
}
