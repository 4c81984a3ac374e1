//! Runs of recorded traces as one file.

mod html;
mod svg;

use std::collections::BTreeMap;
use std::sync::Arc;

use autoscaler_core::metric::EvaluatedMetrics;
use autoscaler_core::time::Instant;
use autoscaler_core::topology::VertexInfo;
use autoscaler_core::{CycleReport, VertexId};

use crate::charts::Drawn;
use crate::trail::Sample;

pub use html::report;
pub use svg::drawing;

/// Points of a chart, at most: beyond that every other one is left out.
const POINTS: usize = 1000;

/// A run of a trace: what was recorded, and what each of its cycles decides with the options of the run.
#[derive(Debug)]
pub struct Run {
    title: String,
    /// What it came to, in words.
    summary: String,
    /// In the order in which they were first seen.
    vertices: Vec<VertexId>,
    tracks: BTreeMap<VertexId, Track>,
    decisions: Vec<(Instant, VertexId, i32, i32)>,
}

/// A vertex over the time of a run.
#[derive(Debug)]
struct Track {
    name: Arc<str>,
    samples: Vec<(Instant, Sample)>,
    /// Subtasks as they were decided.
    decided: Vec<(Instant, f64)>,
}

impl Run {
    /// Without a cycle.
    pub fn new(title: impl Into<String>) -> Self {
        let (vertices, tracks, decisions) = Default::default();
        Self { title: title.into(), summary: String::new(), vertices, tracks, decisions }
    }

    /// Adds a cycle.
    pub fn add(&mut self, at: Instant, report: &CycleReport) {
        if let (Some(topology), Some(evaluation)) = (&report.topology, &report.evaluation) {
            for (info, metrics) in topology.vertices().iter().zip(&evaluation.vertices) {
                let asked = report.realization.parallelism.as_ref().and_then(|all| all.get(&info.id));
                self.add_vertex(at, info, metrics, *asked.unwrap_or(&info.parallelism));
            }
        }
        let scalings =
            report.events.iter().filter_map(|event| event.scaling()).filter(|report| report.blocked.is_none());
        let vertices = scalings.flat_map(|report| &report.vertices);
        self.decisions.extend(vertices.map(|scaled| (at, scaled.vertex, scaled.from, scaled.to)));
    }

    fn add_vertex(&mut self, at: Instant, info: &VertexInfo, metrics: &EvaluatedMetrics, decided: i32) {
        let track = self.tracks.entry(info.id).or_insert_with(|| {
            self.vertices.push(info.id);
            Track { name: Arc::clone(&info.name), samples: Vec::new(), decided: Vec::new() }
        });
        track.samples.push((at, Sample::of(metrics, info.parallelism)));
        track.decided.push((at, decided.into()));
        if track.samples.len() > POINTS {
            halve(&mut track.samples);
            halve(&mut track.decided);
        }
    }

    /// Its vertices, each with what is drawn of it.
    fn drawn(&self) -> impl Iterator<Item = (VertexId, &str, Drawn<'_>)> {
        self.vertices.iter().filter_map(|id| {
            let track = self.tracks.get(id)?;
            let ((from, _), (to, _)) = track.samples.first().zip(track.samples.last())?;
            let own = self.decisions.iter().filter(|(_, vertex, ..)| vertex == id);
            let mark = |(at, _, from, to): &(Instant, VertexId, i32, i32)| {
                (*at, format!("{}: {from} → {to}", at.format("%H:%M:%S")))
            };
            let decided = Some(track.decided.clone());
            let drawn =
                Drawn { samples: &track.samples, decided, marks: own.map(mark).collect(), from: *from, to: *to };
            Some((*id, &*track.name, drawn))
        })
    }

    /// With what it came to, in words.
    #[must_use]
    pub fn with_summary(mut self, summary: impl Into<String>) -> Self {
        self.summary = summary.into();
        self
    }
}

/// Leaves out every other entry but the last.
fn halve<T>(entries: &mut Vec<T>) {
    let mut left = entries.len();
    entries.retain(|_| {
        left -= 1;
        left.is_multiple_of(2)
    });
}
