//! Texts to begin with: recordings of the reference and of a real Flink's answers.

use std::path::{Path, PathBuf};

use replay::{Trace, trace_files};
use serde_json::Value;

/// Traces that lines and rows are taken from.
const TRACES: usize = 6;

fn recordings() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../conformance/data"))
}

/// Inputs to begin with.
pub fn corpus(target: &str) -> Vec<Vec<u8>> {
    let texts = match target {
        "option_values" => field(&recordings().join("config-values.jsonl"), "text"),
        "periods" => field(&recordings().join("excluded-periods.jsonl"), "expression"),
        "options" => traces().iter().map(|lines| options(lines)).collect(),
        "trace_lines" => traces().iter().map(|lines| join(&lines[..lines.len().min(4)])).collect(),
        "state_rows" => traces().iter().flat_map(|lines| lines.iter().flat_map(rows)).collect(),
        "scaling_report" => traces().iter().flat_map(|lines| lines.iter().flat_map(messages)).collect(),
        "flink_answers" => {
            let details = |lines: &Vec<Value>| -> Vec<String> {
                lines.iter().map(|line| line["jobDetails"].to_string()).collect()
            };
            traces().iter().flat_map(details).chain(flink_answers()).collect()
        }
        _ => Vec::new(),
    };
    texts.into_iter().map(String::into_bytes).collect()
}

fn field(file: &Path, name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let values = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    values.filter_map(|value| value[name].as_str().map(str::to_owned)).collect()
}

/// The first traces, as lines of JSON.
fn traces() -> Vec<Vec<Value>> {
    let files = trace_files(&recordings().join("traces")).unwrap_or_default();
    let lines = |file: &PathBuf| -> Option<Vec<Value>> {
        let text = Trace::open(file).ok()?.text().ok()?;
        Some(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
    };
    files.iter().take(TRACES).filter_map(lines).collect()
}

/// Answers of a real Flink.
fn flink_answers() -> Vec<String> {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/../../flink-rest/tests/data");
    let files = std::fs::read_dir(directory).into_iter().flatten().flatten();
    files.filter_map(|file| std::fs::read_to_string(file.path()).ok()).collect()
}

fn join(lines: &[Value]) -> String {
    lines.iter().map(Value::to_string).collect::<Vec<_>>().join("\n")
}

fn options(lines: &[Value]) -> String {
    let config = lines.first().and_then(|job| job["config"].as_object());
    let pairs =
        config.into_iter().flatten().map(|(key, value)| format!("{key} {}", value.as_str().unwrap_or_default()));
    pairs.collect::<Vec<_>>().join("\n")
}

fn rows(line: &Value) -> Vec<String> {
    let state = line["expect"]["state"].as_object();
    state.into_iter().flatten().filter_map(|(_, text)| text.as_str().map(str::to_owned)).collect()
}

fn messages(line: &Value) -> Vec<String> {
    let events = line["expect"]["events"].as_array();
    events.into_iter().flatten().filter_map(|event| event["message"].as_str().map(str::to_owned)).collect()
}
