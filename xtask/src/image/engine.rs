//! The Docker engine that images are made with: the one that answers, or one of our own for as long as it is needed.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use tempfile::TempDir;
use xshell::{Cmd, PushEnv, Shell, cmd};

/// How often an engine that was started is asked whether it answers yet, and the time in between.
const ASKED: u32 = 240;
const PAUSE: Duration = Duration::from_millis(250);

const NO_CLIENT: &str = "there is no docker; on Debian or Ubuntu: apt-get install -y docker.io";
const NO_BUILDKIT: &str = "Docker builds with BuildKit, and no docker here has it or its plugin buildx; on Debian or Ubuntu: \
                           apt-get install -y docker.io or docker-buildx, or docker-buildx-plugin of Docker's own packages";
const NO_ANSWER: &str = "no Docker engine answers (docker version says why)";

/// A client of Docker that can build.
pub(super) struct Client(PathBuf);

impl Client {
    /// The first on the path: a later one may have what an earlier one lacks. The error is what there is not.
    pub(super) fn found(shell: &Shell) -> Result<Self, &'static str> {
        let path = shell.var_os("PATH").unwrap_or_default();
        let clients = std::env::split_paths(&path).map(|directory| directory.join("docker"));
        first(clients.filter(|client| client.is_file()).map(Self), |client| client.builds(shell))
    }

    /// `docker` with the arguments of a command.
    pub(super) fn docker<'a>(&self, shell: &'a Shell) -> Cmd<'a> {
        let client = &self.0;
        cmd!(shell, "{client}").env("DOCKER_BUILDKIT", "1")
    }

    fn builds(&self, shell: &Shell) -> bool {
        // It fails where there is a client and no engine, having told its own version.
        let version = self.docker(shell).args(["version", "--format", "{{.Client.Version}}"]);
        let version = version.quiet().ignore_status().ignore_stderr().read();
        version.is_ok_and(|version| has_buildkit(&version)) || succeeds(self.docker(shell).args(["buildx", "version"]))
    }

    fn is_answered(&self, shell: &Shell) -> bool {
        succeeds(self.docker(shell).args(["version", "--format", "{{.Server.Version}}"]))
    }
}

/// The first that can build, or what is missing.
fn first<T>(clients: impl Iterator<Item = T>, builds: impl Fn(&T) -> bool) -> Result<T, &'static str> {
    let mut missing = NO_CLIENT;
    for client in clients {
        if builds(&client) {
            return Ok(client);
        }
        missing = NO_BUILDKIT;
    }
    Err(missing)
}

fn succeeds(command: Cmd<'_>) -> bool {
    command.quiet().ignore_stdout().ignore_stderr().run().is_ok()
}

/// Whether a client of this version has BuildKit in it; later ones have it in a plugin.
fn has_buildkit(client: &str) -> bool {
    client.split('.').next().and_then(|major| major.parse::<u32>().ok()).is_some_and(|major| major < 23)
}

/// An engine that answers the client.
pub(super) struct Engine<'a> {
    pub(super) client: Client,
    _own: Option<(PushEnv<'a>, Own)>,
}

impl<'a> Engine<'a> {
    /// The user's. The error is what there is not.
    pub(super) fn running(shell: &Shell) -> Result<Self, String> {
        let client = Client::found(shell)?;
        if client.is_answered(shell) { Ok(Self { client, _own: None }) } else { Err(NO_ANSWER.to_owned()) }
    }

    /// The user's, or one that is started for as long as it is held.
    pub(super) fn running_or_started(shell: &'a Shell) -> Result<Self, String> {
        let client = Client::found(shell)?;
        if client.is_answered(shell) {
            return Ok(Self { client, _own: None });
        }
        let mut own = Own::start().map_err(|problem| format!("{NO_ANSWER}, and none can be started: {problem:#}"))?;
        let host = shell.push_env("DOCKER_HOST", format!("unix://{}", own.directory.path().join("socket").display()));
        for _ in 0..ASKED {
            if client.is_answered(shell) {
                return Ok(Self { client, _own: Some((host, own)) });
            }
            if own.has_ended() {
                break;
            }
            std::thread::sleep(PAUSE);
        }
        Err(format!("{NO_ANSWER}, and one that was started says: {}", own.last_words()))
    }
}

/// An engine that shares nothing with another one and needs nothing of the network.
struct Own {
    process: Child,
    /// Short, as a socket's path may not be long.
    directory: TempDir,
}

impl Own {
    fn start() -> Result<Self> {
        let directory = tempfile::Builder::new().prefix("docker-").tempdir()?;
        let at = |name: &str| directory.path().join(name);
        let log = File::create(at("log"))?;
        let mut daemon = Command::new(daemon(Path::new("/usr/sbin/dockerd")));
        daemon.arg("--data-root").arg(at("data")).arg("--exec-root").arg(at("run")).arg("--pidfile").arg(at("pid"));
        daemon.arg("--host").arg(format!("unix://{}", at("socket").display()));
        daemon.args(["--bridge", "none", "--iptables=false"]);
        daemon.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let process =
            daemon.spawn().context("can't start dockerd; on Debian or Ubuntu: apt-get install -y docker.io")?;
        Ok(Self { process, directory })
    }

    fn has_ended(&mut self) -> bool {
        !matches!(self.process.try_wait(), Ok(None))
    }

    fn last_words(&self) -> String {
        let said = std::fs::read_to_string(self.directory.path().join("log")).unwrap_or_default();
        said.lines().last().unwrap_or("nothing").to_owned()
    }
}

/// Where Debian has it is on no user's path.
fn daemon(of_debian: &Path) -> &Path {
    if of_debian.is_file() { of_debian } else { Path::new("dockerd") }
}

impl Drop for Own {
    /// Ends it, so that nothing of it stays mounted where it was.
    fn drop(&mut self) {
        let _asked = Command::new("kill").arg(self.process.id().to_string()).status();
        let _ended = self.process.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buildkit_is_a_plugin_of_later_clients() {
        assert!(has_buildkit("20.10.24+dfsg1"));
        assert!(!has_buildkit("23.0.0") && !has_buildkit("28.2.2"));
    }

    #[test]
    fn a_client_that_can_build_is_found_behind_one_that_can_not() {
        let found = |clients: &[i32]| first(clients.iter().copied(), |client| *client > 0);
        assert_eq!(found(&[]), Err(NO_CLIENT));
        assert_eq!(found(&[0, 0]), Err(NO_BUILDKIT));
        assert_eq!(found(&[0, 1, 2]), Ok(1));
    }
}
