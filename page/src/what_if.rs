//! What would have been decided with other options: in the latest cycle, and over a span that was recorded.

mod courses;
mod latest;
mod tried;

use std::sync::Arc;

use autoscaler_core::ParsedConfiguration;
use autoscaler_core::options::{Configuration, PolicyChoice};
use autoscaler_runtime::read_model::JobView;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;

use crate::document::{Document, Leader};
use crate::error::Refused;
use crate::job::{self, Named};
use crate::recorded::Question;
use crate::span::Span;
use crate::{Page, link};
use tried::Tried;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Asked {
    /// `key: value`, one a line.
    options: String,
    /// The recorded time to look at, where anything is recorded.
    span: Option<Span>,
}

/// The options to try, and what comes of them.
pub(crate) async fn show(
    State(page): State<Arc<Page>>,
    Named(view): Named,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Refused> {
    let Query(asked) = asked.map_err(|rejected| Refused::unusable(rejected.body_text()))?;
    let trail = page.trail(&view.cluster, &view.job.key);
    let parsed = trail.as_ref().and_then(|trail| trail.parsed.as_deref());
    let is_asked = asked.span.is_some() || !asked.options.trim().is_empty();
    let answer = match parsed {
        _ if !is_asked => html! {},
        None => html! { p .empty { "The job had no cycle yet." } },
        Some(parsed) => answer(&page, &view, parsed, &asked).await,
    };
    let main = html! {
        h1 { "What if" }
        p { "What would have been decided with other options. Nothing is changed, and neither quotas, excluded periods nor plugins are asked." }
        (form(&asked, page.desk.is_some()))
        (answer)
    };
    let title = format!("What if: {}", view.job.name);
    let crumbs = [job::crumb_of_cluster(&view), (view.job.name.to_string(), link::job(&view))];
    Ok(Document { title: &title, crumbs: &crumbs, live: None, leader: Leader::of(&page.model), main }.into_response())
}

fn form(asked: &Asked, is_recorded: bool) -> Markup {
    html! {
        form .tried method="get" {
            label { "Options, one a line"
                textarea name="options" rows="6" spellcheck="false" placeholder="job.autoscaler.utilization.target: 0.6" { (asked.options) }
            }
            @if is_recorded {
                label { "Recorded span"
                    select name="span" {
                        @for span in Span::ALL {
                            option value=(span.name()) selected[asked.span == Some(span)] { "the last " (span.name()) }
                        }
                    }
                }
            }
            button type="submit" { "Try" }
        }
        @if !is_recorded {
            p .empty { "Where the process records (" code { "flink-autoscaler run --record DIR" } "), a whole span is compared, too: rescales, slot-hours and lag." }
        }
    }
}

async fn answer(page: &Page, view: &JobView, parsed: &ParsedConfiguration, asked: &Asked) -> Markup {
    let tried = match Tried::read(parsed, &asked.options) {
        Ok(tried) => tried,
        Err(problem) => return html! { p .trouble role="alert" { span .bad { "✕ " } (problem) } },
    };
    let span = match &page.desk {
        Some(desk) => {
            let (names, tries): (Vec<_>, Vec<_>) = tries(&tried).into_iter().unzip();
            let latest = view.cycle.as_ref().map_or_else(|| page.now(), |cycle| cycle.at);
            let from = latest - asked.span.unwrap_or_default().delta();
            let question = Question { cluster: view.cluster.clone(), job: view.job.clone(), from, tries };
            courses::section(desk.compare(question).await, &names)
        }
        None => html! {},
    };
    let yaml = tried.yaml();
    html! {
        (span)
        @if !yaml.is_empty() {
            (latest::section(view, tried.policy(), tried.parsed))
            section aria-labelledby="yaml-title" {
                h2 #yaml-title { "These options as YAML" }
                pre #yaml .yaml tabindex="0" { (yaml) }
                // It takes a script, which shows it.
                button type="button" data-copies="yaml" hidden { "Copy" }
            }
        }
    }
}

/// What a span is run with, and what that is called: the job's options, these, and these with the other policy.
fn tries(tried: &Tried) -> Vec<(&'static str, Configuration)> {
    let (name, other) = if tried.policy() == PolicyChoice::Responsive {
        ("with the policy reference", "reference")
    } else {
        ("with the policy responsive", "responsive")
    };
    let mut tries = vec![("with the job's options", Configuration::new())];
    if tried.over.iter().next().is_some() {
        tries.push(("with these options", tried.over.clone()));
    }
    tries.push((name, tried.with_policy(other)));
    tries
}
