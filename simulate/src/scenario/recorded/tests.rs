//! A job that is simulated, observed, and made a scenario of again.

use std::collections::BTreeMap;

use autoscaler_core::observation::VertexReading;

use super::*;
use crate::job::Job;

#[test]
fn a_job_is_found_again_in_what_was_seen_of_it() {
    let load = Load::Ramp { from: 500.0, to: 1500.0, start: 5.0, minutes: 20.0 };
    let vertices = vec![
        Vertex { partitions: 64, selectivity: 0.5, backlog: 100_000.0, ..Vertex::source("same", 600.0, load) },
        Vertex { pending: false, ..Vertex::source("quiet", 900.0, Load::Constant { rate: 200.0 }) },
        Vertex { keyed: true, exponent: 0.8, selectivity: 2.0, ..Vertex::new("same ", &["same", "quiet"], 100.0) },
        Vertex::new("sink", &["same "], 400.0),
    ];
    let scenario = Scenario::new("s", 0.6, vertices);
    let mut job = Job::new(&scenario);
    let (mut observed, mut lags, mut waiting) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..job.seconds() {
        job.step();
        if job.now == 900 {
            assert!(job.ask(&BTreeMap::from([(2, 24)])), "it restarts");
        }
        if job.now.is_multiple_of(30) && job.runs() {
            observed.push((Job::instant(job.now), job.observe().unwrap()));
            lags.push(job.lag());
            waiting.push(job.waiting());
        }
    }
    let found = recorded("again", &observed).unwrap();
    assert_eq!((found.vertices.len(), found.hours.partial_cmp(&0.6)), (4, Some(std::cmp::Ordering::Less)));
    let of = |name: &str| found.vertices.iter().find(|vertex| vertex.name == name).unwrap();
    let near = |found: f64, real: f64, what: &str| assert!((found / real - 1.0).abs() < 0.05, "{what}: {found} {real}");
    let (source, quiet, middle, sink) = (of("same"), of("quiet"), of("same "), of("sink"));
    near(source.rate, 600.0, "rate of the source");
    assert!(waiting[0] > 1000.0, "nothing waits at the first look");
    near(source.backlog, waiting[0], "backlog");
    assert_eq!(quiet.backlog, 0.0, "it does not tell");
    near(sink.rate, 400.0, "rate of the sink");
    near(middle.rate * 20.0_f64.powf(middle.exponent), 100.0 * 20.0_f64.powf(0.8), "capacity of the operator");
    assert!((middle.exponent - 0.8).abs() < 0.05, "{}", middle.exponent);
    near(source.selectivity, 0.5, "selectivity of the source");
    near(middle.selectivity, 2.0, "selectivity of the operator");
    assert_eq!((source.partitions, source.pending, quiet.pending, middle.keyed), (64, true, false, true));
    assert_eq!(middle.inputs, ["same", "quiet"]);
    let curve = source.load.as_ref().unwrap().curve(2100, &mut crate::random::Random::new(1, 1));
    for second in [60, 600, 900, 1800] {
        let real = 500.0 + 1000.0 * ((f64::from(u32::try_from(second).unwrap()) - 300.0) / 1200.0).clamp(0.0, 1.0);
        near(curve[second], real, "load");
    }
    let points = seen(&observed);
    let subtasks: Vec<i32> = points.iter().map(|point| point.parallelism[2]).collect();
    let rescaled = subtasks.iter().position(|subtasks| *subtasks == 24).unwrap();
    assert_eq!((points.len(), points[rescaled].minute), (lags.len(), 15.0));
    assert!(lags[rescaled] > 20.0 && subtasks[rescaled..].iter().all(|subtasks| *subtasks == 24), "{lags:?}");
    for (point, lag) in points.iter().zip(&lags).skip(1) {
        assert!((point.lag - lag).abs() < 0.25 * lag + 1.0, "at {}: {} of {lag}", point.minute, point.lag);
    }
    let end = points.last().unwrap();
    near(end.load, 1700.0, "load at the end");
}

/// A source that tells nothing for a moment, as right after a restart.
#[test]
fn a_backlog_that_is_not_told_for_a_look_does_not_arrive_with_the_next() {
    let source = Vertex {
        parallelism: Some(1),
        backlog: 60_000.0,
        ..Vertex::source("s", 120.0, Load::Constant { rate: 100.0 })
    };
    let mut job = Job::new(&Scenario::new("s", 0.2, vec![source]));
    let mut observed = Vec::new();
    while job.now < job.seconds() {
        job.step();
        if job.now.is_multiple_of(30) {
            observed.push((Job::instant(job.now), job.observe().unwrap()));
        }
    }
    let told = &mut observed[8].1.metrics.as_mut().unwrap().vertices[0];
    let mut quiet = VertexReading::default();
    for metric in
        [M::BusyTimeMsPerSecond, M::SourceNumRecordsIn, M::SourceNumRecordsOut, M::SourceNumRecordsInPerSecond]
    {
        if let Some(value) = told.get(metric) {
            quiet.add(metric, value);
        }
    }
    assert!(waits(told).is_some_and(|waiting| waiting > 50_000.0), "there is a backlog to be mistaken");
    *told = quiet;
    let found = recorded("again", &observed).unwrap();
    let curve = found.vertices[0].load.as_ref().unwrap().curve(600, &mut crate::random::Random::new(1, 1));
    assert!(curve.iter().all(|rate| (90.0..130.0).contains(rate)), "{curve:?}");
    assert!(found.vertices[0].backlog > 50_000.0);
}

#[test]
fn nothing_seen_is_no_scenario() {
    assert!(recorded("empty", &[]).unwrap_err().to_string().contains("no cycle in it has metrics"));
    assert_eq!(seen(&[]), []);
}
