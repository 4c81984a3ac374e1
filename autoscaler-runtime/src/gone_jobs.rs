//! When a job is gone: the evidence on which its state is removed.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use autoscaler_core::{JobKey, JobList};

/// How much evidence it takes where a cluster does not say that a job has ended but no longer lists it. Both must hold:
/// one list too few, or a moment too short, and the job stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GoneRule {
    /// Whole lists in a row that lack the job.
    pub(crate) lists: u32,
    /// Time since the first of them.
    pub(crate) delay: Duration,
}

/// Jobs that lists lack.
#[derive(Debug)]
pub(crate) struct GoneJobs {
    rule: GoneRule,
    absent: HashMap<JobKey, Absence>,
}

#[derive(Debug)]
struct Absence {
    since: Duration,
    lists: u32,
}

impl GoneJobs {
    pub(crate) fn new(rule: GoneRule) -> Self {
        Self { rule, absent: HashMap::new() }
    }

    /// Takes a list in at `now` on the watch, and returns those of `known` that are gone by now.
    ///
    /// What the cluster says has ended is gone at once.
    /// An entry that can't be read is there. A list with an entry of which not even the job is known proves of none
    /// that it is absent: it may be that entry.
    pub(crate) fn after<'a>(
        &mut self,
        list: &JobList,
        known: impl Iterator<Item = &'a JobKey>,
        now: Duration,
    ) -> Vec<JobKey> {
        let listed = list.jobs.iter().map(|job| &job.key);
        let present: HashSet<&JobKey> =
            listed.chain(list.unknown.iter().filter_map(|entry| entry.key.as_ref())).collect();
        let ended: HashSet<&JobKey> = list.ended.iter().collect();
        self.absent.retain(|key, _| !present.contains(key));
        let mut gone = Vec::new();
        for key in known.filter(|key| !present.contains(key)) {
            if ended.contains(key) {
                gone.push(key.clone());
                continue;
            }
            if !list.is_whole() {
                continue;
            }
            let absence = self.absent.entry(key.clone()).or_insert(Absence { since: now, lists: 0 });
            absence.lists = absence.lists.saturating_add(1);
            if absence.lists >= self.rule.lists && now.saturating_sub(absence.since) >= self.rule.delay {
                gone.push(key.clone());
            }
        }
        gone
    }

    /// Forgets the evidence: it begins anew with the next list.
    pub(crate) fn begin_anew(&mut self, job: &JobKey) {
        self.absent.remove(job);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use autoscaler_core::{JobStatus, ListedJob, UnknownJob};

    fn key(number: u32) -> JobKey {
        JobKey::new(format!("{number:032x}"))
    }

    fn list(jobs: &[u32], unknown: &[Option<u32>]) -> JobList {
        let job = |number: &u32| ListedJob::new(format!("{number:032x}").parse().unwrap(), "job", JobStatus::Running);
        let entry = |number: &Option<u32>| UnknownJob::new(number.map(key), "its status is not known");
        let mut list = JobList::default();
        list.jobs = jobs.iter().map(job).collect();
        list.unknown = unknown.iter().map(entry).collect();
        list
    }

    /// Lists, a minute apart, and whether job 1 is gone after the last of them.
    fn gone_after(lists: &[JobList]) -> bool {
        let mut jobs = GoneJobs::new(GoneRule { lists: 3, delay: Duration::from_secs(60) });
        let known = [key(1), key(2)];
        let mut gone = Vec::new();
        for (minute, list) in (0u64..).zip(lists) {
            gone = jobs.after(list, known.iter(), Duration::from_secs(60 * minute));
        }
        gone == [key(1)]
    }

    #[test]
    fn a_job_is_gone_after_several_whole_lists_without_it() {
        let without = || list(&[2], &[]);
        assert!(!gone_after(&[without()]));
        assert!(!gone_after(&[without(), without()]));
        assert!(gone_after(&[without(), without(), without()]));
        assert!(!gone_after(&[without(), without(), list(&[1, 2], &[]), without(), without()]), "it came back");
    }

    #[test]
    fn a_job_that_the_cluster_says_has_ended_is_gone() {
        let mut ended = list(&[2], &[None]);
        ended.ended.push(key(1));
        assert!(gone_after(&[ended]));
    }

    #[test]
    fn an_entry_that_cannot_be_read_is_not_gone() {
        let without = || list(&[2], &[]);
        let unreadable = || list(&[2], &[Some(1)]);
        assert!(!gone_after(&[unreadable(), unreadable(), unreadable(), unreadable()]));
        assert!(!gone_after(&[without(), without(), unreadable(), without()]), "it is there again");
        let nameless = || list(&[2], &[None]);
        assert!(!gone_after(&[nameless(), nameless(), nameless(), nameless()]), "any job may be that entry");
        assert!(gone_after(&[without(), without(), nameless(), without()]), "that list says nothing either way");
    }

    #[test]
    fn lists_in_quick_succession_are_not_enough() {
        let mut jobs = GoneJobs::new(GoneRule { lists: 3, delay: Duration::from_secs(60) });
        for millis in 0..100 {
            assert!(jobs.after(&list(&[], &[]), [key(1)].iter(), Duration::from_millis(millis)).is_empty());
        }
        assert_eq!(jobs.after(&list(&[], &[]), [key(1)].iter(), Duration::from_secs(60)), [key(1)]);
        jobs.begin_anew(&key(1));
        assert!(jobs.after(&list(&[], &[]), [key(1)].iter(), Duration::from_secs(61)).is_empty());
    }
}
