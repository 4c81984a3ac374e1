//! `cargo xtask demo`: the autoscaler at work on a real Flink, in under four minutes.

mod autoscaler;
mod frame;
mod screen;
mod stored;
mod summary;
mod view;
mod wrap;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use servers::flink::{Cluster, ClusterSpec, DEFAULT_VERSION, Distribution, LoadCurve, SampleJob};

use crate::paths;
use crate::signal::until_interrupted;
use autoscaler::Autoscaler;
use screen::Screen;
use stored::Stored;
use summary::{Phase, Summary};
use view::View;
use wrap::wrap;

/// Records per second that one subtask of the slow vertex, which takes 10 ms for each, manages with some to spare.
const LOAD: u32 = 80;
const PEAK: u32 = 4 * LOAD;
const WORK: Duration = Duration::from_millis(10);

/// The whole run ends within this, whatever happens.
const LIMIT: Duration = Duration::from_secs(225);

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Flink's version: 1.20, 2.2, 1.20.5 …
    #[arg(long, default_value = DEFAULT_VERSION)]
    flink_version: String,
    /// The flink-autoscaler to show; without it, xtask builds this tree's.
    #[arg(long)]
    binary: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    until_interrupted(show(arguments))
}

async fn show(arguments: &Arguments) -> Result<()> {
    let distribution =
        Distribution::obtain(&arguments.flink_version, &paths::flink_cache(), &|line| println!("{line}"))?;
    let binary = &arguments.binary;
    println!("starting Flink {}: a JobManager and a TaskManager with 24 slots", distribution.name);
    let cluster = Cluster::start(&distribution, &ClusterSpec::default()).await?;
    println!("submitting the sample job: orders -> keyBy -> enrich (10 ms a record) -> rebalance -> format, sink");
    let mut load = LoadCurve::begin(cluster.directory(), LOAD)?;
    let job = SampleJob::submit(&cluster, &distribution, &load, WORK).await?;
    println!("starting flink-autoscaler; Flink's own page is at {}\n", cluster.url());
    let autoscaler = Autoscaler::start(binary, cluster.port, cluster.directory(), "autoscaler.log")?;
    let mut stage = Stage { job, autoscaler, screen: Screen::new(), began: Instant::now() };

    let mut summary = Summary::default();
    summary.add(stage.play("steady load", LOAD, |seen| seen.after >= Duration::from_secs(25)).await?);
    load.step(PEAK)?;
    let is_up = |seen: &Seen| seen.subtasks >= Some(6) && seen.lag.is_some_and(|lag| lag < f64::from(PEAK));
    summary.add(stage.play("load x4", PEAK, is_up).await?);
    summary.restart(stage.kill_and_start_again(binary, &cluster).await?);
    load.step(LOAD)?;
    // Until it was looked at again: the last that is seen is how things are now.
    let is_down = |seen: &Seen| seen.subtasks.is_some_and(|count| count <= 3) && seen.decided_on == seen.subtasks;
    summary.add(stage.play("load back down", LOAD, is_down).await?);
    println!();
    for line in summary.to_string().lines() {
        match stage.screen.width() {
            Some(width) => wrap(line, width, "      ").iter().for_each(|line| println!("{line}")),
            None => println!("{line}"),
        }
    }
    if let Some(problem) = stage.autoscaler.last_words() {
        bail!("{problem}");
    }
    if !summary.all_reached() {
        bail!("not every step was followed within {LIMIT:?}");
    }
    Ok(())
}

/// What a phase goes by when it asks whether it is over.
struct Seen {
    after: Duration,
    subtasks: Option<i64>,
    /// The subtasks of the slow vertex on which the autoscaler decided last.
    decided_on: Option<i64>,
    lag: Option<f64>,
}

struct Stage {
    job: SampleJob,
    autoscaler: Autoscaler,
    screen: Screen,
    began: Instant,
}

impl Stage {
    /// Ends the autoscaler with SIGKILL, starts another on the same file, and says what it went on with.
    async fn kill_and_start_again(&mut self, binary: &Path, cluster: &Cluster) -> Result<String> {
        // The window fills after the last rescale, so that there is something to lose.
        self.play("load x4, settling", PEAK, |seen| seen.after >= Duration::from_secs(8)).await?;
        let stored = |job: &str| Stored::read(binary, cluster.directory(), job);
        self.autoscaler.kill()?;
        let before = stored(&self.job.id)?;
        self.autoscaler = Autoscaler::start(binary, cluster.port, cluster.directory(), "autoscaler-2.log")?;
        self.screen.forget_events();
        self.play("killed with SIGKILL, started again", PEAK, |seen| seen.after >= Duration::from_secs(6)).await?;
        before.kept_in(&stored(&self.job.id)?)
    }

    /// Shows what happens until `is_over`, or until the time is up.
    async fn play(&mut self, name: &'static str, load: u32, is_over: impl Fn(&Seen) -> bool) -> Result<Phase> {
        let start = Instant::now();
        let mut phase = Phase::begin(name, load);
        loop {
            let now = self.job.snapshot().await?;
            self.autoscaler.read();
            if let Some(problem) = self.autoscaler.last_words() {
                bail!("{problem}");
            }
            phase.note(start.elapsed(), now.slow_subtasks(), now.lag);
            let title = format!("{name}: {load} records/s");
            self.screen.show(&View::new(self.began.elapsed(), title, &now, &self.autoscaler));
            let said = now.slow().and_then(|vertex| self.autoscaler.vertices.get(&vertex.id));
            let seen = Seen {
                after: start.elapsed(),
                subtasks: now.slow_subtasks(),
                decided_on: said.map(|said| said.parallelism),
                lag: now.lag,
            };
            if is_over(&seen) {
                phase.reached = true;
                return Ok(phase);
            }
            if self.began.elapsed() > LIMIT {
                return Ok(phase);
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}
