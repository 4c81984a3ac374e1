//! Whether a scenario makes sense.

use std::collections::BTreeSet;

use super::{Scenario, Vertex};
use crate::error::SimulateError;

/// The longest that is simulated.
const MOST_HOURS: f64 = 24.0 * 31.0;
/// The most that is read, so that sums stay exact enough.
const MOST_RATE: f64 = 1e12;

impl Scenario {
    /// Whether it makes sense.
    pub(crate) fn check(&self) -> Result<(), SimulateError> {
        self.problem().map_or(Ok(()), |problem| Err(SimulateError::Invalid { scenario: self.name.clone(), problem }))
    }

    fn problem(&self) -> Option<String> {
        if !(self.hours > 0.0 && self.hours <= MOST_HOURS) {
            return Some(format!("hours: expected more than 0 and at most {MOST_HOURS}, not {}", self.hours));
        }
        if self.vertices.is_empty() {
            return Some("vertices: expected at least one".to_owned());
        }
        let restart = &self.restart;
        let numbers = [
            ("load-noise", self.load_noise),
            ("restart.seconds", restart.seconds),
            ("restart.per-subtask", restart.per_subtask),
            ("restart.per-million-records", restart.per_million_records),
            ("restart.jitter", restart.jitter),
            ("metrics.noise", self.metrics.noise),
        ];
        if let Some((key, number)) = numbers.iter().find(|(_, number)| !(number.is_finite() && *number >= 0.0)) {
            return Some(format!("{key}: expected at least 0, not {number}"));
        }
        if !(restart.checkpoint_interval >= 1.0 && restart.checkpoint_interval.is_finite()) {
            return Some("restart.checkpoint-interval: expected at least 1 second".to_owned());
        }
        for (key, share) in [("metrics.missing", self.metrics.missing), ("metrics.incomplete", self.metrics.incomplete)]
        {
            if !(0.0..=1.0).contains(&share) {
                return Some(format!("{key}: expected a share of 0 to 1, not {share}"));
            }
        }
        if self.metrics.late > 600 {
            return Some("metrics.late: expected at most 600 seconds".to_owned());
        }
        let slots = self.slots.as_ref();
        if slots.is_some_and(|slots| slots.total < 1 || slots.rival.is_some_and(|rival| rival.slots < 0)) {
            return Some("slots: expected at least one, and no fewer than 0 for a rival".to_owned());
        }
        let mut before = BTreeSet::new();
        for vertex in &self.vertices {
            if let Some(problem) = vertex.problem(&before) {
                return Some(format!("vertex {}: {problem}", vertex.name));
            }
            before.insert(vertex.name.as_str());
        }
        None
    }
}

impl Vertex {
    fn problem(&self, before: &BTreeSet<&str>) -> Option<String> {
        if before.contains(self.name.as_str()) {
            return Some("expected a name that no other vertex has".to_owned());
        }
        if let Some(input) = self.inputs.iter().find(|input| !before.contains(input.as_str())) {
            return Some(format!("it reads from {input}: expected the name of a vertex that stands before it"));
        }
        match (&self.load, self.inputs.is_empty()) {
            (None, true) => return Some("expected inputs, or a load for a source".to_owned()),
            (Some(_), false) => return Some("expected inputs or a load, not both".to_owned()),
            (Some(load), true) => {
                if let Some(problem) = load.problem() {
                    return Some(format!("load: {problem}"));
                }
            }
            (None, false) => {}
        }
        let most = if self.inputs.is_empty() { MOST_RATE } else { 0.0 };
        if !(self.backlog >= 0.0 && self.backlog <= most) {
            return Some(format!(
                "backlog: expected 0 to {most} records, not {}: only at a source do any wait",
                self.backlog
            ));
        }
        let above = [("rate", self.rate), ("exponent", self.exponent), ("ceiling", self.ceiling.unwrap_or(1.0))];
        if let Some((key, number)) = above.iter().find(|(_, number)| !(*number > 0.0 && *number <= MOST_RATE)) {
            return Some(format!("{key}: expected more than 0, not {number}"));
        }
        if !(1..=32768).contains(&self.max_parallelism) {
            return Some("max-parallelism: expected 1 to 32768".to_owned());
        }
        if self.parallelism.is_some_and(|parallelism| !(1..=self.max_parallelism).contains(&parallelism)) {
            return Some("parallelism: expected 1 to its max-parallelism".to_owned());
        }
        if !(self.selectivity >= 0.0 && self.selectivity <= 1e6) {
            return Some("selectivity: expected at least 0".to_owned());
        }
        if !(0.0..1.0).contains(&self.hot_key) {
            return Some("hot-key: expected a share below 1".to_owned());
        }
        if self.drift.is_some_and(|drift| {
            !(0.0..=1.0).contains(&drift.by) || drift.period.partial_cmp(&0.0).is_none_or(std::cmp::Ordering::is_le)
        }) {
            return Some("drift: expected a share of 0 to 1 and a period of more than 0 minutes".to_owned());
        }
        let shares = [self.warm_up.map(|warm_up| warm_up.from), self.slowdown.map(|slowdown| slowdown.factor)];
        if shares.into_iter().flatten().any(|share| !(share > 0.0 && share <= 1.0)) {
            return Some("warm-up, slowdown: expected a share of more than 0 and at most 1".to_owned());
        }
        None
    }
}
