//! `cargo xtask image`: the container's image, and whether it runs.

mod container;
mod engine;

use std::path::{Path, PathBuf};

use anyhow::{Context, Error, Result, ensure};
use xshell::{Cmd, Shell, cmd};

use crate::dist::{self, Entry};

use self::engine::{Client, Engine};
use crate::paths;

const DOCKERFILE: &str = "packaging/docker/Dockerfile";
/// Images made of this machine's files, for the Dockerfile's BASE and BINARY.
const BASE: &str = "flink-autoscaler-local-base";
const BINARY: &str = "flink-autoscaler-local-binary";
/// Where programs find certificates of others.
const CERTIFICATES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// What `docker run` ends with where the container has no such program.
const PROGRAM_MISSING: i32 = 127;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Build the program here, and the base from what it needs of this machine: nothing comes from a registry.
    #[arg(long)]
    local: bool,
    /// A program that is built already, with --local.
    #[arg(long, value_name = "FILE", requires = "local")]
    binary: Option<PathBuf>,
    /// The name of the image.
    #[arg(long, default_value = "flink-autoscaler")]
    tag: String,
}

/// Whether the image was made and tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Image {
    Runs,
    /// It can't be made here, and why.
    Lacking(String),
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let shell = Shell::new()?;
    shell.change_dir(paths::root());
    let engine = Engine::running(&shell).map_err(Error::msg)?;
    made(&shell, &engine.client, arguments)
}

fn made(shell: &Shell, client: &Client, arguments: &Arguments) -> Result<()> {
    let tag = &arguments.tag;
    if arguments.local {
        let binary = match &arguments.binary {
            Some(binary) => binary.clone(),
            None => dist::built(shell, None)?,
        };
        let built = local(shell, client, tag, &binary);
        // The image has what it needs of them.
        client
            .docker(shell)
            .args(["image", "rm", "--force", BASE, BINARY])
            .quiet()
            .ignore_stdout()
            .ignore_status()
            .run()?;
        built?;
    } else {
        build(shell, client, tag).arg(".").run()?;
    }
    let user = client.docker(shell).args(["image", "inspect", "--format", "{{.Config.User}}", tag]).read()?;
    ensure!(
        user.split(':').next().is_some_and(|user| user.parse::<u32>().is_ok_and(|user| user > 0)),
        "{tag} runs as {user:?}"
    );
    let shut_off = ["run", "--rm", "--read-only", "--cap-drop", "ALL", "--network", "none"];
    let version = client.docker(shell).args(shut_off).args([tag, "--version"]).read()?;
    container::tried(shell, client, tag)?;
    println!("{tag}: {version}, as user {user}; it starts, answers, and ends when asked");
    Ok(())
}

/// Makes the image of a program that is built already, tries it and removes it, where that can be done.
pub(crate) fn checked(binary: PathBuf) -> Result<Image> {
    let shell = Shell::new()?;
    shell.change_dir(paths::root());
    let engine = match Engine::running_or_started(&shell) {
        Ok(engine) => engine,
        Err(lacking) => return Ok(Image::Lacking(lacking)),
    };
    let tag = format!("flink-autoscaler-checked-{}", std::process::id());
    let remove = |tag: &str| engine.client.docker(&shell).args(["image", "rm", "--force", tag]).quiet();
    let plain = format!("{tag}-plain");
    import(&shell, &engine.client, &plain, &dist::tar(&base(&shell, &binary)?, 0)?)?;
    let run = engine.client.docker(&shell).args(["run", "--rm", "--network", "none", &plain, "/nothing"]);
    let run = run.quiet().ignore_status().output()?;
    remove(&plain).ignore_stdout().run()?;
    // An engine that gets as far as to miss it runs what is there.
    if run.status.code() != Some(PROGRAM_MISSING) {
        let said = String::from_utf8_lossy(&run.stderr);
        return Ok(Image::Lacking(format!("the Docker engine runs no container: {}", said.trim())));
    }
    let made = made(&shell, &engine.client, &Arguments { local: true, binary: Some(binary), tag: tag.clone() });
    remove(&tag).ignore_stdout().ignore_stderr().ignore_status().run()?;
    made.map(|()| Image::Runs)
}

/// What is to be said at the end of a longer run.
pub(crate) fn told(image: &Image) -> String {
    match image {
        Image::Runs => "image: made of this machine's files, and tried".to_owned(),
        Image::Lacking(why) => format!("image: NOT checked: {why}"),
    }
}

fn build<'a>(shell: &'a Shell, client: &Client, tag: &str) -> Cmd<'a> {
    client.docker(shell).args(["build", "--file", DOCKERFILE, "--tag", tag])
}

/// From this machine alone.
fn local(shell: &Shell, client: &Client, tag: &str, binary: &Path) -> Result<()> {
    let time = dist::time(shell)?;
    let program = std::fs::read(binary).with_context(|| format!("{} can't be read", binary.display()))?;
    import(shell, client, BASE, &dist::tar(&base(shell, binary)?, time)?)?;
    import(shell, client, BINARY, &dist::tar(&[Entry::program("flink-autoscaler".to_owned(), program)], time)?)?;
    let (base, binary) = (format!("BASE={BASE}"), format!("BINARY={BINARY}"));
    build(shell, client, tag).args(["--build-arg", &base, "--build-arg", &binary, "."]).run().map_err(Into::into)
}

fn import(shell: &Shell, client: &Client, image: &str, archive: &[u8]) -> Result<()> {
    client.docker(shell).args(["import", "-", image]).stdin(archive).ignore_stdout().run().map_err(Into::into)
}

/// What a program needs of the machine: its libraries, their loader, and the certificates that are trusted.
fn base(shell: &Shell, binary: &Path) -> Result<Vec<Entry>> {
    let listed = cmd!(shell, "ldd {binary}").quiet().ignore_status().read()?;
    let mut entries = Vec::new();
    for path in libraries(&listed) {
        let content = std::fs::read(path).with_context(|| format!("{path} can't be read"))?;
        entries.push(Entry::program(path.trim_start_matches('/').to_owned(), content));
    }
    let certificates = std::fs::read(CERTIFICATES).with_context(|| {
        format!("{CERTIFICATES} can't be read; on Debian or Ubuntu: apt-get install -y ca-certificates")
    })?;
    entries.push(Entry::file(CERTIFICATES.trim_start_matches('/').to_owned(), certificates));
    Ok(entries)
}

/// The files in what `ldd` prints; none of a static program.
fn libraries(listed: &str) -> impl Iterator<Item = &str> {
    let paths = listed.lines().filter_map(|line| line.split_whitespace().find(|word| word.starts_with('/')));
    paths.filter(|path| !path.ends_with(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_and_their_loader_are_found() {
        let listed = "\tlinux-vdso.so.1 (0x00007ffd)\n\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f)\n\t\
                      /lib64/ld-linux-x86-64.so.2 (0x00007f)\n";
        let found: Vec<_> = libraries(listed).collect();
        assert_eq!(found, ["/lib/x86_64-linux-gnu/libc.so.6", "/lib64/ld-linux-x86-64.so.2"]);
        assert_eq!(libraries("\tnot a dynamic executable\n").count(), 0);
    }

    #[test]
    fn what_was_left_out_is_said() {
        assert!(
            told(&Image::Lacking("no Docker engine answers".to_owned()))
                .contains("NOT checked: no Docker engine answers")
        );
        assert!(!told(&Image::Runs).contains("NOT"));
    }
}
