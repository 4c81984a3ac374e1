//! The parts of a job's state as the texts of the reference's rows, and back (algorithm 11).
//!
//! The window of observations is no row for the five of [`RowPart`]: a store has each observation by itself
//! ([`encode_observation`]), and only for the Java process all of them in one row ([`encode_collected_row`]).

mod number;
mod overrides;
mod whole;
mod wire;

pub use whole::{decode_whole, encode_whole};

use super::{JobState, RowPart, StatePart, Tracked, TrackedWindow};
use crate::error::{ErrorKind, PortError};
use crate::time::Instant;
use crate::window::ObservationRow;

/// A row that can't be read.
#[derive(Debug, thiserror::Error)]
#[error("the stored {part} can't be read: {problem}")]
#[non_exhaustive]
pub struct UnreadableRow {
    /// Which part of the state it holds.
    pub part: StatePart,
    /// What is wrong with it.
    pub problem: String,
}

impl UnreadableRow {
    /// A row that holds a part of the state, and what is wrong with it.
    pub fn new(part: StatePart, problem: impl Into<String>) -> Self {
        Self { part, problem: problem.into() }
    }
}

/// A part of a job's state that can't be written as a text. Nothing may be stored instead.
#[derive(Debug, thiserror::Error)]
#[error("the {part} of the job's state can't be written as a text")]
pub struct Unencodable {
    /// Which part it is.
    pub part: StatePart,
    source: serde_json::Error,
}

/// For stores: nothing was stored.
impl From<Unencodable> for PortError {
    fn from(error: Unencodable) -> Self {
        Self::new(ErrorKind::Invalid, error.to_string()).caused_by(error.source)
    }
}

fn text_of(part: StatePart, text: Option<wire::Text>) -> Result<Option<String>, Unencodable> {
    text.transpose().map_err(|source| Unencodable { part, source })
}

/// A part as its row's text; none if the job has no such part.
///
/// # Errors
/// The part has no form as a text.
pub fn encode(state: &JobState, part: RowPart) -> Result<Option<String>, Unencodable> {
    let text = match part {
        RowPart::ScalingHistory => state.scaling_history.stored().map(wire::history),
        RowPart::ScalingTracking => state.scaling_tracking.stored().map(wire::tracking),
        RowPart::ParallelismOverrides => state.parallelism_overrides.stored().map(|map| Ok(overrides::encode(map))),
        RowPart::ConfigOverrides => state.config_overrides.stored().map(wire::config),
        RowPart::DelayedScaleDown => state.delayed_scale_down.stored().map(wire::delayed),
    };
    text_of(StatePart::Row(part), text)
}

/// Puts a row's text into the state, as loaded.
///
/// # Errors
/// The text is not what such a row holds; the state is left as it was.
pub fn decode(state: &mut JobState, part: RowPart, text: &str) -> Result<(), UnreadableRow> {
    let unreadable = |problem: String| UnreadableRow { part: StatePart::Row(part), problem };
    match part {
        RowPart::ScalingHistory => {
            state.scaling_history = Tracked::loaded(wire::read_history(text).map_err(unreadable)?)
        }
        RowPart::ScalingTracking => {
            state.scaling_tracking = Tracked::loaded(wire::read_tracking(text).map_err(unreadable)?)
        }
        RowPart::ParallelismOverrides => {
            state.parallelism_overrides = Tracked::loaded(overrides::decode(text).map_err(unreadable)?)
        }
        RowPart::ConfigOverrides => {
            state.config_overrides = Tracked::loaded(wire::read_config(text).map_err(unreadable)?)
        }
        RowPart::DelayedScaleDown => {
            state.delayed_scale_down = Tracked::loaded(wire::read_delayed(text).map_err(unreadable)?)
        }
    }
    Ok(())
}

fn unreadable_window(problem: String) -> UnreadableRow {
    UnreadableRow { part: StatePart::CollectedMetrics, problem }
}

/// One observation as a text: an entry of the `collectedMetrics` row without its instant.
///
/// # Errors
/// The observation has no form as a text.
pub fn encode_observation(row: ObservationRow<'_>) -> Result<String, Unencodable> {
    wire::observation(row).map_err(|source| Unencodable { part: StatePart::CollectedMetrics, source })
}

/// Puts observations, as [`encode_observation`] wrote them, into the state, as loaded and stored.
///
/// # Errors
/// A text is none of an observation's; the state is left as it was.
pub fn decode_observations(state: &mut JobState, rows: Vec<(Instant, String)>) -> Result<(), UnreadableRow> {
    let history = wire::read_observations(rows).map_err(unreadable_window)?;
    state.collected_metrics = TrackedWindow::loaded(history);
    Ok(())
}

/// The whole window as the Java process's `collectedMetrics` row; none if there is nothing to store of it.
///
/// # Errors
/// An observation has no form as a text.
pub fn encode_collected_row(state: &JobState) -> Result<Option<String>, Unencodable> {
    text_of(StatePart::CollectedMetrics, state.collected_metrics.stored().map(wire::collected))
}

/// Puts the Java process's `collectedMetrics` row into the state, as loaded; no observation counts as stored by itself.
///
/// # Errors
/// The text is not what such a row holds; the state is left as it was.
pub fn decode_collected_row(state: &mut JobState, text: &str) -> Result<(), UnreadableRow> {
    let history = wire::read_collected(text).map_err(unreadable_window)?;
    state.collected_metrics = TrackedWindow::loaded_whole(history);
    Ok(())
}

/// What the policy remembers as one text, for stores of texts; none if it remembers nothing. It must not become a row
/// of the reference's table, on which the Java process would fail.
///
/// # Errors
/// It has no form as a text.
pub fn encode_policy_memory(state: &JobState) -> Result<Option<String>, Unencodable> {
    text_of(StatePart::PolicyMemory, state.policy_memory.stored().map(wire::policy_memory))
}

/// Puts what [`encode_policy_memory`] wrote into the state, as loaded.
///
/// # Errors
/// The text is none of its; the state is left as it was.
pub fn decode_policy_memory(state: &mut JobState, text: &str) -> Result<(), UnreadableRow> {
    let unreadable = |problem| UnreadableRow { part: StatePart::PolicyMemory, problem };
    state.policy_memory = Tracked::loaded(wire::read_policy_memory(text).map_err(unreadable)?);
    Ok(())
}

/// What is remembered of scalings that are looked after as one text; none if that is nothing. It must not become a row of the
/// reference's table either.
///
/// # Errors
/// It has no form as a text.
pub fn encode_verification(state: &JobState) -> Result<Option<String>, Unencodable> {
    text_of(StatePart::Verification, state.verification.stored().map(wire::verification))
}

/// Puts what [`encode_verification`] wrote into the state, as loaded.
///
/// # Errors
/// The text is none of its; the state is left as it was.
pub fn decode_verification(state: &mut JobState, text: &str) -> Result<(), UnreadableRow> {
    let unreadable = |problem| UnreadableRow { part: StatePart::Verification, problem };
    state.verification = Tracked::loaded(wire::read_verification(text).map_err(unreadable)?);
    Ok(())
}

#[cfg(test)]
mod tests;
