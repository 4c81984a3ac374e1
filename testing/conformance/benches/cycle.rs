//! One cycle of a job whose window is full: 90 observations of 5, 50 and 1,000 vertices.
//!
//! `cargo xtask bench core`; with `--instructions`, counted by callgrind instead of timed.

use std::hint::black_box;

use autoscaler_core::{Autoscaler, CycleMemory, JobAutoScalerContext, JobState, Observation};
use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use testkit::synthetic::SyntheticJob;

/// Observations in the window.
const WINDOW: u32 = 90;

/// A job on the brink of the cycle to be measured.
struct Prepared {
    autoscaler: Autoscaler,
    context: JobAutoScalerContext,
    state: JobState,
    memory: CycleMemory,
}

fn prepared(job: &SyntheticJob) -> Prepared {
    let (autoscaler, context) = (Autoscaler::new(), job.context());
    let (mut state, mut memory) = (JobState::default(), CycleMemory::default());
    for number in 1..=WINDOW {
        let seen = Some(Ok(job.observation(number)));
        autoscaler.cycle(&context, seen, &mut state, &mut memory, SyntheticJob::instant(number));
    }
    Prepared { autoscaler, context, state, memory }
}

impl Prepared {
    fn run(&mut self, seen: Observation, number: u32) {
        let now = SyntheticJob::instant(number);
        black_box(self.autoscaler.cycle(&self.context, Some(Ok(seen)), &mut self.state, &mut self.memory, now));
    }
}

fn one_cycle(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("cycle");
    for vertices in [5, 50, 1000] {
        let job = SyntheticJob::steady(vertices);
        let mut prepared = prepared(&job);
        let mut number = WINDOW;
        group.bench_function(BenchmarkId::from_parameter(vertices), |bencher| {
            bencher.iter_batched(
                || {
                    number += 1;
                    (job.observation(number), number)
                },
                |(seen, number)| prepared.run(seen, number),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, one_cycle);
criterion_main!(benches);
