//! The program, as somebody would type it.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::process::Command;

const STORE: &str = "--autoscaler.standalone.state-store.type";

/// Runs the program with options that it can't start with; what it says.
fn refusal(options: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_custom-store")).args(options).output().unwrap();
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

#[test]
fn the_store_is_among_those_that_options_can_name() {
    let error = refusal(&[STORE, "tape"]);
    let (_, stores) = error.split_once("expected one of those in this build: ").unwrap();
    assert!(stores.contains("MEMORY") && stores.contains("FILE"), "{error}");
}

#[test]
fn options_can_name_the_store() {
    let error = refusal(&[STORE, "file", "--autoscaler.standalone.realizer.type", "nobody"]);
    assert!(error.contains("realizer.type has the value 'nobody'"), "the store is opened before the realizer: {error}");
}

#[test]
fn arguments_come_in_pairs() {
    assert!(refusal(&["--a"]).contains("expected --key value"));
    assert!(refusal(&["a", "b"]).contains("expected --key value"));
}
