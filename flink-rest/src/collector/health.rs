//! How a job has fared: what its tasks failed with, and its checkpoints.

use autoscaler_core::time::from_epoch_millis;
use autoscaler_core::{Checkpoints, ErrorKind, JobAutoScalerContext, JobHealth, ObserveError, PortError, TaskFailure};

use crate::client::FlinkClient;
use crate::wire::{CheckpointCounts, ExceptionEntry, JobCheckpoints, JobExceptions};

/// Failures asked for: the latest.
const FAILURES: u32 = 5;
/// Characters of a class or task that are told.
const LONGEST_NAME: usize = 100;
/// What Flink calls waiting for slots.
const NO_SLOTS: &str = "NoResourceAvailableException";

/// How a job has fared (`/jobs/:id/exceptions` and `/jobs/:id/checkpoints`).
pub(super) async fn health(client: &FlinkClient, job: &JobAutoScalerContext) -> Result<JobHealth, ObserveError> {
    let client = client.for_job(job);
    let exceptions = format!("/jobs/{}/exceptions?maxExceptions={FAILURES}", job.id);
    let exceptions: JobExceptions = client.get(&exceptions).await?;
    let mut health = JobHealth::default();
    for entry in exceptions.exception_history.entries {
        health.failures.extend(failure(&entry));
    }
    let checkpoints: Result<JobCheckpoints, PortError> =
        client.get(&format!("/jobs/{}/checkpoints", job.id)).await.map_err(PortError::from);
    match checkpoints {
        Ok(JobCheckpoints { counts: CheckpointCounts { failed, completed } }) => {
            health = health.with_checkpoints(Checkpoints { failed, completed });
        }
        // A job that makes none has no such page.
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error.into()),
    }
    Ok(health)
}

/// Nothing of what an exception says is told, which may hold anything.
fn failure(entry: &ExceptionEntry) -> Option<TaskFailure> {
    let class = entry.exception_name.rsplit('.').next().unwrap_or_default();
    if class == NO_SLOTS {
        return None;
    }
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '$' | '_');
    let class: String = class.chars().take_while(|c| is_part(*c)).take(LONGEST_NAME).collect();
    let class = if class.is_empty() { "a failure".to_owned() } else { class };
    let what = match &entry.task_name {
        Some(task) => format!("{class} in {}", task.chars().take(LONGEST_NAME).collect::<String>()),
        None => class,
    };
    Some(TaskFailure { at: from_epoch_millis(entry.timestamp)?, what })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Flink 1.20 answers, shortened.
    const ANSWER: &str = r#"{"root-exception": "java.lang.RuntimeException: secret", "timestamp": 3, "all-exceptions": [],
        "truncated": false, "exceptionHistory": {"entries": [
        {"exceptionName": "java.lang.IllegalStateException", "stacktrace": "java.lang.IllegalStateException: secret",
         "timestamp": 3000, "taskName": "map (5/8) - execution #0", "endpoint": "h:1", "taskManagerId": "t", "failureLabels": {},
         "concurrentExceptions": []},
        {"exceptionName": "org.apache.flink.runtime.jobmanager.scheduler.NoResourceAvailableException", "stacktrace": "",
         "timestamp": 2000, "taskName": null, "concurrentExceptions": []},
        {"exceptionName": "java.util.concurrent.TimeoutException", "timestamp": 1000}], "truncated": false}}"#;

    #[test]
    fn failures_are_told_without_what_they_say() {
        let exceptions: JobExceptions = serde_json::from_str(ANSWER).unwrap();
        let told: Vec<_> = exceptions.exception_history.entries.iter().filter_map(failure).collect();
        let told: Vec<_> = told.iter().map(|failure| (failure.at.timestamp(), failure.what.as_str())).collect();
        assert_eq!(
            told,
            [(3, "IllegalStateException in map (5/8) - execution #0"), (1, "TimeoutException")],
            "waiting for slots is none"
        );
    }

    #[test]
    fn checkpoints_are_counted() {
        let answer =
            r#"{"counts": {"restored": 0, "total": 9, "in_progress": 0, "completed": 7, "failed": 2}, "summary": {}}"#;
        let JobCheckpoints { counts } = serde_json::from_str(answer).unwrap();
        assert_eq!((counts.failed, counts.completed), (2, 7));
        assert!(serde_json::from_str::<JobCheckpoints>("{}").is_err(), "not told is not none");
    }
}
