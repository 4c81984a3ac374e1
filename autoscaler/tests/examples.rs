//! The examples do what their first lines say.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::process::Command;

/// Runs an example that cargo built for this test run, beside this program; its output.
fn run(example: &str) -> String {
    let this = std::env::current_exe().unwrap();
    let built = this.parent().and_then(|deps| deps.parent()).unwrap();
    let output = Command::new(built.join("examples").join(example)).output().unwrap();
    assert!(output.status.success(), "{example}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains(" failed: "), "{text}");
    text
}

#[test]
fn a_custom_evaluator_asks_for_more() {
    let text = run("custom_evaluator");
    assert!(text.contains("cycles that differ:") && !text.contains("cycles that differ: 0"), "{text}");
}

#[test]
fn an_alignment_mode_takes_multiples_only() {
    assert!(run("alignment_mode").contains("alignment multiples with"));
}

#[test]
fn an_executor_vetoes() {
    assert!(run("custom_executor").contains("vetoed by ceiling:"));
}

#[test]
fn a_resource_check_holds_scalings_up() {
    assert!(run("resource_check").contains("the resource check refuses"));
}
