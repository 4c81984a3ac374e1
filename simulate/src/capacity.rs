//! What vertices can do, and what a load takes.

use crate::scenario::{Scenario, Vertex};

/// The utilization that the all-knowing planner sizes for.
const PLANNED: f64 = 0.7;

impl Vertex {
    /// Key groups or partitions that can't be split among subtasks; 0: none.
    fn groups(&self) -> f64 {
        match (self.partitions, self.keyed) {
            (0, true) => f64::from(self.max_parallelism),
            (partitions, _) => f64::from(partitions),
        }
    }

    /// Subtasks' worth of work that so many do: the fullest one sets the pace.
    fn spread(&self, parallelism: i32) -> f64 {
        let (groups, parallelism) = (self.groups(), f64::from(parallelism));
        if groups == 0.0 { parallelism } else { groups / (groups / parallelism.min(groups)).ceil() }
    }

    /// Records per second at a parallelism if all subtasks had the same to do, once it is warm.
    pub(crate) fn even_capacity(&self, parallelism: i32) -> f64 {
        self.rate * f64::from(parallelism).powf(self.exponent)
    }

    /// Records per second at a parallelism, once it is warm: what the fullest subtask lets through.
    pub(crate) fn capacity(&self, parallelism: i32) -> f64 {
        let spread = self.spread(parallelism);
        let capacity = self.rate * spread.powf(self.exponent) / (self.hot_key * spread + 1.0 - self.hot_key);
        capacity.min(self.ceiling.unwrap_or(f64::INFINITY))
    }
}

/// Sizes a job as somebody would who knows everything.
#[derive(Clone, Debug)]
pub(crate) struct Planner {
    /// The most records per second that each vertex can do with 1, 2, 3 … subtasks or fewer.
    most: Vec<Vec<f64>>,
}

impl Planner {
    /// For a scenario, whose slots are free.
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let slots = scenario.slots.as_ref().map_or(i32::MAX, |slots| slots.total);
        let of = |vertex: &Vertex| {
            let mut best = 0.0_f64;
            (1..=vertex.max_parallelism.min(slots))
                .map(|parallelism| {
                    best = best.max(vertex.capacity(parallelism));
                    best
                })
                .collect()
        };
        Self { most: scenario.vertices.iter().map(of).collect() }
    }

    /// The fewest subtasks of each vertex that do this at 70 % utilization, records per second: no more than the tightest
    /// vertex lets through.
    pub(crate) fn planned(&self, demand: &[f64]) -> Vec<i32> {
        let reach = |most: &[f64]| most.last().copied().unwrap_or(0.0) * PLANNED;
        let passes = self.most.iter().zip(demand).filter(|(_, demand)| **demand > 0.0);
        let share = passes.map(|(most, demand)| reach(most) / demand).fold(1.0, f64::min);
        let fewest = |(most, demand): (&Vec<f64>, &f64)| {
            // What is just reached must not be missed by rounding.
            let goal = demand * share / PLANNED * (1.0 - 1e-9);
            let short = most.partition_point(|rate| *rate < goal);
            i32::try_from(short + 1).unwrap_or(i32::MAX)
        };
        self.most.iter().zip(demand).map(fewest).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_vertex_can_do_is_what_its_fullest_subtask_lets_through() {
        let plain = Vertex::new("v", &["u"], 100.0);
        assert_eq!(plain.capacity(3), 300.0);
        let keyed = Vertex { keyed: true, max_parallelism: 8, ..plain.clone() };
        // Eight groups over three subtasks: one has three of them.
        assert!((keyed.capacity(3) - 800.0 / 3.0).abs() < 1e-9);
        assert_eq!((keyed.capacity(4), keyed.capacity(7)), (400.0, 400.0));
        let partitions = Vertex { partitions: 2, ..plain.clone() };
        assert_eq!(partitions.capacity(5), 200.0);
        let sublinear = Vertex { exponent: 0.5, ..plain.clone() };
        assert_eq!(sublinear.capacity(4), 200.0);
        let capped = Vertex { ceiling: Some(250.0), ..plain.clone() };
        assert_eq!(capped.capacity(4), 250.0);
        // A fifth of the records on one subtask: no more than five times what it does, however many there are.
        let hot = Vertex { hot_key: 0.2, ..plain };
        assert!((hot.capacity(5) - 500.0 / 1.8).abs() < 1e-9);
        assert!(hot.capacity(1000) < 500.0);
    }

    #[test]
    fn a_planner_takes_what_the_tightest_vertex_lets_through() {
        let source = Vertex::source("a", 100.0, crate::load::Load::Constant { rate: 1.0 });
        let capped = Vertex { ceiling: Some(350.0), ..Vertex::new("b", &["a"], 100.0) };
        let planner = Planner::new(&Scenario::new("s", 1.0, vec![source, capped]));
        assert_eq!(planner.planned(&[140.0, 140.0]), [2, 2]);
        assert_eq!(planner.planned(&[141.0, 141.0]), [3, 3]);
        // 245 records per second are 70 % of all that gets through.
        assert_eq!(planner.planned(&[2000.0, 2000.0]), [4, 4]);
        assert_eq!(planner.planned(&[0.0, 0.0]), [1, 1]);
    }
}
