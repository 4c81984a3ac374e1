//! What was asked, and when.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::Method;

use super::Jobs;

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The list of jobs: a round begins.
    List,
    /// A job's details: a cycle of it.
    Details,
    /// Anything else about a job.
    OfJob,
    /// Anything else about the cluster.
    OfCluster,
    /// A change, which an idle autoscaler does not ask for.
    Change,
}

impl Kind {
    /// Of a request, to an application of YARN where one is numbered; then it is the ResourceManager's list that begins a round.
    pub(super) fn of(method: &Method, application: Option<u32>, path: &[&str]) -> Self {
        match path {
            _ if method != Method::GET => Self::Change,
            ["jobs", "overview"] if application.is_some() => Self::OfCluster,
            ["jobs", "overview"] | ["ws", "v1", "cluster", "apps"] => Self::List,
            ["jobs", _] => Self::Details,
            ["jobs", ..] => Self::OfJob,
            _ => Self::OfCluster,
        }
    }
}

/// How often what was asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rounds: the job list was asked for.
    pub rounds: u64,
    /// Cycles of a job: its details were asked for.
    pub job_cycles: u64,
    /// Calls about a job, those for its details among them.
    pub job_calls: u64,
    /// Calls about the cluster, those for its list among them.
    pub cluster_calls: u64,
    /// Calls that change something.
    pub changes: u64,
}

impl std::ops::Sub for Counts {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            rounds: self.rounds - earlier.rounds,
            job_cycles: self.job_cycles - earlier.job_cycles,
            job_calls: self.job_calls - earlier.job_calls,
            cluster_calls: self.cluster_calls - earlier.cluster_calls,
            changes: self.changes - earlier.changes,
        }
    }
}

/// How late cycles of one job began.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lateness {
    /// Times from the first list after a cycle's beginning to the beginning of the next, sorted.
    pub after_list: Vec<Duration>,
    /// How much longer than the interval the times from beginning to beginning were, sorted; 0 where they were shorter.
    pub over_interval: Vec<Duration>,
}

/// A list, or the beginning of a cycle of the job that is watched.
#[derive(Clone, Copy, Debug)]
struct Moment {
    at: Instant,
    is_list: bool,
}

#[derive(Debug)]
pub(super) struct Ledger {
    /// Number of the first healthy job, and of the one that is watched.
    healthy_from: u32,
    watched: u32,
    /// Cycles of each job, by number; nothing is at 0.
    cycles: Vec<AtomicU32>,
    rounds: AtomicU64,
    job_cycles: AtomicU64,
    job_calls: AtomicU64,
    cluster_calls: AtomicU64,
    changes: AtomicU64,
    moments: Mutex<Vec<Moment>>,
}

impl Ledger {
    pub(super) fn new(jobs: Jobs) -> Self {
        let last = jobs.slow + jobs.healthy;
        Self {
            healthy_from: jobs.slow + 1,
            watched: last,
            cycles: (0..=last).map(|_| AtomicU32::new(0)).collect(),
            rounds: AtomicU64::new(0),
            job_cycles: AtomicU64::new(0),
            job_calls: AtomicU64::new(0),
            cluster_calls: AtomicU64::new(0),
            changes: AtomicU64::new(0),
            moments: Mutex::default(),
        }
    }

    pub(super) fn enter(&self, kind: Kind, job: Option<u32>) {
        let add = |count: &AtomicU64| count.fetch_add(1, Ordering::Relaxed);
        add(if job.is_some() { &self.job_calls } else { &self.cluster_calls });
        match kind {
            Kind::List => {
                add(&self.rounds);
                self.moment(true);
            }
            Kind::Details => {
                add(&self.job_cycles);
                if let Some(count) = job.and_then(|number| self.cycles.get(number as usize)) {
                    count.fetch_add(1, Ordering::Relaxed);
                }
                if job == Some(self.watched) {
                    self.moment(false);
                }
            }
            Kind::Change => {
                add(&self.changes);
            }
            Kind::OfJob | Kind::OfCluster => {}
        }
    }

    fn moment(&self, is_list: bool) {
        let moment = Moment { at: Instant::now(), is_list };
        self.moments.lock().unwrap_or_else(PoisonError::into_inner).push(moment);
    }

    pub(super) fn counts(&self) -> Counts {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Counts {
            rounds: of(&self.rounds),
            job_cycles: of(&self.job_cycles),
            job_calls: of(&self.job_calls),
            cluster_calls: of(&self.cluster_calls),
            changes: of(&self.changes),
        }
    }

    pub(super) fn fewest_cycles(&self) -> u32 {
        let healthy = self.cycles.iter().skip(self.healthy_from as usize);
        healthy.map(|count| count.load(Ordering::Relaxed)).min().unwrap_or(0)
    }

    pub(super) fn take_lateness(&self, interval: Duration) -> Lateness {
        let moments = std::mem::take(&mut *self.moments.lock().unwrap_or_else(PoisonError::into_inner));
        lateness(&moments, interval)
    }
}

fn lateness(moments: &[Moment], interval: Duration) -> Lateness {
    let mut late = Lateness::default();
    let (mut list, mut begun): (Option<Instant>, Option<Instant>) = (None, None);
    for moment in moments {
        if moment.is_list {
            list = list.or(Some(moment.at));
            continue;
        }
        late.after_list.extend(list.take().map(|list| moment.at - list));
        late.over_interval.extend(begun.map(|begun| (moment.at - begun).saturating_sub(interval)));
        begun = Some(moment.at);
    }
    late.after_list.sort_unstable();
    late.over_interval.sort_unstable();
    late
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cycle_is_late_from_the_first_list_on() {
        let start = Instant::now();
        let at = |seconds: u64, is_list: bool| Moment { at: start + Duration::from_secs(seconds), is_list };
        // The cycle at 3 began with the list at 1; that at 27, with the list at 11: the lists at 21 found it waiting.
        let moments = [at(1, true), at(3, false), at(11, true), at(21, true), at(27, false)];
        let late = lateness(&moments, Duration::from_secs(10));
        assert_eq!(late.after_list, [Duration::from_secs(2), Duration::from_secs(16)]);
        assert_eq!(late.over_interval, [Duration::from_secs(14)]);
    }

    #[test]
    fn requests_are_counted_by_kind() {
        let ledger = Ledger::new(Jobs { healthy: 2, slow: 1, delay: Duration::ZERO });
        for (path, job) in [("jobs/overview", None), ("jobs/x", Some(2)), ("jobs/x", Some(3)), ("jobs/x", Some(3))] {
            ledger.enter(Kind::of(&Method::GET, None, &path.split('/').collect::<Vec<_>>()), job);
        }
        ledger.enter(Kind::of(&Method::PUT, None, &["jobs", "x", "resource-requirements"]), Some(3));
        let expected = Counts { rounds: 1, job_cycles: 3, job_calls: 4, cluster_calls: 1, changes: 1 };
        assert_eq!(ledger.counts(), expected);
        assert_eq!(ledger.fewest_cycles(), 1);
    }
}
