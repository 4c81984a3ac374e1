//! Any graph is either refused or put in order.

use autoscaler_core::topology::{JobTopology, ShipStrategy, VertexParts};
use proptest::prelude::*;

proptest! {
    #[test]
    fn graphs_are_ordered_or_refused(
        graph in prop::collection::vec((0u32..8, prop::collection::vec(0u32..10, 0..4), -2i64..40_000, -2i64..40_000), 0..8),
    ) {
        let part = |(id, inputs, parallelism, max_parallelism): &(u32, Vec<u32>, i64, i64)| {
            let inputs = inputs.iter().map(|input| (testkit::job::id(*input), ShipStrategy::Hash)).collect();
            VertexParts::new(testkit::job::id(*id), "v", *parallelism, *max_parallelism).with_inputs(inputs)
        };
        if let Ok(topology) = JobTopology::new(graph.iter().map(part).collect()) {
            for (index, vertex) in topology.vertices().iter().enumerate() {
                prop_assert!(vertex.inputs.iter().all(|edge| edge.vertex < index));
                prop_assert!(vertex.outputs.iter().all(|edge| edge.vertex > index));
                prop_assert_eq!(topology.vertex(vertex.id), Some(vertex));
                prop_assert!((1..=32_768).contains(&vertex.parallelism));
            }
        }
    }

    #[test]
    fn ids_that_are_none_are_refused(id in ".{0,40}") {
        let part = VertexParts::new(id.clone(), "v", 1, 1);
        let is_id = id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit());
        prop_assert_eq!(JobTopology::new(vec![part]).is_ok(), is_id);
    }
}
