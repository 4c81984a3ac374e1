//! The autoscaler as a process of its own.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// Options under which the sample job is scaled within seconds, where autoscaling is on.
pub const QUICK_OPTIONS: &[(&str, &str)] = &[
    ("autoscaler.standalone.control-loop.interval", "2 s"),
    ("job.autoscaler.stabilization.interval", "5 s"),
    ("job.autoscaler.metrics.window", "15 s"),
    ("job.autoscaler.metrics.busy-time.aggregator", "AVG"),
    ("job.autoscaler.scale-down.interval", "15 s"),
    ("job.autoscaler.restart.time", "3 s"),
    ("job.autoscaler.catch-up.duration", "1 min"),
    ("job.autoscaler.backlog-processing.lag-threshold", "30 s"),
];

/// Where a log of the autoscaler says that its endpoint is; none before it does.
pub fn endpoint(log: &str) -> Option<String> {
    let (_, rest) = log.split_once("health, metrics and API at http://")?;
    let (address, _) = rest.split_once(char::is_whitespace)?;
    Some(address.to_owned())
}

/// A running `flink-autoscaler`; killed when dropped.
#[derive(Debug)]
pub struct AutoscalerProcess {
    process: Child,
    log: PathBuf,
}

impl AutoscalerProcess {
    /// Starts `binary` with short windows and every decision logged to the file `log`. `global` goes before the command,
    /// `options` behind the options set here: which clusters, for one.
    ///
    /// # Errors
    /// The binary can't be started.
    pub fn start(binary: &Path, log: &Path, global: &[&str], options: &[String]) -> Result<Self> {
        let output = File::options().create(true).append(true).open(log)?;
        let mut command = Command::new(binary);
        command.args(global).arg("run");
        command.arg("--job.autoscaler.enabled=true");
        command.args(QUICK_OPTIONS.iter().map(|(key, value)| format!("--{key}={value}"))).args(options);
        command.env("RUST_LOG", "info,flink_autoscaler::explain=debug").env_remove("FLINK_CONF_DIR");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(output);
        let process = command.spawn().with_context(|| format!("can't start {}", binary.display()))?;
        Ok(Self { process, log: log.to_owned() })
    }

    /// The option that names the cluster at a port of this machine.
    pub fn on_port(port: u16) -> String {
        format!("--autoscaler.standalone.fetcher.flink-cluster.port={port}")
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// What it said last where it is no longer running.
    pub fn last_words(&mut self) -> Option<String> {
        let status = self.process.try_wait().ok().flatten()?;
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let last: Vec<&str> = log.lines().rev().take(5).collect();
        Some(format!("flink-autoscaler: {status}\n{}", last.into_iter().rev().collect::<Vec<_>>().join("\n")))
    }

    /// Ends it with SIGKILL, so that it can do nothing about it.
    ///
    /// # Errors
    /// It can't be ended.
    pub fn kill(&mut self) -> Result<()> {
        self.process.kill()?;
        self.process.wait()?;
        Ok(())
    }

    /// Asks it to stop with SIGTERM, and waits until it has.
    ///
    /// # Errors
    /// It does not stop within 30 s.
    pub fn terminate(mut self) -> Result<ExitStatus> {
        Command::new("kill").arg(self.process.id().to_string()).status()?;
        let deadline = Instant::now() + Duration::from_secs(30);
        while Instant::now() < deadline {
            if let Some(status) = self.process.try_wait()? {
                return Ok(status);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        bail!("flink-autoscaler does not stop within 30 s of SIGTERM")
    }
}

impl Drop for AutoscalerProcess {
    fn drop(&mut self) {
        // One that has ended can't be killed, which is as good.
        let _ended = self.process.kill();
        let _status = self.process.wait();
    }
}
