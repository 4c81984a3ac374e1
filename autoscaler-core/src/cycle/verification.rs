//! The look after each scaling: one that does the job harm is put back, in place and once.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Run, Stage, stage};
use crate::context::JobAutoScalerContext;
use crate::event::{Event, reason};
use crate::health::JobHealth;
use crate::metric::ScalingMetric as M;
use crate::options::JobOptions;
use crate::state::{JobState, Progress, Start, Trial};
use crate::time::{self, Instant, to_millis};
use crate::topology::JobTopology;

/// How long after the restart throughput is measured from: the job takes up its work.
const SETTLES: Duration = Duration::from_secs(60);
/// A job whose sources read less than this share of what they did, while more and more waits for them, does less than before.
const LEAST_THROUGHPUT: f64 = 0.8;
/// So much of what they read before has to have piled up, seconds of it: less may be chance.
const PILED_UP: f64 = 30.0;
/// Checkpoints that have to fail, without one that is completed: the rescale itself may abort one.
const FAILED_CHECKPOINTS: u64 = 2;
/// A scaling that the job has not come to run with by then waits for slots that nobody gives.
const GIVEN_UP: Duration = Duration::from_secs(3600);

/// Whether a job's health is to be asked for: a scaling of it is looked after.
pub fn looks_after(context: &JobAutoScalerContext, state: &JobState) -> bool {
    let is_on = context.options().is_ok_and(JobOptions::rolls_back);
    let is_under_way = state.verification.get().trial.is_some();
    is_on && is_under_way && matches!(stage(context), Stage::Observing | Stage::Waiting)
}

impl Run<'_> {
    /// Looks after the last scaling of a job that runs. Whether it was put back.
    pub(super) fn look_after(&mut self, topology: &JobTopology, running_since: Instant) -> bool {
        let health = self.memory.take_health();
        let Some(mut trial) = self.trial() else { return false };
        let has = |map: &BTreeMap<_, i32>| {
            topology.vertices().iter().all(|vertex| map.get(&vertex.id) == Some(&vertex.parallelism))
        };
        if topology.vertices().iter().any(|vertex| !trial.after.contains_key(&vertex.id)) {
            // Another graph: what was scaled is gone.
            self.state.verification.edit().trial = None;
            return false;
        }
        let runs_so = has(&trial.after) && running_since > trial.decided_at;
        let before = trial.start;
        match before {
            _ if !runs_so => trial.start = None,
            Some(start) if running_since > start.since => {
                let lived = (running_since - start.since).num_seconds();
                self.put_back(&trial, &format!("it was restarted within {lived} s"));
                return true;
            }
            Some(_) => {}
            None => trial.start = Some(Start { since: running_since, checkpoints: None, settled: None }),
        }
        if let (Some(start), Some(health)) = (&mut trial.start, &health)
            && let Some(why) = harm(start, health)
        {
            self.put_back(&trial, &why);
            return true;
        }
        let is_over = match trial.start {
            Some(start) => self.now >= time::after(start.since, self.options.rollback_verify_duration),
            None => self.now >= time::after(trial.decided_at, GIVEN_UP),
        };
        // Throughput has the last word, once the metrics are there.
        if is_over && trial.start.is_none() {
            self.state.verification.edit().trial = None;
        } else if is_over && trial.start.is_some_and(|start| start.settled.is_none()) {
            self.state.verification.edit().end_trial();
        } else if trial.start != before {
            self.state.verification.edit().trial = Some(trial);
        }
        false
    }

    /// Holds what the sources read against what they read before. Whether the last scaling was put back.
    pub(super) fn look_at_throughput(&mut self, topology: &JobTopology) -> bool {
        let Some(mut trial) = self.trial() else { return false };
        let (Some(start), Some(rate)) = (trial.start, trial.rate) else { return false };
        let Some(progress) = self.progress(topology) else { return false };
        let Some(settled) = start.settled else {
            if self.now >= time::after(start.since, SETTLES) {
                trial.start = Some(Start { settled: Some(progress), ..start });
                self.state.verification.edit().trial = Some(trial);
            }
            return false;
        };
        if self.now < time::after(start.since, self.options.rollback_verify_duration) {
            return false;
        }
        let seconds = time::millis_between(settled.at, progress.at) / 1000.0;
        let read = (progress.read - settled.read) / seconds;
        let piled_up = progress.waiting - settled.waiting;
        if seconds > 0.0 && read < LEAST_THROUGHPUT * rate && piled_up > PILED_UP * rate {
            let why =
                format!("its sources read {read:.1} records/s instead of {rate:.1}, and more and more waits for them");
            self.put_back(&trial, &why);
            return true;
        }
        self.state.verification.edit().end_trial();
        false
    }

    fn trial(&self) -> Option<Trial> {
        self.options.rolls_back().then(|| self.state.verification.get().trial.clone()).flatten()
    }

    /// What the sources have read and what waits for them; none where some of it is not known.
    fn progress(&self, topology: &JobTopology) -> Option<Progress> {
        let history = self.state.collected_metrics.get();
        let sources = || (0..topology.vertices().len()).filter(|index| topology.vertices()[*index].is_source());
        let sum = |metric| -> Option<f64> { sources().map(|index| history.last(metric, index)).sum() };
        let (read, waiting) = (sum(M::NumRecordsIn)?, sum(M::Lag)?);
        (read.is_finite() && waiting.is_finite()).then(|| Progress { at: to_millis(self.now), read, waiting })
    }

    fn put_back(&mut self, trial: &Trial, why: &str) {
        let events = put_back(trial, why, self.state, self.options, self.now);
        self.report.note = Some(format!("the last scaling is put back: {why}"));
        self.report.events.push(events);
    }
}

/// Looks after the last scaling of a job that does not run: one that fails as soon as it starts never does. Why it is put
/// back, if it is.
pub(super) fn look_after_waiting(
    options: &JobOptions,
    state: &mut JobState,
    health: Option<&JobHealth>,
    now: Instant,
) -> Option<(String, Event)> {
    let trial = state.verification.get().trial.clone().filter(|_| options.rolls_back())?;
    let since = trial.start.map_or(trial.decided_at, |start| start.since);
    let failure = health?.failures.iter().find(|failure| failure.at > since)?;
    let event = put_back(&trial, &failure.what, state, options, now);
    Some((format!("the last scaling is put back: {}", failure.what), event))
}

/// What says that a job is worse off since it came to run as a scaling would have it.
fn harm(start: &mut Start, health: &JobHealth) -> Option<String> {
    if let Some(failure) = health.failures.iter().find(|failure| failure.at > start.since) {
        return Some(failure.what.clone());
    }
    let checkpoints = health.checkpoints?;
    let (failed, completed) = *start.checkpoints.get_or_insert((checkpoints.failed, checkpoints.completed));
    let failed = checkpoints.failed.saturating_sub(failed);
    let is_harm = failed >= FAILED_CHECKPOINTS && checkpoints.completed == completed;
    is_harm.then(|| format!("{failed} checkpoints have failed since, and none was completed"))
}

/// Has the job brought to what it was, and that parallelism left alone for a while.
fn put_back(trial: &Trial, why: &str, state: &mut JobState, options: &JobOptions, now: Instant) -> Event {
    state.parallelism_overrides.set(trial.before.clone());
    let verification = state.verification.edit();
    verification.trial = None;
    verification.add_failed(trial, to_millis(now));
    let until = verification.failed.last().map_or(now, |failed| failed.until);
    let mut message = format!("The last scaling did harm and is put back: {why}.");
    for (vertex, (before, after)) in trial.changes() {
        message.push_str(&format!("{{ Vertex ID {vertex} | Parallelism {after} -> {before} }}"));
    }
    message.push_str(&format!(" It is not tried again before {}.", until.format("%Y-%m-%d %H:%M:%S UTC")));
    Event::warning(reason::SCALING_ROLLED_BACK, message).merged_within(options.scaling_event_interval)
}
