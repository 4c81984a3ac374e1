//! What a run came to.

use serde::Serialize;

/// Job-minutes that a rescale costs.
const RESCALE: f64 = 10.0;
/// Job-minutes that a minute of lag costs: for being beyond 30, 60 and 120 s each.
const LAG: [f64; 3] = [2.0, 10.0, 10.0];

/// What a run came to.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Outcome {
    /// The scenario's name.
    pub scenario: String,
    /// What decided.
    pub policy: String,
    /// How long it was run.
    pub hours: f64,
    /// The rescales, restarts for slots that became free included.
    pub rescales: Vec<Rescale>,
    /// Minutes in which the worst source lagged by more than 30, 60 and 120 s.
    pub lag_minutes: [f64; 3],
    /// Seconds that it lagged at worst.
    pub worst_lag: f64,
    /// What was paid.
    pub subtask_hours: f64,
    /// What an all-knowing planner would have paid, who sizes for 70 % at each moment and whose rescales cost nothing.
    pub planned_subtask_hours: f64,
    /// Records that arrived, that were read for good, and that wait at the end.
    pub records: [f64; 3],
    /// What there was to see, each half minute.
    pub points: Vec<Point>,
}

/// A rescale.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Rescale {
    /// When, in minutes from the beginning.
    pub minute: f64,
    /// Subtasks of each vertex before and after, in the scenario's order.
    pub from: Vec<i32>,
    /// After.
    pub to: Vec<i32>,
    /// Why.
    pub reason: String,
}

impl Rescale {
    /// All subtasks before and after.
    pub fn subtasks(&self) -> (i32, i32) {
        (self.from.iter().sum(), self.to.iter().sum())
    }
}

/// What there was to see at a moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Point {
    /// When, in minutes from the beginning.
    pub minute: f64,
    /// Records per second that arrive at all sources.
    pub load: f64,
    /// How much of such a load the job could carry; 0 while it restarts.
    pub capacity: f64,
    /// Seconds that the worst source lags.
    pub lag: f64,
    /// Subtasks of each vertex, in the scenario's order.
    pub parallelism: Vec<i32>,
}

impl Outcome {
    /// Subtask-hours over the planner's.
    pub fn ratio(&self) -> f64 {
        self.subtask_hours / self.planned_subtask_hours
    }

    /// What it cost more than the planner's, in job-minutes per hour: subtasks beyond what is needed, 10 for each rescale, and 10
    /// for each minute of lag, which counts as 0.2 beyond 30 s, 1 beyond 60 s and another 1 beyond 120 s.
    pub fn cost(&self) -> f64 {
        let rescales = f64::from(u32::try_from(self.rescales.len()).unwrap_or(u32::MAX));
        let lag: f64 = self.lag_minutes.iter().zip(LAG).map(|(minutes, price)| minutes * price).sum();
        60.0 * (self.ratio() - 1.0) + (RESCALE * rescales + lag) / self.hours
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cost_is_of_subtasks_rescales_and_lag() {
        let outcome = Outcome {
            hours: 2.0,
            rescales: vec![Rescale::default(); 3],
            lag_minutes: [5.0, 2.0, 1.0],
            subtask_hours: 15.0,
            planned_subtask_hours: 10.0,
            ..Outcome::default()
        };
        assert_eq!((outcome.ratio(), outcome.cost()), (1.5, 30.0 + 15.0 + 20.0));
    }
}
