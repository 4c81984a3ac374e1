//! What saving one new observation of a job with five vertices costs, for windows of 2, 90 and 900 observations:
//! `cargo xtask bench idle-save`.
//!
//! CPU time is this process's own: a server's is not in it, SQLite's is. To make a change to save takes a cycle of the
//! decision core, which is measured by itself and subtracted. Arguments: names of stores, and `--json`.

#![expect(clippy::print_stdout, reason = "its figures are what it is for")]

mod store;

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use autoscaler_core::{Autoscaler, CycleMemory, JobAutoScalerContext, JobState, Observation};
use serde_json::json;
use servers::usage::cpu_time;
use testkit::synthetic::SyntheticJob;

use store::{Opened, StoreType, open, save};

const VERTICES: u32 = 5;
const WINDOWS: [u32; 3] = [2, 90, 900];
/// Between the observations of [`SyntheticJob`].
const INTERVAL_SECONDS: u32 = 10;

/// A job whose window is full, in front of its next cycle.
struct Job {
    made_up: SyntheticJob,
    context: JobAutoScalerContext,
    state: JobState,
    autoscaler: Autoscaler,
    memory: CycleMemory,
    cycles: u32,
}

impl Job {
    fn new(window: u32) -> Self {
        let seconds = format!("{} s", window * INTERVAL_SECONDS);
        let options = [
            ("job.autoscaler.enabled", "true"),
            ("job.autoscaler.stabilization.interval", "0 s"),
            ("job.autoscaler.metrics.window", &seconds),
        ];
        let (made_up, context) = (SyntheticJob::steady(VERTICES), testkit::job::context(1, &options));
        Self {
            made_up,
            context,
            state: JobState::default(),
            autoscaler: Autoscaler::new(),
            memory: CycleMemory::default(),
            cycles: 0,
        }
    }

    fn next(&mut self) {
        self.cycles += 1;
        let seen: Observation = self.made_up.observation(self.cycles);
        let now = SyntheticJob::instant(self.cycles);
        self.autoscaler.cycle(&self.context, Some(Ok(seen)), &mut self.state, &mut self.memory, now);
    }
}

/// CPU time of one cycle with nothing saved, and of one that is saved; wall time of one save.
struct Times {
    cycle_cpu: Duration,
    both_cpu: Duration,
    save_wall: Duration,
}

/// Runs cycles until the window is full and stored, then as many as are measured.
async fn measure(opened: &mut Opened, window: u32, saves: u32) -> Result<Times> {
    let mut job = Job::new(window);
    for _ in 0..=window {
        job.next();
    }
    let own = || cpu_time(std::process::id());
    let begun = own()?;
    for _ in 0..saves {
        job.next();
        job.state.mark_stored();
    }
    let cycles = own()?;
    // What was marked as stored was not: all of it is, before the first save that counts.
    job.state.touch();
    save(opened, &job.context.key, &mut job.state).await?;
    job.next();
    save(opened, &job.context.key, &mut job.state).await?;
    let mut save_wall = Duration::ZERO;
    let from = own()?;
    for _ in 0..saves {
        job.next();
        let begun_saving = Instant::now();
        save(opened, &job.context.key, &mut job.state).await?;
        save_wall += begun_saving.elapsed();
    }
    let to = own()?;
    Ok(Times { cycle_cpu: (cycles - begun) / saves, both_cpu: (to - from) / saves, save_wall: save_wall / saves })
}

fn microseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

fn main() -> Result<()> {
    let (flags, names): (Vec<String>, Vec<String>) = std::env::args().skip(1).partition(|text| text.starts_with("--"));
    let as_json = flags.iter().any(|flag| flag == "--json");
    // One thread, as CPU time must not depend on how many there are.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    if !as_json {
        println!("{:10} {:>6} {:>14} {:>14}", "store", "window", "CPU, us/save", "wall, us/save");
    }
    for name in names {
        let store_type: StoreType = name.parse()?;
        for window in WINDOWS {
            let times = runtime.block_on(async {
                let mut opened = open(store_type).await?;
                measure(&mut opened, window, store_type.saves()).await
            });
            let times = times.with_context(|| format!("{name}, a window of {window}"))?;
            let (cpu, wall) =
                (microseconds(times.both_cpu.saturating_sub(times.cycle_cpu)), microseconds(times.save_wall));
            if as_json {
                println!("{}", json!({ "store": name, "window": window, "cpu_us": cpu, "wall_us": wall }));
            } else {
                println!("{name:10} {window:>6} {cpu:>14.1} {wall:>14.1}");
            }
        }
    }
    Ok(())
}
