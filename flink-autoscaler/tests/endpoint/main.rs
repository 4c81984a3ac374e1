//! The program as those see it that ask it over HTTP: Prometheus, a dashboard's queries, a client of the API.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod api;
mod page;
mod prometheus;
mod support;
mod what_if;
