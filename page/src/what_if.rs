//! What the latest cycle would have decided with other options.

use std::sync::Arc;

use autoscaler_core::options::{Configuration, JobOptions, Origin, PolicyChoice, nearest_key, shown_key};
use autoscaler_core::policy::{Conclusion, Left, Proposal, VertexDecision, what_if};
use autoscaler_core::topology::JobTopology;
use autoscaler_core::{JobAutoScalerContext, ParsedConfiguration};
use autoscaler_runtime::read_model::JobView;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;

use crate::document::{Document, Leader};
use crate::error::Refused;
use crate::job::{self, Named};
use crate::table::{self, Head, heads};
use crate::{Page, link, text};

const HEADS: [Head; 5] = [
    Head::Text("Vertex"),
    Head::Number("Subtasks"),
    Head::Number("As decided"),
    Head::Number("With these options"),
    Head::Text("Why"),
];

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Asked {
    /// `key: value`, one a line.
    options: String,
}

/// The options to try, and what comes of them.
pub(crate) async fn show(
    State(page): State<Arc<Page>>,
    Named(view): Named,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Refused> {
    let Query(Asked { options }) = asked.map_err(|rejected| Refused::unusable(rejected.body_text()))?;
    let trail = page.trail(&view.cluster, &view.job.key);
    let parsed = trail.as_ref().and_then(|trail| trail.parsed.as_deref());
    let answer = match (parsed, options.trim()) {
        (_, "") => html! {},
        (None, _) => html! { p .empty { "The job had no cycle yet." } },
        (Some(parsed), text) => match tried(parsed, text) {
            Ok(tried) => decided(&view, tried),
            Err(problem) => html! { p .trouble role="alert" { span .bad { "✕ " } (problem) } },
        },
    };
    let main = html! {
        h1 { "What if" }
        p {
            "What the latest cycle would have decided with other options, by the policy " code { "reference" } ". Nothing is changed, and neither quotas, excluded periods nor plugins are asked."
        }
        form .tried method="get" {
            label { "Options, one a line"
                textarea name="options" rows="6" spellcheck="false" placeholder="job.autoscaler.utilization.target: 0.6" { (options) }
            }
            button type="submit" { "Try" }
        }
        (answer)
    };
    let title = format!("What if: {}", view.job.name);
    let crumbs = [job::crumb_of_cluster(&view), (view.job.name.to_string(), link::job(&view))];
    Ok(Document { title: &title, crumbs: &crumbs, live: None, leader: Leader::of(&page.model), main }.into_response())
}

/// The job's configuration with the options in a text over it.
fn tried(parsed: &ParsedConfiguration, text: &str) -> Result<ParsedConfiguration, String> {
    let mut configuration: Configuration = parsed.configuration.clone();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (key, value) =
            line.split_once(':').ok_or("expected lines such as job.autoscaler.utilization.target: 0.6")?;
        let key = key.trim();
        let Some(spec) = JobOptions::SPECS.iter().find(|spec| spec.is_key(key)) else {
            let near = nearest_key(key, JobOptions::SPECS.iter().map(|spec| spec.key));
            let hint = near.map_or(String::new(), |near| format!("; is {near} meant?"));
            return Err(format!("{} is no option of a job{hint}", shown_key(key)));
        };
        // An older name must not be outweighed by the newer one.
        std::iter::once(spec.key).chain(spec.alternatives.iter().copied()).for_each(|old| configuration.remove(old));
        configuration.set(key, value.trim().trim_matches(['"', '\'']), Origin::Flag);
    }
    let tried = ParsedConfiguration::new(configuration);
    match &tried.options {
        Err(error) => Err(error.to_string()),
        Ok(options) if options.policy != PolicyChoice::Reference => {
            Err("only the policy reference can be tried here; job.autoscaler.policy.shadow has another one run along"
                .to_owned())
        }
        Ok(_) => Ok(tried),
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
        section aria-labelledby="answer-title" {
            h2 #answer-title { "With these options" }
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
}
