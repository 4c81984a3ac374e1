//! `flink-autoscaler simulate`, as somebody would type it.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::process::{Command, Output};

fn simulate(arguments: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_flink-autoscaler"));
    program.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).arg("simulate").args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn a_run_is_told_with_reasons_as_json_and_as_a_plot() {
    let directory = tempfile::tempdir().unwrap();
    let svg = directory.path().join("spike.svg");
    let one = ["--scenario", "spike", "--policy", "responsive"];
    let output = simulate(&[&one[..], &["--plot", svg.to_str().unwrap()]].concat());
    let told = text(&output.stdout);
    assert!(output.status.success() && told.contains("responsive"), "{told}");
    assert!(told.contains("subtasks: overload: the tightest vertex needs"), "{told}");
    assert!(std::fs::read_to_string(&svg).unwrap().contains("overload: the tightest vertex"), "{told}");
    let output = simulate(&[&one[..], &["--json"]].concat());
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let run = &told[0];
    assert_eq!((run["scenario"].as_str(), run["policy"].as_str()), (Some("spike"), Some("responsive")));
    assert_eq!(run["points"].as_array().unwrap().len(), 720);
    assert_eq!(run["rescales"].as_array().unwrap().len(), 2);
    assert!(run["cost"].as_f64().unwrap() > 0.0 && run["ratio"].as_f64().unwrap() > 1.0, "{run}");
}

#[test]
fn options_count_and_name_the_policy() {
    let rescales = |more: &[&str]| {
        let output = simulate(&[&["--scenario", "load-x4", "--json"], more].concat());
        let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let of = |run: &serde_json::Value| {
            (run["policy"].as_str().unwrap().to_owned(), run["rescales"].as_array().unwrap().len())
        };
        told.as_array().unwrap().iter().map(of).collect::<Vec<_>>()
    };
    let off = ["--job.autoscaler.scaling.enabled", "false"];
    assert_eq!(rescales(&off), [("reference".to_owned(), 0), ("responsive".to_owned(), 0)]);
    let named = rescales(&["--job.autoscaler.policy", "responsive"]);
    assert_eq!(named.len(), 1);
    assert!(named[0].0 == "responsive" && named[0].1 > 0, "{named:?}");
}

#[test]
fn a_recorded_job_is_run_again_with_its_options_and_with_others() {
    let trace = "testing/conformance/data/traces/trace-001.jsonl.gz";
    let run = |more: &[&str]| {
        let output = simulate(&[&["--from", trace, "--policy", "reference", "--json"], more].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        told[0].clone()
    };
    let recorded = run(&[]);
    assert_eq!(recorded["scenario"], "trace-001.jsonl.gz");
    assert!((recorded["hours"].as_f64().unwrap() - 29.0 / 60.0).abs() < 0.02, "{}", recorded["hours"]);
    let off = run(&["--job.autoscaler.scaling.enabled", "false"]);
    assert!(!recorded["rescales"].as_array().unwrap().is_empty() && off["rescales"].as_array().unwrap().is_empty());
}

#[test]
fn what_is_no_scenario_is_refused_with_what_there_is() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("scenario.yaml");
    std::fs::write(&file, "name: a\nhours: 1\nvertices: [{name: v, rate: 10, inputs: [u]}]\n").unwrap();
    for (arguments, problem) in [
        (&["--scenario", "load-x5"][..], "there are load-x4, load-x4-sublinear"),
        (&["--scenario", file.to_str().unwrap()], "vertex v: it reads from u"),
        (&["--plot", "x.svg"], "a plot is of one run"),
        (&["--from", file.to_str().unwrap()], "line 1: expected an object with a kind"),
        (&["--scenario", "spike", "--job.autoscaler.metrics.window", "soon"], "job.autoscaler.metrics.window"),
    ] {
        let output = simulate(arguments);
        let said = text(&output.stderr);
        assert!(!output.status.success() && said.contains(problem), "{arguments:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}
