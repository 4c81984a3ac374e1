//! Commands in the documents that need no cluster print what stands there. `TRYCMD=overwrite` writes down what they print.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

fn documents() -> Vec<PathBuf> {
    let root = Path::new(ROOT).canonicalize().unwrap();
    let mut documents = vec![root.join("README.md")];
    let docs = std::fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    documents.extend(docs.filter(|path| path.extension().is_some_and(|extension| extension == "md")));
    documents
}

/// Blocks of code that are marked `console`; in such a document no block may be without a mark.
#[test]
fn commands_print_what_is_said() {
    // Where a reader types them.
    std::env::set_current_dir(Path::new(ROOT)).unwrap();
    let cases = trycmd::TestCases::new();
    cases.default_bin_path(env!("CARGO_BIN_EXE_flink-autoscaler"));
    for document in documents() {
        if std::fs::read_to_string(&document).unwrap().contains("\n```console\n") {
            cases.case(document);
        }
    }
}

/// Blocks of YAML that hold options of ours, with nothing in them that has no effect or can't be used.
#[test]
fn configurations_that_are_shown_are_read() {
    let mut read = 0;
    for document in documents() {
        let text = std::fs::read_to_string(&document).unwrap();
        let blocks = text.split("\n```yaml\n").skip(1).filter_map(|behind| behind.split("\n```").next());
        for block in blocks.filter(|block| block.starts_with("autoscaler.") || block.starts_with("job.autoscaler.")) {
            let directory = tempfile::tempdir().unwrap();
            std::fs::write(directory.path().join("config.yaml"), block).unwrap();
            let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_flink-autoscaler"));
            let over = ["--autoscaler.standalone.state-store.type", "memory"];
            let output =
                program.args(["state", "show"]).args(over).env("FLINK_CONF_DIR", directory.path()).output().unwrap();
            let said = String::from_utf8(output.stderr).unwrap();
            // It ends for want of a database, and has read the options before.
            let is_read = said.lines().count() == 1 && said.contains("state is kept in memory only");
            assert!(is_read, "{}: {said}\n{block}", document.display());
            read += 1;
        }
    }
    assert!(read > 4, "{read}");
}

#[test]
fn options_that_are_named_exist() {
    // The page has those of all features.
    let listed = std::fs::read_to_string(Path::new(ROOT).join("docs/options.md")).unwrap();
    let mut known: BTreeSet<&str> = listed.split([' ', '\n', ',', '(', ')', '`']).collect();
    // It is looked for in resources of Kubernetes alone.
    known.insert("job.autoscaler.external.enabled");
    let is_of_key = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-".contains(c);
    for document in documents() {
        let text = std::fs::read_to_string(&document).unwrap();
        for prefix in ["autoscaler.standalone.", "job.autoscaler."] {
            for (at, _) in text.match_indices(prefix).filter(|(at, _)| !text[..*at].ends_with(is_of_key)) {
                let key: String = text[at..].chars().take_while(|c| is_of_key(*c)).collect();
                let key = key.trim_end_matches(['.', '-']);
                let is_family = known.iter().any(|known| known.starts_with(&format!("{key}.")));
                assert!(known.contains(key) || is_family, "{}: there is no option {key}", document.display());
            }
        }
    }
}

/// Commands of ours in blocks of code, each with what follows it up to the end of the command; lines that end in a backslash go on.
fn commands(text: &str) -> Vec<Vec<String>> {
    let mut commands = Vec::new();
    for block in text.split("\n```").skip(1).step_by(2) {
        let joined = block.replace("\\\n", " ");
        for line in joined.lines() {
            let words: Vec<&str> = line.split_whitespace().take_while(|word| !word.starts_with('#')).collect();
            let is_before = |word: &str| word == "$" || word.contains('=');
            let is_typed = |at: &usize| match words[*at] {
                "flink-autoscaler" => words[..*at].iter().all(|word| is_before(word)),
                other => other == "/usr/bin/flink-autoscaler",
            };
            let Some(at) = (0..words.len()).find(is_typed) else { continue };
            let ends = |word: &&str| ["|", ">", "&&", ";", "&"].contains(word);
            let command = words[at + 1..].iter().take_while(|word| !ends(word));
            commands.push(command.map(|word| word.trim_matches('\'').to_owned()).collect());
        }
    }
    commands
}

/// Flags of commands in blocks that nobody runs; options with Flink's keys are looked at above.
#[test]
fn flags_that_are_named_exist() {
    let mut helps: BTreeMap<Vec<String>, String> = BTreeMap::new();
    let mut checked = 0;
    for document in documents() {
        for words in commands(&std::fs::read_to_string(&document).unwrap()) {
            let is_command = |word: &&String| word.bytes().all(|b| b.is_ascii_lowercase());
            let mut command: Vec<String> = words.iter().take_while(is_command).cloned().collect();
            // Behind a command there may be what it is about.
            let groups = ["state", "kubernetes"];
            command.truncate(if command.first().is_some_and(|first| groups.contains(&first.as_str())) { 2 } else { 1 });
            let help = helps.entry(command.clone()).or_insert_with(|| {
                let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_flink-autoscaler"));
                let output = program.args(&command).arg("--help").output().unwrap();
                assert!(output.status.success(), "{}: there is no command {command:?}", document.display());
                String::from_utf8(output.stdout).unwrap()
            });
            for flag in words.iter().filter_map(|word| word.strip_prefix("--")).filter(|flag| !flag.contains('.')) {
                let flag = flag.split('=').next().unwrap();
                let is_there = help.contains(&format!("--{flag} ")) || help.contains(&format!("--{flag}\n"));
                // The Java process's own are all of two words.
                let is_older = flag.bytes().any(|b| b.is_ascii_uppercase());
                assert!(is_there || is_older, "{}: {command:?} has no --{flag}", document.display());
                checked += 1;
            }
        }
    }
    assert!(checked > 30, "{checked}");
}
