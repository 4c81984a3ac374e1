//! `cargo xtask dist`: the archive of a release. The same files make the same archive, byte by byte.

mod archive;
mod pages;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};
use xshell::{Shell, cmd};

use crate::cargo::cargo;
use crate::paths;

pub(crate) use archive::{Entry, tar};

const PROGRAM: &str = "flink-autoscaler";

#[derive(Debug, Default, clap::Args)]
pub(crate) struct Arguments {
    /// What to build for; this machine where it is not set. rustup and a linker for it have to be there.
    #[arg(long, value_name = "TRIPLE")]
    target: Option<String>,
    /// A program that is built already, to be packed instead.
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
    /// The same program for this machine, which writes manual pages and completions where the packed one can't be run here.
    #[arg(long, value_name = "FILE")]
    runs_here: Option<PathBuf>,
    /// Where the archive goes; target/dist where it is not set.
    #[arg(long, value_name = "DIRECTORY")]
    out: Option<PathBuf>,
}

/// What is in the archive beside the program, where it stands in the tree: files, and directories with all that is in
/// them. What the pages link to is among it.
const FILES: &[&str] = &[
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "README.md",
    "SECURITY.md",
    "docs",
    "http-endpoint/README.md",
    "observer-prometheus/README.md",
    "packaging",
    "page/README.md",
];

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let shell = Shell::new()?;
    let binary = match &arguments.binary {
        Some(binary) => std::path::absolute(binary)?,
        None => built(&shell, arguments.target.as_deref())?,
    };
    let out = match &arguments.out {
        Some(out) => std::path::absolute(out)?,
        None => paths::target().join("dist"),
    };
    shell.change_dir(paths::root());
    let target = arguments.target.clone().map_or_else(|| host(&shell), Ok)?;
    let name = format!("{PROGRAM}-{}-{target}", env!("CARGO_PKG_VERSION"));
    let mut entries = entries(&name, &binary, &paths::root())?;
    let runs_here = arguments.runs_here.as_ref().map(std::path::absolute).transpose()?.unwrap_or(binary);
    for (path, content) in pages::of(&shell, &runs_here)? {
        entries.push(Entry::file(format!("{name}/{path}"), content));
    }
    let archive = out.join(format!("{name}.tar.gz"));
    std::fs::create_dir_all(&out).with_context(|| format!("{} can't be made", out.display()))?;
    std::fs::write(&archive, archive::gzipped(&tar(&entries, time(&shell)?)?)?)?;
    let sums = sums(&out)?;
    std::fs::write(out.join("SHA256SUMS"), &sums)?;
    println!("{}", archive.display());
    print!("{sums}");
    Ok(())
}

/// Builds the program with every feature, as a release.
pub(crate) fn built(shell: &Shell, target: Option<&str>) -> Result<PathBuf> {
    let _root = shell.push_dir(paths::root());
    let build = cargo(shell).args(["build", "--release", "--locked", "--package", PROGRAM, "--all-features"]);
    build.args(target.iter().flat_map(|target| ["--target", target])).run()?;
    let folder = target.map_or_else(paths::target, |target| paths::target().join(target));
    Ok(folder.join("release").join(PROGRAM))
}

fn host(shell: &Shell) -> Result<String> {
    let version = cmd!(shell, "rustc -vV").quiet().read()?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("rustc does not say what it is for")
}

/// When everything in the archive was changed last, seconds since 1970: what `SOURCE_DATE_EPOCH` says, else the commit.
pub(crate) fn time(shell: &Shell) -> Result<u64> {
    let text = match std::env::var("SOURCE_DATE_EPOCH") {
        Ok(text) => text,
        Err(_) => cmd!(shell, "git log -1 --format=%ct").quiet().read().context("set SOURCE_DATE_EPOCH")?,
    };
    text.trim().parse().with_context(|| format!("SOURCE_DATE_EPOCH={text} is no number of seconds"))
}

fn entries(folder: &str, binary: &Path, root: &Path) -> Result<Vec<Entry>> {
    ensure!(binary.is_file(), "there is no {}", binary.display());
    let read = |path: &Path| std::fs::read(path).with_context(|| format!("{} can't be read", path.display()));
    let mut entries = vec![Entry::program(format!("{folder}/{PROGRAM}"), read(binary)?)];
    for path in files(root)? {
        entries.push(Entry::file(format!("{folder}/{path}"), read(&root.join(&path))?));
    }
    Ok(entries)
}

/// The paths of [`FILES`], directories opened, in an order that is always the same.
fn files(root: &Path) -> Result<Vec<String>> {
    let mut files = Vec::new();
    let mut open: Vec<String> = FILES.iter().map(|path| (*path).to_owned()).collect();
    while let Some(path) = open.pop() {
        if !root.join(&path).is_dir() {
            files.push(path);
            continue;
        }
        for entry in std::fs::read_dir(root.join(&path)).with_context(|| format!("{path} can't be read"))? {
            open.push(format!("{path}/{}", entry?.file_name().to_string_lossy()));
        }
    }
    files.sort();
    Ok(files)
}

/// The checksums of all archives in a directory, as `sha256sum --check` reads them.
fn sums(directory: &Path) -> Result<String> {
    let mut sums = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".tar.gz") {
            let sum = Sha256::digest(std::fs::read(&path)?);
            sums.push((name, sum.iter().map(|byte| format!("{byte:02x}")).collect::<String>()));
        }
    }
    sums.sort();
    Ok(sums.into_iter().map(|(name, sum)| format!("{sum}  {name}\n")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes a program that writes two pages and a completion. Another process writes it: one that this process had open
    /// for writing could not be run while a thread starts something else.
    fn program(shell: &Shell, path: &Path) {
        let text = "#!/bin/sh\nset -e\ncase $1 in\nman) echo a >$3/program.1; echo b >$3/program-run.1;;\n*) echo for $2;;\nesac\n";
        let source = path.with_extension("sh");
        std::fs::write(&source, text).unwrap();
        cmd!(shell, "install --mode 755 {source} {path}").run().unwrap();
    }

    #[test]
    fn the_archive_has_everything_and_is_the_same_each_time() {
        let directory = tempfile::tempdir().unwrap();
        let (out, binary) = (directory.path().join("out"), directory.path().join("program"));
        let shell = Shell::new().unwrap();
        program(&shell, &binary);
        let target = Some("x86_64-unknown-linux-musl".to_owned());
        let arguments = Arguments { target, binary: Some(binary), runs_here: None, out: Some(out.clone()) };
        run(&arguments).unwrap();
        let archive = format!("flink-autoscaler-{}-x86_64-unknown-linux-musl.tar.gz", env!("CARGO_PKG_VERSION"));
        let (first, sums) =
            (std::fs::read(out.join(&archive)).unwrap(), std::fs::read(out.join("SHA256SUMS")).unwrap());
        shell.change_dir(&out);
        cmd!(shell, "sha256sum --check --strict SHA256SUMS").ignore_stdout().run().unwrap();
        let listed = cmd!(shell, "tar --list --verbose --numeric-owner --file {archive}").read().unwrap();
        let made = ["man/program-run.1", "man/program.1", "completions/_flink-autoscaler"];
        let made = made.into_iter().chain(["completions/flink-autoscaler.bash", "completions/flink-autoscaler.fish"]);
        for path in made.clone() {
            assert!(listed.lines().any(|line| line.ends_with(&format!("/{path}"))), "{path}: {listed}");
        }
        assert_eq!(listed.lines().count(), files(&paths::root()).unwrap().len() + 1 + made.count(), "{listed}");
        let program = listed.lines().find(|line| line.ends_with("/flink-autoscaler")).unwrap();
        assert!(program.starts_with("-rwxr-xr-x 0/0"), "{program}");
        run(&arguments).unwrap();
        assert_eq!(std::fs::read(out.join(&archive)).unwrap(), first);
        assert_eq!(std::fs::read(out.join("SHA256SUMS")).unwrap(), sums);
    }

    #[test]
    fn what_pages_link_to_is_in_the_archive() {
        let files = files(&paths::root()).unwrap();
        assert!(files.contains(&"packaging/systemd/flink-autoscaler.service".to_owned()), "{files:?}");
        let mut links = 0;
        for page in files.iter().filter(|file| file.ends_with(".md")) {
            let text = std::fs::read_to_string(paths::root().join(page)).unwrap();
            for link in text.split("](").skip(1).filter_map(|behind| behind.split([')', '#']).next()) {
                if link.is_empty() || link.contains(':') {
                    continue;
                }
                let folder = Path::new(page).parent().unwrap();
                let mut parts: Vec<&str> = folder.iter().map(|part| part.to_str().unwrap()).collect();
                for part in link.split('/') {
                    if part == ".." {
                        parts.pop();
                    } else {
                        parts.push(part);
                    }
                }
                assert!(files.contains(&parts.join("/")), "{page} links to {link}, which is not in the archive");
                links += 1;
            }
        }
        assert!(links > 30, "{links}");
    }
}
