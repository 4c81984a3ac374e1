//! Cycles for tests.

use std::sync::Arc;

use autoscaler_core::time::{Instant, from_epoch_millis};
use autoscaler_core::{
    Autoscaler, ClusterName, CycleMemory, JobAutoScalerContext, JobState, JobStatus, ListedJob, ParsedConfiguration,
};

use super::entry::{Entry, RecordedJob, job_line};
use super::file_name::file_name;

/// Cycle number `number` of a job, which begins with what it has to be told.
pub(super) fn entry_of(job: &Arc<RecordedJob>, number: u32) -> Entry {
    let now = from_epoch_millis(1_700_000_000_000 + i64::from(number) * 1000).unwrap();
    let context = context(job.id());
    let beginning =
        job.needs_beginning().then(|| job_line(&context, &Default::default(), &Default::default()).unwrap());
    if beginning.is_some() {
        job.set_needs_beginning(false);
    }
    Entry {
        job: Arc::clone(job),
        name: file_name(&context, now),
        beginning,
        now,
        status: JobStatus::Created,
        answers: Default::default(),
        report: Arc::new(report(&context, now)),
    }
}

fn context(id: u64) -> JobAutoScalerContext {
    let id = format!("{id:032x}").parse().unwrap();
    let enabled = [("job.autoscaler.enabled".to_owned(), "true".to_owned())];
    let parsed = Arc::new(ParsedConfiguration::new(enabled.into_iter().collect()));
    JobAutoScalerContext::new(ClusterName::new("a:8081"), &ListedJob::new(id, "orders", JobStatus::Created), parsed)
}

fn report(context: &JobAutoScalerContext, now: Instant) -> autoscaler_core::CycleReport {
    Autoscaler::new().cycle(context, None, &mut JobState::default(), &mut CycleMemory::default(), now)
}
