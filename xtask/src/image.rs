//! `cargo xtask image`: the container's image, and whether it runs.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use xshell::{Shell, cmd};

use crate::dist::{self, Entry};
use crate::paths;

const DOCKERFILE: &str = "packaging/docker/Dockerfile";
/// Images made of this machine's files, for the Dockerfile's BASE and BINARY.
const BASE: &str = "flink-autoscaler-local-base";
const BINARY: &str = "flink-autoscaler-local-binary";
/// Where programs find certificates of others.
const CERTIFICATES: &str = "/etc/ssl/certs/ca-certificates.crt";

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

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let shell = Shell::new()?;
    shell.change_dir(paths::root());
    cmd!(shell, "docker version").quiet().ignore_stdout().run().context("no Docker engine answers")?;
    let tag = &arguments.tag;
    let mut build = cmd!(shell, "docker build --file {DOCKERFILE} --tag {tag}").env("DOCKER_BUILDKIT", "1");
    if arguments.local {
        let binary = match &arguments.binary {
            Some(binary) => binary.clone(),
            None => dist::built(&shell, None)?,
        };
        let time = dist::time(&shell)?;
        import(&shell, BASE, &dist::tar(&base(&shell, &binary)?, time)?)?;
        import(
            &shell,
            BINARY,
            &dist::tar(&[Entry::program("flink-autoscaler".to_owned(), std::fs::read(&binary)?)], time)?,
        )?;
        build = build.args(["--build-arg", &format!("BASE={BASE}"), "--build-arg", &format!("BINARY={BINARY}")]);
    }
    build.arg(".").run()?;
    let user = "{{.Config.User}}";
    let user = cmd!(shell, "docker image inspect --format {user} {tag}").read()?;
    ensure!(
        user.split(':').next().is_some_and(|user| user.parse::<u32>().is_ok_and(|user| user > 0)),
        "{tag} runs as {user:?}"
    );
    let version = cmd!(shell, "docker run --rm --read-only --cap-drop ALL {tag} --version").read()?;
    println!("{tag}: {version}, as user {user}");
    Ok(())
}

fn import(shell: &Shell, image: &str, archive: &[u8]) -> Result<()> {
    cmd!(shell, "docker import - {image}").stdin(archive).ignore_stdout().run().map_err(Into::into)
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
}
