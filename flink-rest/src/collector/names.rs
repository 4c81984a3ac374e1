//! Which metrics to ask a vertex for, and the memory of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use autoscaler_core::VertexId;
use autoscaler_core::observation::{FlinkMetric, ObserveError};
use autoscaler_core::time::Instant;
use autoscaler_core::topology::{JobTopology, VertexInfo};

use super::partitions;

/// The metrics to ask one vertex for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct VertexNames {
    /// Kind and full name of each.
    pub(super) asked: Vec<(FlinkMetric, String)>,
    /// Partitions a source reads, as told by all its names.
    pub(super) source_partitions: u32,
}

impl VertexNames {
    /// Picks from all the metric names a vertex has.
    ///
    /// # Errors
    /// A metric that its kind of vertex must have is not among them.
    pub(super) fn select(vertex: &VertexInfo, all: &[String]) -> Result<Self, ObserveError> {
        let mut names = Self::default();
        if vertex.is_source() {
            names.source_partitions = partitions::count(all.iter().map(String::as_str));
        }
        if vertex.finished {
            return Ok(names);
        }
        let mut require = |metric, pattern: Pattern| match all.iter().find(|name| pattern.matches(name)) {
            Some(name) => {
                names.asked.push((metric, name.clone()));
                Ok(())
            }
            None => Err(ObserveError::MetricNotFound { vertex: vertex.id, metric: pattern.shown }),
        };
        require(FlinkMetric::BusyTimeMsPerSecond, Pattern::exactly("busyTimeMsPerSecond"))?;
        if !vertex.is_source() {
            let _optional = require(FlinkMetric::NumRecordsInPerSecond, Pattern::exactly("numRecordsInPerSecond"));
            return Ok(names);
        }
        require(FlinkMetric::BackPressuredTimeMsPerSecond, Pattern::exactly("backPressuredTimeMsPerSecond"))?;
        require(FlinkMetric::SourceNumRecordsInPerSecond, Pattern::source("Source__*.numRecordsInPerSecond"))?;
        require(FlinkMetric::SourceNumRecordsIn, Pattern::source("Source__*.numRecordsIn"))?;
        let _optional = require(FlinkMetric::SourceNumRecordsOut, Pattern::source("Source__*.numRecordsOut"));
        let pending = all.iter().filter(|name| name.ends_with(".pendingRecords"));
        names.asked.extend(pending.map(|name| (FlinkMetric::PendingRecords, name.clone())));
        Ok(names)
    }
}

/// Whether [`VertexNames::select`] can make use of a name: of the many names that a vertex has, those are few.
pub(super) fn is_of_use(name: &str) -> bool {
    const EXACTLY: [&str; 3] = ["busyTimeMsPerSecond", "numRecordsInPerSecond", "backPressuredTimeMsPerSecond"];
    const OF_SOURCES: [&str; 3] = [".numRecordsInPerSecond", ".numRecordsIn", ".numRecordsOut"];
    EXACTLY.contains(&name)
        || name.ends_with(".pendingRecords")
        || (name.starts_with("Source__") && OF_SOURCES.iter().any(|end| name.ends_with(end)))
        || partitions::count(std::iter::once(name)) > 0
}

/// A metric's name, or its beginning and end around a `*`.
#[derive(Clone, Copy)]
struct Pattern {
    shown: &'static str,
    start: &'static str,
    end: Option<&'static str>,
}

impl Pattern {
    fn exactly(name: &'static str) -> Self {
        Self { shown: name, start: name, end: None }
    }

    fn source(shown: &'static str) -> Self {
        match shown.split_once('*') {
            Some((start, end)) => Self { shown, start, end: Some(end) },
            None => Self::exactly(shown),
        }
    }

    fn matches(&self, name: &str) -> bool {
        match self.end {
            None => name == self.start,
            Some(end) => name.starts_with(self.start) && name.ends_with(end),
        }
    }
}

/// Which metrics a job's vertices are asked for, remembered from one observation to the next.
#[derive(Clone, Debug, Default)]
pub struct MetricNames {
    by_vertex: BTreeMap<VertexId, Arc<VertexNames>>,
}

/// The names of the cycle under way; remembered once all are known.
#[derive(Debug, Default)]
pub(super) struct NamesInProgress(BTreeMap<VertexId, Arc<VertexNames>>);

impl MetricNames {
    /// Forgets everything if the job began to run after the history's first row.
    pub(super) fn forget_if_restarted(&mut self, running_since: Instant, history_start: Option<Instant>) {
        if history_start.is_some_and(|start| running_since > start) {
            *self = Self::default();
        }
    }

    /// The names that are still good: of vertices that are no source, as long as the vertex set is the same.
    pub(super) fn carried_over(&self, topology: &JobTopology) -> NamesInProgress {
        let same_vertices = self.by_vertex.len() == topology.vertices().len()
            && topology.vertices().iter().all(|vertex| self.by_vertex.contains_key(&vertex.id));
        let mut names = NamesInProgress::default();
        for vertex in topology.vertices() {
            if vertex.is_source() {
                continue;
            }
            if vertex.finished {
                names.insert(vertex.id, VertexNames::default());
            } else if same_vertices && let Some(known) = self.by_vertex.get(&vertex.id) {
                names.0.insert(vertex.id, Arc::clone(known));
            }
        }
        names
    }

    /// Remembers the names of a cycle.
    pub(super) fn remember(&mut self, names: NamesInProgress) {
        self.by_vertex = names.0;
    }
}

impl NamesInProgress {
    /// Whether the vertex's names have to be asked.
    pub(super) fn needs(&self, vertex: VertexId) -> bool {
        !self.0.contains_key(&vertex)
    }

    /// Takes in a vertex's names.
    pub(super) fn insert(&mut self, vertex: VertexId, names: VertexNames) {
        self.0.insert(vertex, Arc::new(names));
    }

    /// The names of a vertex, once they are known.
    pub(super) fn get(&self, vertex: VertexId) -> Option<&VertexNames> {
        self.0.get(&vertex).map(Arc::as_ref)
    }
}

#[cfg(test)]
mod tests {
    use autoscaler_core::topology::VertexParts;

    use super::*;
    use crate::wire::MetricName;

    #[test]
    fn names_that_are_of_no_use_are_not_missed() {
        let recorded: Vec<MetricName<'_>> =
            serde_json::from_str(include_str!("../../tests/data/source_metric_names.json")).unwrap();
        let partition = |n: u32| format!("Source__a.KafkaSourceReader.topic.t.partition.{n}.currentOffset");
        let all: Vec<String> =
            recorded.into_iter().map(|name| name.id.into_owned()).chain((0..3).map(partition)).collect();
        let of_use: Vec<String> = all.iter().filter(|name| is_of_use(name)).cloned().collect();
        assert!(of_use.len() < 30 && all.len() > 90, "{} of {}", of_use.len(), all.len());
        let source = VertexParts::new("f".repeat(32), "v", 1, 128);
        let topology = JobTopology::new(vec![source]).unwrap();
        let selected = VertexNames::select(&topology.vertices()[0], &of_use).unwrap();
        assert_eq!(selected, VertexNames::select(&topology.vertices()[0], &all).unwrap());
        assert_eq!((selected.source_partitions, selected.asked.len()), (15, 6), "the recording has twelve");
    }
}
