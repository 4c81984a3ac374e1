//! Cycles in the log: why each vertex gets the parallelism it gets, at `info` when the job scales and at `debug` every
//! cycle; what goes wrong once, its end, and at `debug` every time.

mod waiting;

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use autoscaler_core::metric::ScalingMetric as M;
use autoscaler_core::options::Origin;
use autoscaler_core::{
    ClusterName, CycleReport, ErrorChain, JobAutoScalerContext, JobKey, ListedJob, Outcome, PortError,
};
use tracing::Level;

use crate::observer::{CycleEnded, CycleObserver, RoundEnded, Skipped, Step};
use crate::quiet::{Say, Standing};
use waiting::Waiting;

/// The log target of explanations; `RUST_LOG=info,flink_autoscaler::explain=debug` shows every cycle's.
const EXPLAIN: &str = "flink_autoscaler::explain";
/// The log target of everything else about cycles.
const TARGET: &str = "flink_autoscaler::cycle";

/// A cluster that stays away is named again each time this has passed.
const REMINDER: Duration = Duration::from_secs(300);

/// Writes what cycles come to into the log.
#[derive(Debug, Default)]
pub struct LogObserver {
    complaints: Standing<(ClusterName, Option<JobKey>, About)>,
    /// Jobs whose cycles were left out since their last one ended.
    late: Mutex<HashSet<(ClusterName, JobKey)>>,
    waiting: Waiting,
}

/// What a complaint is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum About {
    Step(&'static str),
    Late,
    Option(String),
    List,
    Entry(String),
}

/// What standing complaints about a cycle can be about, apart from its steps.
const SKIPPED: &str = "cycle";

impl LogObserver {
    /// Says that something of a job went wrong, once.
    fn complain(&self, cluster: &ClusterName, job: &JobKey, name: &str, about: About, text: &str) {
        match self.complaints.complain((cluster.clone(), Some(job.clone()), about), text) {
            Say::Aloud => tracing::warn!(target: TARGET, %cluster, %job, name, "{text}"),
            Say::Again | Say::Quietly => tracing::debug!(target: TARGET, %cluster, %job, name, "{text} (again)"),
        }
    }

    /// Says that what went wrong does not any more.
    fn end(&self, cluster: &ClusterName, job: &JobKey, name: &str, about: About, text: &str) {
        if let Some(repeats) = self.complaints.end(&(cluster.clone(), Some(job.clone()), about)) {
            tracing::info!(target: TARGET, %cluster, %job, name, repeats, "{text}");
        }
    }

    fn late(&self) -> MutexGuard<'_, HashSet<(ClusterName, JobKey)>> {
        // Whole at every moment, so a panic elsewhere does no harm here.
        self.late.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn options(&self, job: &JobAutoScalerContext, report: &CycleReport) {
        // The process's own options are complained about once for all jobs, at the start.
        let is_jobs_own = |key: &str| job.configuration().origin(key) == Some(&Origin::Job);
        let remarks = job.options().map_or(&[][..], |options| options.remarks.as_slice());
        let remarks = remarks.iter().filter(|remark| is_jobs_own(&remark.key)).map(|remark| &remark.text);
        for note in remarks.chain(&report.warnings) {
            self.complain(&job.cluster, &job.key, &job.name, About::Option(note.clone()), note);
        }
    }

    fn failures(&self, job: &JobAutoScalerContext, ended: &CycleEnded) {
        for step in [Step::Load, Step::Save, Step::Realize, Step::Report] {
            let about = About::Step(step.name());
            match ended.failures.iter().find(|failure| failure.step == step) {
                Some(failure) => {
                    let text = format!("{}: {}", consequence(step), ErrorChain(&failure.error));
                    self.complain(&job.cluster, &job.key, &job.name, about, &text);
                }
                None if !ended.durations.of(step).is_zero() => {
                    let text = format!("{} works again", subject(step));
                    self.end(&job.cluster, &job.key, &job.name, about, &text);
                }
                None => {}
            }
        }
    }
}

/// What it means that a step failed.
fn consequence(step: Step) -> &'static str {
    match step {
        Step::Load => "no cycle for the job: its state can't be read",
        Step::Save => "nothing is realized: the state can't be stored",
        Step::Realize => "not realized, will try again next cycle",
        Step::Report => "an event can't be handed over",
        Step::Configuration | Step::Observe | Step::Decide => "the cycle failed",
    }
}

fn subject(step: Step) -> &'static str {
    match step {
        Step::Load => "reading the job's state",
        Step::Save => "storing the job's state",
        Step::Realize => "realizing the job's scalings",
        Step::Report => "handing the job's events over",
        Step::Configuration | Step::Observe | Step::Decide => "the job's cycle",
    }
}

impl CycleObserver for LogObserver {
    fn cycle_ended(&self, job: &JobAutoScalerContext, ended: &Arc<CycleEnded>) {
        self.end(&job.cluster, &job.key, &job.name, About::Step(SKIPPED), "the job has its cycles again");
        // A cycle that others were left out for does not end that: the next but one may be late again.
        if !self.late().remove(&(job.cluster.clone(), job.key.clone())) {
            self.end(&job.cluster, &job.key, &job.name, About::Late, "the job's cycles are in time again");
        }
        self.failures(job, ended);
        if let Some(report) = &ended.report {
            self.options(job, report);
            self.waiting.cycle_ended(job, report, ended.at);
            explain(job, report);
        }
    }

    fn cycle_skipped(&self, cluster: &ClusterName, job: &ListedJob, why: &Skipped) {
        let text = match why {
            Skipped::Configuration(error) => {
                format!("no cycle for the job: its configuration can't be had: {}", ErrorChain(error))
            }
            Skipped::StillRunning => {
                self.late().insert((cluster.clone(), job.key.clone()));
                let text = "the job's last cycle still runs; this one is left out";
                return self.complain(cluster, &job.key, &job.name, About::Late, text);
            }
            Skipped::TimedOut(timeout) => {
                format!("the job's cycle was ended after {timeout:?}: something it waits for does not answer")
            }
            Skipped::Panicked => {
                tracing::error!(target: TARGET, %cluster, job = %job.key, name = %job.name, "a bug ended the job's cycle; please report it");
                return;
            }
        };
        self.complain(cluster, &job.key, &job.name, About::Step(SKIPPED), &text);
    }

    fn job_found(&self, cluster: &ClusterName, job: &ListedJob) {
        tracing::info!(target: TARGET, %cluster, job = %job.key, name = %job.name, "watching the job");
    }

    fn job_gone(&self, cluster: &ClusterName, job: &JobKey) {
        self.complaints.forget(|(_, about, _)| about.as_ref() == Some(job));
        self.late().remove(&(cluster.clone(), job.clone()));
        self.waiting.forget(|of, gone| of == cluster && gone == job);
        tracing::info!(target: TARGET, %cluster, %job, "the job is gone");
    }

    fn round_ended(&self, cluster: &ClusterName, round: &RoundEnded) {
        let list = (cluster.clone(), None, About::List);
        match &round.failure {
            Some((error, pause)) => {
                let error = ErrorChain(error).to_string();
                match self.complaints.complain_each(REMINDER, list, &error) {
                    Say::Aloud => {
                        tracing::warn!(target: TARGET, %cluster, "can't list the cluster's jobs, will go on trying: {error}");
                    }
                    Say::Again => {
                        tracing::warn!(target: TARGET, %cluster, "still can't list the cluster's jobs, will go on trying: {error}");
                    }
                    Say::Quietly => {
                        tracing::debug!(target: TARGET, %cluster, "still can't list the cluster's jobs, next try in {pause:?}: {error}");
                    }
                }
            }
            None => {
                if let Some(repeats) = self.complaints.end(&list) {
                    tracing::info!(target: TARGET, %cluster, repeats, "the cluster's jobs can be listed again");
                }
            }
        }
        if round.failure.is_none() {
            // Entries that are no longer there: a list with ever new ones must not fill the memory.
            let is_there = |key: &Option<JobKey>, problem: &str| {
                round.unknown.iter().any(|entry| entry.key == *key && entry.problem == problem)
            };
            self.complaints.forget(
                |(of, key, about)| matches!(about, About::Entry(problem) if of == cluster && !is_there(key, problem)),
            );
        }
        for entry in &round.unknown {
            let about = (cluster.clone(), entry.key.clone(), About::Entry(entry.problem.clone()));
            if self.complaints.complain(about, "") == Say::Aloud {
                let job = entry.key.as_ref().map(tracing::field::display);
                tracing::warn!(target: TARGET, %cluster, job, "an entry of the job list can't be used and is left alone: {}", entry.problem);
            }
        }
    }

    fn clusters_watched(&self, clusters: &BTreeSet<ClusterName>) {
        self.complaints.forget(|(cluster, ..)| !clusters.contains(cluster));
        self.late().retain(|(cluster, _)| clusters.contains(cluster));
        self.waiting.forget(|cluster, _| !clusters.contains(cluster));
    }

    // Whoever keeps the lease says why it is lost.
    fn right_to_act(&self, _: bool) {}

    fn right_asked_for(&self, _: Option<&PortError>) {}
}

/// Nothing is put into words that nobody reads.
fn explain(job: &JobAutoScalerContext, report: &CycleReport) {
    let is_scaled = report.outcome == Outcome::Scaled;
    let is_read = tracing::enabled!(target: EXPLAIN, Level::DEBUG)
        || (is_scaled && tracing::enabled!(target: EXPLAIN, Level::INFO));
    if !is_read {
        return;
    }
    let held = report.held.as_ref().map(ToString::to_string);
    let note = report.note.as_deref().or(held.as_deref()).unwrap_or_default();
    tracing::debug!(target: EXPLAIN, cluster = %job.cluster, job = %job.key, name = %job.name, outcome = report.outcome.name(), note, "cycle");
    let (Some(topology), Some(evaluation)) = (&report.topology, &report.evaluation) else { return };
    for (index, (vertex, metrics)) in topology.vertices().iter().zip(&evaluation.vertices).enumerate() {
        let why = report.decisions.get(index).map_or_else(|| note.to_owned(), ToString::to_string);
        let target = report.decisions.get(index).map_or(vertex.parallelism, |decision| decision.target());
        macro_rules! explain {
            ($level:expr) => {
                tracing::event!(
                    target: EXPLAIN, $level, cluster = %job.cluster, job = %job.key, vertex = %vertex.id,
                    vertex_name = %vertex.name, parallelism = vertex.parallelism, to = target,
                    busy = known(metrics.average(M::Load)), rate = known(metrics.average(M::TrueProcessingRate)),
                    target_rate = known(metrics.average(M::TargetDataRate)), lag = known(metrics.current(M::Lag)), "{why}"
                )
            };
        }
        if is_scaled { explain!(Level::INFO) } else { explain!(Level::DEBUG) }
    }
}

/// A number that is one: what is not known, or beyond all bounds, is left out.
fn known(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

#[cfg(test)]
mod tests;
