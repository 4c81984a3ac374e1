//! State and events in every SQL database: PostgreSQL, MySQL, MariaDB and SQLite, each case on each of them.

#![expect(clippy::unwrap_used, reason = "a test")]

mod backend;
mod events;
mod faults;
mod java;
mod migrations;
mod passwords;
mod rows;
mod writes;

use std::future::Future;
use std::pin::Pin;

use backend::{BACKENDS, Backend, Opened};
use libtest_mimic::{Arguments, Trial};

/// A case that gets an empty database, its schema up to date or not as the case likes.
type Case = (&'static str, fn(Opened) -> Pin<Box<dyn Future<Output = ()>>>);

fn trial(backend: &'static Backend, (name, body): Case) -> Trial {
    Trial::test(format!("{}::{name}", backend.name), move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async { body(backend.open().await).await });
        Ok(())
    })
}

fn main() {
    let cases = [migrations::CASES, rows::CASES, events::CASES, writes::CASES, java::CASES].concat();
    let mut trials = Vec::new();
    for backend in BACKENDS {
        let faults = faults::cases(backend);
        trials.extend(cases.iter().chain(&faults).map(|case| trial(backend, *case)));
        trials.extend(testkit::handler::trials(backend.name, events::KEPT, || events::log(backend)));
    }
    let arguments = Arguments::from_args();
    if !arguments.list {
        backend::say_versions();
    }
    libtest_mimic::run(&arguments, trials).exit();
}
