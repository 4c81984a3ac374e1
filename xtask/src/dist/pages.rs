//! Manual pages and completions, as the program itself writes them.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use xshell::{Shell, cmd};

/// Shells, and where the script for each stands in the archive.
const COMPLETIONS: [(&str, &str); 3] = [
    ("bash", "completions/flink-autoscaler.bash"),
    ("fish", "completions/flink-autoscaler.fish"),
    ("zsh", "completions/_flink-autoscaler"),
];

/// Where they stand in the archive, and their content, in an order that is always the same.
pub(super) fn of(shell: &Shell, program: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let failed = || format!("{} can't be run here; --runs-here names one that can", program.display());
    let directory = shell.create_temp_dir()?;
    let into = directory.path();
    cmd!(shell, "{program} man --dir {into}").quiet().run().with_context(failed)?;
    let mut pages = Vec::new();
    for entry in std::fs::read_dir(into)? {
        let entry = entry?;
        pages.push((format!("man/{}", entry.file_name().to_string_lossy()), std::fs::read(entry.path())?));
    }
    ensure!(!pages.is_empty(), "{} man --dir has written no page", program.display());
    pages.sort();
    for (name, path) in COMPLETIONS {
        let script = cmd!(shell, "{program} completions {name}").quiet().output().with_context(failed)?.stdout;
        pages.push((path.to_owned(), script));
    }
    Ok(pages)
}
