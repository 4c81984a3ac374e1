mod incomplete;
mod memory;
mod verification;

use std::sync::Arc;

use super::*;
use crate::context::ParsedConfiguration;
use crate::ids::ClusterName;
use crate::metric::ScalingMetric;
use crate::observation::{AggregatedMetric, ClusterReading, FlinkMetric, TaskManagerReading, VertexReading};
use crate::ports::ListedJob;
use crate::report::Realization;
use crate::time::from_epoch_millis;
use crate::topology::{IoMetrics, ShipStrategy, VertexParts};

fn id(number: u32) -> String {
    format!("{number:032x}")
}

fn context(options: &[(&str, &str)]) -> JobAutoScalerContext {
    let enabled = [("job.autoscaler.enabled", "true"), ("job.autoscaler.stabilization.interval", "0 s")];
    let entries = enabled.iter().chain(options).map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    let listed = ListedJob::new(id(0).parse().unwrap(), "job", JobStatus::Running);
    let parsed = ParsedConfiguration::new(entries.collect());
    JobAutoScalerContext::new(ClusterName::new("cluster"), &listed, Arc::new(parsed))
}

/// Vertices one behind the other, with as many readings as asked for.
fn observation(vertices: u32, readings: usize) -> Observation {
    let part = |number: u32| VertexParts {
        id: id(number),
        name: "v".into(),
        inputs: (number > 1).then(|| (id(number - 1), ShipStrategy::Hash)).into_iter().collect(),
        slot_sharing_group: None,
        parallelism: 1,
        max_parallelism: 128,
        finished: false,
        io: IoMetrics::default(),
    };
    let readings = Readings { vertices: vec![VertexReading::default(); readings], cluster: ClusterReading::default() };
    let topology = JobTopology::new((1..=vertices).map(part).collect()).unwrap();
    Observation { running_since: from_epoch_millis(0).unwrap(), topology, metrics: Ok(readings) }
}

fn run(context: &JobAutoScalerContext, seen: Observation, state: &mut JobState) -> CycleReport {
    run_at(context, seen, state, 60_000)
}

fn run_at(context: &JobAutoScalerContext, seen: Observation, state: &mut JobState, millis: i64) -> CycleReport {
    let now = from_epoch_millis(millis).unwrap();
    Autoscaler::new().cycle(context, Some(Ok(seen)), state, &mut CycleMemory::default(), now)
}

#[test]
fn readings_must_be_of_the_vertices() {
    for readings in [0, 1, 3] {
        let mut state = JobState::default();
        let report = run(&context(&[]), observation(2, readings), &mut state);
        assert_eq!((report.outcome, report.store), (Outcome::Error, false));
        let note = report.note.unwrap();
        assert_eq!(note, format!("{readings} readings for a job of 2 vertices"));
        assert!(state.collected_metrics.get().is_empty());
    }
}

#[test]
fn options_that_name_no_vertex_are_told() {
    let overrides = format!("{}:3,{}:many,nobody:4", id(1), id(2));
    let options = [
        ("job.autoscaler.vertex.exclude.ids", "nobody;00000000000000000000000000000001"),
        ("pipeline.jobvertex-parallelism-overrides", overrides.as_str()),
    ];
    let context = context(&options);
    let mut state = JobState::default();
    for vertex in 1..=3 {
        state.parallelism_overrides.edit().insert(id(vertex).parse().unwrap(), 9);
    }
    let report = run(&context, observation(2, 2), &mut state);
    // The first is excluded, and the user's own override holds; the second has none that can be read.
    let expected = [(1, 3), (2, 9), (3, 9)].map(|(vertex, subtasks)| (id(vertex).parse().unwrap(), subtasks));
    assert_eq!(report.realization.parallelism, Some(expected.into()));
    for (option, told) in [
        ("vertex.exclude.ids", "entry 1 excludes"),
        ("overrides", "without an id has the value '4'"),
        ("overrides", "'many'"),
    ] {
        let is_told = report.warnings.iter().any(|warning| warning.contains(option) && warning.contains(told));
        assert!(is_told, "{told}: {:?}", report.warnings);
    }
    assert!(!report.warnings.concat().contains("nobody"), "what is no id may be a secret");
}

#[test]
fn a_job_that_another_scales_is_left_alone_and_that_is_told() {
    let mut context = context(&[]);
    let parsed = ParsedConfiguration::new(context.configuration().clone()).with_conflict(Some("two".to_owned()));
    context.parsed = Arc::new(parsed);
    assert_eq!(stage(&context), Stage::Invalid);
    let mut state = JobState::default();
    state.parallelism_overrides.edit().insert(id(1).parse().unwrap(), 9);
    let before = state.clone();
    let report = run(&context, observation(2, 2), &mut state);
    assert_eq!((report.outcome, report.store), (Outcome::Invalid, false));
    assert_eq!((report.realization, state), (Realization::default(), before));
    let told: Vec<_> = report.events.iter().map(|event| (&*event.reason, event.message.as_str())).collect();
    assert_eq!(told, [("AutoscalerConflict", "two")]);
    assert!(report.events[0].interval.is_some(), "not each cycle anew");
}

#[test]
fn what_is_to_be_known_of_where_a_job_runs_is_told_and_changes_nothing() {
    let mut context = context(&[]);
    let plain = run(&context, observation(2, 2), &mut JobState::default());
    let parsed = ParsedConfiguration::new(context.configuration().clone()).with_notice(Some("full".to_owned()));
    context.parsed = Arc::new(parsed);
    let mut report = run(&context, observation(2, 2), &mut JobState::default());
    let told = report.events.pop().unwrap();
    assert_eq!((&*told.reason, told.message.as_str()), ("ResourcesWaitedFor", "full"));
    assert!(told.interval.is_some(), "not each cycle anew");
    assert_eq!((report.outcome, report.realization), (plain.outcome, plain.realization));
    assert_eq!(report.events, plain.events);
}

/// What a job of a source and a vertex behind it counts: records, and milliseconds of busy time.
fn counted(records: f64, busy_ms: f64, is_finished: bool) -> Observation {
    let mut observed = observation(1, 1);
    let io = |records| IoMetrics { records_in: records, records_out: records, accumulated_busy_ms: busy_ms };
    let part = |number: u32| VertexParts {
        id: id(number),
        name: "v".into(),
        inputs: (number > 1).then(|| (id(1), ShipStrategy::Hash)).into_iter().collect(),
        slot_sharing_group: None,
        parallelism: 2,
        max_parallelism: 128,
        finished: is_finished && number == 2,
        io: io(records),
    };
    observed.topology = JobTopology::new(vec![part(1), part(2)]).unwrap();
    let all = |value| AggregatedMetric { min: value, max: value, avg: value, sum: value, skew: 0.0 };
    let managers = TaskManagerReading {
        heap_max: all(1e9),
        heap_used: all(1e8),
        managed_used: all(0.0),
        metaspace_used: all(1e7),
        gc_ms_per_second: None,
    };
    let mut reading = VertexReading::default();
    reading.add(FlinkMetric::BusyTimeMsPerSecond, all(500.0));
    let cluster = ClusterReading { task_managers: Some(managers), ..ClusterReading::default() };
    observed.metrics = Ok(Readings { vertices: vec![reading; 2], cluster });
    observed
}

#[test]
fn a_counter_that_falls_begins_the_window_anew() {
    let context = context(&[("job.autoscaler.metrics.window", "10 s")]);
    for (records, busy_ms, is_finished, falls) in [
        (900.0, 50_000.0, false, Some("NUM_RECORDS_IN")),
        (2000.0, 20_000.0, false, Some("ACCUMULATED_BUSY_TIME")),
        (2000.0, 39_000.0, false, None),
        (2000.0, 50_000.0, true, None),
    ] {
        let mut state = JobState::default();
        for second in 100..=120 {
            let report = run_at(&context, counted(1000.0, 50_000.0, false), &mut state, second * 1000);
            assert_eq!(report.note.is_none(), second >= 110, "{second}: {:?}", report.note);
        }
        let report = run_at(&context, counted(records, busy_ms, is_finished), &mut state, 121_000);
        let Some(counter) = falls else {
            assert_eq!((report.note, state.collected_metrics.get().len()), (None, 11));
            continue;
        };
        assert_eq!((report.outcome, report.store), (Outcome::Undecided, true));
        assert!(report.evaluation.is_none() && report.note.unwrap().starts_with(counter));
        assert_eq!(state.collected_metrics.get().len(), 1);
        let next = run_at(&context, counted(records + 10.0, busy_ms, is_finished), &mut state, 122_000);
        assert_eq!(next.outcome, Outcome::Undecided, "the window is not full");
    }
}

#[test]
fn the_busy_time_of_an_idle_vertex_is_never_below_zero() {
    let context = context(&[("job.autoscaler.metrics.busy-time.aggregator", "AVG")]);
    let mut state = JobState::default();
    run_at(&context, counted(1000.0, 50_000.0, false), &mut state, 100_000);
    let report = run_at(&context, counted(1001.0, 46_000.0, false), &mut state, 101_000);
    let load = |report: &CycleReport| report.evaluation.as_ref().unwrap().vertices[1].average(ScalingMetric::Load);
    assert_eq!(load(&report), 0.0);
}

#[test]
fn a_clock_set_back_begins_the_window_anew() {
    let context = context(&[("job.autoscaler.metrics.window", "10 s")]);
    let mut state = JobState::default();
    let mut at = |second: f64| {
        #[expect(clippy::cast_possible_truncation, reason = "a small number")]
        let report = run_at(&context, counted(1000.0, 50_000.0, false), &mut state, (second * 1000.0) as i64);
        let told = report.events.iter().filter(|event| event.reason == reason::CLOCK_SET_BACK).count();
        (told, state.collected_metrics.get().len())
    };
    assert_eq!((at(100.0), at(101.0), at(102.0)), ((0, 1), (0, 2), (0, 3)));
    // Back by a moment only: the last observation is made again.
    assert_eq!((at(101.2), at(102.5)), ((0, 3), (0, 4)));
    assert_eq!((at(60.0), at(61.0)), ((1, 1), (0, 2)));
}

#[test]
fn a_clock_that_was_set_begins_the_window_anew() {
    let context = context(&[("job.autoscaler.metrics.window", "10 s")]);
    let (mut state, mut memory) = (JobState::default(), CycleMemory::default());
    let mut at = |second: i64, steps_ms: &[i64]| {
        for step in steps_ms {
            memory.clock_was_set(chrono::TimeDelta::milliseconds(*step));
        }
        let now = from_epoch_millis(second * 1000).unwrap();
        let observed = Some(Ok(counted(1000.0, 50_000.0, false)));
        let report = Autoscaler::new().cycle(&context, observed, &mut state, &mut memory, now);
        assert_eq!(memory.clock_step(), chrono::TimeDelta::zero(), "it is taken into account once");
        let reasons = [reason::CLOCK_SET_FORWARD, reason::CLOCK_SET_BACK];
        let events = report.events.into_iter().filter(|event| reasons.contains(&&*event.reason));
        let said: Vec<String> = events.map(|event| format!("{}: {}", event.reason, event.message)).collect();
        (said.join(""), state.collected_metrics.get().len())
    };
    let said = |text: &str| format!("{text}: the last observation is of 1970-01-01 00:0");
    assert_eq!(at(100, &[3_600_000]), (String::new(), 1), "nothing was observed before");
    assert_eq!((at(101, &[]), at(102, &[900])), ((String::new(), 2), (String::new(), 3)));
    let (forward, length) = at(163, &[60_000]);
    let what = "ClockSetForward: The clock was set forward by 60 s, or the machine was suspended";
    assert!(forward.starts_with(&said(what)) && length == 1, "{forward}");
    assert_eq!(at(164, &[]), (String::new(), 2));
    // Back by less than has passed since the last observation: nothing but the watch can tell.
    let (back, length) = at(166, &[-8_000]);
    assert!(back.starts_with(&said("ClockSetBack: The clock was set back by 8 s")) && length == 1, "{back}");
    assert_eq!(at(167, &[60_000, -60_000]), (String::new(), 2), "set and set right again before it was looked at");
}

#[test]
fn a_batch_job_is_left_alone_whatever_is_stored_of_it() {
    let mut state = JobState::default();
    state.parallelism_overrides.edit().insert(id(1).parse().unwrap(), 9);
    let now = from_epoch_millis(60_000).unwrap();
    let observed = Some(Err(ObserveError::Batch));
    let report = Autoscaler::new().cycle(&context(&[]), observed, &mut state, &mut CycleMemory::default(), now);
    assert_eq!((report.outcome, report.realization), (Outcome::Undecided, Realization::default()));
    let events: Vec<_> = report.events.iter().map(|event| (&*event.reason, event.interval.is_some())).collect();
    assert_eq!(events, [(reason::BATCH_JOB, true)]);
}

#[test]
fn the_moment_at_which_the_window_is_full_stays() {
    let context =
        context(&[("job.autoscaler.stabilization.interval", "1 min"), ("job.autoscaler.metrics.window", "2 min")]);
    let at = |seconds: i64| from_epoch_millis(seconds * 1000).unwrap();
    let mut state = JobState::default();
    // The first observation that counts comes five seconds after the job is stable.
    for (seconds, full_at) in [(5, 180), (25, 180), (45, 180), (65, 185), (85, 185), (184, 185)] {
        let report = run_at(&context, counted(100.0, 1000.0, false), &mut state, seconds * 1000);
        assert_eq!(report.filling, Some(Filling { stable_at: at(60), full_at: at(full_at) }), "after {seconds} s");
    }
    let report = run_at(&context, counted(100.0, 1000.0, false), &mut state, 185_000);
    assert_eq!((report.filling, report.evaluation.is_some()), (None, true));
}
