//! A job's vertices as a table.

use autoscaler_runtime::read_model::JobView;
use maud::{Markup, html};

use crate::number::{Percent, Rate, Short, Subtasks, UNKNOWN};
use crate::place::Vertex;
use crate::table::{self, Head, heads};
use crate::{link, text};

const HEADS: [Head; 9] = [
    Head::Text("Vertex"),
    Head::Text("Utilization is"),
    Head::Number("Utilization"),
    Head::Number("Band"),
    Head::Number("Subtasks"),
    Head::Number("Arrives"),
    Head::Number("Can process"),
    Head::Number("Busy"),
    Head::Number("Lag"),
];

pub(super) fn table(view: &JobView, vertices: &[Vertex<'_>]) -> Markup {
    if vertices.is_empty() {
        return html! { p .empty { "None was seen yet." } };
    }
    let lines = html! { @for vertex in vertices { (line(view, vertex)) } };
    table::table("vertices", None, &heads(&HEADS), &lines)
}

fn line(view: &JobView, vertex: &Vertex<'_>) -> Markup {
    let (low, high) = vertex.band();
    let lag = if vertex.lag.is_nan() { UNKNOWN.to_owned() } else { Short(vertex.lag).to_string() };
    html! {
        tr {
            th scope="row" { a href=(link::vertex(view, vertex.info.id)) { (text::name(&vertex.info.name)) } }
            td data-label="Utilization is" { (vertex.place().chip()) }
            td .number data-label="Utilization" { (Percent(vertex.utilization())) }
            td .number data-label="Band" { (band(low, high)) }
            td .number data-label="Subtasks" { (Subtasks(Some(i64::from(vertex.info.parallelism)), vertex.recommended())) }
            td .number data-label="Arrives" { (Rate(vertex.target)) }
            td .number data-label="Can process" { (Rate(vertex.capacity)) }
            td .number data-label="Busy" { (Percent(vertex.busy)) }
            td .number data-label="Lag" { (lag) }
        }
    }
}

/// A band of utilization.
fn band(low: f64, high: f64) -> String {
    if low.is_finite() && high.is_finite() {
        format!("{} to {}", Percent(low), Percent(high))
    } else {
        UNKNOWN.to_owned()
    }
}
