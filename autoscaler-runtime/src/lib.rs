//! Runs the autoscaler: a cycle for every job of a cluster, every interval.

mod control_loop;
mod event_handlers;
mod job_cycle;
mod log_observer;
mod ports;

pub use control_loop::ControlLoop;
pub use event_handlers::EventHandlers;
pub use ports::Ports;
