//! The Docker engine, asked by its own command.

use std::process::{Command, Stdio};

#[cfg(feature = "kubernetes")]
use anyhow::{Context, Result, ensure};

/// Whether there is one.
pub(crate) fn answers() -> bool {
    let mut docker = Command::new("docker");
    docker.args(["version", "--format", "{{.Server.Version}}"]).stdout(Stdio::null()).stderr(Stdio::null());
    docker.status().is_ok_and(|status| status.success())
}

/// What it answers to a command, without white space around it.
#[cfg(feature = "kubernetes")]
pub(crate) fn asked(arguments: &[&str]) -> Result<String> {
    let output = Command::new("docker").args(arguments).stdin(Stdio::null()).output().context("can't start docker")?;
    let shown = arguments.first().copied().unwrap_or_default();
    ensure!(output.status.success(), "docker {shown} failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Has a container removed, with its data, when this process is gone, however it went.
pub(crate) fn end_with_process(container: &str) {
    let gone = format!("while kill -0 {} 2>/dev/null; do sleep 1; done", std::process::id());
    let script = format!("{gone}; docker rm --force --volumes {container}");
    let mut reaper = Command::new("sh");
    reaper.args(["-c", &script]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut reaper, 0);
    // Without it the container stays until it is removed by hand, or by a later run that looks for those of its kind.
    let _reaping = reaper.spawn();
}
