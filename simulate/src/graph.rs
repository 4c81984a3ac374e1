//! The graph of a scenario: who reads from whom, by position.

use crate::scenario::Scenario;

/// Who reads from whom. Vertices are in the scenario's order, in which each stands behind those it reads from.
#[derive(Clone, Debug)]
pub(crate) struct Graph {
    /// Positions of those that each vertex reads from.
    pub(crate) inputs: Vec<Vec<usize>>,
    /// Positions of the sources.
    pub(crate) sources: Vec<usize>,
    /// `reaches[u][v]`: whether what u writes gets to v; each reaches itself.
    reaches: Vec<Vec<bool>>,
}

impl Graph {
    /// Of a scenario that makes sense.
    pub(crate) fn of(scenario: &Scenario) -> Self {
        let position = |name: &String| scenario.vertices.iter().position(|vertex| vertex.name == *name);
        let inputs: Vec<Vec<usize>> =
            scenario.vertices.iter().map(|vertex| vertex.inputs.iter().filter_map(position).collect()).collect();
        let sources = (0..inputs.len()).filter(|vertex| inputs[*vertex].is_empty()).collect();
        let mut reaches = vec![vec![false; inputs.len()]; inputs.len()];
        for (to, inputs) in inputs.iter().enumerate() {
            for row in &mut reaches {
                row[to] = inputs.iter().any(|input| row[*input]);
            }
            reaches[to][to] = true;
        }
        Self { inputs, sources, reaches }
    }

    /// Whether records of one vertex get to another.
    pub(crate) fn reaches(&self, from: usize, to: usize) -> bool {
        self.reaches[from][to]
    }

    /// Records that reach each vertex for `at_source` records at each vertex that is a source, with so many written for
    /// each one read.
    pub(crate) fn pushed(&self, at_source: &[f64], selectivity: &[f64]) -> Vec<f64> {
        let mut flows = at_source.to_vec();
        for (vertex, inputs) in self.inputs.iter().enumerate().filter(|(_, inputs)| !inputs.is_empty()) {
            flows[vertex] = inputs.iter().map(|input| flows[*input] * selectivity[*input]).sum();
        }
        flows
    }
}
