//! The JSON of Flink's answers.

mod details;
mod metrics;
mod number;

use std::collections::BTreeMap;

use serde::Deserialize;

pub use details::{InvalidDetails, JobDetails};
pub use metrics::{MetricName, MetricValue};

/// `GET /jobs/overview`
#[derive(Debug, Deserialize)]
pub struct JobsOverview {
    /// The cluster's jobs, ended ones included.
    pub jobs: Vec<JobOverview>,
}

/// One job of `GET /jobs/overview`.
#[derive(Debug, Deserialize)]
pub struct JobOverview {
    /// The job's id in hex.
    pub jid: String,
    /// The name its user gave it.
    pub name: String,
    /// Its state.
    pub state: String,
    /// How many tasks are in which state; `total` is all of them.
    #[serde(default)]
    pub tasks: BTreeMap<String, i64>,
}

/// One entry of `GET /jobs/:id/jobmanager/config`.
#[derive(Debug, Deserialize)]
pub struct ConfigEntry {
    /// The option's key.
    pub key: String,
    /// Its text.
    pub value: String,
}

/// Lower and upper bound of a vertex in `/jobs/:id/resource-requirements`.
#[derive(Clone, Debug, Deserialize, serde::Serialize, PartialEq, Eq)]
pub struct VertexResourceRequirements {
    /// The bounds.
    pub parallelism: ParallelismBounds,
}

/// Bounds of a vertex's parallelism.
#[derive(Clone, Copy, Debug, Deserialize, serde::Serialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct ParallelismBounds {
    /// Fewest subtasks the job may run with.
    pub lower_bound: i64,
    /// Subtasks it runs with where there are slots.
    pub upper_bound: i64,
}

/// `GET` and `PUT /jobs/:id/resource-requirements`: by vertex id.
pub type ResourceRequirements = BTreeMap<String, VertexResourceRequirements>;

#[derive(Deserialize)]
struct Errors {
    errors: Vec<String>,
}

/// What Flink says in an error's body: its first line, without the exception's class.
pub fn error_message(body: &[u8]) -> String {
    const LONGEST: usize = 300;
    let text = match serde_json::from_slice::<Errors>(body) {
        Ok(Errors { errors }) => errors.into_iter().next().unwrap_or_default(),
        Err(_) if body.is_empty() => return "no explanation".to_owned(),
        Err(_) => String::from_utf8_lossy(&body[..body.len().min(LONGEST)]).into_owned(),
    };
    let mut line = text.lines().next().unwrap_or_default();
    while let Some((class, rest)) = line.split_once(": ") {
        if !class.contains('.') || class.contains(' ') {
            break;
        }
        line = rest;
    }
    line.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::error_message;

    #[test]
    fn errors_are_told_without_their_class() {
        let body = br#"{"errors":["org.apache.flink.runtime.rest.NotFoundException: Job 00 not found\n\tat ..."]}"#;
        assert_eq!(error_message(body), "Job 00 not found");
        assert_eq!(error_message(b""), "no explanation");
        assert_eq!(error_message(b"<html>Bad Gateway</html>"), "<html>Bad Gateway</html>");
    }
}
