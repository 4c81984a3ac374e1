use std::time::Duration;

use autoscaler_core::options::{Configuration, Origin};
use autoscaler_core::time::Instant;
use autoscaler_core::{ErrorKind, Event, JobStatus, ParsedConfiguration, PortError};

use super::*;
use crate::clock::SystemClock;
use crate::observer::{Failure, Step};

fn model() -> ReadModel {
    ReadModel::new(Arc::new(SystemClock::default()))
}

fn context(cluster: &str, number: u32) -> JobAutoScalerContext {
    let listed = ListedJob::new(format!("{number:032x}").parse().unwrap(), "job", JobStatus::Running);
    let mut configuration = Configuration::new();
    configuration.set("job.autoscaler.enabled", "true", Origin::Flag);
    JobAutoScalerContext::new(ClusterName::new(cluster), &listed, Arc::new(ParsedConfiguration::new(configuration)))
}

fn ended(second: i64) -> CycleEnded {
    CycleEnded::new(Instant::UNIX_EPOCH + chrono::TimeDelta::seconds(second))
}

fn tell(model: &ReadModel, job: &JobAutoScalerContext, ended: CycleEnded) {
    model.cycle_ended(job, &Arc::new(ended));
}

fn places(jobs: &[Arc<JobView>]) -> Vec<String> {
    jobs.iter().map(|job| format!("{}/{}", job.cluster, job.job.key.as_str().trim_start_matches('0'))).collect()
}

#[test]
fn jobs_of_the_same_id_on_two_clusters_are_two() {
    let model = model();
    tell(&model, &context("a", 1), ended(1));
    tell(&model, &context("b", 1), ended(2));
    assert_eq!(places(&model.jobs(None, None, 10)), ["a/1", "b/1"]);
    let context = context("b", 1);
    let view = model.job(&context.cluster, &context.key).unwrap();
    assert_eq!(view.cycle.as_ref().unwrap().at, ended(2).at);
    assert_eq!(view.is_enabled, Some(true));
    model.job_gone(&context.cluster, &context.key);
    assert_eq!(places(&model.jobs(None, None, 10)), ["a/1"]);
}

#[test]
fn jobs_are_told_page_by_page() {
    let model = model();
    for number in 1..=5 {
        tell(&model, &context(if number == 5 { "a" } else { "b" }, number), ended(1));
    }
    let page = model.jobs(None, None, 2);
    assert_eq!(places(&page), ["a/5", "b/1"]);
    let last = (page[1].cluster.clone(), page[1].job.key.clone());
    assert_eq!(places(&model.jobs(None, Some(&last), 2)), ["b/2", "b/3"]);
    assert_eq!(places(&model.jobs(Some(&ClusterName::new("a")), None, 9)), ["a/5"]);
    let counts: Vec<_> = model.clusters().iter().map(|cluster| (cluster.name.to_string(), cluster.jobs)).collect();
    assert_eq!(counts, [("a".to_owned(), 1), ("b".to_owned(), 4)]);
}

#[test]
fn repeated_events_are_counted_and_old_ones_go() {
    let model = model();
    let context = context("a", 1);
    let repeating = |second| {
        let mut ended = ended(second);
        ended.events = vec![Event::warning("Reason", "text")];
        ended
    };
    tell(&model, &context, repeating(1));
    let kept_by_a_reader = model.job(&context.cluster, &context.key).unwrap();
    tell(&model, &context, repeating(2));
    assert_eq!(kept_by_a_reader.events[0].count, 1, "a view does not change under its reader");
    let view = model.job(&context.cluster, &context.key).unwrap();
    assert_eq!((view.events.len(), view.events[0].count, view.events[0].at), (1, 2, ended(2).at));
    for number in 0..100 {
        let mut other = ended(3);
        other.events = vec![Event::normal("Reason", format!("text {number}"))];
        tell(&model, &context, other);
    }
    let view = model.job(&context.cluster, &context.key).unwrap();
    assert_eq!((view.events.len(), view.events.back().unwrap().event.message.as_str()), (50, "text 99"));
}

#[test]
fn a_store_that_fails_is_known_until_it_works() {
    let model = model();
    let context = context("a", 1);
    let mut failed = ended(1);
    let error = PortError::new(ErrorKind::Unavailable, "can't be reached");
    failed.failures.push(Failure { step: Step::Save, error });
    tell(&model, &context, failed);
    assert_eq!(model.store().failure.map(|failure| failure.kind), Some(ErrorKind::Unavailable));
    tell(&model, &context, ended(2));
    assert!(model.store().failure.is_some(), "it was not asked since");
    let mut worked = ended(3);
    worked.durations.add(Step::Save, Duration::from_millis(1));
    tell(&model, &context, worked);
    assert_eq!((model.store().failure, model.store().worked_at), (None, Some(ended(3).at)));
}

#[test]
fn who_follows_knows_the_store_by_asking_for_the_right() {
    let model = model();
    let failure = || model.store().failure.map(|failure| failure.kind);
    let away = || PortError::new(ErrorKind::Unavailable, "can't be reached");
    let mut failed = ended(1);
    failed.failures.push(Failure { step: Step::Save, error: away() });
    tell(&model, &context("a", 1), failed);
    model.right_asked_for(None);
    assert_eq!(failure(), Some(ErrorKind::Unavailable), "it is ours, so a cycle will tell");
    model.right_to_act(false);
    model.right_asked_for(None);
    assert_eq!(failure(), None, "nobody else asks it");
    model.right_asked_for(Some(&away()));
    assert_eq!(failure(), Some(ErrorKind::Unavailable));
    model.right_asked_for(None);
    assert_eq!(failure(), None);
}

#[test]
fn a_skipped_cycle_is_told_until_the_next_one() {
    let model = model();
    let context = context("a", 1);
    let listed = JobView::listed(&context);
    model.cycle_skipped(&context.cluster, &listed, &Skipped::StillRunning);
    let view = model.job(&context.cluster, &context.key).unwrap();
    assert_eq!(view.skipped.as_ref().unwrap().why, "its last cycle still runs");
    tell(&model, &context, ended(1));
    assert_eq!(model.job(&context.cluster, &context.key).unwrap().skipped, None);
}

#[test]
fn of_clusters_that_are_gone_nothing_is_told() {
    let model = model();
    assert!(!model.knows_clusters());
    let [a, b] = ["a", "b"].map(ClusterName::new);
    model.clusters_watched(&[a.clone(), b.clone()].into());
    let rounds = || model.clusters().iter().map(|cluster| (cluster.name.to_string(), cluster.jobs)).collect::<Vec<_>>();
    assert_eq!(rounds(), [("a".to_owned(), 0), ("b".to_owned(), 0)], "they are waited for");
    tell(&model, &context("a", 1), ended(1));
    tell(&model, &context("b", 1), ended(1));
    model.clusters_watched(&[b].into());
    assert_eq!((rounds(), places(&model.jobs(None, None, 10))), (vec![("b".to_owned(), 1)], vec!["b/1".to_owned()]));
    model.clusters_watched(&[].into());
    assert!(model.clusters().is_empty() && model.knows_clusters());
}
