//! `flink-autoscaler replay`, as somebody would type it.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::path::Path;
use std::process::{Command, Output};

const TRACES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../testing/conformance/data/traces");

fn replay(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_flink-autoscaler")).arg("replay").args(arguments).output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn trace(name: &str) -> String {
    Path::new(TRACES).join(name).display().to_string()
}

#[test]
fn each_cycle_is_one_object() {
    let output = replay(&[&trace("trace-001.jsonl.gz")]);
    assert!(output.status.success());
    let lines: Vec<serde_json::Value> = text(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 30);
    for key in ["outcome", "evaluated", "events", "realizedParallelism", "realizedConfig", "state"] {
        assert!(lines.iter().all(|line| line.get(key).is_some()), "{key}");
    }
}

#[test]
fn a_trace_is_as_recorded_under_its_own_options_only() {
    let same = replay(&["--diff", &trace("trace-001.jsonl.gz"), &trace("trace-002.jsonl.gz")]);
    assert!(same.status.success(), "{}", text(&same));
    assert_eq!(text(&same).matches("30 of 30 cycles equal").count(), 2);
    let other = replay(&[&trace("trace-001.jsonl.gz"), "--job.autoscaler.scaling.enabled", "false", "--diff"]);
    assert_eq!(other.status.code(), Some(1));
    assert!(text(&other).contains(".outcome: want \"scaled\", got \"balanced\""), "{}", text(&other));
}

#[test]
fn a_backtest_tells_which_decisions_differ() {
    let output = replay(&[&trace("trace-000.jsonl.gz"), "--summary", "--job.autoscaler.scaling.enabled=false"]);
    assert!(output.status.success());
    let text = text(&output);
    for part in ["subtask-hours", "s with a backlog", "as decided now: 0 scalings", "now no scaling"] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
}

#[cfg(feature = "page")]
#[test]
fn a_report_is_one_file_with_what_was_recorded_and_what_is_decided() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("report.html");
    let arguments =
        [&trace("trace-000.jsonl.gz"), "--report", file.to_str().unwrap(), "--job.autoscaler.utilization.target=0.5"];
    let output = replay(&arguments);
    assert!(output.status.success(), "{}", errors(&output));
    let report = std::fs::read_to_string(file).unwrap();
    for part in
        ["decisions that differ: ", "as decided", "target rate", "class=\"band\"", "class=\"mark\"", "scalings decided"]
    {
        assert!(report.contains(part), "{part} is missing");
    }
    assert!(!report.contains("<script") && !report.contains("<link") && !report.contains("href="), "it needs others");
}

#[cfg(feature = "page")]
#[test]
fn charts_are_one_picture() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("charts.svg");
    let traces = [trace("trace-000.jsonl.gz"), trace("trace-001.jsonl.gz")];
    let output = replay(&[&traces[0], &traces[1], "--svg", file.to_str().unwrap()]);
    assert!(output.status.success(), "{}", errors(&output));
    let picture = std::fs::read_to_string(file).unwrap();
    assert!(picture.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox="), "{picture}");
    for part in ["decisions that differ: 0", "as decided", "target rate", "class=\"band\"", "class=\"mark\""] {
        assert!(picture.matches(part).count() >= 2, "{part} is missing");
    }
    let ends = |name: &str| picture.matches(&format!("</{name}>")).count();
    for name in ["svg", "g", "text", "path", "rect"] {
        let begins = picture.matches(&format!("<{name} ")).count();
        assert_eq!((begins, ends(name)), (begins, begins), "{name}: it is no XML");
    }
    let nowhere = replay(&[&traces[0], "--svg", "/no/such/directory/charts.svg"]);
    assert!(errors(&nowhere).contains("--svg: can't write /no/such"), "{}", errors(&nowhere));
}

#[test]
fn reasons_are_told() {
    let text = text(&replay(&[&trace("trace-000.jsonl.gz"), "--explain"]));
    for part in
        ["/s arrive", "it can do", "moves the factor from", "outside its utilization band", "event ScalingReport"]
    {
        assert!(text.contains(part), "{part} is missing");
    }
}

#[test]
fn nothing_is_written_behind_a_broken_line() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("broken.jsonl");
    let whole = replay::Trace::open(Path::new(&trace("trace-001.jsonl.gz"))).unwrap().text().unwrap();
    let mut lines: Vec<&str> = whole.lines().collect();
    lines[3] = "{\"kind\":\"cycle\",\"now\":\"noon\"}";
    std::fs::write(&file, lines.join("\n")).unwrap();
    let output = replay(&[&file.display().to_string()]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output).lines().count(), 2, "the cycles before it, and no more");
    assert!(
        errors(&output).contains("broken.jsonl, line 4: expected a cycle: invalid type: string \"noon\""),
        "{}",
        errors(&output)
    );
}

#[test]
fn mistakes_are_told() {
    for (arguments, code, expected) in [
        (&["--diff"][..], 1, "expected a trace"),
        (&["/no/such/trace.jsonl"], 1, "can't read /no/such/trace.jsonl"),
        (&["--diff", "--summary", "x"], 2, "cannot be used with"),
        (&["x", "--job.autoscaler.enabled"], 1, "has no value"),
        (&["x", "--job.autoscaler.enabled", "maybe"], 1, "has the value 'maybe' (from the command line)"),
    ] {
        let output = replay(arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
        assert!(errors(&output).contains(expected), "{arguments:?}: {}", errors(&output));
    }
}
