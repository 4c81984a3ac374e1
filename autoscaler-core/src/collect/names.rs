//! Which metrics to ask a vertex for, and the memory of it.

use std::collections::BTreeMap;

use super::partitions;
use crate::job::VertexId;
use crate::observation::{FlinkMetric, ObserveError, TaskManagerReading};
use crate::time::Instant;
use crate::topology::{JobTopology, VertexInfo};

/// The metrics to ask one vertex for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VertexNames {
    /// Kind and full name of each.
    pub asked: Vec<(FlinkMetric, String)>,
    /// Partitions a source reads, as told by all its names.
    pub source_partitions: u32,
}

impl VertexNames {
    /// Picks from all the metric names a vertex has.
    ///
    /// # Errors
    /// A metric that its kind of vertex must have is not among them.
    pub fn select(vertex: &VertexInfo, all: &[String]) -> Result<Self, ObserveError> {
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

/// What is remembered of a job's metric names from cycle to cycle, in memory only.
#[derive(Clone, Debug, Default)]
pub struct RememberedNames {
    by_vertex: BTreeMap<VertexId, VertexNames>,
    has_gc_metric: Option<bool>,
}

/// The names of the cycle under way; remembered once all are known.
#[derive(Debug, Default)]
pub struct NamesInProgress(BTreeMap<VertexId, VertexNames>);

impl RememberedNames {
    /// Forgets everything if the job began to run after the history's first row.
    pub fn forget_if_restarted(&mut self, running_since: Instant, history_start: Option<Instant>) {
        if history_start.is_some_and(|start| running_since > start) {
            *self = Self::default();
        }
    }

    /// The names that are still good: of vertices that are no source, as long as the vertex set is the same.
    pub fn carried_over(&self, topology: &JobTopology) -> NamesInProgress {
        let same_vertices = self.by_vertex.len() == topology.vertices().len()
            && topology.vertices().iter().all(|vertex| self.by_vertex.contains_key(&vertex.id));
        let mut names = NamesInProgress::default();
        for vertex in topology.vertices() {
            if vertex.is_source() {
                continue;
            }
            if vertex.finished {
                names.0.insert(vertex.id, VertexNames::default());
            } else if same_vertices && let Some(known) = self.by_vertex.get(&vertex.id) {
                names.0.insert(vertex.id, known.clone());
            }
        }
        names
    }

    /// Remembers the names of a cycle.
    pub fn remember(&mut self, names: NamesInProgress) {
        self.by_vertex = names.0;
    }

    /// Holds a TaskManager reading against what the cluster had before: whether it has a garbage collection metric
    /// is settled by the first look, and a metric gone since makes the reading incomplete.
    ///
    /// # Errors
    /// A metric that is needed is missing.
    pub(crate) fn settled(&mut self, reading: Option<TaskManagerReading>) -> Result<TaskManagerReading, ObserveError> {
        let has_gc = reading.is_some_and(|reading| reading.gc_ms_per_second.is_some());
        let expects_gc = *self.has_gc_metric.get_or_insert(has_gc);
        match reading {
            Some(reading) if !expects_gc => Ok(TaskManagerReading { gc_ms_per_second: None, ..reading }),
            Some(reading) if has_gc => Ok(reading),
            _ => Err(ObserveError::TaskManagerMetricsMissing),
        }
    }
}

impl NamesInProgress {
    /// Whether the vertex's names have to be asked.
    pub fn needs(&self, vertex: VertexId) -> bool {
        !self.0.contains_key(&vertex)
    }

    /// Takes in a vertex's names.
    pub fn insert(&mut self, vertex: VertexId, names: VertexNames) {
        self.0.insert(vertex, names);
    }

    /// The names of a vertex, once they are known.
    pub fn get(&self, vertex: VertexId) -> Option<&VertexNames> {
        self.0.get(&vertex)
    }
}
