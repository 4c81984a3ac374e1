//! `flink-autoscaler options`: the option table.

mod markdown;

use std::io::{BufWriter, Write};

use anyhow::{Result, bail};
use autoscaler::autoscaler_core::options::{OptionSpec, is_harmless, nearest_key};
use serde_json::json;

use crate::configuration::OptionTable;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Keys, older names, or what keys end in; none: every option.
    #[arg(allow_hyphen_values = true, value_name = "KEY")]
    keys: Vec<String>,
    /// As a JSON array, for programs.
    #[arg(long)]
    json: bool,
    /// As the page docs/options.md: all of them, grouped.
    #[arg(long, conflicts_with_all = ["json", "keys"])]
    markdown: bool,
}

/// Prints the options asked for.
pub(super) fn run(table: &OptionTable, arguments: &Arguments) -> Result<()> {
    let rows = match arguments.keys.as_slice() {
        [] => table.rows().collect(),
        keys => found(table, keys)?,
    };
    let mut out = BufWriter::new(std::io::stdout().lock());
    if arguments.markdown {
        markdown::write(table, &mut out)?;
    } else if arguments.json {
        let rows: Vec<_> = rows.into_iter().map(|row| as_json(table, row)).collect();
        writeln!(out, "{}", serde_json::to_string_pretty(&rows)?)?;
    } else {
        rows.into_iter().try_for_each(|row| print(table, row, &mut out))?;
    }
    Ok(out.flush()?)
}

fn found(table: &OptionTable, keys: &[String]) -> Result<Vec<&'static OptionSpec>> {
    let mut rows: Vec<&'static OptionSpec> = Vec::new();
    for key in keys {
        let key = key.trim_start_matches('-');
        let is_exact = |row: &&OptionSpec| row.key == key || row.is_key(key);
        let ends_so = |row: &&OptionSpec| row.key.strip_suffix(key).is_some_and(|rest| rest.ends_with('.'));
        let mut of_key: Vec<_> = table.rows().filter(is_exact).collect();
        if of_key.is_empty() {
            of_key = table.rows().filter(ends_so).collect();
        }
        if of_key.is_empty() {
            bail!("{}", unknown(table, key));
        }
        let is_new = |row: &&OptionSpec| !rows.iter().any(|there| there.key == row.key);
        let new: Vec<_> = of_key.into_iter().filter(is_new).collect();
        rows.extend(new);
    }
    Ok(rows)
}

fn unknown(table: &OptionTable, key: &str) -> String {
    let names = table.rows().flat_map(|row| std::iter::once(row.key).chain(row.alternatives.iter().copied()));
    // What follows the prefixes may be typed alone.
    let ends =
        names.flat_map(|name| std::iter::once(name).chain(name.match_indices('.').map(|(at, _)| &name[at + 1..])));
    match nearest_key(key, ends) {
        Some(nearest) => format!("there is no option {key}; did you mean {nearest}?"),
        None if is_harmless(key, "") => format!("there is no option {key}; without a key every option is listed"),
        None => "there is no option of that name; without a key every option is listed".to_owned(),
    }
}

fn print(table: &OptionTable, row: &OptionSpec, out: &mut impl Write) -> Result<()> {
    writeln!(out, "{}\n    {}", row.key, row.doc)?;
    match row.default {
        Some(default) => writeln!(out, "    default: {default}")?,
        None => writeln!(out, "    no default")?,
    }
    writeln!(out, "    allowed: {}", row.allowed())?;
    for (name, doc) in table.backends(row.key) {
        writeln!(out, "    {name}: {doc}")?;
    }
    if row.is_secret() {
        writeln!(out, "    may be secret: it is shown nowhere")?;
    }
    if !row.alternatives.is_empty() {
        writeln!(out, "    also read from: {}", row.alternatives.join(", "))?;
    }
    Ok(())
}

fn as_json(table: &OptionTable, row: &OptionSpec) -> serde_json::Value {
    let backends: Vec<_> =
        table.backends(row.key).iter().map(|(name, doc)| json!({"name": name, "description": doc})).collect();
    json!({
        "key": row.key, "description": row.doc, "default": row.default, "allowed": row.allowed(),
        "maybeSecret": row.is_secret(), "alsoReadFrom": row.alternatives, "backends": backends,
    })
}
