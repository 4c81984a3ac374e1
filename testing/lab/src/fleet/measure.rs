//! Waits until windows are full, then measures some rounds.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde::Serialize;
use servers::fleet::{Counts, Fleet};
use servers::usage::{cpu_time, resident_bytes};

use super::Arguments;
use super::pages::Pages;
use super::watched::Autoscaler;

/// How often the autoscaler is checked while it works.
const CHECK_EACH: Duration = Duration::from_millis(200);
/// A machine that needs so many times the time that windows take to fill is too slow for the interval.
const PATIENCE: u32 = 5;

/// What was measured. Times are in the unit that the name has.
#[derive(Debug, Serialize)]
pub(super) struct Measured {
    pub(super) jobs: u32,
    pub(super) slow_jobs: u32,
    pub(super) store: &'static str,
    pub(super) interval_ms: u128,
    /// Observations in each job's window.
    pub(super) window: u32,
    pub(super) rounds: u64,
    pub(super) job_cycles: u64,
    /// CPU time of the autoscaler for a cycle of a job, its share of the round included.
    pub(super) cpu_ms_per_job_cycle: f64,
    /// CPU time of the stand-in for the same, to see what else the machine was busy with.
    pub(super) stand_in_cpu_ms_per_job_cycle: f64,
    /// Share of one core that the autoscaler took.
    pub(super) cores: f64,
    pub(super) resident_mb: f64,
    pub(super) calls_per_job_cycle: f64,
    pub(super) cluster_calls_per_round: f64,
    /// How late the cycles of the last healthy job began, where there are slow jobs.
    pub(super) late: Option<Late>,
    /// The same process with pages open, where any were.
    pub(super) watched: Option<Watched>,
}

/// What it takes to show what happens.
#[derive(Debug, Serialize)]
pub(super) struct Watched {
    pub(super) pages: u32,
    /// Share of one core that the autoscaler took meanwhile, its cycles included.
    pub(super) cores: f64,
    /// At most.
    pub(super) resident_mb: f64,
    /// Times that a page was loaded in a second.
    pub(super) loads_per_second: f64,
    pub(super) kb_per_load: f64,
}

impl Measured {
    /// Share of the cycles that did not take place.
    pub(super) fn left_out(&self) -> f64 {
        let expected = self.rounds * u64::from(self.jobs + self.slow_jobs);
        1.0 - (float(self.job_cycles) / float(expected.max(1))).min(1.0)
    }
}

/// Distributions in seconds.
#[derive(Debug, Serialize)]
pub(super) struct Late {
    /// From the first job list that could have begun the cycle.
    pub(super) after_list_s: Distribution,
    /// Time from cycle to cycle beyond the interval.
    pub(super) over_interval_s: Distribution,
}

#[derive(Debug, Default, PartialEq, Serialize)]
pub(super) struct Distribution {
    pub(super) count: usize,
    pub(super) median: f64,
    pub(super) p90: f64,
    pub(super) max: f64,
}

impl Distribution {
    /// Of values in order.
    fn of(sorted: &[Duration]) -> Self {
        let at = |percent: usize| {
            let rank = (sorted.len() * percent).div_ceil(100).max(1) - 1;
            sorted.get(rank).map_or(0.0, Duration::as_secs_f64)
        };
        Self { count: sorted.len(), median: at(50), p90: at(90), max: at(100) }
    }
}

/// CPU time of a process and of the stand-in, and what was asked.
struct Mark {
    at: Instant,
    cpu: Duration,
    stand_in_cpu: Duration,
    counts: Counts,
}

impl Mark {
    fn set(fleet: &Fleet, autoscaler: &Autoscaler) -> Result<Self> {
        let (cpu, stand_in_cpu) = (cpu_time(autoscaler.process())?, cpu_time(std::process::id())?);
        Ok(Self { at: Instant::now(), cpu, stand_in_cpu, counts: fleet.counts() })
    }
}

pub(super) async fn measure(arguments: &Arguments, fleet: &Fleet, autoscaler: &mut Autoscaler) -> Result<Measured> {
    // A window has all its observations one cycle after the first left it.
    let cycles_before = if arguments.slow_jobs > 0 { 1 } else { arguments.window + 2 };
    fill(arguments, fleet, autoscaler, cycles_before).await?;
    let _before = fleet.take_lateness(arguments.interval);
    let begun = Mark::set(fleet, autoscaler)?;
    while begun.at.elapsed() < arguments.interval * arguments.cycles {
        tokio::time::sleep(CHECK_EACH.min(arguments.interval)).await;
        autoscaler.check_alive()?;
    }
    let ended = Mark::set(fleet, autoscaler)?;
    ensure!(ended.counts.job_cycles > begun.counts.job_cycles, "no job had a cycle:\n{}", autoscaler.last_lines());
    ensure!(ended.counts.changes == 0, "jobs were rescaled: cycles were not idle:\n{}", autoscaler.last_lines());
    let resident = resident_bytes(autoscaler.process())?;
    let mut measured = measured(arguments, &begun, &ended, resident, late(arguments, fleet));
    if arguments.pages > 0 {
        measured.watched = Some(with_pages(arguments, fleet, autoscaler).await?);
    }
    Ok(measured)
}

async fn with_pages(arguments: &Arguments, fleet: &Fleet, autoscaler: &mut Autoscaler) -> Result<Watched> {
    let pages = Pages::open(&autoscaler.address()?, arguments.pages).await?;
    let (begun, (loads_before, bytes_before)) = (Mark::set(fleet, autoscaler)?, pages.loaded());
    let mut resident = 0;
    while begun.at.elapsed() < arguments.interval * arguments.cycles {
        tokio::time::sleep(CHECK_EACH.min(arguments.interval)).await;
        autoscaler.check_alive()?;
        resident = resident_bytes(autoscaler.process())?.max(resident);
    }
    let (ended, (loads, bytes)) = (Mark::set(fleet, autoscaler)?, pages.loaded());
    let (seconds, loads) = ((ended.at - begun.at).as_secs_f64(), float(loads - loads_before));
    ensure!(loads > 0.0, "no page was loaded again");
    Ok(Watched {
        pages: arguments.pages,
        cores: (ended.cpu - begun.cpu).as_secs_f64() / seconds,
        resident_mb: float(resident) / 1e6,
        loads_per_second: loads / seconds,
        kb_per_load: float(bytes - bytes_before) / loads / 1e3,
    })
}

/// Waits until each healthy job had so many cycles.
async fn fill(arguments: &Arguments, fleet: &Fleet, autoscaler: &mut Autoscaler, cycles: u32) -> Result<()> {
    let deadline = Instant::now() + arguments.interval * cycles * PATIENCE + Duration::from_secs(60);
    while fleet.fewest_cycles() < cycles {
        autoscaler.check_alive()?;
        let done = fleet.fewest_cycles();
        ensure!(
            Instant::now() < deadline,
            "a job had {done} of the {cycles} cycles that fill the windows: the machine can't keep up, a longer --interval may help\n{}",
            autoscaler.last_lines()
        );
        tokio::time::sleep(CHECK_EACH).await;
    }
    Ok(())
}

fn late(arguments: &Arguments, fleet: &Fleet) -> Option<Late> {
    let lateness = (arguments.slow_jobs > 0).then(|| fleet.take_lateness(arguments.interval))?;
    Some(Late {
        after_list_s: Distribution::of(&lateness.after_list),
        over_interval_s: Distribution::of(&lateness.over_interval),
    })
}

fn measured(arguments: &Arguments, begun: &Mark, ended: &Mark, resident: u64, late: Option<Late>) -> Measured {
    let counted = ended.counts - begun.counts;
    let cpu = (ended.cpu - begun.cpu).as_secs_f64();
    let stand_in_cpu = (ended.stand_in_cpu - begun.stand_in_cpu).as_secs_f64();
    Measured {
        jobs: arguments.jobs,
        slow_jobs: arguments.slow_jobs,
        store: arguments.store.name(),
        interval_ms: arguments.interval.as_millis(),
        window: arguments.window,
        rounds: counted.rounds,
        job_cycles: counted.job_cycles,
        cpu_ms_per_job_cycle: cpu * 1000.0 / float(counted.job_cycles),
        stand_in_cpu_ms_per_job_cycle: stand_in_cpu * 1000.0 / float(counted.job_cycles),
        cores: cpu / (ended.at - begun.at).as_secs_f64(),
        resident_mb: float(resident) / 1e6,
        calls_per_job_cycle: float(counted.job_calls) / float(counted.job_cycles),
        cluster_calls_per_round: float(counted.cluster_calls) / float(counted.rounds.max(1)),
        late,
        watched: None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cycles_that_did_not_take_place_count_as_left_out() {
        let arguments = super::super::tests::arguments(&["--jobs", "8", "--slow-jobs", "2"]);
        let mark = |counts| Mark { at: Instant::now(), cpu: Duration::ZERO, stand_in_cpu: Duration::ZERO, counts };
        let counts = Counts { rounds: 10, job_cycles: 75, job_calls: 600, cluster_calls: 30, changes: 0 };
        let measured = measured(&arguments, &mark(Counts::default()), &mark(counts), 0, None);
        assert_eq!(measured.left_out(), 0.25);
        assert_eq!((measured.calls_per_job_cycle, measured.cluster_calls_per_round), (8.0, 3.0));
    }

    #[test]
    fn a_distribution_has_its_ranks() {
        let sorted: Vec<Duration> = (1..=10).map(Duration::from_secs).collect();
        assert_eq!(Distribution::of(&sorted), Distribution { count: 10, median: 5.0, p90: 9.0, max: 10.0 });
        assert_eq!(Distribution::of(&[]), Distribution::default());
    }
}
