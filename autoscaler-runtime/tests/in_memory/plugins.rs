//! Plugins in a running process.

use std::collections::BTreeMap;

use autoscaler_core::VertexId;
use autoscaler_core::plugin::{CustomExecutor, ExecutorInput, ExecutorVerdict, PluginResult, Plugins};
use tokio_util::sync::CancellationToken;

use crate::process::Parts;
use crate::support::key;

/// Adds its parameter `more` to every new parallelism; vetoes without it.
#[derive(Debug)]
struct Generous;

impl CustomExecutor for Generous {
    fn priority(&self) -> i32 {
        1
    }

    fn filter(&self, input: &ExecutorInput<'_>, scaling: &BTreeMap<VertexId, i32>) -> PluginResult<ExecutorVerdict> {
        let Some(more) = input.parameters.get("more") else {
            return Ok(ExecutorVerdict::Veto("nobody said how much more".to_owned()));
        };
        let more: i32 = more.parse()?;
        Ok(ExecutorVerdict::Scale(scaling.iter().map(|(vertex, wanted)| (*vertex, wanted + more)).collect()))
    }
}

const CHOSEN: [(&str, &str); 2] = [
    ("job.autoscaler.scaling.custom-executors", "generous"),
    ("job.autoscaler.scaling.custom-executor.generous.class", "org.example.Generous"),
];

/// Runs a process with the executor until `holds`.
async fn run(parts: &Parts, options: &[(&str, &str)], what: &str, holds: impl Fn() -> bool + Send + Sync) {
    let plugins = Plugins::new().register_executor("org.example.Generous", Generous);
    let process = parts.open(options).unwrap().with_autoscaler(|autoscaler| autoscaler.with_plugins(plugins));
    let stop = CancellationToken::new();
    let running = tokio::spawn(process.run(stop.clone()));
    parts.observer.until(what, holds).await;
    stop.cancel();
    running.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_executor_changes_what_is_realized() {
    let parts = Parts::new();
    let options = [&CHOSEN[..], &[("job.autoscaler.scaling.custom-executor.generous.more", "3")]].concat();
    run(&parts, &options, "the job is scaled", || !parts.cluster.rescaled().is_empty()).await;
    assert_eq!(parts.cluster.rescaled(), [(1, 5)], "2 that are needed and 3 more");
}

#[tokio::test(start_paused = true)]
async fn a_veto_keeps_a_job_as_it_is_and_is_said() {
    let parts = Parts::new();
    let vetoed = || parts.handler.events(&key(1)).iter().any(|(_, text)| text.contains("nobody said how much more"));
    run(&parts, &CHOSEN, "the veto is said", vetoed).await;
    assert!(parts.cluster.rescaled().is_empty());
}
