//! Runs of recorded traces as one file.

use std::collections::BTreeMap;
use std::sync::Arc;

use autoscaler_core::metric::EvaluatedMetrics;
use autoscaler_core::time::Instant;
use autoscaler_core::topology::VertexInfo;
use autoscaler_core::{CycleReport, VertexId};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::assets;
use crate::charts::Drawn;
use crate::text;
use crate::trail::Sample;

/// Points of a chart, at most: beyond that every other one is left out.
const POINTS: usize = 1000;
/// Lines of a summary that are figures; what follows are details.
const FIGURES: usize = 3;

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

/// Runs as one HTML file that needs no other.
pub fn report(runs: &[Run]) -> String {
    let policy = "default-src 'none'; style-src 'unsafe-inline'";
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Replay – flink-autoscaler" }
                // Text of ours, in which nothing has to be escaped.
                style { (PreEscaped(assets::STYLE.content())) }
            }
            body {
                main {
                    h1 { "Replay" }
                    p {
                        "Each cycle as it was recorded, and what is decided in it with the options of the replay. What was recorded after a decision is what came of the "
                        "decisions of then: a decision that differs shows what would be asked for, and not what would come of it."
                    }
                    @for run in runs { (section(run)) }
                }
                footer { "All times are UTC." }
            }
        }
    }
    .into_string()
}

fn section(run: &Run) -> Markup {
    html! {
        section {
            h2 { (text::name(&run.title)) }
            (summary(&run.summary))
            @if run.vertices.is_empty() { p .empty { "Nothing was evaluated: the window was never full." } }
            @for id in &run.vertices {
                @if let Some(track) = run.tracks.get(id) { (vertex(run, *id, track)) }
            }
        }
    }
}

/// Its first lines, and the others to be opened.
fn summary(summary: &str) -> Markup {
    let lines: Vec<&str> = summary.lines().collect();
    let (figures, others) = lines.split_at(lines.len().min(FIGURES));
    html! {
        @if !figures.is_empty() { pre .summary { (figures.join("\n")) } }
        @if let [first, rest @ ..] = others {
            details {
                summary { (first.trim()) }
                pre .summary { (rest.join("\n")) }
            }
        }
    }
}

fn vertex(run: &Run, id: VertexId, track: &Track) -> Markup {
    let ends = track.samples.first().zip(track.samples.last());
    let Some(((from, _), (to, _))) = ends else { return html! {} };
    let own = run.decisions.iter().filter(|(_, vertex, ..)| *vertex == id);
    let marks: Vec<_> =
        own.map(|(at, _, from, to)| (*at, format!("{}: {from} → {to}", at.format("%H:%M:%S")))).collect();
    let drawn = Drawn {
        samples: &track.samples,
        decided: Some(track.decided.clone()),
        marks: marks.clone(),
        from: *from,
        to: *to,
    };
    html! {
        h3 { (text::name(&track.name)) " " small { code { (id) } } }
        (drawn.charts())
        @if !marks.is_empty() {
            details {
                summary { (marks.len()) " scalings decided" }
                ol { @for (at, what) in &marks { li { (at.format("%Y-%m-%d ")) (what) } } }
            }
        }
    }
}
