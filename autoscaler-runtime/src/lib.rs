#![doc = include_str!("../README.md")]

mod clock;
mod configurations;
mod control_loop;
mod deadline;
mod event_handlers;
mod gone_jobs;
mod job;
mod lanes;
mod log_observer;
mod observer;
mod options;
mod pace;
mod ports;
mod process;
mod quiet;
pub mod read_model;
mod right;
mod start_error;
mod supervisor;
mod tenure;

pub use clock::{Clock, SystemClock};
pub use configurations::Configurations;
pub use control_loop::ControlLoop;
pub use deadline::Deadline;
pub use event_handlers::EventHandlers;
pub use job::{Cleanup, JobAutoScaler};
pub use log_observer::LogObserver;
pub use observer::{CycleEnded, CycleObserver, Durations, Failure, RoundEnded, Skipped, Step};
pub use options::{Names, RuntimeOptions};
pub use pace::Pace;
pub use ports::Ports;
pub use process::{Process, open_store};
pub use read_model::ReadModel;
pub use start_error::StartError;
pub use supervisor::Supervisor;
