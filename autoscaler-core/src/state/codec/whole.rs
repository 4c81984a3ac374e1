//! Every part as one text: for exports, and for stores that keep a job's state as a whole.

use super::{
    Unencodable, UnreadableRow, decode, decode_collected_row, decode_policy_memory, decode_verification, encode,
    encode_collected_row, encode_policy_memory, encode_verification,
};
use crate::ids::ClusterName;
use crate::state::{JobState, StatePart, Tracked};

/// A part as its text; none if the job has no such part. The window of observations is written whole, which costs as
/// much as it is long: a store that is written every cycle has better means ([`super::encode_observation`]).
///
/// # Errors
/// The part has no form as a text.
pub fn encode_whole(state: &JobState, part: StatePart) -> Result<Option<String>, Unencodable> {
    match part {
        StatePart::Row(part) => encode(state, part),
        StatePart::CollectedMetrics => encode_collected_row(state),
        StatePart::PolicyMemory => encode_policy_memory(state),
        StatePart::Verification => encode_verification(state),
        StatePart::Cluster => Ok(state.cluster.get().as_ref().map(ToString::to_string)),
    }
}

/// Puts a text that [`encode_whole`] wrote into the state, as loaded.
///
/// # Errors
/// The text is not what such a part holds; the state is left as it was.
pub fn decode_whole(state: &mut JobState, part: StatePart, text: &str) -> Result<(), UnreadableRow> {
    match part {
        StatePart::Row(part) => decode(state, part, text),
        StatePart::CollectedMetrics => decode_collected_row(state, text),
        StatePart::PolicyMemory => decode_policy_memory(state, text),
        StatePart::Verification => decode_verification(state, text),
        StatePart::Cluster => {
            state.cluster = Tracked::loaded(Some(ClusterName::new(text)));
            Ok(())
        }
    }
}
