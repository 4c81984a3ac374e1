//! `cargo xtask image`: the container's image, and whether it runs.

mod container;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use xshell::{Cmd, Shell, cmd};

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

/// Whether the image was made and tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Image {
    Runs,
    /// It can't be made here, and why.
    Lacking(&'static str),
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let shell = Shell::new()?;
    shell.change_dir(paths::root());
    if let Some(lacking) = lacking(&shell) {
        bail!("{lacking}");
    }
    let tag = &arguments.tag;
    if arguments.local {
        let binary = match &arguments.binary {
            Some(binary) => binary.clone(),
            None => dist::built(&shell, None)?,
        };
        let built = local(&shell, tag, &binary);
        // The image has what it needs of them.
        cmd!(shell, "docker image rm --force {BASE} {BINARY}").quiet().ignore_stdout().ignore_status().run()?;
        built?;
    } else {
        build(&shell, tag).arg(".").run()?;
    }
    let user = "{{.Config.User}}";
    let user = cmd!(shell, "docker image inspect --format {user} {tag}").read()?;
    ensure!(
        user.split(':').next().is_some_and(|user| user.parse::<u32>().is_ok_and(|user| user > 0)),
        "{tag} runs as {user:?}"
    );
    let version = cmd!(shell, "docker run --rm --read-only --cap-drop ALL {tag} --version").read()?;
    container::tried(&shell, tag)?;
    println!("{tag}: {version}, as user {user}; it starts, answers, and ends when asked");
    Ok(())
}

/// Makes the image of a program that is built already, tries it and removes it, where that can be done.
pub(crate) fn checked(binary: PathBuf) -> Result<Image> {
    let shell = Shell::new()?;
    if let Some(lacking) = lacking(&shell) {
        return Ok(Image::Lacking(lacking));
    }
    let tag = format!("flink-autoscaler-checked-{}", std::process::id());
    let made = run(&Arguments { local: true, binary: Some(binary), tag: tag.clone() });
    cmd!(shell, "docker image rm --force {tag}").quiet().ignore_stdout().ignore_stderr().ignore_status().run()?;
    made.map(|()| Image::Runs)
}

/// What is to be said at the end of a longer run.
pub(crate) fn told(image: Image) -> String {
    match image {
        Image::Runs => "image: made of this machine's files, and tried".to_owned(),
        Image::Lacking(why) => format!("image: NOT checked: {why}"),
    }
}

/// What an image can't be made without and is not here.
fn lacking(shell: &Shell) -> Option<&'static str> {
    let version = "{{.Client.Version}}";
    let version = cmd!(shell, "docker version --format {version}").quiet().ignore_stderr().read();
    // It fails where there is a client and no engine.
    let Ok(version) = version else { return Some("no Docker engine answers (docker version says why)") };
    let has_buildx = || cmd!(shell, "docker buildx version").quiet().ignore_stdout().ignore_stderr().run().is_ok();
    (!has_buildkit(&version) && !has_buildx()).then_some(
        "Docker builds with BuildKit, and this one has no buildx; on Debian or Ubuntu: apt-get install -y docker-buildx, \
         or docker-buildx-plugin of Docker's own packages",
    )
}

/// Whether a client of this version has BuildKit in it; later ones have it in a plugin.
fn has_buildkit(client: &str) -> bool {
    client.split('.').next().and_then(|major| major.parse::<u32>().ok()).is_some_and(|major| major < 23)
}

fn build<'a>(shell: &'a Shell, tag: &str) -> Cmd<'a> {
    cmd!(shell, "docker build --file {DOCKERFILE} --tag {tag}").env("DOCKER_BUILDKIT", "1")
}

/// From this machine alone.
fn local(shell: &Shell, tag: &str, binary: &Path) -> Result<()> {
    let time = dist::time(shell)?;
    let program = std::fs::read(binary).with_context(|| format!("{} can't be read", binary.display()))?;
    import(shell, BASE, &dist::tar(&base(shell, binary)?, time)?)?;
    import(shell, BINARY, &dist::tar(&[Entry::program("flink-autoscaler".to_owned(), program)], time)?)?;
    let (base, binary) = (format!("BASE={BASE}"), format!("BINARY={BINARY}"));
    build(shell, tag).args(["--build-arg", &base, "--build-arg", &binary, "."]).run().map_err(Into::into)
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

    #[test]
    fn what_was_left_out_is_said() {
        assert!(told(Image::Lacking("no Docker engine answers")).contains("NOT checked: no Docker engine answers"));
        assert!(!told(Image::Runs).contains("NOT"));
    }

    #[test]
    fn buildkit_is_a_plugin_of_later_clients() {
        assert!(has_buildkit("20.10.24+dfsg1"));
        assert!(!has_buildkit("23.0.0") && !has_buildkit("28.2.2"));
    }
}
