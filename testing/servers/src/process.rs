//! Programs that are run, and where what they need is kept.

#[cfg(any(feature = "database", feature = "kubernetes", feature = "yarn"))]
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
#[cfg(any(feature = "database", feature = "kubernetes", feature = "yarn"))]
use std::process::{Child, Stdio};

#[cfg(any(feature = "database", feature = "flink", feature = "kubernetes"))]
use anyhow::{Context, Result, bail};

/// Cargo's target directory of the workspace at `root`.
pub fn target_directory(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |directory| root.join(directory))
}

/// Sends a signal, such as `STOP`.
///
/// # Panics
/// It can't be sent: there is no such process.
pub fn signal(process: u32, signal: &str) {
    let sent = Command::new("kill").arg(format!("-{signal}")).arg(process.to_string()).status();
    assert!(sent.unwrap().success(), "{signal} can't be sent to process {process}");
}

/// Runs a command to its end; its last words are in the error.
#[cfg(any(feature = "database", feature = "flink", feature = "kubernetes"))]
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let output = command.output().with_context(|| format!("can't start {:?}", command.get_program()))?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        let last: Vec<&str> = errors.lines().rev().take(8).collect();
        bail!("{:?} failed: {}", command.get_program(), last.into_iter().rev().collect::<Vec<_>>().join("\n"));
    }
    Ok(())
}

/// Starts a server that ends when this process does. A thread of its own waits for it: Linux ends the server with the
/// thread that started it, and a test's own thread ends with the test. Its process id, under which it is waited for.
#[cfg(any(feature = "database", feature = "kubernetes", feature = "yarn"))]
pub(crate) fn spawn_for_this_process(start: Command, log: PathBuf) -> Result<u32> {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let spawned = spawn(start, &log);
        match spawned {
            Ok(mut child) => {
                let _told = sender.send(Ok(child.id()));
                let _status = child.wait();
            }
            Err(error) => {
                let _told = sender.send(Err(error));
            }
        }
    });
    receiver.recv().context("the server's thread ended")?
}

#[cfg(any(feature = "database", feature = "kubernetes", feature = "yarn"))]
fn spawn(start: Command, log: &Path) -> Result<Child> {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL"]);
    // In one call with the change of user, which would undo it.
    if start.get_program() != "setpriv" {
        command.arg("--").arg(start.get_program());
    }
    command.args(start.get_args());
    let output = File::create(log)?;
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
    command.spawn().with_context(|| format!("can't start {:?}", start.get_program()))
}
