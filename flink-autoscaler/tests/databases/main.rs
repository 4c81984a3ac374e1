//! The program over every SQL database: PostgreSQL, MySQL, MariaDB and SQLite, each case on each of them. What stores and
//! event handlers do by themselves is tested where they are.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test")]

#[path = "../../../handler-jdbc/tests/databases/backend.rs"]
mod backend;
mod check;
mod commands;
mod events;
mod killed;
mod killed_migrating;
mod replicas;
mod takeover;

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
    let everywhere = [
        takeover::CASES,
        check::CASES,
        commands::CASES,
        events::CASES,
        killed::CASES,
        killed_migrating::CASES,
        replicas::EVERYWHERE,
    ];
    let cases = |backend: &Backend| {
        let on_server = if backend.server().is_some() { replicas::CASES } else { &[] };
        [everywhere.concat(), on_server.to_vec()].concat()
    };
    let trials = BACKENDS.iter().flat_map(|backend| cases(backend).into_iter().map(|case| trial(backend, case)));
    let (arguments, trials) = (Arguments::from_args(), trials.collect());
    if !arguments.list {
        backend::say_versions();
    }
    libtest_mimic::run(&arguments, trials).exit();
}
