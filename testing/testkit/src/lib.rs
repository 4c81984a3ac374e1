#![doc = include_str!("../README.md")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "test support: broken set-up should stop the test")]

pub mod clock;
pub mod collector;
pub mod fakes;
pub mod faulty_store;
pub mod fenced;
pub mod fetcher;
pub mod handler;
pub mod job;
pub mod lease;
pub mod logged;
pub mod realizer;
pub mod source;
pub mod store;
pub mod suite;
pub mod synthetic;
