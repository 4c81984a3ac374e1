//! What flows through a job in a second.

use crate::graph::Graph;

/// What flows through a job.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Flow {
    /// Records per second that each vertex reads.
    pub(super) reads: Vec<f64>,
    /// Whether each vertex is held back by one behind it.
    pub(super) held_back: Vec<bool>,
}

/// All sources read as much as they want, if no vertex gets more than it can do. Else all are held back by the same share
/// until a vertex can just do it; those that reach it stay at that, and the others go on: max-min fairness.
pub(super) fn flow(graph: &Graph, wanted: &[f64], capacities: &[f64], selectivity: &[f64]) -> Flow {
    let count = wanted.len();
    let mut at_source = vec![0.0; count];
    let mut free: Vec<usize> = graph.sources.iter().copied().filter(|source| wanted[*source] > 0.0).collect();
    let mut held_back = vec![false; count];
    while !free.is_empty() {
        let mut asking = vec![0.0; count];
        free.iter().for_each(|source| asking[*source] = wanted[*source]);
        let (fixed, asked) = (graph.pushed(&at_source, selectivity), graph.pushed(&asking, selectivity));
        let (mut share, mut tight) = (1.0, None);
        for vertex in (0..count).filter(|vertex| asked[*vertex] > 0.0) {
            let possible = ((capacities[vertex] - fixed[vertex]) / asked[vertex]).max(0.0);
            // Rounding is no bottleneck.
            if possible < share * (1.0 - 1e-12) {
                (share, tight) = (possible, Some(vertex));
            }
        }
        let stops = |source: &usize| tight.is_none_or(|tight| graph.reaches(*source, tight));
        for source in free.iter().copied().filter(|source| stops(source)) {
            at_source[source] = wanted[source] * share;
            if let Some(tight) = tight {
                for vertex in (0..count).filter(|vertex| *vertex != tight) {
                    held_back[vertex] |= graph.reaches(source, vertex) && graph.reaches(vertex, tight);
                }
            }
        }
        free.retain(|source| !stops(source));
    }
    Flow { reads: graph.pushed(&at_source, selectivity), held_back }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::Load;
    use crate::scenario::{Scenario, Vertex};

    #[test]
    fn a_bottleneck_holds_back_those_before_it_and_no_others() {
        let source = |name| Vertex::source(name, 1.0, Load::Constant { rate: 1.0 });
        let vertices = vec![
            source("a"),
            source("b"),
            Vertex::new("join", &["a", "b"], 1.0),
            source("c"),
            Vertex::new("sink", &["join", "c"], 1.0),
        ];
        let graph = Graph::of(&Scenario::new("s", 1.0, vertices));
        let wanted = [100.0, 300.0, 0.0, 50.0, 0.0];
        // The join writes one record for two, and does half of what is wanted.
        let found = flow(&graph, &wanted, &[500.0, 500.0, 200.0, 500.0, 500.0], &[1.0, 1.0, 0.5, 1.0, 1.0]);
        assert_eq!(found.reads, [50.0, 150.0, 200.0, 50.0, 150.0]);
        assert_eq!(found.held_back, [true, true, false, false, false]);
        // The sink holds back all of them.
        let found = flow(&graph, &wanted, &[500.0, 500.0, 500.0, 500.0, 125.0], &[1.0, 1.0, 0.5, 1.0, 1.0]);
        assert_eq!(found.reads, [50.0, 150.0, 200.0, 25.0, 125.0]);
        assert_eq!(found.held_back, [true, true, true, true, false]);
    }
}
