//! What Flink counts, and what its gauges make of it: averages of the last minute.

use std::collections::VecDeque;

/// Seconds that Flink's rates and busy times are averages over.
const GAUGE: usize = 60;

/// Sums since the restart.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) read: f64,
    pub(super) written: f64,
    /// Seconds that the busiest subtask worked, and those of all subtasks on average.
    pub(super) busiest: f64,
    pub(super) busy: f64,
    pub(super) held_back: f64,
    /// Records that wait now.
    pub(super) waiting: f64,
}

/// What a vertex shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shown {
    pub(super) rate: f64,
    pub(super) busiest: f64,
    pub(super) busy: f64,
    pub(super) held_back: f64,
}

/// What happened in a second, by vertex.
#[derive(Clone, Copy, Debug)]
pub(super) struct Second<'a> {
    pub(super) reads: &'a [f64],
    pub(super) selectivity: &'a [f64],
    pub(super) capacities: &'a [f64],
    /// What each could do if its subtasks had the same to do.
    pub(super) even: &'a [f64],
    pub(super) held_back: &'a [bool],
    pub(super) waiting: &'a [f64],
}

/// The counts of each second since the restart, as far back as anything shows.
#[derive(Clone, Debug)]
pub(super) struct Gauges {
    vertices: usize,
    late: usize,
    seconds: VecDeque<Vec<Counts>>,
}

impl Gauges {
    pub(super) fn new(vertices: usize, late: u32) -> Self {
        Self { vertices, late: usize::try_from(late).unwrap_or(0), seconds: VecDeque::new() }
    }

    /// At the beginning and after a restart all counters begin at 0, while so much waits at each vertex.
    pub(super) fn begin(&mut self, waiting: &[f64]) {
        self.seconds.clear();
        self.seconds
            .push_back(waiting.iter().map(|waiting| Counts { waiting: *waiting, ..Counts::default() }).collect());
    }

    pub(super) fn add(&mut self, second: &Second<'_>) {
        let mut counts = self.seconds.back().cloned().unwrap_or_else(|| vec![Counts::default(); self.vertices]);
        for (vertex, counts) in counts.iter_mut().enumerate() {
            let reads = second.reads[vertex];
            let busiest = (reads / second.capacities[vertex]).min(1.0);
            counts.read += reads;
            counts.written += reads * second.selectivity[vertex];
            counts.busiest += busiest;
            counts.busy += (reads / second.even[vertex]).min(busiest);
            if second.held_back[vertex] {
                counts.held_back += 1.0 - busiest;
            }
            counts.waiting = second.waiting[vertex];
        }
        if self.seconds.len() > GAUGE + self.late {
            self.seconds.pop_front();
        }
        self.seconds.push_back(counts);
    }

    /// The counts that are told now, if there are any yet.
    pub(super) fn counts(&self) -> Option<&[Counts]> {
        let shown = self.seconds.len().checked_sub(1 + self.late)?;
        self.seconds.get(shown).map(Vec::as_slice)
    }

    /// What a vertex shows now.
    pub(super) fn shown(&self, vertex: usize) -> Option<Shown> {
        let now = self.counts()?[vertex];
        let shown = self.seconds.len() - 1 - self.late;
        let passed = shown.min(GAUGE);
        let before = self.seconds[shown - passed][vertex];
        // A rate is that of a whole minute from the beginning, a time is shared over what there was of it.
        let (minute, passed) = (60.0, f64::from(u32::try_from(passed).unwrap_or(1).max(1)));
        Some(Shown {
            rate: (now.read - before.read) / minute,
            busiest: (now.busiest - before.busiest) / passed,
            busy: (now.busy - before.busy) / passed,
            held_back: (now.held_back - before.held_back) / passed,
        })
    }
}
