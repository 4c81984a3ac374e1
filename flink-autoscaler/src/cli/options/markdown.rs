//! The option table as docs/options.md has it.

use std::io::Write;
use std::time::Duration;

use anyhow::Result;
use autoscaler::autoscaler_core::options::OptionSpec;
use autoscaler::autoscaler_core::options::value::{MemorySize, OptionValue};

use crate::configuration::OptionTable;

/// Where options stand: title, what is said of them, and whose keys go there; a key goes to the first that takes it.
struct Group {
    title: &'static str,
    about: &'static str,
    prefixes: &'static [&'static str],
}

const GROUPS: [Group; 6] = [
    Group {
        title: "One of several clusters",
        about: "`<name>` is what stands before a cluster's URL in `autoscaler.standalone.fetcher.flink-cluster.addresses`: \
                what is set here holds for it instead of what holds for all \
                ([flink-connection.md](flink-connection.md#clusters)).",
        prefixes: &["autoscaler.standalone.fetcher.flink-cluster.<"],
    },
    Group {
        title: "Plugins of a job",
        about: "For programs of one's own that register plugins. `<name>` is what the options above name.",
        prefixes: &["<"],
    },
    Group {
        title: "A job",
        about: "In the process's options they hold for every job, in a job's own configuration for that job, which counts \
                more. Each is read from `kubernetes.operator.` with its key behind it, too, where the key itself is not \
                set; other older names are in the table.",
        prefixes: &["job.autoscaler."],
    },
    Group {
        title: "Clusters",
        about: "Which clusters are watched, how they are reached, and how scalings are applied.",
        prefixes: &["autoscaler.standalone.fetcher.", "autoscaler.standalone.realizer."],
    },
    Group {
        title: "State, events and the database",
        about: "Where state and events are kept: [persistence.md](persistence.md).",
        prefixes: &[
            "autoscaler.standalone.state-store.",
            "autoscaler.standalone.event-handler.",
            "autoscaler.standalone.jdbc.",
        ],
    },
    Group {
        title: "The process",
        about: "How fast it goes, what it forgets when, and what it serves.",
        prefixes: &[""],
    },
];

/// The order on the page.
const ORDER: [usize; 6] = [5, 3, 0, 4, 2, 1];

/// Writes the page.
pub(super) fn write(table: &OptionTable, out: &mut impl Write) -> Result<()> {
    writeln!(
        out,
        "# Options\n\nEvery option of a build with all features, as `flink-autoscaler options --markdown` prints them. \
         `flink-autoscaler options KEY` shows\none in the terminal, `flink-autoscaler check` what yours come to. Where \
         they are read from stands in the [README](../README.md#options).\n\nA duration is {}. A size is {}.",
        <Duration as OptionValue>::EXPECTED,
        <MemorySize as OptionValue>::EXPECTED
    )?;
    for index in ORDER {
        let Group { title, about, .. } = &GROUPS[index];
        writeln!(out, "\n## {title}\n\n{about}\n")?;
        writeln!(out, "| option | default | allowed | what it does |\n| --- | --- | --- | --- |")?;
        for row in table.rows().filter(|row| group(row) == index) {
            writeln!(
                out,
                "| `{}`{} | {} | {} | {} |",
                row.key,
                older(row),
                row.default.map_or(String::new(), default),
                cell(&allowed(row)),
                about_row(table, row)
            )?;
        }
    }
    Ok(())
}

fn group(row: &OptionSpec) -> usize {
    let takes = |group: &Group| {
        group.prefixes.iter().any(|prefix| match *prefix {
            "<" => row.key.contains('<'),
            prefix => row.key.starts_with(prefix),
        })
    };
    GROUPS.iter().position(takes).unwrap_or(GROUPS.len() - 1)
}

/// Older names that are not the key behind the usual prefix.
fn older(row: &OptionSpec) -> String {
    let is_usual = |name: &&&str| name.strip_prefix("kubernetes.operator.") == Some(row.key);
    let names: Vec<String> =
        row.alternatives.iter().filter(|name| !is_usual(name)).map(|name| format!("`{name}`")).collect();
    if names.is_empty() { String::new() } else { format!("<br>older: {}", names.join(", ")) }
}

/// What is allowed, with a word for what is told once.
fn allowed(row: &OptionSpec) -> String {
    let duration = row.allowed().replace(<Duration as OptionValue>::EXPECTED, "a duration");
    duration.replace(<MemorySize as OptionValue>::EXPECTED, "a size")
}

fn default(text: &str) -> String {
    if text.is_empty() { "empty".to_owned() } else { format!("`{text}`") }
}

fn about_row(table: &OptionTable, row: &OptionSpec) -> String {
    let mut text = cell(row.doc);
    for (name, doc) in table.backends(row.key) {
        text.push_str(&format!("<br>`{name}`: {}", cell(doc)));
    }
    text
}

/// A text that ends no cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}
