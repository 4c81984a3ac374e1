//! What was done to a job, and what happened to it.

use std::sync::Arc;

use autoscaler_core::time::Instant;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use chrono::NaiveDateTime;
use maud::{Markup, html};
use serde::Deserialize;

use crate::document::{Document, Leader};
use crate::error::Refused;
use crate::job::{self, Named};
use crate::{Page, link, scalings};

/// What a form's field of a date and a time holds.
const FORMAT: &str = "%Y-%m-%dT%H:%M";

/// The time that is asked for, UTC; open where nothing is set.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Asked {
    from: String,
    to: String,
}

/// All scalings that are remembered, and all events since the process began.
pub(crate) async fn show(
    State(page): State<Arc<Page>>,
    Named(view): Named,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Refused> {
    let Query(asked) = asked.map_err(|rejected| Refused::unusable(rejected.body_text()))?;
    let (from, to) = (instant("from", &asked.from)?, instant("to", &asked.to)?);
    let fits = |at: Instant| from.is_none_or(|from| at >= from) && to.is_none_or(|to| at <= to);
    let now = page.now();
    let scalings: Vec<_> = scalings::of(&view, page.trail(&view.cluster, &view.job.key).as_deref())
        .into_iter()
        .filter(|scaling| fits(scaling.at))
        .collect();
    let main = html! {
        h1 { "History" }
        (form(&asked))
        section #scalings data-part aria-labelledby="scalings-title" {
            h2 #scalings-title { "Scalings" }
            (scalings::table(&view, &scalings, usize::MAX, now))
        }
        section #events data-part aria-labelledby="events-title" {
            h2 #events-title { "Events" }
            p { "What was scaled, blocked, limited or vetoed, and what failed: the latest since this process began. Older ones are in the event table." }
            (scalings::events(&view, fits, usize::MAX, now))
        }
    };
    let (title, live) = (format!("History of {}", view.job.name), Some(format!("/live/{}", link::place(&view))));
    let crumbs = [job::crumb_of_cluster(&view), (view.job.name.to_string(), link::job(&view))];
    Ok(Document { title: &title, crumbs: &crumbs, live, leader: Leader::of(&page.model), main }.into_response())
}

fn instant(name: &str, text: &str) -> Result<Option<Instant>, Refused> {
    if text.is_empty() {
        return Ok(None);
    }
    let unusable = |_| Refused::unusable(format!("{name} is no time: expected one such as 2026-11-26T21:30"));
    NaiveDateTime::parse_from_str(text, FORMAT).map(|time| Some(time.and_utc())).map_err(unusable)
}

fn form(asked: &Asked) -> Markup {
    html! {
        form .filter method="get" aria-label="Filter by time" {
            label { "From (UTC)" input type="datetime-local" name="from" value=(asked.from); }
            label { "To (UTC)" input type="datetime-local" name="to" value=(asked.to); }
            button type="submit" { "Apply" }
            @if !asked.from.is_empty() || !asked.to.is_empty() { a href="?" { "All" } }
        }
    }
}
