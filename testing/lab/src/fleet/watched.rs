//! The autoscaler that is measured: a process of its own, with a directory of its own.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use servers::fleet::Fleet;
use tempfile::TempDir;

use super::Arguments;

/// A running autoscaler; dropping it ends it.
#[derive(Debug)]
pub(super) struct Autoscaler {
    child: Child,
    log: PathBuf,
    _directory: TempDir,
}

impl Autoscaler {
    /// Starts it against a fleet.
    pub(super) fn start(binary: &Path, fleet: &Fleet, arguments: &Arguments) -> Result<Self> {
        let binary = std::fs::canonicalize(binary)?;
        let directory = tempfile::tempdir()?;
        let log = directory.path().join("autoscaler.log");
        let output = File::create(&log)?;
        let mut command = Command::new(&binary);
        command.arg("run").args(options(fleet, arguments)).args(&arguments.further);
        command.current_dir(directory.path()).env_remove("FLINK_CONF_DIR").env_remove("RUST_LOG");
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        let child = command.spawn().with_context(|| format!("can't start {}", binary.display()))?;
        Ok(Self { child, log, _directory: directory })
    }

    /// Its process id.
    pub(super) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Where its endpoint is.
    pub(super) fn address(&self) -> Result<String> {
        let log = std::fs::read_to_string(&self.log)?;
        servers::flink::endpoint(&log).context("it does not say where its pages are: is its endpoint off?")
    }

    /// Fails with the end of its log if it has ended.
    pub(super) fn check_alive(&mut self) -> Result<()> {
        let Some(status) = self.child.try_wait()? else { return Ok(()) };
        bail!("the autoscaler ended with {status}:\n{}", self.last_lines())
    }

    /// The end of its log.
    pub(super) fn last_lines(&self) -> String {
        let bytes = std::fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(10)..].join("\n")
    }
}

impl Drop for Autoscaler {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}

fn options(fleet: &Fleet, arguments: &Arguments) -> Vec<String> {
    let millis = |duration: Duration| format!("{} ms", duration.as_millis());
    // Half an interval less than a whole number: otherwise it would hang on a millisecond whether the window is full.
    let window = arguments.interval * arguments.window - arguments.interval / 2;
    let clusters = match arguments.yarn {
        true => vec![
            ("autoscaler.standalone.fetcher.type", "YARN".to_owned()),
            ("autoscaler.standalone.fetcher.yarn.resource-managers", format!("http://{}", fleet.address())),
            ("autoscaler.standalone.fetcher.yarn.access", "PROXY".to_owned()),
        ],
        false => vec![
            ("autoscaler.standalone.fetcher.flink-cluster.host", fleet.address().ip().to_string()),
            ("autoscaler.standalone.fetcher.flink-cluster.port", fleet.address().port().to_string()),
        ],
    };
    // Whoever else has the default address must not be asked for pages.
    let pages = (arguments.pages > 0).then(|| ("autoscaler.standalone.http.address", "127.0.0.1:0".to_owned()));
    let options = [
        ("autoscaler.standalone.control-loop.interval", millis(arguments.interval)),
        ("autoscaler.standalone.state-store.type", arguments.store.name().to_owned()),
        ("job.autoscaler.stabilization.interval", "0 s".to_owned()),
        ("job.autoscaler.metrics.window", millis(window)),
    ];
    clusters.into_iter().chain(pages).chain(options).flat_map(|(key, value)| [format!("--{key}"), value]).collect()
}
