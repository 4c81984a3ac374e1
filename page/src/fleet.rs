//! All jobs, a line each.

mod clusters;
mod query;
mod row;
mod table;

use std::sync::Arc;

use autoscaler_core::ClusterName;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use crate::Page;
use crate::document::{Document, Leader};
use crate::error::Refused;
use query::{Asked, Show, Sort};
use row::Row;

/// Jobs on one page.
const PER_PAGE: usize = 100;

/// The fleet, as far as it is asked for.
pub(crate) async fn show(
    State(page): State<Arc<Page>>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Refused> {
    let Query(asked) = asked.map_err(|rejected| Refused::unusable(rejected.body_text()))?;
    let now = page.now();
    let cluster = asked.cluster().map(ClusterName::new);
    let jobs = page.model.jobs(cluster.as_ref(), None, usize::MAX);
    let mut rows: Vec<Row> = jobs.into_iter().map(|job| Row::new(job, now)).collect();
    let all = rows.len();
    let counts = Show::SOME.map(|show| (show, rows.iter().filter(|row| show.fits(row)).count()));
    rows.retain(|row| asked.fits(row));
    asked.sort.order(&mut rows);
    let clusters = page.model.clusters();
    let found = rows.len();
    let first = asked.page.saturating_mul(PER_PAGE).min(found);
    let shown = &rows[first..found.min(first + PER_PAGE)];
    let main = html! {
        h1 { "Jobs" }
        @if !clusters.is_empty() { (clusters::list(&clusters, now)) }
        (form(&asked, &clusters.iter().map(|cluster| cluster.name.as_str()).collect::<Vec<_>>()))
        section #jobs data-part aria-label="Jobs" {
            p .found {
                @if found == all { (all) " jobs" } @else { (found) " of " (all) " jobs" }
                @for (show, count) in &counts {
                    @if *count > 0 { " · " a href=(asked.showing(*show)) { (count) " " (show.title()) } }
                }
            }
            @if shown.is_empty() {
                p .empty {
                    @if all == 0 { "No job is watched yet." } @else { "No job is like that. " a href="/" { "Show all" } }
                }
            } @else {
                (table::table(shown, &asked, &page, now))
            }
            (pages(&asked, found))
        }
    };
    let live = Some("/live".to_owned());
    Ok(Document { title: "Jobs", crumbs: &[], live, leader: Leader::of(&page.model), main }.into_response())
}

fn form(asked: &Asked, clusters: &[&str]) -> Markup {
    html! {
        form .filter action="/" method="get" role="search" aria-label="Filter jobs" {
            label { "Search" input type="search" name="q" value=(asked.q) placeholder="name, id or key"; }
            label { "Cluster"
                select name="cluster" {
                    option value="" { "all" }
                    @for name in clusters { option value=(name) selected[asked.cluster == **name] { (name) } }
                }
            }
            label { "Show"
                select name="show" {
                    option value=(Show::All.name()) { "all jobs" }
                    @for show in Show::SOME { option value=(show.name()) selected[asked.show == show] { (show.title()) } }
                }
            }
            label { "Sort by"
                select name="sort" {
                    @for sort in Sort::ALL { option value=(sort.name()) selected[asked.sort == sort] { (sort.title()) } }
                }
            }
            button type="submit" { "Apply" }
        }
    }
}

/// Where the other pages are.
fn pages(asked: &Asked, found: usize) -> Markup {
    let last = found.saturating_sub(1) / PER_PAGE;
    if last == 0 {
        return html! {};
    }
    html! {
        nav .pages aria-label="Pages of jobs" {
            @if asked.page > 0 { a rel="prev" href=(asked.at_page(asked.page - 1)) { "← Previous" } }
            span { "Page " (asked.page.saturating_add(1)) " of " (last + 1) }
            @if asked.page < last { a rel="next" href=(asked.at_page(asked.page + 1)) { "Next →" } }
        }
    }
}
