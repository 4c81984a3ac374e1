//! One policy at work: a cluster of its own, the sample job on it, and an autoscaler.

use std::fmt;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use servers::flink::{AutoscalerProcess, Cluster, ClusterSpec, Distribution, LoadCurve, SampleJob};

use super::course::Course;
use super::ledger::Ledger;
use super::options::OPTIONS;
use super::report::Row;

/// What the slow vertex takes for a record.
const WORK: Duration = Duration::from_millis(10);
/// Flink may be busy; longer than this and the figures say nothing.
const MOST_FAILURES: u32 = 20;

/// A policy at work.
pub(super) struct Lane {
    policy: &'static str,
    course: &'static Course,
    cluster: Cluster,
    curve: LoadCurve,
    job: SampleJob,
    autoscaler: AutoscalerProcess,
    rate: u32,
    failures: u32,
    ledger: Ledger,
}

impl Lane {
    /// Brings a cluster up and starts the job and the autoscaler.
    pub(super) async fn begin(
        policy: &'static str,
        course: &'static Course,
        distribution: &Distribution,
        binary: &Path,
    ) -> Result<Self> {
        let cluster = Cluster::start(distribution, &ClusterSpec::default()).await?;
        let rate = course.rate(0.0);
        let curve = LoadCurve::begin(cluster.directory(), rate)?;
        let job = SampleJob::submit(&cluster, distribution, &curve, WORK).await?;
        let mut options: Vec<String> = OPTIONS.iter().map(|(key, value)| format!("--{key}={value}")).collect();
        options.push(AutoscalerProcess::on_port(cluster.port));
        options.push(format!("--job.autoscaler.policy={policy}"));
        // Two processes on one machine: nobody asks them anything.
        options.push("--autoscaler.standalone.http.address=off".to_owned());
        let log = cluster.directory().join("autoscaler.log");
        let autoscaler = AutoscalerProcess::start(binary, &log, &[], &options)?;
        Ok(Self { policy, course, cluster, curve, job, autoscaler, rate, failures: 0, ledger: Ledger::default() })
    }

    /// Looks at the job, and sets the load that is due.
    pub(super) async fn look(&mut self, began: Instant) -> Result<()> {
        let rate = self.course.rate(began.elapsed().as_secs_f64());
        if rate != self.rate {
            self.curve.step(rate)?;
            self.rate = rate;
        }
        if let Some(problem) = self.autoscaler.last_words() {
            bail!("{}: {problem}", self.policy);
        }
        match self.job.snapshot().await {
            Ok(seen) => {
                self.failures = 0;
                self.ledger.note(self.course, began.elapsed().as_secs_f64(), &seen);
            }
            Err(error) if self.failures >= MOST_FAILURES => {
                return Err(error).with_context(|| format!("{}: Flink does not answer", self.policy));
            }
            Err(_) => self.failures += 1,
        }
        Ok(())
    }

    /// What it came to. Its log is kept beside the figures.
    pub(super) fn end(self) -> Row {
        let Self { policy, course, cluster, ledger, .. } = self;
        let kept = crate::paths::target().join(format!("bench-real-{}-{policy}.log", course.name));
        if let Err(error) = std::fs::copy(cluster.directory().join("autoscaler.log"), &kept) {
            println!("  the log of {policy} is lost: {error}");
        }
        Row { course: course.name, policy, ledger }
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (lag, subtasks) = self.ledger.now();
        write!(f, "{}: {subtasks} subtasks, lag {lag:.0} s;", self.policy)
    }
}
