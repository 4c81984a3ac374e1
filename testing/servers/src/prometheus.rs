//! A real Prometheus, and its tool that checks what is meant for it: Debian's package `prometheus`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

/// A server that starts later than this does not start.
const START_WITHIN: Duration = Duration::from_secs(60);

fn missing(program: &str) -> String {
    format!("there is no {program}; on Debian or Ubuntu: apt-get install -y prometheus")
}

/// Runs `promtool` with a text to read, and returns what it says.
///
/// # Errors
/// There is no promtool, or it finds something wrong: what.
pub fn promtool(arguments: &[&str], input: &str) -> Result<String> {
    let mut command = Command::new("promtool");
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut tool = command.spawn().with_context(|| missing("promtool"))?;
    let mut stdin = tool.stdin.take().context("no way to hand the text over")?;
    let text = input.to_owned();
    // It may say something before it has read all.
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = tool.wait_with_output()?;
    let _read_no_further = writer.join();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    ensure!(output.status.success(), "promtool {}: {}\n{said}", arguments.join(" "), output.status);
    Ok(said)
}

/// A running Prometheus; ended when dropped.
#[derive(Debug)]
pub struct Prometheus {
    process: Child,
    url: String,
    log: PathBuf,
}

impl Prometheus {
    /// Starts one with a configuration, its data and its log in `directory`.
    ///
    /// # Errors
    /// There is no prometheus, or it does not start: its last words.
    pub async fn start(configuration: &Path, directory: &Path) -> Result<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let log = directory.join("prometheus.log");
        let output = std::fs::File::create(&log)?;
        let mut command = Command::new("prometheus");
        command.arg("--config.file").arg(configuration).arg("--storage.tsdb.path").arg(directory.join("prometheus"));
        command.arg(format!("--web.listen-address=127.0.0.1:{port}"));
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        let process = command.spawn().with_context(|| missing("prometheus"))?;
        let mut prometheus = Self { process, url: format!("http://127.0.0.1:{port}"), log };
        let deadline = Instant::now() + START_WITHIN;
        while prometheus.get("/-/ready", &[]).await.is_err() {
            let has_ended = prometheus.process.try_wait()?.is_some();
            if has_ended || Instant::now() > deadline {
                bail!("prometheus does not start:\n{}", std::fs::read_to_string(&prometheus.log)?);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(prometheus)
    }

    /// The series that an expression has now: labels and value of each.
    ///
    /// # Errors
    /// The expression is wrong, or there is no answer.
    pub async fn query(&self, expression: &str) -> Result<Vec<Value>> {
        let answer = self.api("/api/v1/query", &[("query", expression)]).await?;
        Ok(answer["result"].as_array().context("no result")?.clone())
    }

    /// The `data` of an answer of its API.
    ///
    /// # Errors
    /// There is no answer, or it is none of a success.
    pub async fn api(&self, path: &str, parameters: &[(&str, &str)]) -> Result<Value> {
        let answer: Value = serde_json::from_str(&self.get(path, parameters).await?)?;
        ensure!(answer["status"] == "success", "{path} {parameters:?}: {answer}");
        Ok(answer["data"].clone())
    }

    #[expect(clippy::disallowed_methods, reason = "what a server of our own answers is bounded")]
    async fn get(&self, path: &str, parameters: &[(&str, &str)]) -> Result<String> {
        let url = reqwest::Url::parse_with_params(&format!("{}{path}", self.url), parameters)?;
        let answer = crate::plain_http::client().get(url).send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        ensure!(status.is_success() || status.as_u16() == 400, "{path} {parameters:?}: {status} {text}");
        Ok(text)
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        // One that has ended can't be killed, which is as good.
        let _ended = self.process.kill();
        let _status = self.process.wait();
    }
}
