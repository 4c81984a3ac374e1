//! What the suites have in common: named cases, each run against a world of its own.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};

/// A case: its name, and what it does in a world.
pub(crate) type Case<W> = (&'static str, fn(Arc<W>) -> Pin<Box<dyn Future<Output = ()>>>);

/// Cases as trials, each with a runtime and a world of its own.
pub(crate) fn trials<W, F, S>(prefix: String, cases: &'static [Case<W>], new_world: F) -> Vec<Trial>
where
    W: ?Sized + 'static,
    F: Fn() -> S + Clone + Send + 'static,
    S: Future<Output = Arc<W>>,
{
    let trial = |(case, body): &'static Case<W>| {
        let new_world = new_world.clone();
        Trial::test(format!("{prefix}::{case}"), move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
            runtime.block_on(async {
                let world = new_world().await;
                body(world).await;
            });
            Ok(())
        })
    };
    cases.iter().map(trial).collect()
}

/// Runs the trials of one suite or of several, and exits with the result.
pub fn run(trials: Vec<Trial>) {
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}
