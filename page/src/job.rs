//! One job.

mod decision;
mod graph;
mod layout;
mod named;
mod options;
mod proposal;
mod vertices;

use std::sync::Arc;

use autoscaler_core::CycleReport;
use autoscaler_core::time::Instant;
use autoscaler_runtime::read_model::JobView;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

pub(crate) use named::{Named, find};

use crate::Page;
use crate::document::{Document, Leader};
use crate::error::Refused;
use crate::number::{Subtasks, UNKNOWN};
use crate::place::Vertex;
use crate::{link, scalings, text};

/// Scalings and events that are shown here; the others are in the history.
const LATEST: usize = 8;

/// A job, with its graph and its latest decision.
pub(crate) async fn show(State(page): State<Arc<Page>>, Named(view): Named) -> Result<Response, Refused> {
    let now = page.now();
    let report = view.report();
    let vertices = report.map(vertices_of).unwrap_or_default();
    let trail = page.trail(&view.cluster, &view.job.key);
    let parsed = trail.as_ref().and_then(|trail| trail.parsed.as_deref());
    let main = html! {
        h1 { (text::name(&view.job.name)) }
        section #now data-part aria-label="Now" { (facts(&view, now)) }
        // A place also where nothing is proposed, for what is proposed later.
        div #proposal data-part {
            @if let Some(proposal) = &page.approvals.proposal(&view.cluster, &view.job.key) { (proposal::shown(&view, proposal, now)) }
        }
        section #graph aria-labelledby="graph-title" {
            h2 #graph-title { "Graph" }
            // What is scrolled to stays where it is when the rest is exchanged.
            div .scroll.graph tabindex="0" role="region" aria-label="Drawing of the graph" {
                div #drawing data-part { (graph::draw(&view, &vertices)) }
            }
            (graph::legend())
        }
        section #vertices data-part aria-labelledby="vertices-title" {
            h2 #vertices-title { "Vertices" }
            (vertices::table(&view, &vertices))
        }
        @if let Some(report) = report {
            section #decision data-part aria-labelledby="decision-title" {
                h2 #decision-title { "Latest decision" }
                (decision::in_words(report))
            }
        }
        section #latest data-part aria-labelledby="latest-title" {
            h2 #latest-title { "Latest scalings and events" }
            (scalings::table(&view, &scalings::of(&view, trail.as_deref()), LATEST, now))
            (scalings::events(&view, |_| true, LATEST, now))
            p { a href=(link::history(&view)) { "Whole history" } }
        }
        section #options aria-labelledby="options-title" {
            h2 #options-title { "Options" }
            (options::table(parsed))
            p { a href=(link::what_if(&view)) { "Try others" } }
        }
    };
    let (title, live) = (view.job.name.to_string(), Some(format!("/live/{}", link::place(&view))));
    let crumbs = [crumb_of_cluster(&view)];
    Ok(Document { title: &title, crumbs: &crumbs, live, leader: Leader::of(&page.model), main }.into_response())
}

pub(crate) fn crumb_of_cluster(view: &JobView) -> (String, String) {
    (view.cluster.to_string(), link::of_cluster(view.cluster.as_str()))
}

/// The vertices as the latest cycle saw them, each behind those it reads from.
pub(crate) fn vertices_of(report: &CycleReport) -> Vec<Vertex<'_>> {
    let Some(topology) = &report.topology else { return Vec::new() };
    let vertex = |(index, info)| {
        let metrics = report.evaluation.as_ref().and_then(|evaluation| evaluation.vertices.get(index));
        Vertex::new(info, report.decisions.get(index), metrics)
    };
    topology.vertices().iter().enumerate().map(vertex).collect()
}

fn facts(view: &JobView, now: Instant) -> Markup {
    let enabled = match view.is_enabled {
        Some(true) => "on",
        Some(false) => "off for this job",
        None => UNKNOWN,
    };
    let outcome = view.report().map_or(UNKNOWN, |report| report.outcome.name());
    let filling = view.report().and_then(|report| report.filling);
    html! {
        dl .facts {
            div { dt { "Status" } dd { (view.status().name()) } }
            div { dt { "Autoscaling" } dd { (enabled) } }
            div { dt { "Subtasks" } dd { (Subtasks(view.subtasks(), view.recommended_subtasks())) } }
            div {
                dt { "Last outcome" }
                dd {
                    (outcome)
                    @if let Some(cycle) = &view.cycle { " at " (text::instant(cycle.at, now)) }
                }
            }
            div {
                dt { "Scaled last" }
                dd { @match view.scaled_at() { Some(at) => (text::instant(at, now)), None => (UNKNOWN) } }
            }
            div { dt { "Flink's id" } dd { code { (view.job.id) } } }
            @for (name, value) in view.labels.pairs() {
                div { dt { (name.replace('_', " ")) } dd { (value) } }
            }
        }
        @if let Some(filling) = filling {
            p { "Nothing is decided before the metric window is full, at " (text::instant(filling.full_at, now)) "." }
        } @else if let Some(why) = view.why() {
            p .why { (why) }
        }
        @if let Some(failure) = view.failure() { p .trouble { span .bad { "✕ " } (failure.text) } }
        @if let Some(skipped) = &view.skipped {
            p .trouble { span .bad { "✕ " } "No cycle at " (text::instant(skipped.at, now)) ": " (skipped.why) }
        }
    }
}
