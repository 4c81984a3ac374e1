//! Plugins in a running process.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use autoscaler_core::VertexId;
use autoscaler_core::options::Configuration;
use autoscaler_core::plugin::{CustomExecutor, ExecutorInput, ExecutorVerdict, PluginResult, Plugins, ResourceCheck};
use autoscaler_runtime::{Configurations, ControlLoop};
use tokio_util::sync::CancellationToken;

use crate::process::Parts;
use crate::support::{SHORT_WINDOWS, World, key, pace};

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

/// Has no room for anything, and keeps what it was asked for.
#[derive(Debug, Default)]
struct Full(Mutex<Vec<(u64, u64, f64, u64)>>);

impl ResourceCheck for Full {
    fn can_schedule(&self, before: u64, after: u64, cpu: f64, memory_bytes: u64) -> bool {
        self.0.lock().unwrap().push((before, after, cpu, memory_bytes));
        false
    }
}

#[tokio::test(start_paused = true)]
async fn a_cluster_has_a_resource_check_of_its_own() {
    let world = World::new();
    let task_manager = [("taskmanager.cpu.cores", "2"), ("taskmanager.memory.process.size", "1 gb")];
    world.cluster.add_job(1, 1.4, &[SHORT_WINDOWS, &task_manager].concat());
    let full = Arc::new(Full::default());
    let cluster = world.cluster.as_cluster().with_resource_check(Arc::<Full>::clone(&full));
    let configurations = Arc::new(Configurations::new(Configuration::new()));
    let realizer = Arc::new(world.cluster.clone());
    let control_loop = ControlLoop::new(cluster, realizer, world.ports(), configurations, pace());
    let stop = CancellationToken::new();
    let running = tokio::spawn(control_loop.run(stop.clone()));
    world.observer.until("it is asked twice", || full.0.lock().unwrap().len() >= 2).await;
    stop.cancel();
    running.await.unwrap();
    assert_eq!(full.0.lock().unwrap()[0], (4, 3, 2.0, 1 << 30), "of the slots that the fake says are in use");
    assert!(world.cluster.rescaled().is_empty());
}
