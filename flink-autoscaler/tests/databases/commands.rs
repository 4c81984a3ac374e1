//! `flink-autoscaler migrate`, `state` and `events`, as somebody would type them.

use std::path::Path;
use std::process::{Command, Output};

use autoscaler_core::{AutoScalerEventHandler, AutoScalerStateStore, Event, Fence, JobKey};
use handler_jdbc::{EventOptions, JdbcEventHandler};

use crate::Case;
use crate::backend::Opened;

pub(crate) const CASES: &[Case] = &[
    ("commands::migrate_shows_and_does", |database| Box::pin(migrate_shows_and_does(database))),
    ("commands::an_import_restores_an_export", |database| Box::pin(an_import_restores_an_export(database))),
    ("commands::events_are_shown", |database| Box::pin(events_are_shown(database))),
    ("commands::reading_changes_nothing", |database| Box::pin(reading_changes_nothing(database))),
    ("commands::a_dropped_table_is_missed_and_brought_back", |database| {
        Box::pin(a_dropped_table_is_missed_and_brought_back(database))
    }),
    ("commands::an_altered_table_is_named", |database| Box::pin(an_altered_table_is_named(database))),
    ("commands::a_server_of_another_kind_is_told", |database| Box::pin(another_kind_is_told(database))),
    ("commands::a_database_that_is_not_there_is_told", |database| Box::pin(a_missing_database_is_told(database))),
];

fn run(opened: &Opened, command: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_flink-autoscaler"));
    program.args(command).args([
        "--autoscaler.standalone.state-store.type",
        "jdbc",
        "--autoscaler.standalone.jdbc.url",
    ]);
    program.arg(&opened.url).env_remove("FLINK_CONF_DIR").env_remove("RUST_LOG").output().unwrap()
}

/// Runs a command that must succeed; its output.
fn output(opened: &Opened, command: &[&str]) -> String {
    let output = run(opened, command);
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a command that must fail; its message.
fn failure(opened: &Opened, command: &[&str]) -> String {
    let output = run(opened, command);
    assert_eq!(output.status.code(), Some(1), "{command:?}");
    String::from_utf8(output.stderr).unwrap()
}

async fn migrate_shows_and_does(opened: Opened) {
    let known = opened.database().known_migrations().len();
    let dry = output(&opened, &["migrate", "--dry-run"]);
    assert!(dry.contains(&format!("{known} of its versions are missing")) && dry.contains("CREATE TABLE"), "{dry}");
    assert!(output(&opened, &["migrate", "--status"]).contains("1 state and events: missing"));
    assert!(output(&opened, &["migrate"]).contains("brought up to date (versions 1, 2, 3"));
    assert!(output(&opened, &["migrate"]).contains("up to date"));
    assert!(output(&opened, &["migrate", "--status"]).contains("2 observations: there"));
}

const READING: [&[&str]; 4] =
    [&["state", "show"], &["state", "show", "--json"], &["state", "export", "a"], &["events"]];

async fn reading_changes_nothing(opened: Opened) {
    let known: Vec<i64> = opened.database().known_migrations().iter().map(|migration| migration.version).collect();
    let expected = match opened.backend.server() {
        Some(_) => {
            format!("its schema lacks the versions {known:?}, and is only read here: run flink-autoscaler migrate")
        }
        None => "there is no such file".to_owned(),
    };
    for command in READING {
        let message = failure(&opened, command);
        assert!(message.contains(&expected), "{command:?}: {message}");
    }
    output(&opened, &["migrate", "--dry-run"]);
    assert!(output(&opened, &["migrate", "--status"]).contains("1 state and events: missing"));
    match opened.backend.server() {
        Some(_) => assert_eq!(opened.database().shape().await.unwrap(), []),
        None => assert_eq!(std::fs::read_dir(opened.directory()).unwrap().count(), 0, "a file was created"),
    }
    // As a build that does not know the newest version leaves it.
    output(&opened, &["migrate"]);
    opened.execute(&["DELETE FROM t_flink_autoscaler_migrations WHERE version = 3"]).await;
    opened.execute(&["DROP TABLE t_flink_autoscaler_policy_memory"]).await;
    let before = opened.database().shape().await.unwrap();
    for command in READING {
        let message = failure(&opened, command);
        assert!(message.contains("its schema lacks the versions [3], and is only read here"), "{command:?}: {message}");
    }
    assert_eq!(opened.database().shape().await.unwrap(), before);
    output(&opened, &["migrate"]);
    assert!(output(&opened, &["state", "show"]).contains("nothing is stored of any job"));
    assert_eq!(output(&opened, &["events"]), "");
}

async fn an_altered_table_is_named(opened: Opened) {
    output(&opened, &["migrate"]);
    opened.execute(&["ALTER TABLE t_flink_autoscaler_state_store RENAME COLUMN state_value TO other"]).await;
    let said = "t_flink_autoscaler_state_store lacks the column state_value";
    assert!(output(&opened, &["migrate", "--status"]).contains(&format!("altered: {said}")));
    for command in [&["migrate"][..], &["state", "show"], &["events"]] {
        let message = failure(&opened, command);
        assert!(message.contains(said) && message.contains("Change that back"), "{command:?}: {message}");
    }
    opened.execute(&["ALTER TABLE t_flink_autoscaler_state_store RENAME COLUMN other TO state_value"]).await;
    assert!(!output(&opened, &["migrate", "--status"]).contains("altered"));
    output(&opened, &["state", "show"]);
}

async fn a_dropped_table_is_missed_and_brought_back(opened: Opened) {
    output(&opened, &["migrate"]);
    opened.put_row("job", "parallelismOverrides", "{}").await;
    opened.execute(&["DROP TABLE t_flink_autoscaler_observation"]).await;
    assert!(output(&opened, &["migrate", "--status"]).contains("2 observations: missing"));
    assert!(failure(&opened, &["state", "show"]).contains("its schema lacks the versions [2"));
    assert!(output(&opened, &["migrate"]).contains("brought up to date (versions 2"));
    assert!(output(&opened, &["migrate"]).contains("up to date"));
    assert!(!output(&opened, &["migrate", "--status"]).contains("missing"));
    assert!(output(&opened, &["state", "show"]).contains("job"), "what was not dropped stays");
}

/// A job as a recorded run left it.
async fn put_recorded_job(opened: &Opened) -> JobKey {
    let trace = concat!(env!("CARGO_MANIFEST_DIR"), "/../testing/conformance/data/traces/trace-000.jsonl.gz");
    let mut after_each = Vec::new();
    replay::Replay::each_cycle(Path::new(trace), &Default::default(), &Default::default(), |_, _, replay, _| {
        after_each.push(replay.rows());
        Ok::<(), replay::TraceError>(())
    })
    .unwrap();
    let key = JobKey::new(testkit::job::id(1));
    opened.store().jobs().await.unwrap();
    for (part, text) in &after_each[12] {
        opened.put_row(key.as_str(), part.name(), text).await;
    }
    key
}

async fn an_import_restores_an_export(opened: Opened) {
    let key = put_recorded_job(&opened).await;
    let job = key.as_str();
    let shown = output(&opened, &["state", "show", job]);
    for part in ["Parallelism that is asked for", "Past scalings", "->", "Metric window:"] {
        assert!(shown.contains(part), "{part} is missing in {shown}");
    }
    assert!(output(&opened, &["state", "show"]).contains(job));
    let export = output(&opened, &["state", "export", job]);
    assert!(export.contains("parallelismOverrides"), "{export}");
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("export.json");
    std::fs::write(&file, &export).unwrap();

    output(&opened, &["state", "clear", job]);
    assert!(failure(&opened, &["state", "show", job]).contains("nothing is stored of the job"));
    output(&opened, &["state", "import", "--file", &file.display().to_string(), job]);
    assert_eq!(output(&opened, &["state", "export", job]), export);
    // Over another state, too: what the export does not have is gone.
    let mut other = opened.store().load(&key).await.unwrap().state;
    other.delayed_scale_down.edit();
    other.parallelism_overrides.edit().insert(testkit::job::id(77).parse().unwrap(), 9);
    opened.store().save(&key, &other, &Fence::open()).await.unwrap();
    output(&opened, &["state", "import", "--file", &file.display().to_string(), job]);
    assert_eq!(output(&opened, &["state", "export", job]), export);
    // And for the Java process.
    output(&opened, &["state", "export", "--java", job]);
    assert_eq!(output(&opened, &["state", "export", job]), export);
    // Which looks for no cluster's name: the way out that is told works.
    let named = format!("prod/{job}");
    output(&opened, &["state", "import", "--file", &file.display().to_string(), &named]);
    output(&opened, &["state", "clear", job]);
    let refused = failure(&opened, &["state", "export", "--java", &named]);
    assert!(refused.contains(&format!("under {job} alone")), "{refused}");
    std::fs::write(&file, output(&opened, &["state", "export", &named])).unwrap();
    output(&opened, &["state", "import", job, "--file", &file.display().to_string()]);
    assert_eq!(output(&opened, &["state", "export", "--java", job]), export);
    output(&opened, &["state", "clear", &named]);

    std::fs::write(&file, "{\"jobKey\":\"x\",\"state\":{\"scalingHistory\":\"{\"}}").unwrap();
    let broken = failure(&opened, &["state", "import", "--file", &file.display().to_string(), job]);
    assert!(broken.contains("scalingHistory can't be read"), "{broken}");
    assert_eq!(output(&opened, &["state", "export", job]), export, "a broken import changes nothing");
}

async fn events_are_shown(opened: Opened) {
    let handler = JdbcEventHandler::new(opened.migrated(), EventOptions::default());
    for (job, reason) in [(1, "ScalingReport"), (2, "AutoscalerError")] {
        let event = Event::warning(reason, format!("of job {job}\nsecond line"));
        handler.handle(&testkit::job::context(job, &[]), &event, chrono::Utc::now()).await.unwrap();
    }
    handler.flush().await.unwrap();
    let all = output(&opened, &["events"]);
    assert!(all.contains("of job 1") && all.contains("of job 2"), "{all}");
    let one = output(&opened, &["events", "--reason", "AutoscalerError", "--since", "1 h", "--json"]);
    let lines: Vec<serde_json::Value> = one.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 1);
    assert_eq!((&lines[0]["jobKey"], &lines[0]["eventCount"]), (&testkit::job::id(2).into(), &1.into()));
    assert_eq!(output(&opened, &["events", "--job", &testkit::job::id(9)]), "");
    assert!(failure(&opened, &["events", "--since", "yesterday"]).contains("expected a time such as '2 h'"));
}

async fn a_missing_database_is_told(opened: Opened) {
    let url = match opened.url.rsplit_once('/') {
        Some((server, _)) if opened.backend.server().is_some() => format!("{server}/no_such_database"),
        _ => "sqlite:/no/such/directory/state.db".to_owned(),
    };
    let missing = Command::new(env!("CARGO_BIN_EXE_flink-autoscaler"))
        .args(["state", "show", "--autoscaler.standalone.state-store.type=jdbc"])
        .arg(format!("--autoscaler.standalone.jdbc.url={url}"))
        .env_remove("FLINK_CONF_DIR")
        .output()
        .unwrap();
    let message = String::from_utf8(missing.stderr).unwrap();
    assert_eq!(missing.status.code(), Some(1));
    assert!(message.contains("no_such_database") || message.contains("/no/such/directory"), "{message}");
    assert!(!message.contains("test:test"), "the password is shown: {message}");
}

/// PostgreSQL behind a URL of MySQL's, and the other way round.
async fn another_kind_is_told(opened: Opened) {
    let (kind, other, found) = match opened.backend.server() {
        None => return file_is_no_database(&opened),
        Some(servers::database::Server::Postgres) => ("postgres://", "mysql://", "a PostgreSQL server, not MySQL"),
        Some(_) => ("mysql://", "postgres://", "a MySQL or MariaDB server, not PostgreSQL"),
    };
    assert!(opened.url.starts_with(kind), "{kind}");
    for parameters in ["", "?sslmode=disable"] {
        let output = Command::new(env!("CARGO_BIN_EXE_flink-autoscaler"))
            .args(["state", "show", "--autoscaler.standalone.state-store.type=jdbc"])
            .arg(format!("--autoscaler.standalone.jdbc.url={}{parameters}", opened.url.replacen(kind, other, 1)))
            .arg("--autoscaler.standalone.jdbc.timeout=60 s")
            .env_remove("FLINK_CONF_DIR")
            .output()
            .unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(message.contains(found) && message.contains("jdbc.url"), "{message}");
    }
}

fn file_is_no_database(opened: &Opened) {
    let file = opened.directory().join("notes.txt");
    std::fs::write(&file, "this is no database, and stays what it is\n".repeat(200)).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_flink-autoscaler"))
        .args(["state", "show", "--autoscaler.standalone.state-store.type=sqlite"])
        .arg(format!("--autoscaler.standalone.state-store.sqlite.file={}", file.display()))
        .env_remove("FLINK_CONF_DIR")
        .output()
        .unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("file is not a database") && message.contains("notes.txt"), "{message}");
}
