//! Flink's applications on a YARN cluster.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::Yarn;
use crate::flink::{Distribution, LoadCurve, compile};

/// How an application comes to YARN.
#[derive(Clone, Copy, Debug)]
pub enum Submission<'a> {
    /// A cluster for the sample job under this load.
    Application(&'a LoadCurve),
    /// A cluster without a job.
    Session,
    /// As [`Self::Application`] in the older per-job mode, which Flink 1 alone has.
    PerJob(&'a LoadCurve),
}

/// Milliseconds that the sample job's slow vertex takes for a record.
const WORK: &str = "10";

const START_WITHIN: Duration = Duration::from_secs(240);

/// What Java 17 must open for Flink.
const OPENED: [&str; 12] = [
    "java.lang",
    "java.net",
    "java.io",
    "java.nio",
    "sun.nio.ch",
    "java.lang.reflect",
    "java.text",
    "java.time",
    "java.util",
    "java.util.concurrent",
    "java.util.concurrent.atomic",
    "java.util.concurrent.locks",
];

const LOGGING: &str = "\
rootLogger.level = INFO
rootLogger.appenderRef.console.ref = console
appender.console.name = console
appender.console.type = CONSOLE
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{HH:mm:ss,SSS} %-5p %c{1} %m%n
";

/// Small processes that scale at once: two slots each.
const OPTIONS: &[(&str, &str)] = &[
    ("jobmanager.memory.process.size", "640m"),
    ("jobmanager.memory.off-heap.size", "64m"),
    ("jobmanager.memory.jvm-metaspace.size", "128m"),
    ("jobmanager.memory.jvm-overhead.min", "96m"),
    ("jobmanager.memory.jvm-overhead.max", "96m"),
    ("taskmanager.memory.process.size", "768m"),
    ("taskmanager.memory.managed.size", "16m"),
    ("taskmanager.memory.network.min", "128m"),
    ("taskmanager.memory.network.max", "128m"),
    ("taskmanager.memory.framework.heap.size", "96m"),
    ("taskmanager.memory.framework.off-heap.size", "64m"),
    ("taskmanager.memory.jvm-metaspace.size", "128m"),
    ("taskmanager.memory.jvm-overhead.min", "96m"),
    ("taskmanager.memory.jvm-overhead.max", "96m"),
    ("taskmanager.numberOfTaskSlots", "2"),
    ("yarn.containers.vcores", "1"),
    ("yarn.application.queue", "stream"),
    ("jobmanager.scheduler", "adaptive"),
    ("jobmanager.adaptive-scheduler.scaling-interval.min", "5s"),
    ("jobmanager.adaptive-scheduler.resource-stabilization-timeout", "2s"),
    ("resourcemanager.taskmanager-timeout", "10000"),
    ("metrics.fetcher.update-interval", "1000"),
    ("pipeline.max-parallelism", "24"),
    ("parallelism.default", "1"),
    ("classloader.check-leaked-classloader", "false"),
    ("high-availability.type", "zookeeper"),
    // A new attempt leads once the session of the one before has expired.
    ("high-availability.zookeeper.client.session-timeout", "10000"),
];

/// Flink as users of the cluster have it.
#[derive(Debug)]
pub struct FlinkOnYarn<'a> {
    yarn: &'a Yarn,
    directory: PathBuf,
    job: PathBuf,
    opened: Vec<String>,
}

impl<'a> FlinkOnYarn<'a> {
    /// Flink of this distribution, with the sample job compiled.
    ///
    /// # Errors
    /// Files can't be written, or the job does not compile.
    pub fn new(yarn: &'a Yarn, distribution: &Distribution) -> Result<Self> {
        let directory = yarn.directory().join("flink");
        let (conf, lib) = (directory.join("conf"), directory.join("lib"));
        std::fs::create_dir_all(&conf)?;
        std::fs::create_dir_all(&lib)?;
        // What is here is copied to each container: no more than the sample job needs.
        for jar in distribution.jars()? {
            let name = jar.file_name().context("a jar has a name")?.to_string_lossy().into_owned();
            if name.starts_with("flink-dist") || name.starts_with("log4j") {
                std::fs::hard_link(&jar, lib.join(&name))
                    .or_else(|_| std::fs::copy(&jar, lib.join(&name)).map(drop))?;
            }
        }
        let opened: Vec<_> =
            OPENED.iter().map(|package| format!("--add-opens=java.base/{package}=ALL-UNNAMED")).collect();
        let inside = |name: &str| format!("file://{}", yarn.directory().join(name).display());
        let own = [
            ("env.java.opts.all", format!("-XX:+UseSerialGC -XX:TieredStopAtLevel=1 {}", opened.join(" "))),
            ("execution.checkpointing.dir", inside("checkpoints")),
            ("yarn.staging-directory", inside("staging")),
            ("high-availability.storageDir", inside("high-availability")),
            ("high-availability.zookeeper.quorum", yarn.zookeeper()),
        ];
        let all = OPTIONS.iter().map(|(key, value)| (*key, (*value).to_owned())).chain(own);
        let lines: String = all.map(|(key, value)| format!("{key}: {}\n", Value::from(value))).collect();
        std::fs::write(conf.join("config.yaml"), lines)?;
        std::fs::write(conf.join("log4j.properties"), LOGGING)?;
        std::fs::write(conf.join("log4j-cli.properties"), LOGGING)?;
        let job = compile(distribution, &directory)?;
        Ok(Self { yarn, directory, job, opened })
    }

    /// Submits an application, and returns it as the ResourceManager tells it once it runs. `options` are for it alone.
    ///
    /// # Errors
    /// Flink's client fails, or the application does not run in time.
    pub async fn submit(&self, name: &str, how: Submission<'_>, options: &[(&str, &str)]) -> Result<Value> {
        let mut client = self.client();
        let own = [("yarn.application.name", name)];
        let dynamic = own.iter().chain(options).map(|(key, value)| format!("-D{key}={value}"));
        match how {
            Submission::Session => {
                client.args(["org.apache.flink.yarn.cli.FlinkYarnSessionCli", "-d"]).args(dynamic);
            }
            Submission::Application(curve) | Submission::PerJob(curve) => {
                let mode: &[_] = match how {
                    Submission::PerJob(_) => &["run", "-d", "-t", "yarn-per-job"],
                    _ => &["run-application", "-t", "yarn-application"],
                };
                client.arg("org.apache.flink.client.cli.CliFrontend").args(mode).args(dynamic);
                client.args(["-c", "LoadJob"]).arg(&self.job).arg(curve.path()).arg(WORK);
            }
        }
        let log = self.directory.join(format!("{name}.log"));
        run_to_end(client, &log).await?;
        let deadline = Instant::now() + START_WITHIN;
        loop {
            let application = self.yarn.application(name).await?;
            if application["state"] == "RUNNING" && application["amRPCAddress"].is_string() {
                return Ok(application);
            }
            if Instant::now() > deadline
                || ["FAILED", "KILLED", "FINISHED"].iter().any(|end| application["state"] == *end)
            {
                bail!("{name} does not run: it is {}: {}", application["state"], application["diagnostics"]);
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }

    fn client(&self) -> Command {
        let conf = self.directory.join("conf");
        let yarn_conf = self.yarn.directory().join("conf");
        let mut client = Command::new(format!("{}/bin/java", self.yarn.hadoop().java_home));
        client.env("JAVA_HOME", &self.yarn.hadoop().java_home).env("HADOOP_CONF_DIR", &yarn_conf);
        client.env("FLINK_CONF_DIR", &conf).env("FLINK_LIB_DIR", self.directory.join("lib"));
        client.args(["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m"]).args(&self.opened);
        client.arg(format!("-Dlog4j.configurationFile=file:{}", conf.join("log4j.properties").display()));
        let hadoop = self.yarn.hadoop().class_path(":");
        client.arg("-cp").arg(format!("{}/lib/*:{}:{hadoop}", self.directory.display(), yarn_conf.display()));
        client
    }
}

/// Runs Flink's client, which waits for ever where YARN does not start what it asks for.
async fn run_to_end(mut client: Command, log: &Path) -> Result<()> {
    let output = std::fs::File::create(log)?;
    client.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
    let mut process = client.spawn().context("Flink's client can't be started")?;
    let deadline = Instant::now() + START_WITHIN;
    let status = loop {
        match process.try_wait()? {
            Some(status) => break Some(status),
            None if Instant::now() > deadline => {
                process.kill()?;
                process.wait()?;
                break None;
            }
            None => tokio::time::sleep(Duration::from_millis(200)).await,
        }
    };
    if status.is_some_and(|status| status.success()) {
        return Ok(());
    }
    let said = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = said.lines().collect();
    bail!("Flink's client: {status:?}\n{}", lines[lines.len().saturating_sub(12)..].join("\n"))
}
