//! Servers that `up` leaves running: a process of their own holds them, and a file tells which, and how they are reached.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::paths;

/// Servers that `cargo xtask COMMAND up` leaves running.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Servers {
    /// The command, which has a hidden `hold`.
    pub(crate) command: &'static str,
    /// What their files are named after.
    pub(crate) name: &'static str,
    /// What they are in messages.
    pub(crate) shown: &'static str,
}

/// The process that holds servers, and what it tells of them.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Held<T> {
    pid: u32,
    #[serde(flatten)]
    pub(crate) told: T,
}

impl Servers {
    fn file(&self, ending: &str) -> PathBuf {
        paths::target().join(format!("{}.{ending}", self.name))
    }

    /// What was brought up, if its process is still there.
    pub(crate) fn held<T: DeserializeOwned>(&self) -> Result<Option<Held<T>>> {
        let path = self.file("json");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("can't read {}", path.display())),
        };
        let held: Held<T> = serde_json::from_str(&text).with_context(|| format!("{} is damaged", path.display()))?;
        let arguments = Command::new("ps").args(["-o", "args=", "-ww", "-p", &held.pid.to_string()]).output()?;
        let is_there = String::from_utf8_lossy(&arguments.stdout).contains(&format!("{} hold", self.command));
        Ok(is_there.then_some(held))
    }

    /// Starts the process that holds them, and waits until it has told of them: it gives up by itself where they do not come
    /// up, or takes longer than `within`.
    pub(crate) fn start<T: DeserializeOwned>(
        &self,
        within: Option<Duration>,
        add: impl FnOnce(&mut Command),
    ) -> Result<()> {
        let _stale = std::fs::remove_file(self.file("json"));
        let log = self.file("log");
        let output = std::fs::File::create(&log)?;
        let mut hold = Command::new(std::env::current_exe()?);
        hold.args([self.command, "hold"]).stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        add(&mut hold);
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut hold, 0);
        let mut holder = hold.spawn()?;
        let begun = Instant::now();
        while self.held::<T>()?.is_none() {
            if holder.try_wait()?.is_some() || within.is_some_and(|within| begun.elapsed() > within) {
                bail!("{} did not come up:\n{}", self.shown, std::fs::read_to_string(&log).unwrap_or_default());
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        Ok(())
    }

    /// Tells of them: the process that calls this holds them.
    pub(crate) fn tell<T: Serialize>(&self, told: T) -> Result<()> {
        let held = Held { pid: std::process::id(), told };
        // Written beside and moved, so that nobody reads half of it.
        let fresh = self.file("new");
        std::fs::write(&fresh, serde_json::to_string_pretty(&held)?)?;
        Ok(std::fs::rename(fresh, self.file("json"))?)
    }

    /// Ends the process that holds them, and they end with it.
    pub(crate) fn end<T>(&self, held: &Held<T>) -> Result<()> {
        Command::new("kill").args(["-9", &held.pid.to_string()]).status()?;
        Ok(std::fs::remove_file(self.file("json"))?)
    }
}
