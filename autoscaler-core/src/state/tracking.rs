//! When scalings happened, and how long the job took to run again (algorithm 9).

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::TimeDelta;

use super::ScalingSummary;
use crate::ids::VertexId;
use crate::options::JobOptions;
use crate::time::{self, Instant};
use crate::topology::JobTopology;

/// Restart durations by the instant of the scaling; none while it is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScalingTracking {
    /// The records.
    pub records: BTreeMap<Instant, Option<TimeDelta>>,
}

impl ScalingTracking {
    /// The records that still count, latest first: young enough, the last few, and always the latest.
    fn recent(&self, now: Instant, options: &JobOptions) -> impl Iterator<Item = (Instant, Option<TimeDelta>)> {
        let oldest = time::before(now, options.history_max_age);
        let keep = usize::try_from(options.history_max_count).unwrap_or(0).max(1);
        let latest_first = self.records.iter().rev().enumerate();
        let counts = move |(back, (at, _)): &(usize, (&Instant, &Option<TimeDelta>))| *back == 0 || **at >= oldest;
        latest_first.filter(counts).take(keep).map(|(_, (at, duration))| (*at, *duration))
    }

    /// The records with only those that still count.
    #[must_use]
    pub fn trimmed(&self, now: Instant, options: &JobOptions) -> Self {
        Self { records: self.recent(now, options).collect() }
    }

    /// Whether the latest scaling's restart duration is not known yet.
    pub fn awaits_restart(&self) -> bool {
        self.records.last_key_value().is_some_and(|(_, duration)| duration.is_none())
    }

    /// The restart duration that can be recorded now for the latest scaling: none if it is recorded, or if some
    /// vertex of `past`, its scalings that still count, was scaled then and does not run at its target yet.
    pub fn newly_known_restart<'a>(
        &self,
        mut past: impl Iterator<Item = (VertexId, &'a [(Instant, ScalingSummary)])>,
        topology: &JobTopology,
        running_since: Instant,
    ) -> Option<(Instant, TimeDelta)> {
        let (at, duration) = self.records.last_key_value()?;
        if duration.is_some() {
            return None;
        }
        let arrived = past.all(|(vertex, entries)| {
            let scaled = entries.iter().rev().find(|(entry_at, _)| entry_at == at);
            scaled.is_none_or(|(_, summary)| {
                topology.vertex(vertex).is_some_and(|info| info.parallelism == summary.new_parallelism)
            })
        });
        arrived.then(|| (*at, running_since - *at))
    }

    /// Expected downtime of a rescale: the longest restart measured, up to the limit, or `restart.time` where
    /// tracking is off or nothing has been measured.
    pub fn restart_time(&self, now: Instant, options: &JobOptions) -> Duration {
        if options.restart_time_tracking_enabled { self.measured(now, options) } else { options.restart_time }
    }

    /// By what a schedule is early: the longest restart measured, up to the limit; `restart.time` where nothing has been
    /// measured. The restarts of the latest `restart.time` don't count yet: the first one that a rule brought about early
    /// would shorten what the rule is early by, and it would let go of the job again before its period begins.
    pub fn lead(&self, now: Instant, options: &JobOptions) -> Duration {
        self.longest(now, options, time::before(now, options.restart_time))
    }

    /// The longest restart measured, up to the limit; `restart.time` where nothing has been measured.
    fn measured(&self, now: Instant, options: &JobOptions) -> Duration {
        self.longest(now, options, now)
    }

    /// The same of scalings until an instant.
    fn longest(&self, now: Instant, options: &JobOptions, until: Instant) -> Duration {
        let longest = self
            .recent(now, options)
            .filter(|(at, _)| *at <= until)
            .filter_map(|(_, duration)| duration)
            .max()
            .and_then(|longest| longest.to_std().ok());
        longest.map_or(options.restart_time, |longest| longest.min(options.restart_time_tracking_limit))
    }
}
