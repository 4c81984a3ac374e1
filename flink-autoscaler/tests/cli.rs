//! The commands, as somebody would type them.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const STORE: &str = "--autoscaler.standalone.state-store.type";
const FILE: &str = "--autoscaler.standalone.state-store.sqlite.file";
const URL: &str = "--autoscaler.standalone.jdbc.url";

fn program(arguments: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_flink-autoscaler"));
    program.args(arguments).env_remove("FLINK_CONF_DIR").env_remove("RUST_LOG").env_remove("JDBC_PWD");
    program.env_remove("FLINK_AUTOSCALER_LOG_FORMAT");
    program
}

/// Exit code, standard output and standard error of a program that ends.
fn run(mut program: Command) -> (Option<i32>, String, String) {
    let output = program.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn typed(arguments: &[&str]) -> (Option<i32>, String, String) {
    run(program(arguments))
}

/// A directory with these files.
fn directory(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    files.iter().for_each(|(name, text)| std::fs::write(directory.path().join(name), text).unwrap());
    directory
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn mistyped_keys_are_said_by_every_command() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("state.db");
    let trace = concat!(env!("CARGO_MANIFEST_DIR"), "/../testing/conformance/data/traces/trace-001.jsonl.gz");
    let store = [STORE, "sqlite", FILE, text(&file)];
    let typos = ["--autoscaler.standalone.control-loop.intervall", "1 s", "--job.autoscaler.enabeld", "true"];
    for (command, options) in [
        (&["migrate"][..], &store[..]),
        (&["state", "show"], &store),
        (&["events"], &store),
        (&["replay", trace, "--summary"], &[]),
    ] {
        let (code, _, errors) = typed(&[command, options, &typos].concat());
        assert_eq!(code, Some(0), "{command:?}: {errors}");
        for nearest in ["autoscaler.standalone.control-loop.interval?", "job.autoscaler.enabled?"] {
            let remark = format!("is not known and has no effect; did you mean {nearest}");
            assert_eq!(errors.matches(&remark).count(), 1, "{command:?}: {errors}");
        }
    }
}

#[test]
fn url_parameters_without_effect_are_said_by_every_command() {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}?odd=1", directory.path().join("state.db").display());
    for command in [&["migrate"][..], &["state", "show"], &["events"]] {
        let (code, _, errors) = typed(&[command, &[STORE, "jdbc", URL, &url]].concat());
        assert_eq!(code, Some(0), "{command:?}: {errors}");
        assert_eq!(errors.matches("without effect: odd").count(), 1, "{command:?}: {errors}");
    }
}

#[test]
fn files_and_lines_without_effect_are_said() {
    let both = directory(&[("config.yaml", "a: 1"), ("flink-conf.yaml", "no.value:\n")]);
    let mut command = program(&["state", "show"]);
    let (_, _, errors) = run({
        command.env("FLINK_CONF_DIR", both.path());
        command
    });
    assert!(errors.contains("config.yaml is left alone"), "{errors}");
    assert!(errors.contains("flink-conf.yaml, line 1 has no effect"), "{errors}");
}

#[test]
fn an_unknown_backend_is_answered_with_those_that_are_compiled_in() {
    let (code, _, errors) = typed(&["run", STORE, "tape"]);
    assert_eq!(code, Some(1));
    assert!(
        errors.contains(
            "state-store.type has the value 'tape' (from the command line): expected one of those in this build:"
        ),
        "{errors}"
    );
    assert!(errors.contains("MEMORY") && errors.contains("SQLITE"), "{errors}");
    for (option, value) in [("event-handler.type", "pigeon"), ("fetcher.type", "x"), ("realizer.type", "x")] {
        let (code, _, errors) = typed(&["run", &format!("--autoscaler.standalone.{option}"), value]);
        assert_eq!(code, Some(1));
        assert!(errors.contains(&format!("autoscaler.standalone.{option} has ")), "{errors}");
    }
}

#[cfg(not(feature = "store-jdbc-postgres"))]
#[test]
fn a_backend_that_is_not_compiled_in_is_answered_with_its_feature() {
    let (code, _, errors) = typed(&["state", "show", STORE, "jdbc", URL, "postgres://me:secret@localhost/x"]);
    assert_eq!(code, Some(1));
    assert!(errors.contains("build it with --features store-jdbc-postgres"), "{errors}");
    assert!(!errors.contains("secret"), "{errors}");
}

#[test]
fn options_that_cannot_be_used_end_the_start_with_key_value_and_origin() {
    let (code, _, errors) = typed(&["run", "--job.autoscaler.utilization.target", "high"]);
    assert_eq!(code, Some(1));
    let expected =
        "option job.autoscaler.utilization.target has the value 'high' (from the command line): expected a number";
    assert!(errors.contains(expected), "{errors}");
    assert_eq!(errors.lines().count(), 1, "said once, without a log line: {errors}");

    let conf = directory(&[("config.yaml", "job:\n  autoscaler:\n    enabled: 'yes'\n")]);
    let mut command = program(&["run"]);
    command.env("FLINK_CONF_DIR", conf.path());
    let (code, _, errors) = run(command);
    assert_eq!(code, Some(1));
    let origin = format!("(from file {})", conf.path().join("config.yaml").display());
    assert!(errors.contains("'yes'") && errors.contains(&origin) && errors.contains("true or false"), "{errors}");

    for (key, value) in
        [("control-loop.interval", "0 s"), ("control-loop.parallelism", "0"), ("fetcher.flink-cluster.port", "0")]
    {
        let (code, _, errors) = typed(&["run", &format!("--autoscaler.standalone.{key}"), value]);
        assert_eq!(code, Some(1));
        assert!(errors.contains(&format!("autoscaler.standalone.{key} has the value")), "{errors}");
    }
}

#[test]
fn the_log_format_stands_anywhere() {
    let typo = ["--autoscaler.standalone.typo", "x"];
    // Ends the start behind the warning about the typo.
    let end = [STORE, "tape"];
    for arguments in [
        [&["--log-format", "json", "run"][..], &typo, &end].concat(),
        [&["run", "--log-format", "json"][..], &typo, &end].concat(),
        [&["run"][..], &typo, &["--log-format=json"], &end].concat(),
        [&["run"][..], &typo, &end, &["--log-format", "json"]].concat(),
    ] {
        let (_, _, errors) = typed(&arguments);
        let line: serde_json::Value = serde_json::from_str(errors.lines().next().unwrap()).unwrap();
        assert_eq!(line["level"], "WARN", "{arguments:?}");
        assert!(line["message"].as_str().unwrap().contains("typo"), "{line}");
    }
}

#[test]
fn versions_and_help_are_shown_by_every_command() {
    for command in ["run", "replay", "state", "options", "check", "completions", "man"] {
        let (code, out, _) = typed(&[command, "--version"]);
        let version = concat!("flink-autoscaler ", env!("CARGO_PKG_VERSION"), "\n");
        assert_eq!((code, out.as_str()), (Some(0), version), "{command}");
        assert_eq!(typed(&[command, "--help"]).0, Some(0), "{command}");
    }
}

#[test]
fn options_lists_the_rows_of_process_backends_and_jobs() {
    let (code, out, _) = typed(&["options"]);
    assert_eq!(code, Some(0));
    for row in [
        "autoscaler.standalone.control-loop.interval\n",
        "autoscaler.standalone.state-store.sqlite.file\n",
        "autoscaler.standalone.jdbc.url\n",
        "autoscaler.standalone.jdbc.event-handler.ttl\n",
        "autoscaler.standalone.fetcher.flink-cluster.host\n",
        "job.autoscaler.utilization.target\n",
        "job.autoscaler.metrics.custom-evaluator.<name>.class\n",
    ] {
        assert_eq!(out.matches(row).count(), 1, "{row}");
    }
    assert!(out.contains("    also read from: scalingInterval\n"), "{out}");
    // And which backends there are, with what each does.
    for (key, backend) in [
        ("state-store.type", "    SQLITE: the SQLite file of state-store.sqlite.file"),
        ("event-handler.type", "    LOGGING: the log"),
        (
            "fetcher.type",
            "    FLINK_CLUSTER: the clusters at fetcher.flink-cluster.addresses, or the one at .host and .port",
        ),
        ("realizer.type", "    REST: rescales jobs in place, through the cluster's REST API"),
    ] {
        let (_, behind) = out.split_once(&format!("autoscaler.standalone.{key}\n")).unwrap();
        let row = behind.split("\nautoscaler.").next().unwrap();
        assert!(row.lines().any(|line| line == backend), "{key}: {row}");
    }
}

#[test]
fn whoever_has_read_enough_may_go() {
    let trace = concat!(env!("CARGO_MANIFEST_DIR"), "/../testing/conformance/data/traces/trace-001.jsonl.gz");
    for arguments in [&["options"][..], &["replay", trace]] {
        let mut child = program(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{arguments:?}");
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// Without a Flink to watch, on a SQLite file in this directory.
fn runs_on(file: &Path) -> std::process::Child {
    // Nobody listens at the cluster's port.
    let nowhere = ["--autoscaler.standalone.fetcher.flink-cluster.port", "1"];
    let mut program = program(&[&["run", STORE, "sqlite", FILE, text(file)][..], &nowhere].concat());
    program.stderr(Stdio::null()).spawn().unwrap()
}

#[cfg(unix)]
#[test]
fn at_its_end_the_file_is_whole_by_itself() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("state.db");
    let log = directory.path().join("state.db-wal");
    let mut running = runs_on(&file);
    let start = Instant::now();
    while !log.metadata().is_ok_and(|log| log.len() > 0) {
        assert!(start.elapsed() < Duration::from_secs(120), "it writes nothing");
        std::thread::sleep(Duration::from_millis(20));
    }
    let terminate = Command::new("kill").args(["-TERM", &running.id().to_string()]).status().unwrap();
    assert!(terminate.success() && running.wait().unwrap().success());
    assert!(!log.exists(), "its log is left beside it");
    // So it can be taken away alone.
    let copy = directory.path().join("copy.db");
    std::fs::copy(&file, &copy).unwrap();
    let (code, out, errors) = typed(&["state", "show", STORE, "sqlite", FILE, text(&copy)]);
    assert_eq!((code, out.as_str()), (Some(0), "nothing is stored of any job\n"), "{errors}");
}

#[test]
fn state_is_not_changed_under_a_running_autoscaler() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("state.db");
    let store = [STORE, "sqlite", FILE, text(&file)];
    let mut running = runs_on(&file);
    let start = Instant::now();
    let refused = loop {
        let (code, _, errors) = typed(&[&["state", "clear", "job"][..], &store].concat());
        assert_eq!(code, Some(1));
        if errors.contains("another flink-autoscaler") || start.elapsed() > Duration::from_secs(120) {
            break errors;
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    // It takes the lease first, and brings the schema up to date then.
    let shown = loop {
        let (code, ..) = typed(&[&["state", "show"][..], &store].concat());
        if code == Some(0) || start.elapsed() > Duration::from_secs(240) {
            break code;
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    running.kill().unwrap();
    running.wait().unwrap();
    assert!(refused.contains("another flink-autoscaler"), "{refused}");
    assert_eq!(shown, Some(0), "looking is allowed");
    let (_, _, errors) = typed(&[&["state", "clear", "job"][..], &store].concat());
    assert!(errors.contains("nothing is stored of the job"), "{errors}");
}
