//! A job's graph as SVG.

use autoscaler_runtime::read_model::JobView;
use maud::{Markup, html};

use super::layout::{HEIGHT, WIDTH, layout};
use crate::number::{Percent, Rate, Short, Subtasks};
use crate::place::{Place, Vertex};
use crate::{link, text};

/// Characters of a name that fit into a box.
const FITS: usize = 22;
/// A drawing up to so many pixels wide is shrunk to fit onto a desk's screen, and can still be read.
const SHRUNK: f64 = 1560.0;
/// Around a name: whatever its direction, it leaves what stands around it alone.
const ISOLATE: [char; 2] = ['\u{2068}', '\u{2069}'];

pub(super) fn draw(view: &JobView, vertices: &[Vertex<'_>]) -> Markup {
    if vertices.is_empty() {
        return html! { p .empty { "The job's graph was not seen yet." } };
    }
    let layout = layout(vertices);
    html! {
        svg .graph.fits[layout.width <= SHRUNK] viewBox=(format!("0 0 {:.0} {:.0}", layout.width, layout.height))
            width=(format!("{:.0}", layout.width)) height=(format!("{:.0}", layout.height)) {
            @for (from, to) in &layout.edges {
                path .edge d=(edge(layout.places[*from], layout.places[*to])) {}
            }
            @for (vertex, (x, y)) in vertices.iter().zip(&layout.places) {
                (shown(view, vertex, *x, *y))
            }
        }
    }
}

/// From the right side of a box to the left one of another.
fn edge((x, y): (f64, f64), (to_x, to_y): (f64, f64)) -> String {
    let (x, y, to_y) = (x + WIDTH, y + HEIGHT / 2.0, to_y + HEIGHT / 2.0);
    let middle = f64::midpoint(x, to_x);
    format!("M{x:.0} {y:.0}C{middle:.0} {y:.0} {middle:.0} {to_y:.0} {to_x:.0} {to_y:.0}")
}

fn shown(view: &JobView, vertex: &Vertex<'_>, x: f64, y: f64) -> Markup {
    let (info, place) = (vertex.info, vertex.place());
    let [open, close] = ISOLATE;
    let subtasks = Subtasks(Some(i64::from(info.parallelism)), vertex.recommended());
    let lag = if vertex.lag > 0.0 { format!(" · lag {}", Short(vertex.lag)) } else { String::new() };
    html! {
        a href=(link::vertex(view, info.id)) {
            // A picture of its own cuts off what is too long.
            svg x=(format!("{x:.0}")) y=(format!("{y:.0}")) width=(WIDTH) height=(HEIGHT) class=(format!("box {}", place.class())) {
                title { (info.name) ": " (place.title()) ", utilization " (Percent(vertex.utilization())) }
                rect .body x="0.5" y="0.5" width=(WIDTH - 1.0) height=(HEIGHT - 1.0) rx="6" {}
                rect .side x="0.5" y="0.5" width="6" height=(HEIGHT - 1.0) rx="3" {}
                text .name x="14" y="19" { (open) (text::cut(&info.name, FITS)) (close) }
                text x="14" y="38" { tspan .sign { (place.sign()) } " " (Percent(vertex.utilization())) " · " tspan .subtasks { "×" (subtasks) } }
                text .rates x="14" y="56" { (Rate(vertex.target)) " of " (Rate(vertex.capacity)) (lag) }
            }
        }
    }
}

/// What colours and signs mean.
pub(super) fn legend() -> Markup {
    html! {
        p .legend {
            @for place in Place::ALL { (place.chip()) " " }
            "× subtasks (now → recommended); records that arrive of those it could process."
        }
    }
}
