//! A container of the image, shut off from everything: whether it starts, answers, and ends when asked.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use xshell::{Shell, cmd};

const PROGRAM: &str = "/usr/bin/flink-autoscaler";
/// How often it is asked whether it answers yet, and the time in between.
const ASKED: u32 = 120;
const PAUSE: Duration = Duration::from_millis(250);

pub(super) fn tried(shell: &Shell, image: &str) -> Result<()> {
    let run = cmd!(shell, "docker run --detach --read-only --cap-drop ALL --network none {image} run");
    let container = run.read().with_context(|| format!("{image} can't be run"))?;
    let tried = answers(shell, &container).and_then(|()| ends(shell, &container));
    if tried.is_err() {
        cmd!(shell, "docker logs {container}").ignore_status().run()?;
    }
    cmd!(shell, "docker rm --force {container}").quiet().ignore_stdout().run()?;
    tried.with_context(|| image.to_owned())
}

/// Waits until it can be asked how it is; that it sees no cluster is all right.
fn answers(shell: &Shell, container: &str) -> Result<()> {
    for _ in 0..ASKED {
        let status = cmd!(shell, "docker exec {container} {PROGRAM} status --json").quiet().ignore_status().output()?;
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
fn ends(shell: &Shell, container: &str) -> Result<()> {
    cmd!(shell, "docker stop --time 30 {container}").quiet().ignore_stdout().run()?;
    let code = "{{.State.ExitCode}}";
    let code = cmd!(shell, "docker inspect --format {code} {container}").quiet().read()?;
    ensure!(code == "0", "asked to stop, it ended with {code}");
    Ok(())
}
