//! What is in `packaging/`: the unit by systemd itself, and options in files by the program.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_flink-autoscaler");

fn packaging(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging").join(path)
}

fn yaml(path: &str) -> Value {
    serde_saphyr::from_str(&std::fs::read_to_string(packaging(path)).unwrap()).unwrap()
}

/// What systemd says of the unit, and whether it is content.
fn analyze(arguments: &[&str]) -> (bool, String) {
    let unit = std::fs::read_to_string(packaging("systemd/flink-autoscaler.service")).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("flink-autoscaler.service");
    std::fs::write(&file, unit.replace("/usr/bin/flink-autoscaler", PROGRAM)).unwrap();
    let output = Command::new("systemd-analyze").args(arguments).arg(&file).output();
    let output = output.expect("there is no systemd-analyze; on Debian or Ubuntu: apt-get install -y systemd");
    (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

#[test]
fn the_unit_is_valid_and_shut_off() {
    let (is_valid, said) = analyze(&["verify", "--man=no"]);
    assert!(is_valid && !said.contains("flink-autoscaler.service:"), "{said}");
    // Of ten, in tenths.
    let (is_shut_off, said) = analyze(&["security", "--offline=true", "--threshold=20", "--no-pager"]);
    assert!(is_shut_off, "{said}");
}

/// What the program says of options, with a store on the heap so that nothing is made.
fn remarks(configuration: Option<&Path>, options: &[String]) -> String {
    let mut command = Command::new(PROGRAM);
    command.args(["state", "show"]).args(options).args(["-D", "autoscaler.standalone.state-store.type=memory"]);
    command.env_remove("FLINK_CONF_DIR").envs(configuration.map(|directory| ("FLINK_CONF_DIR", directory)));
    String::from_utf8(command.output().unwrap().stderr).unwrap()
}

#[test]
fn options_of_the_service_are_known() {
    let directory = packaging("systemd");
    let said = remarks(Some(&directory), &[]);
    assert!(!said.contains("no effect"), "{said}");
    let typo = remarks(Some(&directory), &["--autoscaler.standalone.http.adress=off".to_owned()]);
    assert!(typo.contains("no effect"), "a mistake would be seen: {typo}");
}

#[test]
fn services_that_are_composed_know_each_other_and_their_options() {
    let compose = yaml("compose/compose.yaml");
    let services = compose["services"].as_object().unwrap();
    for (name, service) in services {
        assert!(service["image"].is_string(), "{name}");
        for other in service["depends_on"].as_object().into_iter().flat_map(|others| others.keys()) {
            assert!(
                services[other]["healthcheck"].is_object(),
                "{name} waits for {other}, which tells nobody that it is well"
            );
        }
    }
    let autoscaler = &services["autoscaler"];
    let command: Vec<String> = serde_json::from_value(autoscaler["command"].clone()).unwrap();
    assert_eq!(command[0], "run");
    let said = remarks(None, &command[1..]);
    assert!(!said.contains("no effect"), "{said}");
    let option =
        |key: &str| command.iter().find_map(|option| option.strip_prefix(&format!("--autoscaler.standalone.{key}=")));
    assert!(services.contains_key(option("fetcher.flink-cluster.host").unwrap()));
    let url = option("jdbc.url").unwrap();
    assert!(services.keys().any(|name| url.contains(&format!("//{name}:"))), "{url}");
    let context = packaging("compose").join(autoscaler["build"]["context"].as_str().unwrap());
    assert!(context.join(autoscaler["build"]["dockerfile"].as_str().unwrap()).is_file());
    let password = &services["postgres"]["environment"]["POSTGRES_PASSWORD"];
    assert_eq!(&autoscaler["environment"]["JDBC_PWD"], password);
}

#[test]
fn the_image_is_of_the_toolchain_that_the_workspace_needs_and_runs_as_nobody() {
    let dockerfile = std::fs::read_to_string(packaging("docker/Dockerfile")).unwrap();
    let builder = format!("ARG BUILDER=docker.io/library/rust:{}-alpine\n", env!("CARGO_PKG_RUST_VERSION"));
    assert!(dockerfile.contains(&builder), "{builder}");
    assert!(dockerfile.contains("\nUSER 65532:65532\n"), "{dockerfile}");
}
