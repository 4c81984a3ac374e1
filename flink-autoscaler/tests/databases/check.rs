//! `flink-autoscaler check` of a database: what it tells of schema and rights, and that it changes neither.

use std::process::Command;

use sql_database::schema::TableShape;

use crate::Case;
use crate::backend::Opened;

pub(crate) const CASES: &[Case] = &[
    ("check::a_schema_is_looked_at_and_left_alone", |database| Box::pin(a_schema_is_left_alone(database))),
    ("check::rights_that_are_missing_are_named", |database| Box::pin(missing_rights_are_named(database))),
];

/// Exit code and output of `check`, which finds no cluster.
fn check(opened: &Opened, options: &[&str], environment: &[(&str, &str)]) -> String {
    let mut program = Command::new(env!("CARGO_BIN_EXE_flink-autoscaler"));
    program.args(["check", "--autoscaler.standalone.http.address=off"]);
    program.arg("--autoscaler.standalone.fetcher.flink-cluster.port=1");
    program.args(["--autoscaler.standalone.state-store.type", "jdbc", "--autoscaler.standalone.jdbc.url", &opened.url]);
    program.args(options).env_remove("FLINK_CONF_DIR").envs(environment.iter().copied());
    String::from_utf8(program.output().unwrap().stdout).unwrap()
}

fn migrate(opened: &Opened) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_flink-autoscaler"));
    program.args(["migrate", "--autoscaler.standalone.state-store.type", "jdbc", "--autoscaler.standalone.jdbc.url"]);
    assert!(program.arg(&opened.url).env_remove("FLINK_CONF_DIR").output().unwrap().status.success());
}

async fn shape(opened: &Opened) -> Vec<TableShape> {
    opened.database().shape().await.unwrap()
}

async fn a_schema_is_left_alone(opened: Opened) {
    let out = check(&opened, &[], &[]);
    match opened.backend.server() {
        Some(_) => {
            assert!(out.contains("it has no tables of ours; versions 1, 2, 3"), "{out}");
            assert_eq!(shape(&opened).await, []);
        }
        None => {
            assert!(out.contains("there is no such file yet"), "{out}");
            assert_eq!(std::fs::read_dir(opened.directory()).unwrap().count(), 0, "a file was created");
        }
    }
    // As a build that does not know the newest version leaves it.
    migrate(&opened);
    opened.execute(&["DELETE FROM t_flink_autoscaler_migrations WHERE version = 3"]).await;
    opened.execute(&["DROP TABLE t_flink_autoscaler_policy_memory"]).await;
    let before = shape(&opened).await;
    let out = check(&opened, &[], &[]);
    assert!(out.contains("warning  ") && out.contains("the schema is older; versions 3"), "{out}");
    let out = check(&opened, &["--autoscaler.standalone.jdbc.migrate", "manual"], &[]);
    assert!(out.contains("-> back it up; run flink-autoscaler migrate"), "{out}");
    assert_eq!(shape(&opened).await, before);
    // As the Java process leaves it.
    opened.execute(&["DROP TABLE t_flink_autoscaler_migrations"]).await;
    let out = check(&opened, &[], &[]);
    assert!(out.contains("it has tables as the Java process makes them"), "{out}");
    migrate(&opened);
    let out = check(&opened, &[], &[]);
    assert!(out.contains("the schema is up to date") && !out.contains("may not"), "{out}");
    opened.execute(&["ALTER TABLE t_flink_autoscaler_observation RENAME COLUMN observation TO seen"]).await;
    let out = check(&opened, &[], &[]);
    assert!(out.contains("error    ") && out.contains("lacks the column observation"), "{out}");
}

async fn missing_rights_are_named(opened: Opened) {
    // A file has no users.
    let Some(server) = opened.backend.server() else {
        migrate(&opened);
        assert!(!check(&opened, &[], &[]).contains("may not"));
        return;
    };
    migrate(&opened);
    let (user, password) = (format!("peeker_{}", fastrand::u32(..)), "peek-4711-peek");
    let is_postgres = server.variable() == "TEST_POSTGRES_URL";
    let tables = ["state_store", "event_handler", "observation", "policy_memory", "job_cluster", "lease", "migrations"]
        .map(|table| format!("t_flink_autoscaler_{table}"));
    let name = if is_postgres { user.clone() } else { format!("'{user}'@'%'") };
    let create = match is_postgres {
        true => format!("CREATE ROLE {name} LOGIN PASSWORD '{password}'"),
        false => format!("CREATE USER {name} IDENTIFIED BY '{password}'"),
    };
    opened.execute(&[&create]).await;
    for table in &tables {
        opened.execute(&[&format!("GRANT SELECT, INSERT ON {table} TO {name}")]).await;
    }
    opened.execute(&[&format!("GRANT UPDATE, DELETE ON {} TO {name}", tables[0])]).await;
    let out = check(&opened, &["--autoscaler.standalone.jdbc.username", &user], &[("JDBC_PWD", password)]);
    if is_postgres {
        opened.execute(&[&format!("DROP OWNED BY {name}")]).await;
    }
    opened.execute(&[&format!("{} {name}", if is_postgres { "DROP ROLE" } else { "DROP USER" })]).await;
    let line = out.lines().find(|line| line.contains("the user may not")).unwrap_or_else(|| panic!("{out}"));
    assert!(
        line.contains(&format!("update {}", tables[1])) && line.contains(&format!("delete from {}", tables[3])),
        "{line}"
    );
    assert!(line.contains(&format!("update {}", tables[5])), "the right to act is a row, too: {line}");
    assert!(!line.contains(&tables[0]) && !line.contains("insert into"), "{line}");
}
