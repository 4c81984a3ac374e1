//! The autoscaler's own process, and what it says.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use anyhow::Result;
use serde::Deserialize;
use servers::flink::AutoscalerProcess;

/// What it said last about a vertex.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct VertexLine {
    /// Subtasks it had then.
    pub(crate) parallelism: i64,
    pub(crate) busy: Option<f64>,
    pub(crate) rate: Option<f64>,
    pub(crate) target_rate: Option<f64>,
    #[serde(rename = "message")]
    pub(crate) why: String,
}

/// A line of its log, as far as it is shown.
#[derive(Debug, Deserialize)]
struct LogLine {
    level: String,
    message: String,
    reason: Option<String>,
    outcome: Option<String>,
    note: Option<String>,
    vertex: Option<String>,
}

/// The running process, and all it said.
#[derive(Debug)]
pub(crate) struct Autoscaler {
    process: AutoscalerProcess,
    log: BufReader<File>,
    /// A line not yet ended when it was read.
    partial: String,
    /// By vertex id.
    pub(crate) vertices: BTreeMap<String, VertexLine>,
    /// Why there is nothing to decide yet.
    pub(crate) note: String,
    /// Events and warnings, oldest first.
    pub(crate) events: Vec<String>,
}

/// The options that keep its state in a SQLite file of a directory.
pub(crate) fn store_options(directory: &Path) -> [String; 2] {
    let file = directory.join("autoscaler.db");
    [
        "--autoscaler.standalone.state-store.type=sqlite".to_owned(),
        format!("--autoscaler.standalone.state-store.sqlite.file={}", file.display()),
    ]
}

impl Autoscaler {
    /// Starts it; its log goes to a file of its own, `name` in the directory.
    pub(crate) fn start(binary: &Path, port: u16, directory: &Path, name: &str) -> Result<Self> {
        let log_path = directory.join(name);
        let mut options = store_options(directory).to_vec();
        options.push(AutoscalerProcess::on_port(port));
        let process = AutoscalerProcess::start(binary, &log_path, &["--log-format", "json"], &options)?;
        let log = BufReader::new(File::open(&log_path)?);
        let (vertices, note, events) = (BTreeMap::new(), String::new(), Vec::new());
        Ok(Self { process, log, partial: String::new(), vertices, note, events })
    }

    /// Takes in what it has said since.
    pub(crate) fn read(&mut self) {
        while self.log.read_line(&mut self.partial).is_ok_and(|bytes| bytes > 0) {
            if self.partial.ends_with('\n') {
                let line = std::mem::take(&mut self.partial);
                self.take(&line);
            }
        }
    }

    fn take(&mut self, text: &str) {
        let Ok(line) = serde_json::from_str::<LogLine>(text) else { return };
        if let Some(vertex) = line.vertex {
            if let Ok(about) = serde_json::from_str(text) {
                self.vertices.insert(vertex, about);
            }
        } else if line.outcome.is_some() {
            // A cycle begins; what the one before said of vertices counts no longer.
            self.vertices.clear();
            self.note = line.note.unwrap_or_default();
        } else if line.reason.is_some() || line.level == "WARN" || line.level == "ERROR" {
            let reason = line.reason.unwrap_or(line.level);
            self.events.push(format!("{reason}: {}", line.message));
        }
    }

    /// Ends it with SIGKILL.
    pub(crate) fn kill(&mut self) -> Result<()> {
        self.process.kill()
    }

    /// What it said last where it is no longer running.
    pub(crate) fn last_words(&mut self) -> Option<String> {
        self.process.last_words()
    }
}
