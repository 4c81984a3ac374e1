#![doc = include_str!("../README.md")]

mod application;
mod claims;
mod filter;
mod jobs;
mod lenient;
mod manager;
mod options;
mod register;
mod road;
mod room;
mod source;
mod surroundings;

pub use options::{Counted, ManagerAccessOptions, Road, YarnSourceOptions};
pub use register::register;
