#![doc = include_str!("../README.md")]

mod capacity;
mod draw;
mod error;
mod graph;
mod job;
mod load;
mod outcome;
mod outside;
mod plot;
mod random;
mod run;
mod scenario;

pub use draw::{FAMILIES, drawn};
pub use error::SimulateError;
pub use load::Load;
pub use outcome::{Outcome, Point, Rescale};
pub use plot::plot;
pub use run::{Decider, run, run_until};
pub use scenario::{
    Drift, Metrics, NAMES, Restart, Rival, Scenario, Slots, Slowdown, Vertex, WarmUp, named, read_scenario, recorded,
    seen,
};
