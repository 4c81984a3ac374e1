//! The scenarios that go by a name: those that policies are held against.

use super::{Scenario, Vertex};
use crate::load::Load;

/// The names.
pub const NAMES: [&str; 7] = ["load-x4", "load-x4-sublinear", "load-down", "ramp", "sine", "spike", "bursts"];

/// The load that they come from, records per second.
const BASE: f64 = 1000.0;

/// The scenario of a name: a job of five vertices, with restarts of 30 s.
pub fn named(name: &str) -> Option<Scenario> {
    let (load, hours) = match name {
        "load-x4" | "load-x4-sublinear" => (Load::Step { from: BASE, to: 4.0 * BASE, at: 60.0 }, 4.0),
        "load-down" => (Load::Step { from: 4.0 * BASE, to: BASE, at: 120.0 }, 6.0),
        "ramp" => (Load::Ramp { from: BASE, to: 5.0 * BASE, start: 60.0, minutes: 60.0 }, 3.0),
        "sine" => (Load::Sine { low: BASE, high: 5.0 * BASE, period: 1440.0 }, 24.0),
        "spike" => (Load::Bursts { base: BASE, peak: 5.0 * BASE, at: 60.0, minutes: 10.0, every: None }, 6.0),
        "bursts" => (Load::Bursts { base: BASE, peak: 3.0 * BASE, at: 30.0, minutes: 10.0, every: Some(60.0) }, 8.0),
        _ => return None,
    };
    let exponent = if name == "load-x4-sublinear" { 0.8 } else { 1.0 };
    let aggregate = Vertex { keyed: true, exponent, ..Vertex::new("aggregate", &["enrich"], 150.0) };
    let vertices = vec![
        Vertex { partitions: 64, ..Vertex::source("source", 1000.0, load) },
        Vertex::new("parse", &["source"], 500.0),
        Vertex::new("enrich", &["parse"], 250.0),
        Vertex { selectivity: 0.5, ..aggregate },
        Vertex::new("sink", &["aggregate"], 300.0),
    ];
    let mut vertices = vertices;
    if name == "bursts" {
        // It is as it was left by the burst before.
        for (vertex, parallelism) in vertices.iter_mut().zip([5, 9, 18, 30, 8]) {
            vertex.parallelism = Some(parallelism);
        }
    }
    Some(Scenario { load_noise: 0.02, ..Scenario::new(name, hours, vertices) })
}
