//! The parallelism of every vertex for a load.

use super::capacity::Capacity;
use super::flow::push;
use super::look::{Look, VertexLook};
use super::memory::Memory;

/// What each vertex of a job can do.
#[derive(Clone, Debug)]
pub(super) struct Abilities {
    /// None for a vertex that never worked: it is left alone, and holds nothing up.
    pub(super) curves: Vec<Option<Capacity>>,
    /// Standard deviations on the safe side, where a parallelism is sought.
    pub(super) sure: f64,
}

impl Abilities {
    /// Records per second of a vertex at a parallelism.
    pub(super) fn at(&self, index: usize, vertex: &VertexLook, parallelism: i32, sure: f64) -> f64 {
        self.curves[index].map_or(f64::INFINITY, |curve| curve.at(vertex, parallelism, sure))
    }

    /// Records per second of each vertex as it is.
    pub(super) fn now(&self, look: &Look) -> Vec<f64> {
        let each = look.vertices.iter().enumerate();
        each.map(|(index, vertex)| self.at(index, vertex, vertex.parallelism, 0.0)).collect()
    }

    /// The parallelism of every vertex for `goal` records per second at the sources, but no more than 1.1 times what the
    /// tightest ceiling or limit lets through: what stands before a bottleneck is not scaled for nothing.
    pub(super) fn needs(&self, look: &Look, memory: &Memory, goal: &[f64]) -> Vec<i32> {
        let rates = push(look, memory, goal);
        let each = || look.vertices.iter().zip(&rates).enumerate();
        let share = each()
            .filter(|(_, (_, rate))| **rate > 0.0)
            .map(|(index, (vertex, rate))| 1.1 * self.at(index, vertex, vertex.most, 0.0) / rate)
            .fold(1.0, f64::min);
        let smallest = |(index, (vertex, rate)): (usize, (&VertexLook, &f64))| match &self.curves[index] {
            Some(curve) => curve.smallest(vertex, rate * share, self.sure),
            None => vertex.parallelism,
        };
        each().map(smallest).collect()
    }
}
