//! `cargo xtask fuzz`: damaged texts for everything that reads texts.

use std::path::Path;

use anyhow::Result;
use clap::Parser;
use xshell::Shell;

use crate::cargo::cargo;
use crate::{lab, paths};

const FOLDER: &str = "testing/fuzz/libfuzzer";

/// What is passed on to libfuzzer, of what the driver of the stable toolchain understands.
#[derive(Debug, Parser)]
struct Guided {
    target: Option<String>,
    #[arg(long)]
    smoke: bool,
    #[arg(long, default_value_t = 60)]
    seconds: u64,
}

/// With a nightly toolchain and cargo-fuzz, guided by coverage; else the driver of the stable toolchain.
pub(crate) fn run(arguments: &lab::Arguments) -> Result<()> {
    let shell = Shell::new()?;
    shell.change_dir(paths::root());
    let line = std::iter::once("fuzz").chain(arguments.arguments.iter().map(String::as_str));
    let version = cargo(&shell).args(["+nightly", "fuzz", "--version"]).quiet().ignore_stdout().ignore_stderr();
    match Guided::try_parse_from(line) {
        Ok(guided) if version.run().is_ok() => guide(&shell, &guided),
        // A seed, a wrong word or a call for help: the other one's business.
        _ => lab::become_lab("fuzz", arguments),
    }
}

fn guide(shell: &Shell, guided: &Guided) -> Result<()> {
    let names = match &guided.target {
        Some(name) => vec![name.clone()],
        None => targets(&paths::root())?,
    };
    let limit = format!("-max_total_time={}", if guided.smoke { 10 } else { guided.seconds });
    for name in names {
        cargo(shell).args(["+nightly", "fuzz", "run", "--fuzz-dir", FOLDER, &name, "--", &limit]).run()?;
    }
    Ok(())
}

/// Every target: a file for each.
fn targets(root: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(root.join(FOLDER).join("fuzz_targets"))? {
        names.extend(entry?.path().file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_files() {
        let names = targets(&paths::root()).unwrap();
        assert!(names.contains(&"trace_lines".to_owned()), "{names:?}");
    }
}
