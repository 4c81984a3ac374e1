//! Jobs as a table.

use autoscaler_core::time::Instant;
use maud::{Markup, html};

use super::query::{Asked, Sort};
use super::row::Row;
use crate::number::{Percent, Short, Subtasks, UNKNOWN};
use crate::table::{self, Head, heads};
use crate::{Page, link, sparkline, text};

pub(super) fn table(rows: &[Row], asked: &Asked, page: &Page, now: Instant) -> Markup {
    let sorted = |sort: Sort| match asked.sort == sort {
        true if sort == Sort::Name => "ascending",
        true => "descending",
        false => "none",
    };
    let column = |sort: Sort, title: &str| {
        html! { th scope="col" aria-sort=(sorted(sort)) { a href=(asked.sorted(sort)) { (title) } } }
    };
    let heads = html! {
        (column(Sort::Name, "Job"))
        (heads(&[Head::Text("Status"), Head::Text("Last outcome")]))
        (column(Sort::Utilization, "Utilization"))
        (column(Sort::Lag, "Lag"))
        (column(Sort::Subtasks, "Subtasks"))
        (column(Sort::Scalings, "Scalings, 24 h"))
        (column(Sort::Trouble, "Trouble"))
    };
    let lines = html! { @for row in rows { (line(row, page, now)) } };
    table::table("jobs", Some("fleet"), &heads, &lines)
}

fn line(row: &Row, page: &Page, now: Instant) -> Markup {
    let view = &row.view;
    let trail = page.trail(&view.cluster, &view.job.key);
    let outcome = view.report().map_or(UNKNOWN, |report| report.outcome.name());
    html! {
        tr {
            th scope="row" {
                a href=(link::job(view)) { (text::name(&view.job.name)) }
                small { (text::name(view.cluster.as_str())) }
            }
            td data-label="Status" {
                (view.status().name())
                @if view.is_enabled == Some(false) { " " span .chip.wait { "off" } }
            }
            td data-label="Last outcome" {
                (outcome)
                @if let Some(cycle) = &view.cycle { " " small { (text::instant(cycle.at, now)) } }
            }
            td .number data-label="Utilization" {
                @if let Some(trail) = trail { (sparkline::of(&trail, now)) }
                (row.utilization.map_or(UNKNOWN.to_owned(), |share| Percent(share).to_string()))
            }
            td .number data-label="Lag" { (row.lag.map_or(UNKNOWN.to_owned(), |lag| Short(lag).to_string())) }
            td .number data-label="Subtasks" { (Subtasks(row.subtasks, row.recommended)) }
            td .number data-label="Scalings, 24 h" { (row.scalings) }
            td .trouble data-label="Trouble" {
                @match &row.trouble {
                    Some(trouble) => { span .bad { "✕ " } (text::cut(trouble, 200)) },
                    None => span .good { "✓" },
                }
            }
        }
    }
}
