//! What is told of approvals, as events.

use std::fmt::Display;

use autoscaler_core::Event;
use autoscaler_core::event::reason;

use super::approver::Approver;
use super::proposal::Proposal;

/// Letters of an id.
const ID_LETTERS: usize = 16;

/// A scaling that was approved is carried out.
pub(super) fn carried_out(by: &Approver, proposal: &Proposal) -> Event {
    let mut message = format!("The proposed scaling {}, approved by {by}, is carried out:", proposal.id);
    for change in &proposal.vertices {
        message += &format!("{{ Vertex ID {} | Parallelism {} -> {} }}", change.vertex, change.from, change.to);
    }
    Event::normal(reason::SCALING_APPROVED, message)
}

/// An approval that does not count. The id may be any text.
pub(super) fn refused(by: &Approver, id: &str, why: impl Display) -> Event {
    let id: String = id.chars().filter(char::is_ascii_hexdigit).take(ID_LETTERS).collect();
    Event::warning(reason::APPROVAL_REFUSED, format!("The approval of {id} by {by} is refused: {why}"))
}
