//! The parts of a job's state as the texts of the reference's rows, and back (algorithm 11).

mod number;
mod overrides;
mod wire;

use std::fmt;
use std::str::FromStr;

use super::JobState;
use crate::job::VertexId;
use crate::time::Instant;
use crate::window::Row;

/// A part of a job's state, by the name of its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatePart {
    /// Past scalings.
    ScalingHistory,
    /// Restart durations.
    ScalingTracking,
    /// Observations.
    CollectedMetrics,
    /// Parallelism by vertex.
    ParallelismOverrides,
    /// Configuration changes.
    ConfigOverrides,
    /// Waiting scale-downs.
    DelayedScaleDown,
}

impl StatePart {
    /// All parts.
    pub const ALL: [Self; 6] = [
        Self::ScalingHistory,
        Self::ScalingTracking,
        Self::CollectedMetrics,
        Self::ParallelismOverrides,
        Self::ConfigOverrides,
        Self::DelayedScaleDown,
    ];

    /// The name its rows have as `state_type`.
    pub fn name(self) -> &'static str {
        match self {
            Self::ScalingHistory => "scalingHistory",
            Self::ScalingTracking => "scalingTracking",
            Self::CollectedMetrics => "collectedMetrics",
            Self::ParallelismOverrides => "parallelismOverrides",
            Self::ConfigOverrides => "configOverrides",
            Self::DelayedScaleDown => "delayedScaleDown",
        }
    }
}

impl fmt::Display for StatePart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for StatePart {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|part| part.name() == text).ok_or(())
    }
}

/// A row that can't be read.
#[derive(Debug, thiserror::Error)]
#[error("the stored {part} can't be read: {problem}")]
pub struct UnreadableRow {
    /// Which part of the state it holds.
    pub part: StatePart,
    /// What is wrong with it.
    pub problem: String,
}

/// A part as its row's text; none if the job has no such part.
pub fn encode(state: &JobState, part: StatePart) -> Option<String> {
    match part {
        StatePart::ScalingHistory => state.scaling_history.stored().map(wire::history),
        StatePart::ScalingTracking => state.scaling_tracking.stored().map(wire::tracking),
        StatePart::CollectedMetrics => state.collected_metrics.stored().map(wire::collected),
        StatePart::ParallelismOverrides => state.parallelism_overrides.stored().map(overrides::encode),
        StatePart::ConfigOverrides => state.config_overrides.stored().map(wire::config),
        StatePart::DelayedScaleDown => state.delayed_scale_down.stored().map(wire::delayed),
    }
}

/// Puts a row's text into the state, as loaded.
///
/// # Errors
/// The text is not what such a row holds; the state is left as it was.
pub fn decode(state: &mut JobState, part: StatePart, text: &str) -> Result<(), UnreadableRow> {
    let unreadable = |problem: String| UnreadableRow { part, problem };
    match part {
        StatePart::ScalingHistory => {
            state.scaling_history = super::Part::loaded(wire::read_history(text).map_err(unreadable)?)
        }
        StatePart::ScalingTracking => {
            state.scaling_tracking = super::Part::loaded(wire::read_tracking(text).map_err(unreadable)?)
        }
        StatePart::CollectedMetrics => {
            state.collected_metrics = super::Part::loaded(wire::read_collected(text).map_err(unreadable)?)
        }
        StatePart::ParallelismOverrides => {
            state.parallelism_overrides = super::Part::loaded(overrides::decode(text).map_err(unreadable)?)
        }
        StatePart::ConfigOverrides => {
            state.config_overrides = super::Part::loaded(wire::read_config(text).map_err(unreadable)?)
        }
        StatePart::DelayedScaleDown => {
            state.delayed_scale_down = super::Part::loaded(wire::read_delayed(text).map_err(unreadable)?)
        }
    }
    Ok(())
}

/// One observation as a text: an entry of the `collectedMetrics` row without its instant.
pub fn encode_observation(vertices: &[VertexId], row: &Row) -> String {
    wire::observation(vertices, row)
}

/// Puts observations, as [`encode_observation`] wrote them, into the state, as loaded and stored.
///
/// # Errors
/// A text is none of an observation's; the state is left as it was.
pub fn decode_observations(state: &mut JobState, rows: Vec<(Instant, String)>) -> Result<(), UnreadableRow> {
    let unreadable = |problem: String| UnreadableRow { part: StatePart::CollectedMetrics, problem };
    let mut history = wire::read_observations(rows).map_err(unreadable)?;
    history.mark_stored();
    state.collected_metrics = super::Part::loaded(history);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(StatePart::ScalingHistory, r#"{"00000000000000000000000000000001":{"2023-11-15T00:13:03.303Z":{"currentParallelism":3,"newParallelism":7,"metrics":{"LOAD":{"current":"NaN","average":1.303}}}}}"#)]
    #[case(StatePart::ScalingTracking, r#"{"scalingRecords":{"2023-11-15T00:13:03Z":{"restartDuration":20.022},"2023-11-15T00:14:03.000001Z":{"restartDuration":null}}}"#)]
    #[case(StatePart::CollectedMetrics, r#"{"2023-11-15T00:13:03.303Z":{"vertexMetrics":{"00000000000000000000000000000001":{"LAG":"Infinity","LOAD":0.5}},"globalMetrics":{"GC_PRESSURE":0.25}}}"#)]
    #[case(
        StatePart::ParallelismOverrides,
        "{00000000000000000000000000000001: '4', 00000000000000000000000000000002: '2'}"
    )]
    #[case(
        StatePart::ConfigOverrides,
        r#"{"overrides":{"taskmanager.memory.process.size":"4 gb"},"removals":["taskmanager.memory.size"]}"#
    )]
    #[case(StatePart::DelayedScaleDown, r#"{"delayedVertices":{"00000000000000000000000000000001":{"firstTriggerTime":1700000000.5,"recommendedParallelisms":[{"triggerTime":1700000000.500000001,"parallelism":4,"outsideUtilizationBound":true}]}}}"#)]
    fn rows_survive(#[case] part: StatePart, #[case] text: &str) {
        let mut state = JobState::default();
        decode(&mut state, part, text).unwrap();
        assert!(!state.is_changed());
        assert_eq!(encode(&state, part).unwrap(), text);
    }

    #[rstest]
    #[case("00000000000000000000000000000001:4,00000000000000000000000000000002:2")]
    #[case("{00000000000000000000000000000001: \"4\", '00000000000000000000000000000002': 2}")]
    fn other_forms_of_overrides_are_read(#[case] text: &str) {
        let mut state = JobState::default();
        decode(&mut state, StatePart::ParallelismOverrides, text).unwrap();
        let values: Vec<&str> = state.parallelism_overrides.get().values().map(String::as_str).collect();
        assert_eq!(values, ["4", "2"]);
    }

    #[rstest]
    #[case(StatePart::ScalingHistory, r#"{"0000"#)]
    #[case(StatePart::ScalingHistory, r#"{"not-an-id":{}}"#)]
    #[case(StatePart::ScalingHistory, r#"{"00000000000000000000000000000001":{"yesterday":{"currentParallelism":3,"newParallelism":7,"metrics":{}}}}"#)]
    #[case(StatePart::CollectedMetrics, r#"{"2023-11-15T00:13:03Z":{"vertexMetrics":{"00000000000000000000000000000001":{"WHO":0.5}},"globalMetrics":{}}}"#)]
    #[case(StatePart::ScalingTracking, "[]")]
    #[case(StatePart::ParallelismOverrides, "nonsense")]
    #[case(StatePart::DelayedScaleDown, r#"{"delayedVertices":{"00000000000000000000000000000001":{"firstTriggerTime":1e300,"recommendedParallelisms":[]}}}"#)]
    fn broken_rows_are_refused(#[case] part: StatePart, #[case] text: &str) {
        let mut state = JobState::default();
        assert_eq!(decode(&mut state, part, text).unwrap_err().part, part);
        assert_eq!(state, JobState::default());
    }
}
