//! Whether what was observed can be decided on together with what was observed before.

use std::time::Duration;

use chrono::TimeDelta;

use super::{Run, Stop};
use crate::collect;
use crate::event::{Event, reason};
use crate::metric::VertexSample;
use crate::observation::{ObserveError, Readings};
use crate::time::{self, Instant};
use crate::topology::JobTopology;

/// How far a clock may be set unnoticed.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(1);

impl Run<'_> {
    /// A batch job has no rates that go on, and Flink decides on its parallelism stage by stage.
    pub(super) fn left_alone(&mut self) -> Stop {
        let event =
            Event::normal(reason::BATCH_JOB, "The job is a batch job: it is left alone, whatever its options say.");
        self.report.events.push(event.merged_within(self.options.scaling_event_interval));
        Stop::LeftAlone(ObserveError::Batch.to_string())
    }

    /// Nothing is decided on what leaves subtasks out. That is normal while a job starts, and worth a word after.
    pub(super) fn incomplete(&mut self, error: &ObserveError, stable: Instant) -> Stop {
        if self.now >= stable {
            self.memory.note_incomplete();
            let message = format!(
                "Nothing is decided for the job: {error}. The JobManager has lost sight of a TaskManager, or has not heard \
                 of all of them yet."
            );
            let event = Event::warning(reason::INCOMPLETE_METRICS, message).with_key(reason::INCOMPLETE_METRICS);
            self.report.events.push(event.merged_within(self.options.scaling_event_interval));
        }
        Stop::NotReady(format!("{error}; it is neither scaled up nor down on what was not read whole"))
    }

    /// Says that metrics which left subtasks out are whole again.
    pub(super) fn whole_again(&mut self) {
        if self.memory.take_incomplete() {
            let event =
                Event::normal(reason::INCOMPLETE_METRICS, "The job's metrics are whole again: decisions go on.");
            let event = event.with_key(reason::INCOMPLETE_METRICS);
            self.report.events.push(event.merged_within(self.options.scaling_event_interval));
        }
    }

    /// What the readings say of each vertex.
    pub(super) fn samples(&self, topology: &JobTopology, readings: &Readings) -> Vec<VertexSample> {
        let history = self.state.collected_metrics.get();
        let sample = |(vertex, reading)| collect::vertex_sample(vertex, reading, history, self.options);
        topology.vertices().iter().zip(&readings.vertices).map(sample).collect()
    }

    /// Begins the window anew where a counter has fallen; whether one has.
    pub(super) fn forget_if_fallen(&mut self, topology: &JobTopology, samples: &[VertexSample]) -> bool {
        let history = self.state.collected_metrics.get();
        let Some((vertex, counter)) = collect::fallen(topology, samples, history) else { return false };
        let (counter, vertex) = (counter.name(), vertex.id);
        self.begin_window_anew(format!(
            "{counter} of vertex {vertex} has fallen: its tasks were restarted, and the metric window begins anew"
        ));
        true
    }

    /// Forgets what was observed, so that this is the first observation, on which nothing is decided.
    fn begin_window_anew(&mut self, why: String) {
        self.state.collected_metrics.remove();
        self.report.note = Some(why);
    }

    /// Time in the window neither runs backwards nor leaps. A clock that was set by more than a moment leaves observations
    /// of which nobody knows how long ago they were made, and so no rate since then.
    pub(super) fn keep_time(&mut self) {
        let step = self.memory.take_clock_step();
        let Some(last) = self.state.collected_metrics.get().end() else { return };
        let is_step = step.abs().to_std().is_ok_and(|length| length > CLOCK_TOLERANCE);
        let seconds = step.num_seconds().abs();
        let (reason, what) = if is_step && step > TimeDelta::zero() {
            let what = format!("The clock was set forward by {seconds} s, or the machine was suspended");
            (reason::CLOCK_SET_FORWARD, what)
        } else if is_step {
            (reason::CLOCK_SET_BACK, format!("The clock was set back by {seconds} s"))
        } else if last > time::after(self.now, CLOCK_TOLERANCE) {
            // Before this process began, or nobody told of it.
            (reason::CLOCK_SET_BACK, "The clock was set back".to_owned())
        } else {
            self.now = self.now.max(last);
            return;
        };
        let last = last.format("%Y-%m-%d %H:%M:%S");
        let message = format!("{what}: the last observation is of {last}. The metric window begins anew.");
        self.report.events.push(Event::warning(reason, message.clone()));
        self.begin_window_anew(message);
    }
}
