//! `parallelismOverrides`: a YAML flow map of texts, in older rows `VERTEX:4,VERTEX:2`.

use std::collections::BTreeMap;

pub(super) fn encode(overrides: &BTreeMap<String, String>) -> String {
    let entries: Vec<String> =
        overrides.iter().map(|(vertex, parallelism)| format!("{vertex}: '{parallelism}'")).collect();
    format!("{{{}}}", entries.join(", "))
}

pub(super) fn decode(text: &str) -> Result<BTreeMap<String, String>, String> {
    let text = text.trim();
    let inner = match text.strip_prefix('{') {
        Some(rest) => rest.strip_suffix('}').ok_or("expected a closing '}'")?,
        None => text,
    };
    let mut overrides = BTreeMap::new();
    for entry in inner.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
        let (vertex, parallelism) = entry.split_once(':').ok_or_else(|| expected(entry))?;
        let (vertex, parallelism) = (unquoted(vertex), unquoted(parallelism));
        if vertex.is_empty() || parallelism.parse::<i32>().is_err() {
            return Err(expected(entry));
        }
        overrides.insert(vertex.to_owned(), parallelism.to_owned());
    }
    Ok(overrides)
}

fn expected(entry: &str) -> String {
    format!("expected VERTEX: 'PARALLELISM', not '{}'", entry.chars().take(80).collect::<String>())
}

fn unquoted(text: &str) -> &str {
    let text = text.trim();
    let between = |quote| text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    between('\'').or_else(|| between('"')).unwrap_or(text)
}
