//! Graphs of drawn scenarios.

use crate::load::Load;
use crate::random::Random;
use crate::scenario::Vertex;

/// A graph of a kind that is drawn, under a load, with vertices that take some subtasks each for `base` records per second;
/// and the kind's name.
pub(super) fn graph(load: Load, base: f64, random: &mut Random) -> (&'static str, Vec<Vertex>) {
    let kind = random.pick(&["chain", "diamond", "join", "fan-out", "union"]);
    let mut rate = |subtasks: f64| base / subtasks / random.between(0.7, 1.5);
    let source = Vertex { partitions: 64, ..Vertex::source("source", rate(1.5), load) };
    let side = |name, share: f64, each: f64| {
        let slow = Load::Constant { rate: base * share };
        Vertex { partitions: 32, ..Vertex::source(name, each, slow) }
    };
    let keyed = |vertex: Vertex| Vertex { keyed: true, ..vertex };
    let half = |vertex: Vertex| Vertex { selectivity: 0.5, ..vertex };
    let vertices = match kind {
        "diamond" => vec![
            source,
            Vertex::new("parse", &["source"], rate(3.0)),
            half(Vertex::new("left", &["parse"], rate(4.0))),
            half(keyed(Vertex::new("right", &["parse"], rate(6.0)))),
            keyed(Vertex::new("merge", &["left", "right"], rate(5.0))),
            Vertex::new("sink", &["merge"], rate(3.0)),
        ],
        "join" => vec![
            source,
            side("updates", 0.4, rate(1.0)),
            Vertex::new("parse", &["source"], rate(3.0)),
            half(keyed(Vertex::new("join", &["parse", "updates"], rate(7.0)))),
            Vertex::new("sink", &["join"], rate(3.0)),
        ],
        "fan-out" => vec![
            source,
            Vertex::new("parse", &["source"], rate(3.0)),
            half(keyed(Vertex::new("alerts", &["parse"], rate(5.0)))),
            keyed(Vertex::new("totals", &["parse"], rate(6.0))),
            Vertex::new("alert-sink", &["alerts"], rate(2.0)),
            Vertex::new("total-sink", &["totals"], rate(3.0)),
        ],
        "union" => vec![
            source,
            side("second", 0.5, rate(1.0)),
            side("third", 0.3, rate(1.0)),
            keyed(Vertex::new("aggregate", &["source", "second", "third"], rate(6.0))),
            Vertex::new("sink", &["aggregate"], rate(4.0)),
        ],
        _ => vec![
            source,
            Vertex::new("parse", &["source"], rate(2.0)),
            half(keyed(Vertex::new("aggregate", &["parse"], rate(6.0)))),
            Vertex::new("sink", &["aggregate"], rate(3.0)),
        ],
    };
    (kind, vertices)
}
