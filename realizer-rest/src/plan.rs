//! What to change in a job's resource requirements.

use std::collections::BTreeMap;

use autoscaler_core::VertexId;
use flink_rest::wire::{ParallelismBounds, ResourceRequirements};

/// The parallelism that vertices should have.
pub(crate) type Overrides = BTreeMap<VertexId, i32>;

/// The parallelism that a vertex should have, where one is asked for.
fn wanted(overrides: &Overrides, vertex: &str) -> Option<i32> {
    vertex.parse().ok().and_then(|vertex| overrides.get(&vertex)).copied()
}

/// Why requirements can't be those of a job, if they can't: what is put back must be what Flink would take.
pub(crate) fn unusable(requirements: &ResourceRequirements) -> Option<String> {
    let is_odd = |bounds: &ParallelismBounds| bounds.lower_bound < 1 || bounds.upper_bound < bounds.lower_bound;
    let (vertex, odd) = requirements.iter().find(|(_, requirement)| is_odd(&requirement.parallelism))?;
    let ParallelismBounds { lower_bound, upper_bound } = odd.parallelism;
    let vertex: String = vertex.chars().take(64).collect();
    Some(format!("vertex {vertex} asks for {lower_bound} to {upper_bound} subtasks"))
}

/// Sets the upper bound of every vertex whose override differs. The lower one stays as its user set it, unless it would
/// be above. Overrides of vertices that the job does not have, and those that are no parallelism, change nothing.
///
/// Returns the changes, for people.
pub(crate) fn apply(requirements: &mut ResourceRequirements, overrides: &Overrides) -> Vec<String> {
    let mut changes = Vec::new();
    for (vertex, requirement) in requirements {
        let current = requirement.parallelism.upper_bound;
        if let Some(wanted) = wanted(overrides, vertex).filter(|wanted| *wanted > 0).map(i64::from)
            && wanted != current
        {
            let lower_bound = requirement.parallelism.lower_bound.min(wanted);
            requirement.parallelism = ParallelismBounds { lower_bound, upper_bound: wanted };
            changes.push(format!("{vertex} {current} -> {wanted}"));
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Overrides of these vertices.
    fn overrides(overrides: &[(&str, i32)]) -> Overrides {
        overrides.iter().map(|(vertex, parallelism)| (vertex.parse().unwrap(), *parallelism)).collect()
    }

    #[test]
    fn only_what_differs_changes() {
        let recorded = include_str!("../../flink-rest/tests/data/resource_requirements.json");
        let mut requirements: ResourceRequirements = serde_json::from_str(recorded).unwrap();
        let before = requirements.clone();
        let ids: Vec<&String> = before.keys().collect();
        let upper = |vertex: &str| i32::try_from(before[vertex].parallelism.upper_bound).unwrap();
        let wanted = [(&**ids[0], upper(ids[0]) + 3), (ids[1], upper(ids[1])), (ids[2], 0), (&"f".repeat(32), 3)];
        let changes = apply(&mut requirements, &overrides(&wanted));
        assert_eq!(changes, [format!("{} {} -> {}", ids[0], upper(ids[0]), upper(ids[0]) + 3)]);
        let bounds = requirements[ids[0]].parallelism;
        assert_eq!(bounds, ParallelismBounds { lower_bound: 1, upper_bound: i64::from(upper(ids[0]) + 3) });
        for id in &ids[1..] {
            assert_eq!(requirements[*id], before[*id]);
        }
    }

    #[test]
    fn bounds_that_no_job_has_are_told() {
        let found = |lower_bound, upper_bound| {
            let parallelism = ParallelismBounds { lower_bound, upper_bound };
            let requirement = flink_rest::wire::VertexResourceRequirements { parallelism };
            unusable(&ResourceRequirements::from([("f".repeat(32), requirement)]))
        };
        assert_eq!((found(1, 1), found(2, 8)), (None, None));
        for (lower, upper) in [(-1, 4), (0, 4), (1, 0), (5, 4), (-1, -1)] {
            assert!(found(lower, upper).unwrap().ends_with(&format!("asks for {lower} to {upper} subtasks")));
        }
    }

    #[test]
    fn a_lower_bound_stays_as_far_as_it_can() {
        let lower_after = |lower_bound, wanted| {
            let vertex = "f".repeat(32);
            let parallelism = ParallelismBounds { lower_bound, upper_bound: 8 };
            let mut requirements = ResourceRequirements::from([(
                vertex.clone(),
                flink_rest::wire::VertexResourceRequirements { parallelism },
            )]);
            apply(&mut requirements, &overrides(&[(&vertex, wanted)]));
            requirements[&vertex].parallelism.lower_bound
        };
        assert_eq!((lower_after(1, 4), lower_after(3, 4), lower_after(6, 4)), (1, 3, 4));
    }
}
