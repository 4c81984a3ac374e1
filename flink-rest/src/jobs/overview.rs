//! From Flink's job overview to the list of jobs.

use std::collections::HashSet;

use autoscaler_core::{InvalidId, JobId, JobKey, JobList, JobStatus, ListedJob, UnknownJob, UnknownStatus};

use crate::wire::{JobOverview, JobsOverview, OverviewId};

/// The job list in the body of an overview.
///
/// # Errors
/// The body as a whole is no overview.
pub fn read_job_list(body: &[u8]) -> Result<JobList, serde_json::Error> {
    Ok(job_list(&serde_json::from_slice(body)?, |_, _| ()))
}

/// The jobs, by whether they have ended; entries that can't be used are unknown, each by itself. Each of the jobs is told
/// to `started`, with when its JobManager began with it.
pub(super) fn job_list(overview: &JobsOverview<'_>, mut started: impl FnMut(JobId, Option<i64>)) -> JobList {
    let mut list = JobList::default();
    let mut ids = HashSet::with_capacity(overview.jobs.len());
    for entry in &overview.jobs {
        let json = entry.get();
        match listed_job(json) {
            Ok((job, _)) if !ids.insert(job.id) => list.unknown.push(unknown(json, "it is listed twice".to_owned())),
            Ok((job, _)) if job.status.is_ended() => list.ended.push(job.key),
            Ok((job, start_time)) => {
                started(job.id, start_time);
                list.jobs.push(job);
            }
            Err(problem) => list.unknown.push(unknown(json, problem.to_string())),
        }
    }
    list
}

/// Why an entry can't be used.
#[derive(Debug, thiserror::Error)]
enum UnusableEntry {
    #[error("it is not of the form expected: {0}")]
    Form(#[from] serde_json::Error),
    #[error(transparent)]
    Id(#[from] InvalidId),
    #[error(transparent)]
    Status(#[from] UnknownStatus),
}

fn listed_job(json: &str) -> Result<(ListedJob, Option<i64>), UnusableEntry> {
    let overview: JobOverview<'_> = serde_json::from_str(json)?;
    let id: JobId = overview.jid.parse()?;
    let start_time = overview.start_time.and_then(|time| time.get().parse().ok());
    Ok((ListedJob::new(id, &*overview.name, effective_status(&overview)?), start_time))
}

/// RUNNING counts only when every task runs or has finished (algorithm 1.2).
fn effective_status(overview: &JobOverview<'_>) -> Result<JobStatus, UnknownStatus> {
    let status: JobStatus = overview.state.parse()?;
    let tasks = |name| i128::from(overview.tasks.get(name).copied().unwrap_or(0));
    if status == JobStatus::Running && tasks("total") != tasks("running") + tasks("finished") {
        return Ok(JobStatus::Created);
    }
    Ok(status)
}

/// The job's key is the id as parsed, so that it is the same in any spelling.
fn unknown(json: &str, problem: String) -> UnknownJob {
    let id = serde_json::from_str::<OverviewId<'_>>(json).ok().and_then(|entry| entry.jid.parse::<JobId>().ok());
    UnknownJob::new(id.map(|id| JobKey::new(id.to_string())), problem)
}

#[cfg(test)]
mod tests;
