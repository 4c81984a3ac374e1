//! Memory tuning: giving each TaskManager what the job was seen to use (algorithm 10).

mod model;
mod network;
mod tuning;

pub(crate) use tuning::{TuningInput, tune};
