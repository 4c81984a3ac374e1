//! Keeping a ConfigMap within what the API server takes.

use std::collections::BTreeMap;

use autoscaler_core::JobState;
use autoscaler_core::state::codec::{decode_whole, encode_whole};
use autoscaler_core::state::{RowPart, StatePart};
use autoscaler_core::time::Instant;
use kubernetes_api::{pack, unpack};

/// Bytes of all keys and values, at most. The API server takes 1,048,576.
pub(crate) const LIMIT: usize = 900_000;

const HISTORY: StatePart = StatePart::Row(RowPart::ScalingHistory);

type Data = BTreeMap<String, String>;

/// What was left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Trimmed {
    pub(crate) observations: usize,
    pub(crate) scalings: usize,
}

/// Bytes of all keys and values.
pub(crate) fn bytes(data: &Data) -> usize {
    data.iter().map(|(key, value)| key.len() + value.len()).sum()
}

/// Leaves out the oldest observations, then the oldest scalings, until everything is within `limit`; whether it is may still
/// be asked.
pub(crate) fn trim(data: &mut Data, limit: usize) -> Trimmed {
    Trimmed {
        observations: trim_part(data, limit, StatePart::CollectedMetrics, observed, |state, from| {
            state.collected_metrics.drop_before(from);
        }),
        scalings: trim_part(data, limit, HISTORY, scaled, |state, from| {
            let vertices = &mut state.scaling_history.edit().vertices;
            vertices.values_mut().for_each(|entries| entries.retain(|(at, _)| *at >= from));
            vertices.retain(|_, entries| !entries.is_empty());
        }),
    }
}

fn observed(state: &JobState) -> Vec<Instant> {
    state.collected_metrics.get().rows().map(|row| row.at()).collect()
}

fn scaled(state: &JobState) -> Vec<Instant> {
    let entries = state.scaling_history.get().vertices.values().flatten();
    let mut instants: Vec<Instant> = entries.map(|(at, _)| *at).collect();
    instants.sort_unstable();
    instants
}

/// Leaves out the oldest entries of a part, as few as will do, or all of them; how many.
fn trim_part(
    data: &mut Data,
    limit: usize,
    part: StatePart,
    instants: fn(&JobState) -> Vec<Instant>,
    drop_before: fn(&mut JobState, Instant),
) -> usize {
    if bytes(data) <= limit {
        return 0;
    }
    let Some(value) = data.get(part.name()) else { return 0 };
    let mut state = JobState::default();
    let read = unpack(part, value).ok().and_then(|text| decode_whole(&mut state, part, &text).ok());
    if read.is_none() {
        return 0;
    }
    let others = bytes(data) - part.name().len() - value.len();
    let instants = instants(&state);
    let without = |count: usize| {
        let mut state = state.clone();
        drop_before(&mut state, *instants.get(count)?);
        let text = encode_whole(&state, part).ok()??;
        Some(pack(part, text))
    };
    // Between one that is too few to leave out, and one that will do.
    let (mut too_few, mut enough, mut kept) = (0, instants.len(), None);
    while enough - too_few > 1 {
        let middle = too_few + (enough - too_few) / 2;
        match without(middle) {
            Some(value) if others + part.name().len() + value.len() <= limit => (enough, kept) = (middle, Some(value)),
            _ => too_few = middle,
        }
    }
    match kept {
        Some(value) => data.insert(part.name().to_owned(), value),
        None => data.remove(part.name()),
    };
    enough
}

#[cfg(test)]
mod tests {
    use autoscaler_core::VertexId;
    use autoscaler_core::metric::{GlobalSample, VertexSample};
    use autoscaler_core::state::ScalingSummary;
    use testkit::synthetic::SyntheticJob;

    use super::*;

    fn vertex(number: u32) -> VertexId {
        testkit::job::id(number).parse().unwrap()
    }

    fn put(data: &mut Data, state: &JobState, part: StatePart) {
        let text = encode_whole(state, part).unwrap().unwrap();
        data.insert(part.name().to_owned(), pack(part, text));
    }

    /// Observations and scalings, so many of each.
    fn data(count: u32) -> Data {
        let mut state = JobState::default();
        for number in 0..count {
            let at = SyntheticJob::instant(number);
            state.collected_metrics.insert(at, &[vertex(1)], &[VertexSample::default()], GlobalSample::default());
            let summary = ScalingSummary { current_parallelism: 1, new_parallelism: 2, metrics: Default::default() };
            state.scaling_history.edit().add(vertex(number % 3), at, summary);
        }
        let mut data = Data::new();
        put(&mut data, &state, StatePart::CollectedMetrics);
        put(&mut data, &state, HISTORY);
        data.insert("mine".to_owned(), "x".repeat(100));
        data
    }

    fn read(data: &Data, part: StatePart) -> JobState {
        let mut state = JobState::default();
        if let Some(value) = data.get(part.name()) {
            decode_whole(&mut state, part, &unpack(part, value).unwrap()).unwrap();
        }
        state
    }

    #[test]
    fn what_fits_stays() {
        let mut all = data(50);
        let before = all.clone();
        assert_eq!(trim(&mut all, bytes(&before)), Trimmed::default());
        assert_eq!(all, before);
    }

    #[test]
    fn the_oldest_observations_go_first_and_as_few_as_will_do() {
        let mut all = data(400);
        let before = all.clone();
        let limit = bytes(&before) - 200;
        let trimmed = trim(&mut all, limit);
        assert!(bytes(&all) <= limit && trimmed.observations > 0 && trimmed.scalings == 0, "{trimmed:?}");
        let kept = observed(&read(&all, StatePart::CollectedMetrics));
        assert_eq!(kept.len(), 400 - trimmed.observations);
        assert_eq!(kept.last(), Some(&SyntheticJob::instant(399)), "the newest stays");
        assert_eq!((all.get(HISTORY.name()), all.get("mine")), (before.get(HISTORY.name()), before.get("mine")));
    }

    #[test]
    fn then_the_oldest_scalings() {
        let mut all = data(400);
        let rest = bytes(&all) - all["collectedMetrics"].len() - "collectedMetrics".len();
        let trimmed = trim(&mut all, rest - 300);
        assert_eq!(trimmed.observations, 400);
        assert!(bytes(&all) <= rest - 300 && trimmed.scalings > 0 && trimmed.scalings < 400, "{trimmed:?}");
        let kept = scaled(&read(&all, HISTORY));
        assert_eq!((kept.len(), kept.last()), (400 - trimmed.scalings, Some(&SyntheticJob::instant(399))));
    }

    #[test]
    fn what_else_is_there_is_never_left_out() {
        let mut all = data(5);
        trim(&mut all, 10);
        assert_eq!(all.keys().collect::<Vec<_>>(), ["mine"]);
    }
}
