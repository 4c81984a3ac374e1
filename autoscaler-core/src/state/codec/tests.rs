use rstest::rstest;

use super::*;
use crate::state::PolicyMemory;

#[rstest]
#[case(RowPart::ScalingHistory, r#"{"00000000000000000000000000000001":{"2023-11-15T00:13:03.303Z":{"currentParallelism":3,"newParallelism":7,"metrics":{"LOAD":{"current":"NaN","average":1.303}}}}}"#)]
#[case(RowPart::ScalingTracking, r#"{"scalingRecords":{"2023-11-15T00:13:03Z":{"restartDuration":20.022},"2023-11-15T00:14:03.000001Z":{"restartDuration":null}}}"#)]
#[case(RowPart::ParallelismOverrides, "{00000000000000000000000000000001: '4', 00000000000000000000000000000002: '2'}")]
#[case(
    RowPart::ConfigOverrides,
    r#"{"overrides":{"taskmanager.memory.process.size":"4 gb"},"removals":["taskmanager.memory.size"]}"#
)]
#[case(RowPart::DelayedScaleDown, r#"{"delayedVertices":{"00000000000000000000000000000001":{"firstTriggerTime":1700000000.5,"recommendedParallelisms":[{"triggerTime":1700000000.500000001,"parallelism":4,"outsideUtilizationBound":true}]}}}"#)]
fn rows_survive(#[case] part: RowPart, #[case] text: &str) {
    let mut state = JobState::default();
    decode(&mut state, part, text).unwrap();
    assert!(!state.is_changed());
    assert_eq!(encode(&state, part).unwrap().unwrap(), text);
}

#[rstest]
#[case("00000000000000000000000000000001:4,00000000000000000000000000000002:2")]
#[case("{00000000000000000000000000000001: \"4\", '00000000000000000000000000000002': 2}")]
fn other_forms_of_overrides_are_read(#[case] text: &str) {
    let mut state = JobState::default();
    decode(&mut state, RowPart::ParallelismOverrides, text).unwrap();
    assert_eq!(state.parallelism_overrides.get().values().collect::<Vec<_>>(), [&4, &2]);
}

#[rstest]
#[case(RowPart::ScalingHistory, r#"{"0000"#)]
#[case(RowPart::ScalingHistory, r#"{"not-an-id":{}}"#)]
#[case(
    RowPart::ScalingHistory,
    r#"{"00000000000000000000000000000001":{"yesterday":{"currentParallelism":3,"newParallelism":7,"metrics":{}}}}"#
)]
#[case(RowPart::ScalingTracking, "[]")]
#[case(RowPart::ScalingTracking, r#"{"scalingRecords":{"2023-11-15T00:13:03Z":{"restartDuration":1e2147483647}}}"#)]
#[case(RowPart::ParallelismOverrides, "nonsense")]
#[case(RowPart::ParallelismOverrides, "{not-an-id: '4'}")]
#[case(RowPart::ParallelismOverrides, "{00000000000000000000000000000001: 'many'}")]
#[case(RowPart::DelayedScaleDown, r#"{"delayedVertices":{"00000000000000000000000000000001":{"firstTriggerTime":1e300,"recommendedParallelisms":[]}}}"#)]
fn broken_rows_are_refused(#[case] part: RowPart, #[case] text: &str) {
    let mut state = JobState::default();
    assert_eq!(decode(&mut state, part, text).unwrap_err().part, StatePart::Row(part));
    assert_eq!(state, JobState::default());
}

const WINDOW: &str = r#"{"2023-11-15T00:13:03.303Z":{"vertexMetrics":{"00000000000000000000000000000001":{"LAG":"Infinity","LOAD":0.5}},"globalMetrics":{"GC_PRESSURE":0.25}}}"#;

#[test]
fn a_window_survives_as_a_row_and_as_observations() {
    let mut state = JobState::default();
    decode_collected_row(&mut state, WINDOW).unwrap();
    assert!(!state.is_changed());
    assert_eq!(encode_collected_row(&state).unwrap().unwrap(), WINDOW);
    assert_eq!(state.collected_metrics.unstored().keep_from, None, "no observation is stored by itself");
    let rows = state.collected_metrics.get().rows().map(|row| (row.at(), encode_observation(row).unwrap()));
    let mut again = JobState::default();
    decode_observations(&mut again, rows.collect()).unwrap();
    assert_eq!(again, state);
    assert!(again.collected_metrics.unstored().rows.is_empty());
}

#[test]
fn a_broken_window_is_refused() {
    let mut state = JobState::default();
    let broken = WINDOW.replace("LAG", "WHO");
    assert_eq!(decode_collected_row(&mut state, &broken).unwrap_err().part, StatePart::CollectedMetrics);
    let observation = vec![(Instant::UNIX_EPOCH, "[]".to_owned())];
    assert_eq!(decode_observations(&mut state, observation).unwrap_err().part, StatePart::CollectedMetrics);
    assert_eq!(decode_policy_memory(&mut state, "{}").unwrap_err().part, StatePart::PolicyMemory);
    assert_eq!(state, JobState::default());
}

#[test]
fn what_a_policy_remembers_survives() {
    let mut state = JobState::default();
    assert_eq!(encode_policy_memory(&state).unwrap(), None);
    state.policy_memory.set(PolicyMemory { policy: "mine".to_owned(), text: "a \"text\"".to_owned() });
    let text = encode_policy_memory(&state).unwrap().unwrap();
    let mut again = JobState::default();
    decode_policy_memory(&mut again, &text).unwrap();
    assert_eq!(again.policy_memory.get(), state.policy_memory.get());
}
