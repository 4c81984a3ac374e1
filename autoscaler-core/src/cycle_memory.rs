//! What a job's cycles remember in memory.

use chrono::TimeDelta;
use chrono_tz::Tz;

use crate::health::JobHealth;
use crate::ids::VertexId;
use crate::observation::{ObserveError, TaskManagerReading};
use crate::options::{JobOptions, RuleTexts};
use crate::policy::{Outlook, outlook};
use crate::proposed::Changes;
use crate::time::Instant;

/// What a collector can't know and a job's cycles have to remember, in memory only.
#[derive(Clone, Debug, Default)]
pub struct CycleMemory {
    /// Whether the cluster's TaskManagers have a garbage collection metric; none until one answer was whole.
    expects_gc: Option<bool>,
    /// How far the clock was set since the last observation; forward is positive.
    clock_step: TimeDelta,
    /// What the policy that runs along recommended last.
    recommended: Vec<(VertexId, i32)>,
    /// Memory of a TaskManager that was recommended last while nothing was scaled, bytes.
    recommended_size: Option<u64>,
    /// Whether the last look left subtasks out, and that was said.
    incomplete: bool,
    /// How the job has fared, where that was asked for.
    health: Option<JobHealth>,
    /// Which rules of the schedule hold from an instant on, and those rules.
    outlook: Option<(Instant, RuleTexts, Outlook)>,
    /// What the next cycle may carry out although an option says that nothing is.
    approved: Option<Changes>,
}

/// Where no change of the schedule is in sight, it is looked for again after this, minutes.
const LOOK_AGAIN: i64 = 60;

impl CycleMemory {
    /// Takes note that the clock was set since the last cycle, forward or back. Cycles only know what time it is, so
    /// whoever has a watch beside the clock has to tell. The next observation is then the first of a new window.
    pub fn clock_was_set(&mut self, by: TimeDelta) {
        self.clock_step = self.clock_step.checked_add(&by).unwrap_or(by);
    }

    /// How far the clock was set, as far as no cycle has taken it into account yet.
    pub fn clock_step(&self) -> TimeDelta {
        self.clock_step
    }

    /// Has the next cycle, and no other, carry out a scaling that `job.autoscaler.scaling.enabled` would hold up, if it
    /// decides on just this one and nothing else stands against it.
    pub fn approve(&mut self, changes: Changes) {
        self.approved = Some(changes);
    }

    pub(crate) fn take_approved(&mut self) -> Option<Changes> {
        self.approved.take()
    }

    pub(crate) fn take_clock_step(&mut self) -> TimeDelta {
        std::mem::take(&mut self.clock_step)
    }

    /// Takes note of what a policy that runs along recommends; whether that is another thing than before.
    pub(crate) fn is_new_recommendation(&mut self, recommended: Vec<(VertexId, i32)>) -> bool {
        let is_new = self.recommended != recommended;
        self.recommended = recommended;
        is_new
    }

    /// Takes note that it was said that metrics leave subtasks out.
    pub(crate) fn note_incomplete(&mut self) {
        self.incomplete = true;
    }

    pub(crate) fn take_incomplete(&mut self) -> bool {
        std::mem::take(&mut self.incomplete)
    }

    /// Takes note of how much memory is recommended for a TaskManager, bytes; whether that is a tenth off what it was.
    pub(crate) fn is_new_size(&mut self, size: u64) -> bool {
        let is_new = self.recommended_size.is_none_or(|told| size.abs_diff(told) > told / 10);
        if is_new {
            self.recommended_size = Some(size);
        }
        is_new
    }

    /// Takes note of how the job has fared, for its next cycle.
    pub fn note_health(&mut self, health: JobHealth) {
        self.health = Some(health);
    }

    pub(crate) fn take_health(&mut self) -> Option<JobHealth> {
        self.health.take()
    }

    /// Which rules of a job's schedule hold, worked out anew only when that changes; none where it has no rules.
    pub(crate) fn outlook(&mut self, options: &JobOptions, now: Instant, zone: Tz) -> Option<Outlook> {
        if options.rules.is_empty() {
            return None;
        }
        let known = self.outlook.as_ref().filter(|(since, texts, outlook)| {
            (*since..outlook.quiet_until(*since)).contains(&now) && *texts == options.schedule
        });
        let is_fresh = |(since, _, outlook): &(Instant, RuleTexts, Outlook)| {
            outlook.next.is_some() || now < *since + TimeDelta::minutes(LOOK_AGAIN)
        };
        if !known.is_some_and(is_fresh) {
            // What was looked through is not looked through again.
            let quiet_until = known.map_or(now, |(since, _, outlook)| outlook.quiet_until(*since));
            self.outlook = Some((now, options.schedule.clone(), outlook(options, now, quiet_until, zone)));
        }
        self.outlook.as_ref().map(|(.., outlook)| outlook.clone())
    }

    /// Holds a TaskManager reading against what the cluster had before: whether it has a garbage collection metric
    /// is settled by the first whole reading, and a metric gone since makes the reading incomplete.
    pub(crate) fn settled(&mut self, reading: Option<TaskManagerReading>) -> Result<TaskManagerReading, ObserveError> {
        let reading = reading.ok_or(ObserveError::TaskManagerMetricsMissing)?;
        let has_gc = reading.gc_ms_per_second.is_some();
        match *self.expects_gc.get_or_insert(has_gc) {
            true if has_gc => Ok(reading),
            true => Err(ObserveError::TaskManagerMetricsMissing),
            false => Ok(TaskManagerReading { gc_ms_per_second: None, ..reading }),
        }
    }
}
