//! Commands that documents name exist.

use anyhow::Result;
use clap::Parser;

use super::Check;
use super::workspace::{Package, Workspace};
use crate::Cli;

pub(super) const CHECK: Check = Check {
    name: "commands",
    rule: "cargo commands in documents name packages, tests, examples and commands of xtask that there are",
    way_out: "correct the document, or what it names",
    run,
};

fn run(workspace: &Workspace) -> Result<Vec<String>> {
    let mut places = Vec::new();
    for file in workspace.files.iter().filter(|file| file.path.ends_with(".md")) {
        for (line, words) in commands(&file.text) {
            let problem = match words.as_slice() {
                // The name of it all, without a command.
                ["xtask"] => None,
                ["xtask", rest @ ..] => xtask(rest),
                _ => named(workspace, &words),
            };
            places.extend(problem.map(|problem| format!("{}:{line}: {problem}", file.path)));
        }
    }
    Ok(places)
}

/// The words behind `cargo` of each command, in a block of code or between backticks, up to what is no more cargo's.
fn commands(text: &str) -> Vec<(usize, Vec<&str>)> {
    let mut commands = Vec::new();
    let mut is_block = false;
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim_start().starts_with("```") {
            is_block = !is_block;
            continue;
        }
        let parts: Vec<&str> = if is_block { vec![line] } else { line.split('`').skip(1).step_by(2).collect() };
        for part in parts {
            let Some(rest) = part.trim_start().trim_start_matches("$ ").strip_prefix("cargo ") else { continue };
            let is_cargos = |word: &&str| !["--", "#", "…", "\\", "|"].contains(word);
            commands.push((number, rest.split_whitespace().take_while(is_cargos).collect()));
        }
    }
    commands
}

fn xtask(words: &[&str]) -> Option<String> {
    let line = std::iter::once("cargo xtask").chain(words.iter().copied());
    let error = Cli::try_parse_from(line).err()?;
    error.use_stderr().then(|| format!("cargo xtask {}: {}", words.join(" "), error.kind()))
}

/// What is not there of what a command names.
fn named(workspace: &Workspace, words: &[&str]) -> Option<String> {
    let value = |names: &[&str]| words.windows(2).find(|pair| names.contains(&pair[0])).map(|pair| pair[1]);
    if let Some(folder) = value(&["--path"])
        && !workspace.packages.iter().any(|package| package.folder == folder)
    {
        return Some(format!("there is no package in {folder}"));
    }
    // A name in capitals stands for any.
    let name = value(&["-p", "--package"]).filter(|name| name.contains(char::is_lowercase))?;
    let Some(package) = workspace.packages.iter().find(|package| package.name == name) else {
        return Some(format!("there is no package {name}"));
    };
    [("--test", "tests"), ("--example", "examples"), ("--bench", "benches")].into_iter().find_map(|(flag, folder)| {
        let target = value(&[flag])?;
        let is_there = has_target(workspace, package, folder, target);
        (!is_there).then(|| format!("{name} has no {folder}/{target}"))
    })
}

fn has_target(workspace: &Workspace, package: &Package, folder: &str, target: &str) -> bool {
    let path = format!("{}/{folder}/{target}", package.folder);
    [format!("{path}.rs"), format!("{path}/main.rs")].iter().any(|path| workspace.file(path).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_does_not_exist_is_found() {
        let text = "`cargo xtask` is: run `cargo xtask tidy`, not `cargo xtask tidi`.\n```\ncargo test -p a --test suite -- name\n\
                    $ cargo test -p a --test sweet\ncargo run --package b   # no\ncargo test -p NAME\n```\n`cargo install --path a` `cargo build`";
        let files = [("README.md", text), ("a/tests/suite.rs", "")];
        let mut workspace = Workspace::of_files(&files);
        workspace.packages.push(Package { name: "a".to_owned(), folder: "a".to_owned(), ..Package::default() });
        let found = run(&workspace).unwrap();
        let [xtask, test, package] = found.as_slice() else { panic!("{found:#?}") };
        assert!(xtask.starts_with("README.md:1: cargo xtask tidi:"), "{xtask}");
        assert_eq!(test, "README.md:4: a has no tests/sweet");
        assert_eq!(package, "README.md:5: there is no package b");
    }
}
