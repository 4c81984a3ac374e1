//! Each contradiction is found, and the defaults have none.

use autoscaler::autoscaler_core::options::Origin;

use super::super::report::Level;
use super::*;

fn found(options: &[(&str, &str)]) -> Vec<Finding> {
    let mut configuration = Configuration::new();
    configuration.set("job.autoscaler.enabled", "true", Origin::Flag);
    options.iter().for_each(|(key, value)| configuration.set(format!("job.autoscaler.{key}"), *value, Origin::Flag));
    of_job(&JobOptions::of_process(&configuration).unwrap(), Duration::from_secs(10), Tz::UTC)
}

#[track_caller]
fn check(options: &[(&str, &str)], level: Level, expected: &str) {
    let found = found(options);
    let is_it = |finding: &Finding| finding.level == level && finding.text.contains(expected);
    assert!(found.len() == 1 && is_it(&found[0]), "{options:?}: {found:?}");
}

#[test]
fn the_defaults_have_none() {
    assert_eq!(found(&[]), []);
    assert_eq!(
        of_process(&RuntimeOptions::from_configuration(&Configuration::new()).unwrap(), &Configuration::new()),
        []
    );
}

#[test]
fn spans_that_do_not_go_together() {
    check(&[("metrics.window", "9 s")], Level::Error, "never holds two observations");
    check(&[("metrics.window", "19 s")], Level::Warning, "shorter than two cycles");
    assert_eq!(found(&[("metrics.window", "20 s")]), []);
    check(&[("metrics.window", "6 h")], Level::Warning, "2161 observations");
    let many = ("observed-true-processing-rate.min-observations", "8");
    check(&[("metrics.window", "60 s"), many], Level::Warning, "more than job.autoscaler.metrics.window holds (7)");
    let learns = ("scaling.effectiveness.detection.enabled", "true");
    check(&[("history.max.age", "20 min"), learns], Level::Warning, "a scaling is forgotten");
    assert_eq!(found(&[("history.max.age", "20 min")]), [], "nothing is learned from it");
    check(&[("catch-up.duration", "4 min")], Level::Warning, "more than doubles");
    assert_eq!(found(&[("catch-up.duration", "0")]), [], "backlogs add no capacity");
    let tracks = ("restart.time-tracking.enabled", "true");
    check(&[tracks, ("restart.time-tracking.limit", "4 min")], Level::Warning, "never counts as much");
    check(&[("excluded.periods", "* * * * * ?")], Level::Warning, "all of the next seven days");
    assert_eq!(found(&[("excluded.periods", "0:00-23:58")]), []);
}

#[test]
fn spans_of_any_length_are_added_up() {
    let longest = "106751991167 d";
    let options = ["metrics.window", "stabilization.interval", "history.max.age", "restart.time", "catch-up.duration"];
    let learns = ("scaling.effectiveness.detection.enabled", "true");
    let options: Vec<_> = options.iter().map(|key| (*key, longest)).chain([learns]).collect();
    let found = found(&options);
    assert!(found.iter().any(|finding| finding.text.contains("a scaling is forgotten")), "{found:?}");
}

#[test]
fn utilization_steps_and_counts() {
    check(&[("utilization.target", "0.8")], Level::Warning, "add up to 1.10");
    assert_eq!(found(&[("utilization.target", "0.8"), ("utilization.max", "0.9")]), []);
    check(&[("utilization.min", "0")], Level::Warning, "too little to do");
    check(&[("target.utilization.boundary", "0")], Level::Warning, "any change of the load");
    check(&[("vertex.min-parallelism", "4"), ("vertex.max-parallelism", "4")], Level::Warning, "both 4");
    check(&[("vertex.min-parallelism", "0")], Level::Warning, "has no effect");
    check(&[("scale-down.max-factor", "0")], Level::Warning, "nothing is ever scaled down");
    check(&[("scale-up.max-factor", "0")], Level::Warning, "nothing is ever scaled up");
    let learns = ("observed-scalability.enabled", "true");
    check(&[learns, ("history.max.count", "2")], Level::Warning, "(3) are more scalings than");
    check(&[("memory.gc-pressure.threshold", "0")], Level::Error, "gc-pressure.threshold is 0");
    check(&[("memory.tuning.enabled", "true")], Level::Warning, "only reported");
    check(&[("vertex.exclude.ids", "00;00000000000000000000000000000001")], Level::Warning, "1 entries");
    check(&[("metrics.custom-evaluators", "mine")], Level::Warning, "names a plugin");
    check(&[("scaling.parallelism-alignment.mode", "mine")], Level::Warning, "names a plugin");
    let target = found(&[("utilization.target", "0"), ("target.utilization.boundary", "0.1")]);
    assert!(
        target.iter().any(|finding| finding.level == Level::Error && finding.text.contains("infinitely")),
        "{target:?}"
    );
}

#[test]
fn waits_longer_than_a_cycle() {
    let mut configuration = Configuration::new();
    configuration.set("autoscaler.standalone.control-loop.cycle-timeout", "10 s", Origin::Flag);
    let options = RuntimeOptions::from_configuration(&configuration).unwrap();
    let found = of_process(&options, &configuration);
    assert_eq!(found.len(), 2, "{found:?}");
    configuration.set("job.autoscaler.flink.rest-client.timeout", "5 s", Origin::Flag);
    configuration.set("autoscaler.standalone.jdbc.timeout", "5 s", Origin::Flag);
    assert_eq!(of_process(&options, &configuration), []);
}

#[test]
fn events_of_kubernetes_need_its_jobs() {
    let found = |handlers: &str, fetcher: &str| {
        let mut configuration = Configuration::new();
        configuration.set("autoscaler.standalone.event-handler.type", handlers, Origin::Flag);
        configuration.set("autoscaler.standalone.fetcher.type", fetcher, Origin::Flag);
        of_process(&RuntimeOptions::from_configuration(&configuration).unwrap(), &configuration)
    };
    let strange = found("logging,kubernetes", "FLINK_CLUSTER");
    assert!(strange.len() == 1 && strange[0].text.contains("have no Events there"), "{strange:?}");
    assert_eq!(found("logging,kubernetes", "kubernetes"), []);
    assert_eq!(found("logging", "FLINK_CLUSTER"), []);
}
