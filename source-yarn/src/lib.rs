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
mod source;

pub use options::{Road, YarnSourceOptions};
pub use register::register;
