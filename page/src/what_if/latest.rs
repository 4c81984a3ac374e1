//! What the latest cycle would have decided.

use std::sync::Arc;

use autoscaler_core::options::PolicyChoice;
use autoscaler_core::policy::{Conclusion, Left, Proposal, VertexDecision, what_if};
use autoscaler_core::topology::JobTopology;
use autoscaler_core::{JobAutoScalerContext, ParsedConfiguration};
use autoscaler_runtime::read_model::JobView;
use maud::{Markup, html};

use crate::table::{self, Head, heads};
use crate::text;

const HEADS: [Head; 5] = [
    Head::Text("Vertex"),
    Head::Number("Subtasks"),
    Head::Number("As decided"),
    Head::Number("With these options"),
    Head::Text("Why"),
];

/// With these options, beside what was decided.
pub(super) fn section(view: &JobView, policy: PolicyChoice, tried: ParsedConfiguration) -> Markup {
    html! {
        section aria-labelledby="latest-title" {
            h2 #latest-title { "The latest cycle" }
            @if policy == PolicyChoice::Reference {
                (decided(view, tried))
            } @else {
                p .empty { "The policy responsive remembers what it saw before, so one cycle does not tell what it decides: a recorded span does." }
            }
        }
    }
}

fn decided(view: &JobView, tried: ParsedConfiguration) -> Markup {
    let context = JobAutoScalerContext::new(view.cluster.clone(), &view.job, Arc::new(tried));
    let cycle = view.cycle.as_deref();
    let report = cycle.and_then(|cycle| cycle.report.as_deref());
    let proposal = cycle.zip(report).and_then(|(cycle, report)| {
        let left = Left {
            at: cycle.at,
            topology: report.topology.as_ref()?,
            evaluation: report.evaluation.as_ref()?,
            window: &cycle.window,
            scaling_history: &cycle.scaling_history,
        };
        what_if(&context, left)
    });
    match (report.and_then(|report| report.topology.as_ref().zip(Some(report))), proposal) {
        (Some((topology, report)), Some(proposal)) => compared(topology, &report.decisions, &proposal),
        _ => {
            html! { p .empty { "The latest cycle evaluated nothing: try again when the job runs and its window is full." } }
        }
    }
}

fn compared(topology: &JobTopology, decisions: &[VertexDecision], proposal: &Proposal) -> Markup {
    let target = |decision: Option<&VertexDecision>| match decision {
        Some(decision) => decision.target().to_string(),
        None => crate::number::UNKNOWN.to_owned(),
    };
    let lines = html! {
        @for (index, vertex) in topology.vertices().iter().enumerate() {
            tr {
                th scope="row" { (text::name(&vertex.name)) }
                td .number data-label="Subtasks" { (vertex.parallelism) }
                td .number data-label="As decided" { (target(decisions.get(index))) }
                td .number data-label="With these options" { (target(proposal.decisions.get(index))) }
                td data-label="Why" { @if let Some(decision) = proposal.decisions.get(index) { (decision) } }
            }
        }
    };
    html! {
        p {
            @match &proposal.conclusion {
                Conclusion::Scale => strong { "It would be scaled." },
                Conclusion::Stay(hold) => { strong { "It would stay as it is: " } (hold) },
                Conclusion::Undecided(why) | Conclusion::Failed(why) => (why),
                _ => {},
            }
        }
        @for warning in &proposal.warnings { p .trouble { span .warn { "! " } (warning) } }
        (table::table("decisions", None, &heads(&HEADS), &lines))
    }
}
