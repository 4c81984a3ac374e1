//! What is said of options that can't be used, or are hardly meant.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

const STORE: &str = "--autoscaler.standalone.state-store.type";
const FILE: &str = "--autoscaler.standalone.state-store.sqlite.file";
const URL: &str = "--autoscaler.standalone.jdbc.url";
const TRACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../testing/conformance/data/traces/trace-001.jsonl.gz");

fn program(arguments: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_flink-autoscaler"));
    program.args(arguments).env_remove("FLINK_CONF_DIR").env_remove("RUST_LOG").env_remove("JDBC_PWD");
    program.env_remove("FLINK_AUTOSCALER_LOG_FORMAT");
    program
}

/// Exit code, standard output and standard error of a command that ends.
fn typed(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = program(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// What a command says before it ends with a failure.
#[track_caller]
fn refused(arguments: &[&str]) -> String {
    let (code, _, errors) = typed(arguments);
    assert_eq!(code, Some(1), "{arguments:?}: {errors}");
    errors
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Options by key, value, and what is said behind the origin.
const REFUSED: &[(&str, &str, &str)] = &[
    ("job.autoscaler.utilization.target", "7", "expected a number from 0.0 to 1.0"),
    ("job.autoscaler.utilization.target", "NaN", "expected a number from 0.0 to 1.0"),
    ("job.autoscaler.scale-up.max-factor", "-1", "expected a number, 0.0 or more"),
    ("job.autoscaler.memory.tuning.overhead", "2", "expected a number from 0.0 to 1.0"),
    ("job.autoscaler.vertex.max-parallelism", "0", "expected a whole number, 1 or more"),
    ("job.autoscaler.enabled", "yes", "expected true or false"),
    ("job.autoscaler.metrics.window", "3 weeks", "expected a whole number with a unit"),
    ("job.autoscaler.metrics.busy-time.aggregator", "maxx", "expected AVG, MAX or MIN"),
    ("autoscaler.standalone.fetcher.flink-cluster.port", "99999", "expected a whole number from 1 to 65535"),
    ("flinkClusterPort", "-1", "expected a whole number from 1 to 65535"),
    ("autoscaler.standalone.control-loop.interval", "0 s", "or more"),
    ("autoscaler.standalone.control-loop.parallelism", "0", "expected a whole number, 1 or more"),
    ("autoscaler.standalone.gone-jobs.lists", "0", "expected a whole number, 1 or more"),
    ("autoscaler.standalone.jdbc.max-connections", "0", "expected a whole number from 1 to 10000"),
    ("autoscaler.standalone.jdbc.max-connections", "2147483647", "expected a whole number from 1 to 10000"),
    ("autoscaler.standalone.jdbc.timeout", "0", "1 ms or more"),
    ("autoscaler.standalone.fetcher.flink-cluster.max-answer-size", "0", "1 or more"),
    ("autoscaler.standalone.fetcher.flink-cluster.max-answer-size", "-1 mb", "expected a whole number with a unit (b,"),
    ("autoscaler.standalone.fetcher.flink-cluster.max-requests", "0", "expected a whole number, 1 or more"),
    ("autoscaler.standalone.high-availability.enabled", "yes", "expected true or false"),
    ("autoscaler.standalone.high-availability.lease-duration", "999 ms", "1 s or more"),
    ("autoscaler.standalone.record.max-file-size", "1 kb", "65536 or more"),
    ("autoscaler.standalone.record.max-file-age", "-1 d", "expected a whole number with a unit (d,"),
    ("autoscaler.standalone.record.max-total-size", "NaN", "expected a whole number with a unit (b,"),
    ("autoscaler.standalone.metrics.max-series", "-1", "expected a whole number, 0 or more"),
    ("autoscaler.standalone.jdbc.migrate", "never", "expected AUTO or MANUAL"),
];

#[test]
fn value_origin_and_what_is_allowed_are_said_by_every_command() {
    for (key, value, allowed) in REFUSED {
        let conf = tempfile::tempdir().unwrap();
        let file = conf.path().join("config.yaml");
        std::fs::write(&file, format!("{key}: '{value}'\n")).unwrap();
        for command in [&["run"][..], &["state", "show"], &["events"], &["migrate"], &["replay", TRACE]] {
            let option = format!("--{key}={value}");
            let errors = refused(&[command, &[&option]].concat());
            assert!(
                errors.contains(&format!("option {key} has the value '{value}' (from the command line)")),
                "{errors}"
            );
            assert!(errors.contains(allowed) && errors.lines().count() == 1, "{errors}");
        }
        let output = program(&["run"]).env("FLINK_CONF_DIR", conf.path()).output().unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        let origin = format!("option {key} has the value '{value}' (from file {}): ", file.display());
        assert!(errors.contains(&origin) && errors.contains(allowed), "{errors}");
    }
}

#[test]
fn values_that_do_not_go_together_are_refused() {
    let errors =
        refused(&["run", "--job.autoscaler.vertex.min-parallelism", "9", "--job.autoscaler.vertex.max-parallelism=3"]);
    assert!(
        errors.contains("min-parallelism has the value '9' (from the command line): expected no more than"),
        "{errors}"
    );
    assert!(errors.contains("max-parallelism, which has the value '3' (from the command line)"), "{errors}");
    let errors = refused(&["run", "--job.autoscaler.vertex.min-parallelism", "201"]);
    assert!(errors.contains("max-parallelism, which has the value '200' (the default)"), "{errors}");
    let on = "--job.autoscaler.enabled=true";
    let errors = refused(&["run", on, "--job.autoscaler.utilization.max", "0.5"]);
    assert!(errors.contains("within the range [0.7, 1.0]; it has the value '0.5' (from the command line)"), "{errors}");
    let errors = refused(&["run", "--job.autoscaler.excluded.periods", "9:00-10:00;25:00-26:00"]);
    assert!(errors.contains("excluded.periods is invalid: its period number 2 (from the command line)"), "{errors}");
}

#[test]
fn numbers_and_lists_are_read_as_java_and_yaml_write_them() {
    let conf = tempfile::tempdir().unwrap();
    let file = conf.path().join("config.yaml");
    let yaml = "job.autoscaler:\n  utilization.target: 0.4f\n  vertex.max-parallelism: 0100\n  history.max.count: +4\n  \
                vertex.exclude.ids: [00000000000000000000000000000001, \"00000000000000000000000000000002\"]\n  \
                excluded.periods:\n  - 9:00-10:00\n  - '* * 9-11 * * ?'\n\
                autoscaler.standalone.event-handler.type: [logging, jdbc]\n";
    std::fs::write(
        &file,
        format!("{yaml}{}: sqlite\n{}: {}\n", &STORE[2..], &FILE[2..], text(&conf.path().join("state.db"))),
    )
    .unwrap();
    // That it is migrated says that all of it was read.
    let output = program(&["migrate"]).env("FLINK_CONF_DIR", conf.path()).output().unwrap();
    let (out, errors) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success() && out.contains("brought up to date") && errors.is_empty(), "{out}{errors}");
    for (key, value) in
        [("utilization.target", "0.4f"), ("vertex.max-parallelism", "0100"), ("excluded.periods", "[9:00-10:00]")]
    {
        let (code, _, errors) = typed(&["replay", TRACE, "--summary", &format!("--job.autoscaler.{key}={value}")]);
        assert_eq!((code, errors.as_str()), (Some(0), ""), "{key}");
    }
}

#[test]
fn durations_below_a_second_are_doubted_where_they_make_no_sense() {
    let said = |option: &str| {
        let (code, _, errors) = typed(&["replay", TRACE, "--summary", option]);
        assert_eq!(code, Some(0), "{errors}");
        errors
    };
    let errors = said("--job.autoscaler.metrics.window=15");
    assert!(
        errors.contains("metrics.window has the value '15' (from the command line), which is no more than 15ms"),
        "{errors}"
    );
    assert!(errors.contains("write '15 s' for seconds"), "{errors}");
    assert!(said("--autoscaler.standalone.jdbc.timeout=500 ms").contains("no more than 500ms"));
    for silent in ["--job.autoscaler.scale-down.interval=0", "--job.autoscaler.metrics.window=15 s"] {
        assert_eq!(said(silent), "", "{silent}");
    }
    assert_eq!(said("--autoscaler.standalone.control-loop.interval=100 ms"), "", "somebody may be in a hurry");
}

#[test]
fn a_database_that_is_not_there_says_why_at_once() {
    // Nobody waits for the deadline.
    let timeout = ["--autoscaler.standalone.jdbc.timeout", "1 d"];
    let refused = |url: &str| refused(&[&["state", "show", STORE, "jdbc", URL, url], &timeout[..]].concat());
    for url in ["sqlite:/no/such/directory/state.db", "https://me:secret@gateway/flink", "oracle:thin", "state.db"] {
        let errors = refused(url);
        assert!(errors.contains("jdbc.url") || errors.contains("there is no such file"), "{errors}");
        assert!(!errors.contains("secret"), "{errors}");
    }
    #[cfg(feature = "store-jdbc-postgres")]
    {
        let errors = refused("postgres://me@127.0.0.1:1/x");
        assert!(errors.contains("Connection refused") && errors.contains("jdbc.url says where it is"), "{errors}");
    }
    #[cfg(feature = "store-mysql")]
    {
        let errors = refused("mysql://me@127.0.0.1:1/x");
        assert!(errors.contains("Connection refused") && errors.contains("jdbc.url says where it is"), "{errors}");
    }
}

#[test]
fn events_are_looked_for_in_a_database_only() {
    let errors = refused(&["events"]);
    assert!(
        errors.contains("events are kept in a database only: set autoscaler.standalone.state-store.type"),
        "{errors}"
    );
}

#[test]
fn what_changes_state_creates_no_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("mistyped.db");
    for command in [&["state", "clear", "00"][..], &["state", "export", "00", "--java"]] {
        let errors = refused(&[command, &[STORE, "sqlite", FILE, text(&file)]].concat());
        assert!(errors.contains("there is no such file") && errors.contains("mistyped.db"), "{errors}");
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0, "{command:?}");
    }
    // One that is empty is no database of ours.
    std::fs::write(&file, "").unwrap();
    let errors = refused(&["state", "clear", "00", STORE, "sqlite", FILE, text(&file)]);
    assert!(errors.contains("run flink-autoscaler migrate"), "{errors}");
}

#[test]
fn options_are_looked_up_by_key_end_or_older_name() {
    let rows = |arguments: &[&str]| {
        let (code, out, errors) = typed(&[&["options"], arguments].concat());
        assert_eq!(code, Some(0), "{errors}");
        out.lines().filter(|line| !line.starts_with(' ')).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(rows(&["metrics.window"]), ["job.autoscaler.metrics.window"]);
    assert_eq!(
        rows(&["scalingInterval", "job.autoscaler.enabled", "job.autoscaler.enabled", "--flinkClusterPort"]),
        [
            "autoscaler.standalone.control-loop.interval",
            "job.autoscaler.enabled",
            "autoscaler.standalone.fetcher.flink-cluster.port",
        ]
    );
    assert!(rows(&[]).len() > 60);
    let errors = refused(&["options", "metrics.windw"]);
    assert!(errors.contains("there is no option metrics.windw; did you mean metrics.window?"), "{errors}");
    for arguments in [&["options", "--json", "port"][..], &["options", "port", "--json"]] {
        let (_, out, _) = typed(arguments);
        let rows: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!(rows[0]["key"], "autoscaler.standalone.fetcher.flink-cluster.port");
        assert_eq!(rows[0]["allowed"], "a whole number from 1 to 65535");
        assert_eq!(rows[0]["alsoReadFrom"][0], "flinkClusterPort");
        assert_eq!(rows[0]["default"], "8081");
    }
}

#[test]
fn flags_stand_behind_what_a_command_is_about() {
    for arguments in [
        &["replay", TRACE, "--log-format", "json", "--summary"][..],
        &["replay", TRACE, "--job.autoscaler.enabled", "true", "--summary"],
        &["--log-format=json", "replay", "--summary", TRACE],
    ] {
        let (code, out, errors) = typed(arguments);
        assert!(code == Some(0) && out.contains("cycles") && !out.starts_with('{'), "{arguments:?}: {out}{errors}");
    }
    for command in [
        &["run", "--job.autoscaler.enabled", "true"][..],
        &["replay", TRACE],
        &["state", "show", "job"],
        &["state", "clear", "job"],
        &["events", "--limit", "3"],
        &["migrate", STORE, "sqlite"],
        &["options", "port"],
    ] {
        for (flag, expected) in [("--help", "Usage: flink-autoscaler"), ("--version", env!("CARGO_PKG_VERSION"))] {
            let (code, out, errors) = typed(&[command, &[flag]].concat());
            assert!(code == Some(0) && out.contains(expected), "{command:?} {flag}: {out}{errors}");
        }
    }
    assert!(refused_usage(&["replay", TRACE, "--diff", "--explain"]).contains("cannot be used with"));
}

fn refused_usage(arguments: &[&str]) -> String {
    let (code, _, errors) = typed(arguments);
    assert_eq!(code, Some(2), "{errors}");
    errors
}

/// A closed output ends no command with a panic, and the daemon not at all.
#[test]
fn every_command_survives_a_closed_pipe() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("state.db");
    let store = [STORE, "sqlite", FILE, text(&file)];
    assert_eq!(typed(&[&["migrate"][..], &store].concat()).0, Some(0));
    for command in [
        &["migrate"][..],
        &["migrate", "--status"],
        &["migrate", "--dry-run"],
        &["state", "show"],
        &["state", "show", "--json"],
        &["events"],
        &["options"],
        &["options", "--json"],
        &["options", "port"],
        &["options", "--markdown"],
        &["check", "--offline"],
        &["check", "--offline", "--json"],
        &["completions", "bash"],
        &["man"],
        &["--help"],
        &["run", "--help"],
        &["--version"],
        &["replay", TRACE],
        &["replay", TRACE, "--explain"],
        &["replay", TRACE, "--diff"],
        &["replay", TRACE, "--summary"],
    ] {
        let options = if matches!(command[0], "migrate" | "state" | "events") { &store[..] } else { &[] };
        let mut child =
            program(&[command, options].concat()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && errors.is_empty(), "{command:?}: {errors}");
    }
    // Errors go to a pipe nobody reads, too.
    for command in [&["run", "x"][..], &["nothing"], &["replay", "/no/such"]] {
        let mut child = program(command).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stderr.take());
        let code = child.wait().unwrap().code();
        assert!(matches!(code, Some(1 | 2)), "{command:?}: {code:?}");
    }
}

#[cfg(unix)]
#[test]
fn the_daemon_goes_on_where_nobody_reads_its_log() {
    let options =
        ["--autoscaler.standalone.fetcher.flink-cluster.port=1", "--autoscaler.standalone.control-loop.interval=10 ms"];
    let mut child = program(&[&["run"][..], &options].concat()).stderr(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap());
    log.read_line(&mut String::new()).unwrap();
    drop(log);
    let id = child.id().to_string();
    // It has something to say when it is asked to end.
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert!(child.wait().unwrap().success());
}
