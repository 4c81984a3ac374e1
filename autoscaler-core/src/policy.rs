//! Which parallelism a job should have: the cut between what was collected and how a scaling is carried out.
//!
//! A [`Policy`] proposes what to do with a job; a proposal is carried out the same way, whoever made it. When enough has
//! been observed to decide on is the policy's business.

mod bounds;
mod contract;
mod explain;
mod hold;
mod proposal;
pub mod reference;
pub mod responsive;
mod rule;
mod schedule;
mod slot_aware;
mod view;
mod what_if;

pub use contract::Policy;
pub(crate) use contract::propose;
pub use explain::{Band, Limit, Scheduled, Step, Verdict, VertexDecision};
pub use hold::Hold;
pub use proposal::{Conclusion, Proposal};
pub use reference::ReferencePolicy;
pub use responsive::ResponsivePolicy;
pub use rule::{Reason, Rule};
pub use schedule::Outlook;
pub(crate) use schedule::{InForce, enforce, outlook};
pub(crate) use slot_aware::raise;
pub use view::JobView;
pub use what_if::{Left, what_if};

use crate::options::PolicyChoice;

/// The policy that an option names.
pub(crate) fn of(choice: PolicyChoice) -> &'static dyn Policy {
    match choice {
        PolicyChoice::Reference => &ReferencePolicy,
        PolicyChoice::Responsive => &ResponsivePolicy,
    }
}
