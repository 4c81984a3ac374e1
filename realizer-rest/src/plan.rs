//! What to change in a job's resource requirements.

use std::collections::BTreeMap;

use flink_rest::wire::{ParallelismBounds, ResourceRequirements};

/// Sets the upper bound of every vertex whose override differs, the lower one to 1. Returns the changes, for people.
/// Overrides of vertices the job does not have, and those that are no parallelism, change nothing.
pub(crate) fn apply(requirements: &mut ResourceRequirements, overrides: &BTreeMap<String, String>) -> Vec<String> {
    let mut changes = Vec::new();
    for (vertex, requirement) in requirements {
        let wanted = overrides.get(vertex).and_then(|text| text.parse::<i32>().ok()).filter(|wanted| *wanted > 0);
        let current = requirement.parallelism.upper_bound;
        if let Some(wanted) = wanted.map(i64::from)
            && wanted != current
        {
            requirement.parallelism = ParallelismBounds { lower_bound: 1, upper_bound: wanted };
            changes.push(format!("{vertex} {current} -> {wanted}"));
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;
    use flink_rest::wire::VertexResourceRequirements;

    #[test]
    fn only_what_differs_changes() {
        let bounds = |lower_bound, upper_bound| VertexResourceRequirements {
            parallelism: ParallelismBounds { lower_bound, upper_bound },
        };
        let mut requirements: ResourceRequirements =
            [("a".to_owned(), bounds(2, 4)), ("b".to_owned(), bounds(1, 4)), ("c".to_owned(), bounds(1, 1))].into();
        let overrides = [("a", "8"), ("b", "4"), ("c", "nonsense"), ("gone", "3")];
        let overrides = overrides.map(|(vertex, parallelism)| (vertex.to_owned(), parallelism.to_owned())).into();
        assert_eq!(apply(&mut requirements, &overrides), ["a 4 -> 8"]);
        assert_eq!(requirements["a"], bounds(1, 8));
        assert_eq!(requirements["b"], bounds(1, 4));
        assert_eq!(requirements["c"], bounds(1, 1));
    }
}
