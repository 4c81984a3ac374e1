//! One vertex of a job: its charts, and why it gets the parallelism it gets.

use std::sync::Arc;

use autoscaler_core::VertexId;
use autoscaler_core::time::Instant;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use maud::{Markup, html};
use serde::Deserialize;

use crate::charts::Drawn;
use crate::document::{Document, Leader};
use crate::error::Refused;
use crate::number::{Percent, Rate, Subtasks};
use crate::place::Vertex;
use crate::scalings::Scaling;
use crate::span::Span;
use crate::trail::Sample;
use crate::{Page, job, link, scalings, text};

/// Scalings that are shown; the others are in the history.
const LATEST: usize = 10;

/// The least time that charts show.
const SHORTEST: TimeDelta = TimeDelta::minutes(1);

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Asked {
    span: Span,
}

/// A vertex.
pub(crate) async fn show(
    State(page): State<Arc<Page>>,
    path: Result<Path<(String, String, String)>, PathRejection>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Refused> {
    let Path((cluster, job, id)) = path.map_err(|rejected| Refused::unusable(rejected.body_text()))?;
    let Query(Asked { span }) = asked.map_err(|rejected| Refused::unusable(rejected.body_text()))?;
    let view = job::find(&page, cluster, job)?;
    let id: VertexId = id.parse().map_err(|error| Refused::unusable(format!("The vertex can't be told: {error}")))?;
    let now = page.now();
    let vertices = view.report().map(job::vertices_of).unwrap_or_default();
    let unknown = || Refused::unknown("The job has no such vertex, or its graph was not seen yet.");
    let vertex = vertices.iter().find(|vertex| vertex.info.id == id).ok_or_else(unknown)?;
    let trail = page.trail(&view.cluster, &view.job.key);
    let own: Vec<_> =
        scalings::of(&view, trail.as_deref()).into_iter().filter(|scaling| scaling.vertex == id).collect();
    // Up to what was seen last: a job that stands still has no future.
    let to = view.cycle.as_ref().map_or(now, |cycle| cycle.at);
    let from = to - span.delta();
    let samples = trail.map(|trail| trail.of(id, from)).unwrap_or_default();
    let neighbours = |edges: &[autoscaler_core::topology::Edge]| -> Vec<Markup> {
        let of = |edge: &autoscaler_core::topology::Edge| vertices.get(edge.vertex);
        let linked = |vertex: &Vertex<'_>| html! { a href=(link::vertex(&view, vertex.info.id)) { (text::name(&vertex.info.name)) } };
        edges.iter().filter_map(of).map(linked).collect()
    };
    let main = html! {
        h1 { (text::name(&vertex.info.name)) }
        section #now data-part aria-label="Now" {
            (facts(vertex, &neighbours(&vertex.info.inputs), &neighbours(&vertex.info.outputs)))
        }
        section #charts aria-labelledby="charts-title" {
            h2 #charts-title { "Charts" }
            nav .spans aria-label="Time that charts show" {
                @for each in Span::ALL {
                    a href=(format!("?span={}", each.name())) aria-current=[(each == span).then_some("true")] { (each.name()) }
                }
            }
            div #drawn data-part { (charts(&samples, &own, from, to)) }
        }
        section #why data-part aria-labelledby="why-title" {
            h2 #why-title { "Why it gets the subtasks it gets" }
            @match vertex.decision {
                Some(decision) => (steps(decision)),
                None => p .empty { "Nothing was decided in the latest cycle." },
            }
        }
        section #scalings data-part aria-labelledby="scalings-title" {
            h2 #scalings-title { "Scalings" }
            (scalings::table(&view, &own, LATEST, now))
        }
    };
    let (title, live) = (vertex.info.name.to_string(), Some(format!("/live/{}", link::place(&view))));
    let crumbs = [job::crumb_of_cluster(&view), (view.job.name.to_string(), link::job(&view))];
    Ok(Document { title: &title, crumbs: &crumbs, live, leader: Leader::of(&page.model), main }.into_response())
}

fn charts(samples: &[(Instant, Sample)], scalings: &[Scaling], from: Instant, to: Instant) -> Markup {
    let Some((first, _)) = samples.first() else {
        return html! { p .empty { "Nothing was evaluated in this time since this process began." } };
    };
    // No empty time before what is known.
    let from = (*first).max(from).min(to - SHORTEST);
    let young = scalings.iter().filter(|scaling| scaling.at >= from);
    let marks = young.map(|scaling| (scaling.at, scaling.in_words())).collect();
    Drawn { samples, decided: None, marks, from, to }.charts()
}

fn steps(decision: &autoscaler_core::policy::VertexDecision) -> Markup {
    html! {
        ol .steps {
            @for step in &decision.steps { li { (step) } }
            li { strong { (decision.verdict) } }
        }
        p { "True processing rates at which it is left alone: " (decision.band) "." }
    }
}

fn facts(vertex: &Vertex<'_>, inputs: &[Markup], outputs: &[Markup]) -> Markup {
    let (low, high) = vertex.band();
    html! {
        dl .facts {
            div { dt { "Utilization" } dd { (Percent(vertex.utilization())) " " (vertex.place().chip()) } }
            @if low.is_finite() && high.is_finite() {
                div { dt { "Band" } dd { (Percent(low)) " to " (Percent(high)) } }
            }
            div { dt { "Subtasks" } dd { (Subtasks(Some(i64::from(vertex.info.parallelism)), vertex.recommended())) " of at most " (vertex.info.max_parallelism) } }
            div { dt { "Arrives" } dd { (Rate(vertex.target)) } }
            div { dt { "Can process" } dd { (Rate(vertex.capacity)) } }
            div { dt { "Reads from" } dd { (list(inputs, "outside")) } }
            div { dt { "Writes to" } dd { (list(outputs, "outside")) } }
            div { dt { "Id" } dd { code { (vertex.info.id) } } }
        }
    }
}

fn list(links: &[Markup], none: &str) -> Markup {
    html! {
        @if links.is_empty() { (none) }
        @for (index, link) in links.iter().enumerate() { @if index > 0 { ", " } (link) }
    }
}
