//! The latest decision in words.

use autoscaler_core::CycleReport;
use autoscaler_core::policy::VertexDecision;
use autoscaler_core::topology::JobTopology;
use maud::{Markup, html};

use crate::text;

pub(super) fn in_words(report: &CycleReport) -> Markup {
    html! {
        p {
            strong { (report.outcome.name()) }
            @if let Some(note) = &report.note { ": " (note) }
            @if let Some(held) = &report.held { ": " (held) }
        }
        @for warning in &report.warnings { p .trouble { span .warn { "! " } (warning) } }
        @if let Some(topology) = &report.topology { (list(topology, &report.decisions)) }
        @if let Some(schedule) = &report.schedule { p { (schedule) } }
        @if let Some(shadow) = &report.shadow {
            h3 { "Policy " (shadow.policy) ", which acts on nothing" }
            p { (shadow.conclusion) }
            @if let Some(topology) = &report.topology { (list(topology, &shadow.decisions)) }
        }
    }
}

fn list(topology: &JobTopology, decisions: &[VertexDecision]) -> Markup {
    html! {
        @if !decisions.is_empty() {
            dl .decisions {
                @for (vertex, decision) in topology.vertices().iter().zip(decisions) {
                    dt { (text::name(&vertex.name)) }
                    dd { (decision) }
                }
            }
        }
    }
}
