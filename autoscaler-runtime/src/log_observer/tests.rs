use std::sync::Arc;

use autoscaler_core::options::Configuration;
use autoscaler_core::time::Instant;
use autoscaler_core::{JobStatus, Labels, ParsedConfiguration};

use super::*;

/// Whether the complaint that a job is late still stands after these ends (`true`) and left-out cycles.
fn is_late_after(what_happens: &[bool]) -> bool {
    let observer = LogObserver::default();
    let cluster = ClusterName::new("cluster");
    let id = format!("{:032x}", 1).parse().unwrap();
    let listed = ListedJob::new(id, "job", JobStatus::Running);
    let parsed = Arc::new(ParsedConfiguration::new(Configuration::new()));
    let job = JobAutoScalerContext::new(cluster.clone(), &listed, parsed);
    for has_ended in what_happens {
        if *has_ended {
            observer.cycle_ended(&job, &Arc::new(CycleEnded::new(Instant::UNIX_EPOCH)));
        } else {
            observer.cycle_skipped(&cluster, &listed, &Skipped::StillRunning);
        }
    }
    observer.complaints.end(&(cluster, Some(listed.key), About::Late)).is_some()
}

#[test]
fn every_second_cycle_late_is_one_complaint() {
    assert!(is_late_after(&[false, true, false, true, false, true]), "it is not over between two of them");
    assert!(!is_late_after(&[false, true, true]), "a cycle in time ends it");
    assert!(!is_late_after(&[true, true]));
}

#[test]
fn entries_that_are_no_longer_listed_are_forgotten() {
    let observer = LogObserver::default();
    let cluster = ClusterName::new("cluster");
    let round = |problem: Option<&str>| RoundEnded {
        labels: Labels::default(),
        listed: 0,
        unknown: problem.map(|problem| autoscaler_core::UnknownJob::new(None, problem)).into_iter().collect(),
        listing: Duration::ZERO,
        failure: None,
        lag: Duration::ZERO,
    };
    let stands = |problem: &str| observer.complaints.end(&(cluster.clone(), None, About::Entry(problem.to_owned())));
    observer.round_ended(&cluster, &round(Some("first")));
    observer.round_ended(&cluster, &round(Some("second")));
    assert_eq!(stands("first"), None);
    assert_eq!(stands("second"), Some(0));
    observer.round_ended(&cluster, &round(Some("third")));
    observer.round_ended(&cluster, &round(None));
    assert_eq!(stands("third"), None);
}
