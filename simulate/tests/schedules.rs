//! Schedules in the closed loop: a known peak is met before it begins, by either policy, and a bound holds while it is asked for.

#![expect(clippy::unwrap_used, reason = "a test")]

use autoscaler_core::options::{Configuration, Origin};
use simulate::{Decider, Load, Outcome, Scenario, Vertex, run};

/// Three vertices, of which the middle one takes 15 subtasks for 1,000 records/s. The load trebles at 2:00.
fn peak() -> Scenario {
    let load = Load::Step { from: 1000.0, to: 3000.0, at: 120.0 };
    let vertices = vec![
        Vertex { partitions: 64, ..Vertex::source("source", 500.0, load) },
        Vertex::new("work", &["source"], 100.0),
        Vertex::new("sink", &["work"], 300.0),
    ];
    Scenario::new("peak", 4.0, vertices)
}

fn scheduled(policy: &str, options: &[(&str, &str)]) -> Outcome {
    let mut configuration = Configuration::new();
    configuration.set("job.autoscaler.policy", policy, Origin::Flag);
    for (key, value) in options {
        configuration.set(format!("job.autoscaler.{key}"), *value, Origin::Flag);
    }
    run(&peak(), &Decider::Autoscaler(configuration)).unwrap()
}

/// The job begins at midnight UTC.
#[test]
fn a_known_peak_is_met_before_it_begins() {
    let rules = "[{name: peak, period: 2:00-3:00, min-parallelism: 30, vertices: [00000000000000000000000000000002]}, \
        {name: source, period: 2:00-3:00, min-parallelism: 9, vertices: [00000000000000000000000000000001]}, \
        {name: sink, period: 2:00-3:00, min-parallelism: 15, vertices: [00000000000000000000000000000003]}]";
    for policy in ["reference", "responsive"] {
        let (without, with) = (scheduled(policy, &[]), scheduled(policy, &[("schedule", rules)]));
        assert!(without.worst_lag > 60.0, "{policy}: {}", without.worst_lag);
        assert!(with.worst_lag < 45.0, "{policy}: {} {:?}", with.worst_lag, with.rescales);
        // The time that a rescale takes is five minutes until one was measured.
        let first = &with.rescales[0];
        assert!((114.5..=116.0).contains(&first.minute) && first.to[1] >= 30, "{policy}: {first:?}");
        assert!(first.reason.contains("because of rule '") && first.reason.contains("begins within"), "{first:?}");
        let within = with.points.iter().filter(|point| (121.0..180.0).contains(&point.minute));
        assert!(within.clone().count() > 100 && within.clone().all(|point| point.parallelism[1] >= 30), "{policy}");
    }
}

/// The first rescale for it is measured, and is shorter than what it was early by.
#[test]
fn what_a_rule_began_early_it_does_not_let_go_before_its_period() {
    let rules = "[{name: peak, period: 2:00-3:00, min-parallelism: 30, vertices: [00000000000000000000000000000002]}]";
    let quick = [("metrics.window", "3 min"), ("stabilization.interval", "1 min"), ("scale-down.interval", "0 s")];
    for (policy, restart_time, from) in [("reference", "10 min", 110.0), ("responsive", "15 min", 105.0)] {
        let outcome = scheduled(policy, &[&quick[..], &[("schedule", rules), ("restart.time", restart_time)]].concat());
        let early = outcome.points.iter().filter(|point| (from + 2.0..180.0).contains(&point.minute));
        assert!(early.clone().count() > 100, "{policy}");
        assert!(early.clone().all(|point| point.parallelism[1] >= 30), "{policy}: {:?}", outcome.rescales);
    }
}

#[test]
fn a_maximum_holds_a_job_back_and_a_fixed_parallelism_holds_it_still() {
    let work = "vertices: [00000000000000000000000000000002]";
    let most = format!("[{{name: cheap, period: 2:00-3:30, max-parallelism: 20, {work}}}]");
    let fixed = format!("[{{name: batch, period: 0:30-1:30, parallelism: 40, {work}}}]");
    for policy in ["reference", "responsive"] {
        let capped = scheduled(policy, &[("schedule", &most)]);
        let within = || capped.points.iter().filter(|point| (121.0..210.0).contains(&point.minute));
        assert!(within().all(|point| point.parallelism[1] <= 20), "{policy}: {:?}", capped.rescales);
        assert!(capped.points.iter().any(|point| point.parallelism[1] > 20), "{policy}: once that is over");
        let still = scheduled(policy, &[("schedule", &fixed)]);
        let within = || still.points.iter().filter(|point| (31.5..89.0).contains(&point.minute));
        assert!(
            within().count() > 100 && within().all(|point| point.parallelism[1] == 40),
            "{policy}: {:?}",
            still.rescales
        );
        assert!(
            still.points.iter().any(|point| point.minute < 119.0 && point.minute > 90.0 && point.parallelism[1] < 40)
        );
    }
}

#[test]
fn a_utilization_target_is_the_jobs_while_it_holds() {
    let rules = "[{name: calm, period: 2:00-4:00, utilization-target: 0.4}]";
    for policy in ["reference", "responsive"] {
        let widest = |outcome: &Outcome| outcome.points.iter().map(|point| point.parallelism[1]).max().unwrap();
        let (usual, calm) = (widest(&scheduled(policy, &[])), widest(&scheduled(policy, &[("schedule", rules)])));
        assert!(f64::from(calm) > 1.4 * f64::from(usual), "{policy}: {calm} {usual}");
    }
}
