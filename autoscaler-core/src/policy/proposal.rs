//! What a policy comes to.

use super::explain::VertexDecision;
use super::hold::Hold;
use crate::evaluation::Evaluation;
use crate::event::Event;
use crate::state::DelayedScaleDown;

/// What is to become of the job.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Conclusion {
    /// Nothing can be decided yet, for this reason.
    Undecided(String),
    /// It is to stay as it is, for this reason.
    Stay(Hold),
    /// Each vertex is to get the parallelism of its decision.
    Scale,
    /// The observations make no sense to the policy: an error, after which nothing is stored.
    Failed(String),
}

/// What a policy came to, and why.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Proposal {
    /// What is to become of the job.
    pub conclusion: Conclusion,
    /// What was evaluated; needed for a scaling, whose report and history are taken from it.
    pub evaluation: Option<Evaluation>,
    /// Why each vertex gets the parallelism it gets, in the topology's order; empty where that was not decided.
    pub decisions: Vec<VertexDecision>,
    /// The scale-downs that wait from now on; none: those that do stay.
    pub delayed_scale_down: Option<DelayedScaleDown>,
    /// What happened.
    pub events: Vec<Event>,
    /// What somebody should know about the options in use.
    pub warnings: Vec<String>,
}

impl Proposal {
    /// A proposal that says no more than this.
    pub fn new(conclusion: Conclusion) -> Self {
        Self {
            conclusion,
            evaluation: None,
            decisions: Vec::new(),
            delayed_scale_down: None,
            events: Vec::new(),
            warnings: Vec::new(),
        }
    }
}
