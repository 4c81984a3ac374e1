//! The sample job: source -> keyBy -> slow map -> rebalance -> sink, compiled against the cluster's own jars.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::{Cluster, Distribution, LoadCurve};
use crate::process::run;

const SOURCE: &str = include_str!("../../flink/LoadJob.java");

/// A running sample job.
#[derive(Clone, Debug)]
pub struct SampleJob {
    /// Its id in hex.
    pub id: String,
    /// The address of the REST API it is seen through.
    pub url: String,
}

impl SampleJob {
    /// Compiles the job, uploads it, starts it under `curve`'s load and waits until it runs. The slow map takes
    /// `work` for each record.
    ///
    /// # Errors
    /// It does not compile, is refused, or does not run in time.
    pub async fn submit(
        cluster: &Cluster,
        distribution: &Distribution,
        curve: &LoadCurve,
        work: Duration,
    ) -> Result<Self> {
        Self::submit_to(&cluster.url(), cluster.directory(), distribution, curve, work).await
    }

    /// As [`Self::submit`], of a job whose slow map fails with more than so many subtasks.
    ///
    /// # Errors
    /// As [`Self::submit`].
    pub async fn submit_breaking(
        cluster: &Cluster,
        distribution: &Distribution,
        curve: &LoadCurve,
        work: Duration,
        most_subtasks: u32,
    ) -> Result<Self> {
        let arguments = [curve.path().display().to_string(), work.as_millis().to_string(), most_subtasks.to_string()];
        Self::start(&cluster.url(), cluster.directory(), distribution, &arguments, None).await
    }

    /// Submits it to a cluster that knows nothing of it, with the id it had; else as [`Self::submit`].
    ///
    /// # Errors
    /// As [`Self::submit`].
    pub async fn submit_again(
        &self,
        cluster: &Cluster,
        distribution: &Distribution,
        curve: &LoadCurve,
        work: Duration,
    ) -> Result<()> {
        let arguments = [curve.path().display().to_string(), work.as_millis().to_string()];
        Self::start(&cluster.url(), cluster.directory(), distribution, &arguments, Some(&self.id)).await.map(drop)
    }

    /// As [`Self::submit`], for a cluster known by its address; `directory` takes the compiled job.
    ///
    /// # Errors
    /// As [`Self::submit`].
    pub async fn submit_to(
        url: &str,
        directory: &Path,
        distribution: &Distribution,
        curve: &LoadCurve,
        work: Duration,
    ) -> Result<Self> {
        let arguments = [curve.path().display().to_string(), work.as_millis().to_string()];
        Self::start(url, directory, distribution, &arguments, None).await
    }

    async fn start(
        url: &str,
        directory: &Path,
        distribution: &Distribution,
        arguments: &[String],
        id: Option<&str>,
    ) -> Result<Self> {
        let jar = compile(distribution, directory)?;
        let http = crate::plain_http::client();
        let part = reqwest::multipart::Part::bytes(std::fs::read(&jar)?)
            .file_name("load-job.jar")
            .mime_str("application/x-java-archive")?;
        let form = reqwest::multipart::Form::new().part("jarfile", part);
        let uploaded = answer(http.post(format!("{url}/jars/upload")).multipart(form)).await?;
        let name = uploaded["filename"]
            .as_str()
            .and_then(|path| path.rsplit('/').next())
            .context("no name of the uploaded jar")?;
        let body = json!({"entryClass": "LoadJob", "programArgsList": arguments, "jobId": id}).to_string();
        let request = http.post(format!("{url}/jars/{name}/run")).header("content-type", "application/json").body(body);
        let started = answer(request).await?;
        let id = started["jobid"].as_str().context("no id of the started job")?.to_owned();
        let job = Self { id, url: url.to_owned() };
        job.wait_until_running(&http, url).await?;
        Ok(job)
    }

    async fn wait_until_running(&self, http: &reqwest::Client, url: &str) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(180);
        loop {
            let details = answer(http.get(format!("{url}/jobs/{}", self.id))).await?;
            let vertices = details["vertices"].as_array().map_or(&[][..], Vec::as_slice);
            if !vertices.is_empty() && vertices.iter().all(|vertex| vertex["status"] == "RUNNING") {
                return Ok(());
            }
            if Instant::now() > deadline || details["state"] == "FAILED" {
                bail!("the sample job does not run: {}", details["state"]);
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

/// The compiled job's jar.
pub(crate) fn compile(distribution: &Distribution, directory: &Path) -> Result<std::path::PathBuf> {
    let classes = directory.join("classes");
    std::fs::create_dir_all(&classes)?;
    let source = directory.join("LoadJob.java");
    std::fs::write(&source, SOURCE)?;
    let mut javac = Command::new("javac");
    javac.args(["--release", "11", "-nowarn", "-cp", &distribution.class_path(), "-d"]).arg(&classes).arg(&source);
    run(&mut javac).context("the sample job does not compile")?;
    let jar = directory.join("load-job.jar");
    run(Command::new("jar").arg("cf").arg(&jar).arg("-C").arg(&classes).arg("."))
        .context("the sample job can't be packed")?;
    Ok(jar)
}

#[expect(clippy::disallowed_methods, reason = "our own cluster's answers are small")]
async fn answer(request: reqwest::RequestBuilder) -> Result<Value> {
    let response = request.send().await?;
    let status = response.status();
    let body = response.text().await?;
    if !status.is_success() {
        bail!("Flink answered {status}: {}", flink_rest::wire::error_message(body.as_bytes()));
    }
    Ok(serde_json::from_str(&body)?)
}
