//! What a cycle came to, and why: typed first, as text second.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::error::PortError;
use crate::evaluation::Evaluation;
use crate::event::Event;
use crate::ids::VertexId;
use crate::policy::{Hold, Outlook, VertexDecision};
use crate::state::ConfigChanges;
use crate::time::Instant;
use crate::topology::JobTopology;

/// How a cycle ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// A scaling was decided.
    Scaled,
    /// Everything is as it should be, or something holds a scaling up.
    Balanced,
    /// Nothing could be decided yet.
    Undecided,
    /// Something went wrong.
    Error,
    /// The options can't be used.
    Invalid,
}

impl Outcome {
    /// Its name, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Scaled => "scaled",
            Self::Balanced => "balanced",
            Self::Undecided => "none",
            Self::Error => "error",
            Self::Invalid => "invalid",
        }
    }
}

/// What the realizer is to bring about, whatever was decided in this cycle.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Realization {
    /// Subtasks of each vertex; none where there are no overrides.
    pub parallelism: Option<BTreeMap<VertexId, i32>>,
    /// Configuration changes; none where memory tuning is off.
    pub config: Option<ConfigChanges>,
    /// Whether to do so even while the job restarts: it may never run as it is.
    pub while_restarting: bool,
}

/// The metric window of a job of which nothing can be decided before it is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filling {
    /// Until when the job is stabilizing: what is observed before does not count.
    pub stable_at: Instant,
    /// When the window is full.
    pub full_at: Instant,
}

/// What a policy came to that runs along and acts on nothing (`job.autoscaler.policy.shadow`).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Shadow {
    /// Its name.
    pub policy: &'static str,
    /// What it would do with the job, or why it would leave it, in words.
    pub conclusion: String,
    /// What each vertex would get, in the topology's order; empty where that was not decided.
    pub decisions: Vec<VertexDecision>,
}

/// Everything a cycle came to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CycleReport {
    /// How it ended.
    pub outcome: Outcome,
    /// When the job last began to run, where it was seen.
    pub running_since: Option<Instant>,
    /// The job's graph, where it was seen.
    pub topology: Option<JobTopology>,
    /// What was evaluated, in the topology's order.
    pub evaluation: Option<Evaluation>,
    /// Why each vertex gets the parallelism it gets, in the topology's order; empty where that was not decided.
    pub decisions: Vec<VertexDecision>,
    /// Why the job does not scale although it was decided on; none where it scales.
    pub held: Option<Hold>,
    /// Whether it scales because somebody approved that, and not because the options allow it.
    pub is_approved: bool,
    /// What the policy that runs along came to, where there is one.
    pub shadow: Option<Shadow>,
    /// The memory configuration that is recommended, where the job scales, or that is asked for also where it does not.
    pub recommended_memory: Option<ConfigChanges>,
    /// Which rules of the job's schedule hold, where it has one.
    pub schedule: Option<Outlook>,
    /// What happened.
    pub events: Vec<Event>,
    /// What the realizer is to bring about.
    pub realization: Realization,
    /// Whether the state's changes are to be stored: not after an error (algorithm 1.6).
    pub store: bool,
    /// What is waited for; none where the metric window is full, or was not looked at.
    pub filling: Option<Filling>,
    /// Why nothing could be decided, in words.
    pub note: Option<String>,
    /// The answer of the cluster that was not as it should be, where that is why nothing could be decided. Jobs that were
    /// failed by the same answer share it.
    pub failure: Option<Arc<PortError>>,
    /// What somebody should know about the options in use: plugins that are not there or failed.
    pub warnings: Vec<String>,
}

impl CycleReport {
    pub(crate) fn new(outcome: Outcome) -> Self {
        Self {
            outcome,
            running_since: None,
            topology: None,
            evaluation: None,
            decisions: Vec::new(),
            held: None,
            is_approved: false,
            shadow: None,
            recommended_memory: None,
            schedule: None,
            events: Vec::new(),
            realization: Realization::default(),
            store: true,
            filling: None,
            note: None,
            failure: None,
            warnings: Vec::new(),
        }
    }

    /// The explanation as text: a line for the job, then one for each vertex.
    pub fn explanation(&self) -> Explanation<'_> {
        Explanation(self)
    }
}

/// Shows why a cycle came to what it came to.
#[derive(Debug)]
pub struct Explanation<'a>(&'a CycleReport);

impl fmt::Display for Explanation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.0;
        f.write_str(report.outcome.name())?;
        if let Some(note) = &report.note {
            write!(f, ": {note}")?;
        }
        if let Some(held) = &report.held {
            write!(f, ": {held}")?;
        }
        let Some(topology) = &report.topology else { return Ok(()) };
        for (vertex, decision) in topology.vertices().iter().zip(&report.decisions) {
            write!(f, "\n  {} ({}), {} subtasks: {decision}", vertex.name, vertex.id, vertex.parallelism)?;
        }
        if let Some(schedule) = &report.schedule {
            write!(f, "\n  {schedule}")?;
        }
        if let Some(memory) = &report.recommended_memory {
            f.write_str("\n  recommended memory:")?;
            for (number, (key, value)) in memory.overrides.iter().enumerate() {
                write!(f, "{} {key}: {value}", if number > 0 { "," } else { "" })?;
            }
        }
        if let Some(shadow) = &report.shadow {
            write!(f, "\n  shadow {}, acts on nothing: {}", shadow.policy, shadow.conclusion)?;
            for (vertex, decision) in topology.vertices().iter().zip(&shadow.decisions) {
                write!(f, "\n  shadow {}: {} ({}): {decision}", shadow.policy, vertex.name, vertex.id)?;
            }
        }
        Ok(())
    }
}
