//! Runs cycles of a made-up job whose window is full, for counting instructions:
//! `cargo xtask bench core --instructions`.
//!
//! Arguments: vertices, and how many cycles to run on top of those that fill the window.

use std::hint::black_box;

use autoscaler_core::{Autoscaler, CycleMemory, JobState};
use testkit::synthetic::SyntheticJob;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<u32> = std::env::args().skip(1).map(|text| text.parse()).collect::<Result<_, _>>()?;
    let [vertices, cycles] = arguments[..] else { anyhow::bail!("expected two numbers: vertices and cycles") };
    let job = SyntheticJob::steady(vertices);
    let (autoscaler, context) = (Autoscaler::new(), job.context());
    let (mut state, mut memory) = (JobState::default(), CycleMemory::default());
    // All observations are made up front, so that a further cycle costs a cycle and nothing else.
    let observations: Vec<_> = (1..=190).map(|number| job.observation(number)).collect();
    for (number, seen) in (1..).zip(observations.into_iter().take(90 + cycles as usize)) {
        let now = SyntheticJob::instant(number);
        black_box(autoscaler.cycle(&context, Some(Ok(seen)), &mut state, &mut memory, now));
    }
    Ok(())
}
