//! A container of the image, shut off from everything: whether it starts, answers, and ends when asked.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use xshell::Shell;

use super::engine::Client;

const PROGRAM: &str = "/usr/bin/flink-autoscaler";
/// How often it is asked whether it answers yet, and the time in between.
const ASKED: u32 = 120;
const PAUSE: Duration = Duration::from_millis(250);

pub(super) fn tried(shell: &Shell, client: &Client, image: &str) -> Result<()> {
    let run = client.docker(shell).args([
        "run",
        "--detach",
        "--read-only",
        "--cap-drop",
        "ALL",
        "--network",
        "none",
        image,
        "run",
    ]);
    let container = run.read().with_context(|| format!("{image} can't be run"))?;
    let tried = answers(shell, client, &container).and_then(|()| ends(shell, client, &container));
    if tried.is_err() {
        client.docker(shell).args(["logs", &container]).ignore_status().run()?;
    }
    client.docker(shell).args(["rm", "--force", &container]).quiet().ignore_stdout().run()?;
    tried.with_context(|| image.to_owned())
}

/// Waits until it can be asked how it is; that it sees no cluster is all right.
fn answers(shell: &Shell, client: &Client, container: &str) -> Result<()> {
    for _ in 0..ASKED {
        let status = client.docker(shell).args(["exec", container, PROGRAM, "status", "--json"]);
        let status = status.quiet().ignore_status().output()?;
        // 2 is for a process that does not answer.
        match status.status.code() {
            Some(0 | 1) if !status.stdout.is_empty() => return Ok(()),
            Some(2) => std::thread::sleep(PAUSE),
            _ => bail!("status ended with {}: {}", status.status, String::from_utf8_lossy(&status.stderr)),
        }
    }
    bail!("nobody answers in it")
}

/// As the first process of its container it hears of a signal only what it listens for.
fn ends(shell: &Shell, client: &Client, container: &str) -> Result<()> {
    client.docker(shell).args(["stop", "--time", "30", container]).quiet().ignore_stdout().run()?;
    let code = client.docker(shell).args(["inspect", "--format", "{{.State.ExitCode}}", container]).quiet().read()?;
    ensure!(code == "0", "asked to stop, it ended with {code}");
    Ok(())
}
