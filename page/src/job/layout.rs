//! Where the vertices of a graph are drawn, left to right.

use rust_sugiyama::configure::Config;
use rust_sugiyama::from_vertices_and_edges;

use crate::place::Vertex;

/// A vertex's box.
pub(super) const WIDTH: f64 = 186.0;
pub(super) const HEIGHT: f64 = 66.0;
/// Between two boxes; beside each other there is room for edges.
const APART: f64 = 28.0;
const BESIDE: f64 = 56.0;
/// Around all of them.
const MARGIN: f64 = 4.0;

/// Where everything is.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Layout {
    pub(super) width: f64,
    pub(super) height: f64,
    /// The upper left corner of each vertex's box, in the vertices' order.
    pub(super) places: Vec<(f64, f64)>,
    /// From one vertex to another, by their places in the order.
    pub(super) edges: Vec<(usize, usize)>,
}

pub(super) fn layout(vertices: &[Vertex<'_>]) -> Layout {
    let mut edges: Vec<(usize, usize)> = Vec::new();
    for (index, vertex) in vertices.iter().enumerate() {
        edges.extend(vertex.info.inputs.iter().map(|edge| (edge.vertex, index)));
    }
    edges.sort_unstable();
    edges.dedup();
    let places = places(vertices.len(), &edges);
    let far = |side: fn(&(f64, f64)) -> f64| places.iter().map(side).fold(0.0, f64::max);
    Layout {
        width: far(|place| place.0) + WIDTH + MARGIN,
        height: far(|place| place.1) + HEIGHT + MARGIN,
        places,
        edges,
    }
}

fn places(vertices: usize, edges: &[(usize, usize)]) -> Vec<(f64, f64)> {
    let number = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
    let config = Config { vertex_spacing: APART, ..Config::default() };
    // The crate draws downward: what is its height is our width.
    let boxes: Vec<_> = (0..vertices).map(|index| (number(index), (HEIGHT, WIDTH + BESIDE - APART))).collect();
    let edges: Vec<_> = edges.iter().map(|(from, to)| (number(*from), number(*to))).collect();
    let mut parts: Vec<Vec<(usize, (f64, f64))>> =
        from_vertices_and_edges(&boxes, &edges, &config).into_iter().map(|(part, _, _)| part).collect();
    // Parts of a graph that hang together, in the order of their first vertices, one below the other.
    parts.sort_by_key(|part| part.iter().map(|(index, _)| *index).min());
    let mut places = vec![(MARGIN, MARGIN); vertices];
    let mut below = MARGIN;
    for part in parts {
        let least =
            |side: fn(&(f64, f64)) -> f64| part.iter().map(|(_, place)| side(place)).fold(f64::INFINITY, f64::min);
        let (left, top) = (least(|place| place.1), least(|place| place.0));
        let mut end = below;
        for (index, (down, across)) in part {
            let place = (across - left + MARGIN, down - top + below);
            end = end.max(place.1 + HEIGHT + APART);
            places[index] = place;
        }
        below = end;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Edges of a graph that is as wide as it is long.
    fn made_up(vertices: usize) -> Vec<(usize, usize)> {
        let back = |index: usize, by: usize| (index >= by).then(|| (index - by, index));
        (0..vertices).flat_map(|index| [back(index, 7), back(index, 5 + index % 9)]).flatten().collect()
    }

    #[test]
    fn boxes_do_not_overlap_and_edges_lead_to_the_right() {
        for vertices in [0, 1, 2, 20, 200] {
            let mut edges = made_up(vertices);
            edges.sort_unstable();
            edges.dedup();
            let places = places(vertices, &edges);
            assert!(edges.iter().all(|(from, to)| places[*from].0 + WIDTH < places[*to].0));
            for (index, (x, y)) in places.iter().enumerate() {
                let overlaps = |other: &(f64, f64)| (other.0 - x).abs() < WIDTH && (other.1 - y).abs() < HEIGHT;
                assert_eq!(places[index + 1..].iter().find(|other| overlaps(other)), None, "{index} of {vertices}");
            }
        }
    }

    #[test]
    fn the_same_graph_is_drawn_the_same() {
        let edges = made_up(60);
        let first = places(60, &edges);
        assert!((0..20).all(|_| places(60, &edges) == first));
    }
}
