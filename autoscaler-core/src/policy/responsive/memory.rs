//! What the policy remembers of a job: all of it bounded, all of it in the text that is stored.

mod reader;
mod text;

use super::capacity::Capacity;
use super::level::Sample;
use super::look::{Look, VertexLook};
use super::settings::DAY;
use crate::ids::VertexId;

/// Samples kept of a source: half an hour of them.
const SAMPLES: usize = 60;
/// Five-minute means kept of a source: three hours of them.
const MEANS: usize = 36;
/// Minutes of peaks kept of all sources together.
const PEAKS: f64 = 16.0 * 360.0;
/// Scale-downs kept.
const DOWNS: usize = 8;
/// A gap between looks after which samples say nothing about now, seconds.
const GAP: f64 = 900.0;

/// What is remembered of a job. Vertices are in the order of the last look.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Memory {
    /// When the last look was; none where counters don't go on from it.
    pub(super) last: Option<f64>,
    /// Since when the job ran at the last look.
    pub(super) running_since: Option<f64>,
    /// When it was scaled last.
    pub(super) scaled_at: f64,
    /// How long a rescale takes, seconds: measured.
    pub(super) down_time: f64,
    /// For how many looks a source that hides its backlog has been held back.
    pub(super) throttled: i32,
    /// What the price is multiplied by, for scale-downs that did not last: 1, 2, 4, 8.
    pub(super) penalty: f64,
    /// Utilization two minutes ahead, over the last five minutes.
    pub(super) ahead: Vec<Sample>,
    /// Scale-downs: when, and from how many subtasks.
    pub(super) downs: Vec<(f64, f64)>,
    /// When the job was rescaled within the last day.
    pub(super) rescales: Vec<f64>,
    pub(super) vertices: Vec<VertexMemory>,
}

/// Records that a vertex has read and written, and those that wait for it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Counted {
    pub(super) read: f64,
    pub(super) written: f64,
    pub(super) waiting: Option<f64>,
}

/// What is remembered of a vertex.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct VertexMemory {
    pub(super) id: VertexId,
    /// Its counters at the last look.
    pub(super) counted: Option<Counted>,
    /// Five-minute averages of records per second in and out, and of how many looks.
    pub(super) flow: Option<(f64, f64, f64)>,
    /// Busy share, averaged over two minutes.
    pub(super) busy: Option<f64>,
    pub(super) capacity: Option<Capacity>,
    /// Records into it for each record into one of its inputs.
    pub(super) gains: Vec<(VertexId, f64)>,
    /// The last scale-up of the job, until it has been judged.
    pub(super) trial: Option<Trial>,
    /// Of a source.
    pub(super) source: Option<Source>,
}

/// What a scale-up promised of a vertex.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Trial {
    pub(super) before: i32,
    pub(super) after: i32,
    /// Records per second it could do, and was expected to.
    pub(super) have: f64,
    pub(super) expect: f64,
    /// Sum of log(rate / busy) since, and of how many looks.
    pub(super) seen: (f64, i32),
    /// What was known of it.
    pub(super) curve: Capacity,
}

/// What is remembered of a source's load.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Source {
    pub(super) samples: Vec<Sample>,
    pub(super) means: Vec<Sample>,
    /// The mean that is being made: since when, sum, count.
    pub(super) bin: Option<(f64, f64, i32)>,
    /// The highest level of each minute since the epoch.
    pub(super) peaks: Vec<(i64, f64)>,
    /// The load that it was scaled up for while it hid its backlog.
    pub(super) guess: Option<f64>,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            last: None,
            running_since: None,
            scaled_at: -1e9,
            down_time: 40.0,
            throttled: 0,
            penalty: 0.0,
            ahead: Vec::new(),
            downs: Vec::new(),
            rescales: Vec::new(),
            vertices: Vec::new(),
        }
    }
}

impl Memory {
    /// Brings the vertices into the order of a look; of those that are gone nothing is left.
    pub(super) fn align(&mut self, look: &Look) {
        if self.vertices.iter().map(|known| known.id).eq(look.vertices.iter().map(|seen| seen.id)) {
            return;
        }
        let mut known = std::mem::take(&mut self.vertices);
        for seen in &look.vertices {
            let found = known.iter().position(|vertex| vertex.id == seen.id);
            self.vertices.push(found.map_or_else(|| VertexMemory::new(seen), |place| known.swap_remove(place)));
        }
        // A scaling of another graph is not to be judged by this one.
        for vertex in &mut self.vertices {
            vertex.trial = None;
            let ids = |edge: &(VertexId, f64)| look.vertices.iter().any(|seen| seen.id == edge.0);
            vertex.gains.retain(ids);
        }
    }

    /// Forgets what is of a time that has passed, or has not come yet: a clock may be set.
    pub(super) fn forget_old(&mut self, now: f64, memory_minutes: f64) {
        let sources = self.vertices.iter().filter(|vertex| vertex.source.is_some()).count().max(1);
        #[expect(clippy::cast_precision_loss, reason = "a number of sources")]
        let minutes = memory_minutes.min(PEAKS / sources as f64);
        self.rescales.retain(|at| *at > now - DAY && *at <= now);
        self.downs.retain(|(at, _)| *at <= now);
        self.ahead.retain(|(at, _)| *at > now - 300.0 && *at <= now);
        if self.scaled_at > now {
            self.scaled_at = -1e9;
        }
        let is_stale = self.last.is_some_and(|last| last > now || last < now - GAP);
        for source in self.vertices.iter_mut().filter_map(|vertex| vertex.source.as_mut()) {
            source.forget_old(now, minutes);
            if is_stale {
                *source = Source { peaks: std::mem::take(&mut source.peaks), ..Source::default() };
            }
        }
    }

    pub(super) fn scaled(&mut self, now: f64) {
        self.scaled_at = now;
        self.ahead.clear();
    }

    pub(super) fn add_down(&mut self, now: f64, subtasks: f64) {
        // One that the job never restarted for was held up: this is the same again.
        if self.downs.last().is_some_and(|(at, _)| !self.was_carried_out(*at)) {
            self.downs.pop();
        }
        self.downs.push((now, subtasks));
        if self.downs.len() > DOWNS {
            self.downs.remove(0);
        }
    }

    /// Whether the job has restarted since a scaling was decided.
    pub(super) fn was_carried_out(&self, decided_at: f64) -> bool {
        self.running_since.is_some_and(|since| since > decided_at)
    }

    /// The last scale-down, where it was carried out: when, and how many subtasks there were before.
    pub(super) fn last_down(&self) -> Option<(f64, f64)> {
        self.downs.last().copied().filter(|(at, _)| self.was_carried_out(*at))
    }
}

impl VertexMemory {
    fn new(seen: &VertexLook) -> Self {
        let source = seen.is_source().then(Source::default);
        Self::of(seen.id, source)
    }

    fn of(id: VertexId, source: Option<Source>) -> Self {
        Self { id, counted: None, flow: None, busy: None, capacity: None, gains: Vec::new(), trial: None, source }
    }

    /// Records into it for each into one of its inputs; one for one where that is not known yet.
    pub(super) fn gain(&self, input: VertexId) -> f64 {
        self.gains.iter().find(|(id, _)| *id == input).map_or(1.0, |(_, gain)| *gain)
    }

    pub(super) fn set_gain(&mut self, input: VertexId, gain: f64) {
        match self.gains.iter_mut().find(|(id, _)| *id == input) {
            Some(known) => known.1 = gain,
            None => self.gains.push((input, gain)),
        }
    }
}

impl Source {
    /// Adds a sample of the load.
    pub(super) fn add(&mut self, now: f64, rate: f64) {
        if self.samples.len() >= SAMPLES {
            self.samples.drain(..=self.samples.len() - SAMPLES);
        }
        self.samples.push((now, rate));
        let (since, sum, count) = self.bin.unwrap_or((now, 0.0, 0));
        if now - since >= 300.0 && count > 0 {
            self.means.push((now - 150.0, sum / f64::from(count)));
            self.means.drain(..self.means.len().saturating_sub(MEANS));
            self.bin = Some((now, rate, 1));
        } else {
            self.bin = Some((since, sum + rate, count + 1));
        }
    }

    /// Notes the level of a minute.
    pub(super) fn note_peak(&mut self, minute: i64, level: f64) {
        match self.peaks.last_mut() {
            Some((last, highest)) if *last == minute => *highest = highest.max(level),
            _ => self.peaks.push((minute, level)),
        }
    }

    /// The highest level since a minute; 0 where nothing is known.
    #[expect(clippy::cast_precision_loss, reason = "minutes since the epoch")]
    pub(super) fn top_since(&self, minute: f64) -> f64 {
        self.peaks.iter().filter(|(at, _)| *at as f64 >= minute).map(|(_, level)| *level).fold(0.0, f64::max)
    }

    #[expect(clippy::cast_precision_loss, reason = "minutes since the epoch")]
    fn forget_old(&mut self, now: f64, minutes: f64) {
        let minute = (now / 60.0).floor();
        self.peaks.retain(|(at, _)| *at as f64 >= minute - minutes && *at as f64 <= minute);
    }
}
