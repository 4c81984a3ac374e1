//! `cargo xtask fuzz` where cargo-fuzz and a nightly toolchain are not there: random mutations, not guided by coverage.

use std::time::Duration;

use ::fuzz::{Limit, TARGETS, Target, corpus, drive, target};
use anyhow::{Context, Result, bail};

use crate::paths;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only this target; all without.
    target: Option<String>,
    /// A short run: ten seconds for each target.
    #[arg(long)]
    smoke: bool,
    /// Seconds for each target.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Repeats a run.
    #[arg(long)]
    seed: Option<u64>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let targets = match &arguments.target {
        None => TARGETS.iter().collect(),
        Some(name) => vec![target(name).with_context(|| {
            let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
            format!("no target {name}; there are {}", names.join(", "))
        })?],
    };
    let seconds = if arguments.smoke { 10 } else { arguments.seconds };
    targets.into_iter().try_for_each(|target| drive_one(target, seconds, arguments.seed))
}

fn drive_one(target: &Target, seconds: u64, seed: Option<u64>) -> Result<()> {
    let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    let seed = seed.unwrap_or(since_1970.as_secs());
    match drive(target, &corpus(target.name), seed, Limit::Time(Duration::from_secs(seconds))) {
        Ok(inputs) => println!("{}: {inputs} inputs in {seconds} s without a panic (seed {seed})", target.name),
        Err(finding) => {
            let file = paths::target().join(format!("fuzz-{}", target.name));
            std::fs::write(&file, &finding.input)?;
            bail!("{} panics (seed {seed}); the input is in {}", target.name, file.display());
        }
    }
    Ok(())
}
