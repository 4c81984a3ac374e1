//! Runs as whole: nothing is lost, nothing is left to chance, each hardship is felt, and the bars that are met stay met.

#![expect(clippy::unwrap_used, reason = "a test")]

use autoscaler_core::options::{Configuration, Idea, Origin};
use simulate::{
    Decider, Drift, Load, Metrics, Outcome, Restart, Rival, Scenario, Slots, Slowdown, Vertex, WarmUp, drawn, named,
    plot, read_scenario, run,
};

fn policy(name: &str) -> Decider {
    let mut options = Configuration::new();
    options.set("job.autoscaler.policy", name, Origin::Flag);
    Decider::Autoscaler(options)
}

/// Three vertices under a steady load, at 70 % utilization.
fn steady() -> Scenario {
    let load = Load::Constant { rate: 1000.0 };
    let vertices = vec![
        Vertex { partitions: 64, ..Vertex::source("source", 500.0, load) },
        Vertex { keyed: true, ..Vertex::new("work", &["source"], 100.0) },
        Vertex::new("sink", &["work"], 300.0),
    ];
    Scenario::new("steady", 0.5, vertices)
}

/// The same, as it is without anybody who rescales.
fn alone(change: impl FnOnce(&mut Scenario)) -> Outcome {
    let mut scenario = steady();
    change(&mut scenario);
    run(&scenario, &Decider::Nobody).unwrap()
}

#[test]
fn no_record_is_lost_or_made() {
    let deciders = [policy("reference"), policy("responsive"), Decider::Hpa, Decider::Ds2];
    for seed in [2, 4, 9] {
        for decider in &deciders {
            let mut scenario = Scenario { hours: 3.0, load_noise: 0.0, ..drawn(seed) };
            for vertex in scenario.vertices.iter_mut().filter(|vertex| vertex.load.is_some()) {
                vertex.load = Some(Load::Step { from: 500.0, to: 2000.0, at: 60.0 });
            }
            let sources = scenario.vertices.iter().filter(|vertex| vertex.load.is_some()).count();
            let outcome = run(&scenario, decider).unwrap();
            let arrived = f64::from(u32::try_from(sources).unwrap()) * (3600.0 * 500.0 + 7200.0 * 2000.0);
            let [all, read, waiting] = outcome.records;
            assert!((all - arrived).abs() < 1e-6 * arrived, "{seed} {decider:?}: {all} of {arrived}");
            assert!(read > 0.0 && waiting >= 0.0, "{seed}: {read} {waiting}");
        }
    }
}

#[test]
fn a_run_is_the_same_again() {
    let scenario = Scenario { hours: 1.5, ..drawn(8) };
    let once = run(&scenario, &policy("responsive")).unwrap();
    assert_eq!(once, run(&scenario, &policy("responsive")).unwrap());
    let other = Scenario { seed: 9, ..scenario };
    assert_ne!(once.points, run(&other, &policy("responsive")).unwrap().points);
}

#[test]
fn what_is_enough_has_no_lag_and_costs_what_is_planned() {
    let outcome = alone(|_| {});
    assert_eq!((outcome.worst_lag, outcome.rescales.len()), (0.0, 0));
    assert!((outcome.ratio() - 1.0).abs() < 1e-9, "{}", outcome.ratio());
    // 1,000 records per second at 70 % are 1,429: 3 of 500, 16 of 100 as the fullest of 15 has 9 of 128 key groups, 5 of 300.
    assert_eq!(outcome.points[0].parallelism, [3, 16, 5]);
    // 64 partitions over 3 subtasks: the fullest has 22 of them.
    let capacity = outcome.points[0].capacity;
    assert!((capacity - 500.0 * 64.0 / 22.0).abs() < 1e-6, "{capacity}");
}

/// Half of what arrives is read: after t seconds the record of t / 2 is read.
#[test]
fn lag_is_age() {
    let outcome = alone(|scenario| scenario.vertices[1].parallelism = Some(5));
    let lag_at = |minute: f64| outcome.points.iter().find(|point| point.minute > minute).unwrap();
    for minute in [5.0, 10.0, 20.0] {
        let point = lag_at(minute);
        // 128 key groups over 5 subtasks: the fullest has 26.
        let share = 100.0 * 128.0 / 26.0 / 1000.0;
        let expected = point.minute * 60.0 * (1.0 - share);
        assert!((point.lag - expected).abs() <= 1.0, "{minute}: {} {expected}", point.lag);
    }
}

#[test]
fn each_hardship_is_felt() {
    let lags = |change: fn(&mut Scenario)| alone(change).worst_lag;
    assert!(lags(|scenario| scenario.vertices[1].ceiling = Some(900.0)) > 100.0);
    assert!(lags(|scenario| scenario.vertices[1].hot_key = 0.2) > 100.0);
    assert!(
        lags(|scenario| {
            scenario.vertices[1].parallelism = Some(15);
            scenario.vertices[1].exponent = 0.7;
        }) > 100.0
    );
    assert!(lags(|scenario| scenario.vertices[0].selectivity = 2.0) == 0.0, "it is planned for");
    assert!(lags(|scenario| scenario.vertices[0].drift = Some(Drift { by: 0.8, period: 60.0 })) > 20.0);
    assert!(lags(|scenario| scenario.vertices[1].warm_up = Some(WarmUp { seconds: 300.0, from: 0.3 })) > 30.0);
    let slow = Slowdown { at: 5.0, minutes: 5.0, factor: 0.5 };
    let outcome = alone(|scenario| scenario.vertices[1].slowdown = Some(slow));
    assert!(outcome.worst_lag > 50.0 && outcome.points[8].lag == 0.0, "{}", outcome.worst_lag);
}

/// The job that has to go up, as each hardship lets it.
fn rising(change: impl FnOnce(&mut Scenario)) -> Outcome {
    let mut scenario = Scenario { hours: 1.0, ..steady() };
    scenario.vertices[0].load = Some(Load::Step { from: 1000.0, to: 3000.0, at: 20.0 });
    change(&mut scenario);
    run(&scenario, &policy("responsive")).unwrap()
}

#[test]
fn restarts_take_what_they_take() {
    let plain = rising(|_| {});
    assert!(!plain.rescales.is_empty() && plain.rescales[0].reason.starts_with("overload"), "{:?}", plain.rescales);
    let slow = rising(|scenario| scenario.restart = Restart { seconds: 120.0, ..Restart::default() });
    assert!(slow.worst_lag > plain.worst_lag + 60.0, "{} {}", slow.worst_lag, plain.worst_lag);
    let wide = rising(|scenario| scenario.restart = Restart { per_subtask: 2.0, ..Restart::default() });
    assert!(wide.worst_lag > plain.worst_lag + 60.0, "{} {}", wide.worst_lag, plain.worst_lag);
    let state = rising(|scenario| scenario.restart = Restart { per_million_records: 60.0, ..Restart::default() });
    assert!(state.worst_lag > plain.worst_lag + 30.0, "{} {}", state.worst_lag, plain.worst_lag);
    let far = rising(|scenario| scenario.restart = Restart { checkpoint_interval: 120.0, ..Restart::default() });
    assert!(far.worst_lag > plain.worst_lag + 60.0, "{} {}", far.worst_lag, plain.worst_lag);
}

#[test]
fn metrics_that_tell_little_are_felt() {
    let plain = rising(|_| {});
    let late = rising(|scenario| scenario.metrics = Metrics { late: 60, ..Metrics::default() });
    assert!(late.rescales[0].minute > plain.rescales[0].minute, "{:?}", late.rescales);
    let never = rising(|scenario| scenario.metrics = Metrics { incomplete: 1.0, ..Metrics::default() });
    assert!(never.rescales.is_empty(), "{:?}", never.rescales);
    let blind = rising(|scenario| scenario.vertices[0].pending = false);
    assert!(blind.rescales[0].minute > plain.rescales[0].minute, "{:?}", blind.rescales);
    let noisy = rising(|scenario| scenario.metrics = Metrics { noise: 0.2, missing: 0.3, ..Metrics::default() });
    assert_ne!(noisy.points, plain.points);
}

#[test]
fn slots_run_out_and_come_back() {
    let few = rising(|scenario| scenario.slots = Some(Slots { total: 20, rival: None }));
    assert!(few.points.iter().all(|point| point.parallelism.iter().all(|parallelism| *parallelism <= 20)));
    let rival = Rival { slots: 20, at: 10.0, minutes: 20.0 };
    let contested = rising(|scenario| scenario.slots = Some(Slots { total: 60, rival: Some(rival) }));
    let widest = |minute: f64| {
        let point = contested.points.iter().find(|point| point.minute > minute).unwrap();
        point.parallelism.iter().copied().max().unwrap()
    };
    assert!(widest(28.0) <= 40, "{}", widest(28.0));
    assert!(widest(35.0) > 40, "{}", widest(35.0));
    assert!(contested.rescales.iter().any(|rescale| rescale.reason.contains("slots have become free")));
}

/// A chain that is short of slots all day, under bursts of load.
#[test]
fn slots_that_there_are_none_of_are_not_asked_for_again_and_again() {
    let scenario = drawn(37);
    assert!(scenario.slots.is_some());
    let Decider::Autoscaler(options) = policy("responsive") else { return };
    let without = run(&scenario, &Decider::Without(options, Idea::Slots)).unwrap();
    let with = run(&scenario, &policy("responsive")).unwrap();
    assert!(with.rescales.len() < without.rescales.len(), "{:?} {:?}", with.rescales, without.rescales);
    assert!(with.cost() < without.cost());
}

/// The bars of the responsive policy: rescales, whole minutes beyond 60 s, worst lag, subtask-hours over the planner's, all but
/// those of the day's sine, which takes longer. `cargo xtask bench quality` has all of them.
#[test]
fn bars_that_are_met_stay_met() {
    for (name, rescales, minutes, lag, ratio) in [
        ("load-x4", 2, 1.0, 90.0, 1.085),
        ("load-x4-sublinear", 2, 2.0, 90.0, 1.085),
        ("load-down", 1, 0.0, 40.0, 1.085),
        ("ramp", 3, 0.0, 40.0, 1.005),
        ("spike", 2, 2.0, 100.0, 1.155),
        ("bursts", 3, 0.0, 70.0, 1.805),
    ] {
        let outcome = run(&named(name).unwrap(), &policy("responsive")).unwrap();
        let found = (outcome.rescales.len(), outcome.lag_minutes[1].round(), outcome.worst_lag, outcome.ratio());
        assert!(found.0 <= rescales && found.1 <= minutes && found.2 <= lag && found.3 <= ratio, "{name}: {found:?}");
    }
}

#[test]
fn a_plot_shows_why() {
    let outcome = rising(|_| {});
    let svg = plot(&outcome).unwrap();
    assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"), "{}", &svg[..80]);
    for text in ["steady, responsive", "capacity", "lag, s", "overload: the tightest vertex"] {
        assert!(svg.contains(text), "{text}");
    }
}

#[test]
fn a_scenario_is_read_from_a_file_or_refused() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/simulate/checkout.yaml");
    let scenario = read_scenario(example.as_ref()).unwrap();
    assert!(matches!(scenario.vertices[0].load, Some(Load::Points { .. })));
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("scenario.yaml");
    let base = "name: s\nhours: 1\nvertices:\n  - {name: a, rate: 10, load: {shape: constant, rate: 5}}\n";
    let refused = |text: String| {
        std::fs::write(&path, text).unwrap();
        read_scenario(&path).and_then(|scenario| run(&scenario, &Decider::Nobody)).unwrap_err().to_string()
    };
    std::fs::write(&path, base).unwrap();
    run(&read_scenario(&path).unwrap(), &Decider::Nobody).unwrap();
    let waits = "name: s\nhours: 1\nvertices:\n  - {name: a, rate: 10, parallelism: 1, backlog: 600, load: {shape: constant, rate: 5}}\n";
    std::fs::write(&path, waits).unwrap();
    let points = run(&read_scenario(&path).unwrap(), &Decider::Nobody).unwrap().points;
    // 120 s of load, of which 60 s are made up for in a minute.
    assert!(points[0].lag > 100.0 && points.last().unwrap().lag < 2.0, "{points:?}");
    for (more, problem) in [
        ("speed: 3\n", "speed"),
        ("  - {name: a, rate: 10, inputs: [a]}\n", "a name that no other vertex has"),
        ("  - {name: b, rate: 10, inputs: [c]}\n", "it reads from c"),
        ("  - {name: b, rate: 0, inputs: [a]}\n", "rate: expected more than 0, not 0"),
        ("  - {name: b, rate: 10}\n", "expected inputs, or a load"),
        ("  - {name: b, rate: 10, load: {shape: csv, file: none.csv}}\n", "can't read"),
        (
            "  - {name: b, rate: 10, inputs: [a], backlog: 1}\n",
            "backlog: expected 0 to 0 records, not 1: only at a source",
        ),
        ("  - {name: b, rate: 10, load: {shape: constant, rate: 5}, backlog: .nan}\n", "backlog: expected 0 to"),
        ("metrics: {noise: -1}\n", "metrics.noise: expected at least 0"),
        ("options: {job.autoscaler.metrics.window: soon}\n", "job.autoscaler.metrics.window"),
    ] {
        let said = if more.contains("window") {
            std::fs::write(&path, format!("{base}{more}")).unwrap();
            run(&read_scenario(&path).unwrap(), &policy("reference")).unwrap_err().to_string()
        } else {
            refused(format!("{base}{more}"))
        };
        assert!(said.contains(problem), "{more}: {said}");
    }
}
