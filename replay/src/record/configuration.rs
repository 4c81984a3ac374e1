//! What of a job's configuration goes into its trace: what decisions are made by, and nothing that could be a secret.

use std::collections::BTreeMap;

use autoscaler_core::options::value::OptionValue;
use autoscaler_core::options::{Configuration, JobOptions, OptionSpec, Shown, is_harmless};
use autoscaler_core::{ParsedConfiguration, VertexId};

/// Options of Flink that decisions are made by: all of them sizes and numbers.
const OF_FLINK: &[&str] = &[
    "taskmanager.cpu.cores",
    "taskmanager.numberOfTaskSlots",
    "taskmanager.memory.",
    "taskmanager.network.memory.buffers-per-channel",
    "taskmanager.network.memory.floating-buffers-per-gate",
];
const OVERRIDES: &str = "pipeline.jobvertex-parallelism-overrides";
const ALIGNMENT: &str = "job.autoscaler.scaling.parallelism-alignment.mode";
const ALIGNMENTS: [&str; 3] = ["BALANCED", "EVENLY_SPREAD", "OFF"];

/// The options that a trace has. Plugins and their parameters are left out, and so is every key that is not known; a
/// value that can't be used is asterisks.
pub(super) fn recorded(parsed: &ParsedConfiguration) -> BTreeMap<String, String> {
    let configuration = &parsed.configuration;
    let mut found = BTreeMap::new();
    for spec in JobOptions::SPECS {
        if let Some(key) = spec.key_set_in(configuration)
            && let Some(text) = configuration.get(key)
            && let Some(text) = option(spec, text, parsed)
        {
            found.insert(key.to_owned(), text);
        }
    }
    for (key, text) in configuration.iter() {
        if OF_FLINK.iter().any(|known| key.starts_with(known)) && is_harmless(text, "") {
            found.insert(key.to_owned(), text.to_owned());
        }
    }
    found.extend(overrides(configuration));
    found
}

fn option(spec: &OptionSpec, text: &str, parsed: &ParsedConfiguration) -> Option<String> {
    let masked = || "*".repeat(text.chars().count());
    if !spec.is_secret() {
        let is_usable =
            spec.shown == Shown::Whole || spec.check(&parsed.configuration).is_ok() || is_harmless(text, "");
        return Some(if is_usable { text.to_owned() } else { masked() });
    }
    match spec.key {
        // Read as periods, so there is nothing else in them.
        "job.autoscaler.excluded.periods" if parsed.options.as_ref().is_ok_and(|options| options.enabled) => {
            Some(text.to_owned())
        }
        "job.autoscaler.vertex.exclude.ids" => {
            let ids = Vec::<String>::read(text)?.into_iter().filter_map(|id| id.parse::<VertexId>().ok());
            Some(ids.map(|id| id.to_string()).collect::<Vec<_>>().join(";"))
        }
        ALIGNMENT if ALIGNMENTS.iter().any(|mode| mode.eq_ignore_ascii_case(text.trim())) => Some(text.to_owned()),
        ALIGNMENT | "job.autoscaler.excluded.periods" => Some(masked()),
        _ => None,
    }
}

/// The user's own overrides, those that are such.
fn overrides(configuration: &Configuration) -> BTreeMap<String, String> {
    let entries = configuration.map(OVERRIDES).ok().flatten().unwrap_or_default();
    let entry = |(vertex, parallelism): (String, String)| {
        let (vertex, parallelism): (VertexId, i32) = (vertex.parse().ok()?, parallelism.trim().parse().ok()?);
        Some((format!("{OVERRIDES}.{vertex}"), parallelism.to_string()))
    };
    entries.into_iter().filter_map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
        let entries = entries.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        recorded(&ParsedConfiguration::new(entries.collect()))
    }

    #[test]
    fn what_decides_is_kept() {
        let vertex = "0".repeat(31) + "1";
        let kept = [
            ("job.autoscaler.enabled", "true"),
            ("job.autoscaler.metrics.window", "2 min"),
            ("kubernetes.operator.job.autoscaler.restart.time", "3 s"),
            ("job.autoscaler.excluded.periods", "08:00-09:00"),
            ("job.autoscaler.vertex.exclude.ids", vertex.as_str()),
            ("job.autoscaler.scaling.parallelism-alignment.mode", "off"),
            ("taskmanager.memory.process.size", "4 gb"),
            ("taskmanager.numberOfTaskSlots", "2"),
        ];
        let expected = kept.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        assert_eq!(of(&kept), expected);
        let overrides = of(&[(OVERRIDES, &format!("{vertex}:3,hunter2:4,{}:hunter2", "0".repeat(32)))]);
        assert_eq!(overrides, [(format!("{OVERRIDES}.{vertex}"), "3".to_owned())].into());
    }

    #[test]
    fn a_secret_stands_nowhere() {
        for spec in JobOptions::SPECS.iter().chain(JobOptions::PLUGIN_SPECS) {
            let key = spec.key.replace("<name>", "n").replace("<parameter>", "p");
            for value in ["hunter2", "postgres://me:hunter2@db/x", "{a: hunter2}", "[a, hunter2]"] {
                let found = of(&[("job.autoscaler.enabled", "true"), (&key, value)]);
                assert!(!format!("{found:?}").contains("hunter2"), "{key}: {found:?}");
            }
        }
        let other = [("s3.secret-key", "hunter2"), ("taskmanager.memory.x", "hunter2"), (OVERRIDES, "{hunter2}")];
        assert_eq!(of(&other), BTreeMap::new());
    }
}
