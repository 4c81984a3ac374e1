//! Flink's configuration files: `config.yaml` (YAML, nested or flat) or the older `flink-conf.yaml` (`key: value` lines).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use autoscaler::autoscaler_core::options::{Configuration, Origin};
use serde_json::Value;

/// A configuration file that can't be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigFileError {
    /// The directory has neither file.
    #[error("FLINK_CONF_DIR names {0}, which has neither config.yaml nor flink-conf.yaml")]
    Missing(PathBuf),
    /// The file can't be opened or is no text.
    #[error("can't read {path}: {problem}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        problem: std::io::Error,
    },
    /// The file is not YAML, or not a map.
    #[error("{path} is no configuration: {problem}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong, with its line.
        problem: String,
    },
}

/// Reads the configuration file of a directory; `config.yaml` wins.
///
/// # Errors
/// There is none, or it can't be read.
pub fn read_directory(directory: &Path) -> Result<Configuration, ConfigFileError> {
    for (name, read) in [("config.yaml", read_yaml as fn(&str) -> _), ("flink-conf.yaml", read_lines)] {
        let path = directory.join(name);
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                let entries =
                    read(&text).map_err(|problem| ConfigFileError::Invalid { path: path.clone(), problem })?;
                let origin = Origin::File(Arc::from(path.display().to_string()));
                let mut configuration = Configuration::new();
                entries.into_iter().for_each(|(key, value)| configuration.set(key, value, origin.clone()));
                return Ok(configuration);
            }
            Err(problem) if problem.kind() == std::io::ErrorKind::NotFound => {}
            Err(problem) => return Err(ConfigFileError::Unreadable { path, problem }),
        }
    }
    Err(ConfigFileError::Missing(directory.to_owned()))
}

type Entries = Vec<(String, String)>;

/// `key: value` lines; `#` begins a comment.
fn read_lines(text: &str) -> Result<Entries, String> {
    let mut entries = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        // Flink skips such lines with a warning; a start with half a configuration helps nobody.
        let (key, value) =
            line.split_once(": ").ok_or_else(|| format!("line {}: expected 'key: value'", number + 1))?;
        entries.push((key.trim().to_owned(), value.trim().to_owned()));
    }
    Ok(entries)
}

fn read_yaml(text: &str) -> Result<Entries, String> {
    let only_comments = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    if text.lines().all(only_comments) {
        return Ok(Vec::new());
    }
    let value: Value = serde_saphyr::from_str(text).map_err(|error| error.to_string())?;
    if !value.is_object() {
        return Err("expected a map of options".to_owned());
    }
    let mut entries = Vec::new();
    flatten(String::new(), &value, &mut entries);
    Ok(entries)
}

/// Nested maps become dotted keys; lists become texts with `;` between the entries.
fn flatten(key: String, value: &Value, entries: &mut Entries) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                let key = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
                flatten(key, value, entries);
            }
        }
        Value::Array(list) => {
            let entry = |value: &Value| {
                let text = scalar(value);
                if text.contains([';', '\'', '"']) { format!("'{}'", text.replace('\'', "''")) } else { text }
            };
            entries.push((key, list.iter().map(entry).collect::<Vec<_>>().join(";")));
        }
        Value::Null => {}
        _ => entries.push((key, scalar(value))),
    }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_is_read_nested_and_flat() {
        let text = "job:\n  autoscaler:\n    enabled: true\n    metrics.window: 5 min\n    utilization.target: 0.8\n\
                    rest.port: 8082\njob.autoscaler.excluded.periods: ['9:00-10:00', \"* * 9-11 * * ?\"]\n\
                    job.autoscaler.vertex.exclude.ids: [a;b, c]\nempty:\n";
        let mut entries = read_yaml(text).unwrap();
        entries.sort();
        let expected = [
            ("job.autoscaler.enabled", "true"),
            ("job.autoscaler.excluded.periods", "9:00-10:00;* * 9-11 * * ?"),
            ("job.autoscaler.metrics.window", "5 min"),
            ("job.autoscaler.utilization.target", "0.8"),
            ("job.autoscaler.vertex.exclude.ids", "'a;b';c"),
            ("rest.port", "8082"),
        ];
        assert_eq!(entries, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
    }

    #[test]
    fn lines_are_read() {
        let text = "# a comment\nrest.port: 8082\njob.autoscaler.metrics.window: 5 min # short\n\n";
        let expected = [("rest.port", "8082"), ("job.autoscaler.metrics.window", "5 min")];
        assert_eq!(read_lines(text).unwrap(), expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
        assert_eq!(read_lines("a: 1\nwhat").unwrap_err(), "line 2: expected 'key: value'");
    }

    #[test]
    fn broken_yaml_is_told() {
        assert!(read_yaml("a: [1, 2").is_err());
        assert_eq!(read_yaml("- a\n- b").unwrap_err(), "expected a map of options");
        assert_eq!(read_yaml("# nothing\n").unwrap(), []);
    }

    #[test]
    fn an_empty_directory_is_told() {
        let directory = tempfile::tempdir().unwrap();
        assert!(matches!(read_directory(directory.path()), Err(ConfigFileError::Missing(_))));
    }
}
