//! `parallelismOverrides`: a YAML flow map of texts, in older rows `VERTEX:4,VERTEX:2`.

use std::collections::BTreeMap;

use crate::ids::VertexId;

pub(super) fn encode(overrides: &BTreeMap<VertexId, i32>) -> String {
    let entries: Vec<String> =
        overrides.iter().map(|(vertex, parallelism)| format!("{vertex}: '{parallelism}'")).collect();
    format!("{{{}}}", entries.join(", "))
}

pub(super) fn decode(text: &str) -> Result<BTreeMap<VertexId, i32>, String> {
    let text = text.trim();
    let inner = match text.strip_prefix('{') {
        Some(rest) => rest.strip_suffix('}').ok_or("expected a closing '}'")?,
        None => text,
    };
    let entries = inner.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    entries.map(|entry| read(entry).ok_or_else(|| expected(entry))).collect()
}

fn read(entry: &str) -> Option<(VertexId, i32)> {
    let (vertex, parallelism) = entry.split_once(':')?;
    Some((unquoted(vertex).parse().ok()?, unquoted(parallelism).parse().ok()?))
}

fn expected(entry: &str) -> String {
    format!("expected VERTEX: 'PARALLELISM', not '{}'", entry.chars().take(80).collect::<String>())
}

fn unquoted(text: &str) -> &str {
    let text = text.trim();
    let between = |quote| text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    between('\'').or_else(|| between('"')).unwrap_or(text)
}
