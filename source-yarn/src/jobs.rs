//! The jobs of an application, through its attempts and to its end.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use autoscaler_core::ports::UnknownJob;
use autoscaler_core::{JobConfiguration, JobKey, JobList, JobListFetcher, Labels, ListedJob, PortError};
use tokio::time::Instant;

use crate::application::{Application, ApplicationId};
use crate::claims::Claims;
use crate::surroundings::{Made, Surroundings};

/// The jobs of one application.
#[derive(Debug)]
pub(crate) struct ApplicationJobs {
    id: ApplicationId,
    flink: Box<dyn JobListFetcher>,
    claims: Arc<Claims>,
    forget_after: Duration,
    seen: Mutex<Seen>,
    configurations: Made,
}

#[derive(Debug, Default)]
struct Seen {
    /// The jobs that were listed and whose state is not known to be removed.
    jobs: BTreeSet<JobKey>,
    /// Those that an older application shows, too.
    contested: BTreeMap<JobKey, ApplicationId>,
    /// What was said of it last.
    labels: Labels,
    /// The attempt that was seen last.
    attempt: Option<u32>,
    /// When a new attempt was first seen.
    attempt_since: Option<Instant>,
    /// What the application waits for, in words.
    notice: Option<String>,
    /// When it was first heard that the application has ended.
    ended_since: Option<Instant>,
}

impl ApplicationJobs {
    pub(crate) fn new(
        id: ApplicationId,
        flink: Box<dyn JobListFetcher>,
        claims: Arc<Claims>,
        forget_after: Duration,
    ) -> Self {
        Self { id, flink, claims, forget_after, seen: Mutex::default(), configurations: Made::default() }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        // No operation leaves it half changed, so a panic elsewhere does no harm here.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in what is said of it while it runs; whether that is of another attempt than before.
    pub(crate) fn note(&self, application: &Application) -> bool {
        let mut seen = self.seen();
        seen.labels = application.labels();
        let before = std::mem::replace(&mut seen.attempt, application.attempt());
        before.is_some() && before != seen.attempt
    }

    /// Another attempt begins: its jobs may not be back yet.
    pub(crate) fn attempt_begins(&self) {
        self.seen().attempt_since = Some(Instant::now());
    }

    /// The application waits for containers, which is to be told in these words; none: it does not.
    pub(crate) fn waits(&self, notice: Option<String>) {
        self.seen().notice = notice;
    }

    /// The application has ended, and its jobs with it.
    pub(crate) fn end(&self) {
        let _first = self.seen().ended_since.get_or_insert_with(Instant::now);
    }

    /// Whether there is nothing more to be told of it.
    pub(crate) fn is_over(&self) -> bool {
        let seen = self.seen();
        seen.ended_since.is_some_and(|since| seen.jobs.is_empty() || since.elapsed() >= self.forget_after)
    }

    /// Takes all claims back, when it is over.
    pub(crate) fn release(&self) {
        for job in &self.seen().jobs {
            self.claims.release(job, &self.id);
        }
    }

    /// What is told of an ended application; a job that another one has by now is not gone.
    fn ended(&self, seen: &mut Seen) -> JobList {
        let is_elsewhere = |job: &JobKey| self.claims.release(job, &self.id);
        seen.jobs.retain(|job| !is_elsewhere(job));
        let mut list = JobList::default();
        list.ended = seen.jobs.iter().cloned().collect();
        list
    }

    fn take_in(&self, seen: &mut Seen, list: &mut JobList) {
        let listed: BTreeSet<JobKey> = list.jobs.iter().map(|job| job.key.clone()).collect();
        // A JobManager that has just come up lists nothing until it has its jobs back.
        let is_coming_up = seen.attempt_since.is_some_and(|since| since.elapsed() < self.forget_after);
        if is_coming_up {
            let named = |list: &JobList, job: &JobKey| {
                list.ended.contains(job) || list.unknown.iter().any(|entry| entry.key.as_ref() == Some(job))
            };
            for job in seen.jobs.iter().filter(|job| !listed.contains(job)) {
                if !named(list, job) {
                    list.unknown.push(UnknownJob::new(Some(job.clone()), "the new attempt does not list it yet"));
                }
            }
        }
        seen.contested =
            listed.iter().filter_map(|job| Some((job.clone(), self.claims.claim(job, &self.id)?))).collect();
        list.ended.retain(|job| !self.claims.release(job, &self.id));
        seen.jobs.extend(listed);
    }
}

#[async_trait]
impl JobListFetcher for ApplicationJobs {
    async fn list(&self) -> Result<JobList, PortError> {
        {
            let mut seen = self.seen();
            if seen.ended_since.is_some() {
                return Ok(self.ended(&mut seen));
            }
        }
        let mut list = self.flink.list().await?;
        self.take_in(&mut self.seen(), &mut list);
        Ok(list)
    }

    async fn configuration(&self, job: &ListedJob) -> Result<Arc<JobConfiguration>, PortError> {
        let own = self.flink.configuration(job).await?;
        let (older, notice) = {
            let seen = self.seen();
            (seen.contested.get(&job.key).cloned(), seen.notice.clone())
        };
        let conflict = older.map(|older| {
            format!(
                "the job is left alone in {}: {}, which was submitted before it, runs a job with the same id. Stop one of them, \
                 or give each a high-availability.cluster-id of its own",
                self.id.as_str(),
                older.as_str()
            )
        });
        Ok(self.configurations.of(&job.key, own, Surroundings { conflict, notice }))
    }

    fn labels(&self) -> Labels {
        self.seen().labels.clone()
    }

    fn forget(&self, job: &JobKey) {
        let mut seen = self.seen();
        seen.jobs.remove(job);
        seen.contested.remove(job);
        self.claims.release(job, &self.id);
        drop(seen);
        self.configurations.forget(job);
        self.flink.forget(job);
    }
}
