//! A scaling that is carried out only if somebody approves it.

use autoscaler_core::time::Instant;
use autoscaler_runtime::read_model::JobView;
use autoscaler_runtime::{Change, Proposal};
use maud::{Markup, html};

use crate::table::{self, Head, heads};
use crate::{link, text};

const HEADS: [Head; 3] = [Head::Text("Vertex"), Head::Number("Subtasks"), Head::Text("Why")];

pub(super) fn shown(view: &JobView, proposal: &Proposal, now: Instant) -> Markup {
    let lines = html! { @for change in &proposal.vertices { (line(view, change)) } };
    html! {
        section .proposal aria-labelledby="proposal-title" {
            h2 #proposal-title { "Proposed scaling" }
            p {
                "Decided since " (text::instant(proposal.since, now)) " and not carried out, because of "
                code { "job.autoscaler.scaling.enabled: false" } "."
            }
            (table::table("proposed changes", None, &heads(&HEADS), &lines))
            @match &proposal.approved {
                Some(by) => p { span .good { "✓ " } "Approved by " bdi { (by) } ": the next cycle carries it out, if it decides the same." },
                None => form method="post" action=(link::approve(view)) {
                    input type="hidden" name="proposal" value=(proposal.id);
                    button type="submit" { "Approve once" }
                    " " small { "until " (text::instant(proposal.until, now)) }
                },
            }
        }
    }
}

fn line(view: &JobView, change: &Change) -> Markup {
    html! {
        tr {
            th scope="row" { a href=(link::vertex(view, change.vertex)) { (text::name(&change.name)) } }
            td .number data-label="Subtasks" { (change.from) " → " (change.to) }
            td data-label="Why" { (change.why) }
        }
    }
}
