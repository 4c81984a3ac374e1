//! Past scalings and events of a job.

use autoscaler_core::metric::ScalingMetric as M;
use autoscaler_core::state::ScalingSummary;
use autoscaler_core::time::Instant;
use autoscaler_core::{EventType, VertexId};
use autoscaler_runtime::read_model::JobView;
use maud::{Markup, html};

use crate::number::{Percent, Rate, UNKNOWN};
use crate::table::{self, Head, heads};
use crate::trail::Trail;
use crate::{link, text};

/// A scaling of a vertex. Rates are true processing rates, records per second; NaN where not known.
#[derive(Debug, PartialEq)]
pub(crate) struct Scaling {
    pub(crate) at: Instant,
    pub(crate) vertex: VertexId,
    /// Its name, where it still is in the graph.
    pub(crate) name: Option<String>,
    pub(crate) from: i32,
    pub(crate) to: i32,
    before: f64,
    expected: f64,
    /// What the vertex could do at its next scaling, or can do since its last one.
    achieved: f64,
    /// The share of the expected gain from which on a scaling up is effective.
    threshold: f64,
}

/// How much of what was expected from scaling up came true.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Effect {
    /// The share of it, and whether that is as much as `scaling.effectiveness.threshold` asks for.
    Gained(f64, bool),
    /// It was scaled down, or that is not known yet.
    Untold,
}

/// The past scalings of a job that are remembered, newest first.
pub(crate) fn of(view: &JobView, trail: Option<&Trail>) -> Vec<Scaling> {
    let Some(cycle) = &view.cycle else { return Vec::new() };
    let report = cycle.report.as_deref();
    let options = trail.and_then(|trail| trail.parsed.as_ref()?.options.as_ref().ok());
    let threshold = options.map_or(0.0, |options| options.effectiveness_threshold);
    let index = |vertex: VertexId| {
        let vertices = report?.topology.as_ref()?.vertices();
        vertices.iter().position(|info| info.id == vertex)
    };
    let mut all = Vec::new();
    for (vertex, past) in &cycle.scaling_history.vertices {
        let index = index(*vertex);
        let info = index.and_then(|index| report?.topology.as_ref()?.vertices().get(index));
        let rate_now = || {
            let metrics = report?.evaluation.as_ref()?.vertices.get(index?)?;
            Some((info?.parallelism, metrics.average(M::TrueProcessingRate)))
        };
        for (place, (at, summary)) in past.iter().enumerate() {
            let next = past.get(place + 1).map(|(_, next)| rate_at(next));
            // What was seen with other subtasks than it went to says nothing.
            let seen = next.or_else(rate_now).filter(|(subtasks, _)| *subtasks == summary.new_parallelism);
            all.push(Scaling {
                at: *at,
                vertex: *vertex,
                name: info.map(|info| info.name.to_string()),
                from: summary.current_parallelism,
                to: summary.new_parallelism,
                before: summary.metrics.average(M::TrueProcessingRate),
                expected: summary.metrics.current(M::ExpectedProcessingRate),
                achieved: seen.map_or(f64::NAN, |(_, rate)| rate),
                threshold,
            });
        }
    }
    all.sort_by_key(|scaling| (std::cmp::Reverse(scaling.at), scaling.vertex));
    all
}

/// The subtasks that a scaling began from, and what the vertex could do with them.
fn rate_at(summary: &ScalingSummary) -> (i32, f64) {
    (summary.current_parallelism, summary.metrics.average(M::TrueProcessingRate))
}

impl Scaling {
    fn effect(&self) -> Effect {
        let share = (self.achieved - self.before) / (self.expected - self.before);
        if self.to <= self.from || !share.is_finite() {
            return Effect::Untold;
        }
        Effect::Gained(share, share >= self.threshold)
    }

    /// Where it stands on the page of the history.
    pub(crate) fn anchor(&self) -> String {
        format!("s{}-{}", self.at.timestamp_millis(), self.vertex)
    }

    pub(crate) fn in_words(&self) -> String {
        format!("{}: {} → {}", self.at.format("%H:%M:%S"), self.from, self.to)
    }
}

const HEADS: [Head; 7] = [
    Head::Text("Scaling"),
    Head::Text("Vertex"),
    Head::Number("Subtasks"),
    Head::Number("Could process"),
    Head::Number("Expected"),
    Head::Number("Achieved"),
    Head::Text("Effect"),
];

/// The first `most` of some scalings.
pub(crate) fn table(view: &JobView, scalings: &[Scaling], most: usize, now: Instant) -> Markup {
    if scalings.is_empty() {
        return html! { p .empty { "No scaling." } };
    }
    let lines = html! { @for scaling in scalings.iter().take(most) { (line(view, scaling, now)) } };
    table::table("scalings", None, &heads(&HEADS), &lines)
}

fn line(view: &JobView, scaling: &Scaling, now: Instant) -> Markup {
    let id = scaling.vertex.to_string();
    let name = scaling.name.as_ref().unwrap_or(&id);
    html! {
        tr id=(scaling.anchor()) {
            th scope="row" {
                a href=(format!("{}#{}", link::history(view), scaling.anchor())) { (text::instant(scaling.at, now)) }
            }
            td data-label="Vertex" { a href=(link::vertex(view, scaling.vertex)) { (text::name(name)) } }
            td .number data-label="Subtasks" { (scaling.from) " → " (scaling.to) }
            td .number data-label="Could process" { (Rate(scaling.before)) }
            td .number data-label="Expected" { (Rate(scaling.expected)) }
            td .number data-label="Achieved" { (Rate(scaling.achieved)) }
            td data-label="Effect" {
                @match scaling.effect() {
                    Effect::Untold => (UNKNOWN),
                    Effect::Gained(share, is_effective) => {
                        @if is_effective { span .good { "✓ " } } @else { span .bad { "✕ ineffective, " } }
                        (Percent(share)) " of what was expected"
                    },
                }
            }
        }
    }
}

/// The latest events of a job that fit, newest first.
pub(crate) fn events(view: &JobView, fits: impl Fn(Instant) -> bool, most: usize, now: Instant) -> Markup {
    let latest: Vec<_> = view.events.iter().rev().filter(|past| fits(past.at)).take(most).collect();
    html! {
        @if latest.is_empty() {
            p .empty { "No event since this process began." }
        } @else {
            ol .events {
                @for past in latest {
                    li {
                        (text::instant(past.at, now)) " "
                        @if past.event.event_type == EventType::Warning { span .chip.warn { "! " (past.event.reason) } }
                        @else { span .chip { (past.event.reason) } }
                        @if past.count > 1 { " ×" (past.count) }
                        span .message { (past.event.message) }
                    }
                }
            }
        }
    }
}
