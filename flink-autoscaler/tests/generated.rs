//! What is generated from the option table and the commands: docs/options.md, completions, manual pages.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::process::{Command, Stdio};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/options.md");

fn printed(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_flink-autoscaler")).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_page_of_options_is_current() {
    let page = printed(&["options", "--markdown"]);
    if std::env::var("TRYCMD").is_ok_and(|mode| mode == "overwrite") {
        std::fs::write(PAGE, &page).unwrap();
    }
    assert!(
        std::fs::read_to_string(PAGE).unwrap_or_default() == page,
        "docs/options.md is not current: cargo run -p flink-autoscaler --all-features -- options --markdown > docs/options.md"
    );
}

/// What bash offers behind these words, the last of which is being typed.
#[cfg(unix)]
fn offered(words: &[&str]) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    let script = directory.path().join("completions");
    std::fs::write(&script, printed(&["completions", "bash"])).unwrap();
    let ask = "source \"$1\"; COMP_WORDS=(\"${@:2}\"); COMP_CWORD=$(($# - 2)); _flink__autoscaler \
               flink-autoscaler \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD - 1]}\"; \
               printf '%s\\n' \"${COMPREPLY[@]}\"";
    let mut bash = Command::new("bash");
    bash.args(["--norc", "-c", ask, "bash"]).arg(&script).args(words).stderr(Stdio::inherit());
    let output = bash.output().unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[cfg(unix)]
#[test]
fn bash_completes_commands_keys_and_values() {
    assert!(offered(&["flink-autoscaler", "mig"]).contains(&"migrate".to_owned()));
    let keys = offered(&["flink-autoscaler", "run", "--job.autoscaler.utilization"]);
    assert_eq!(
        keys,
        ["--job.autoscaler.utilization.target", "--job.autoscaler.utilization.max", "--job.autoscaler.utilization.min"]
    );
    let values = offered(&["flink-autoscaler", "run", "--job.autoscaler.metrics.busy-time.aggregator", "M"]);
    assert_eq!(values, ["MAX", "MIN"]);
    let keys = offered(&["flink-autoscaler", "options", "job.autoscaler.quota"]);
    assert_eq!(keys, ["job.autoscaler.quota.memory", "job.autoscaler.quota.cpu"]);
}

#[test]
fn manual_pages_are_written_for_every_command() {
    let directory = tempfile::tempdir().unwrap();
    printed(&["man", "--dir", directory.path().to_str().unwrap()]);
    let pages: Vec<String> = std::fs::read_dir(directory.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    for page in ["flink-autoscaler.1", "flink-autoscaler-run.1", "flink-autoscaler-state-export.1"] {
        assert!(pages.iter().any(|written| written == page), "{page}: {pages:?}");
    }
    assert!(printed(&["man", "run"]).contains("FLINK_CONF_DIR"));
}
