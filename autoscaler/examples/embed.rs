//! The control loop inside a program of one's own, with an event handler of one's own.
//!
//! `cargo run --package flink-autoscaler-lib --example embed -- http://localhost:8081`

use std::sync::Arc;
use std::time::Duration;

use autoscaler::core::options::Configuration;
use autoscaler::core::time::Instant;
use autoscaler::core::{AutoScalerEventHandler, Event, JobAutoScalerContext, PortError};
use autoscaler::flink_rest::{FlinkClient, FlinkCollector, FlinkJobs};
use autoscaler::realizer_rest::RestScalingRealizer;
use autoscaler::store_memory::MemoryStateStore;
use autoscaler::{ControlLoop, Ports};
use tokio_util::sync::CancellationToken;

/// Prints what happens.
#[derive(Debug)]
struct Printing;

#[async_trait::async_trait]
impl AutoScalerEventHandler for Printing {
    async fn handle(&self, job: &JobAutoScalerContext, event: &Event, now: Instant) -> Result<(), PortError> {
        #[expect(clippy::print_stdout, reason = "the example's output")]
        {
            println!("{now} {} {}: {}", job.name, event.reason, event.message);
        }
        Ok(())
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "http://localhost:8081".to_owned());
    let client = FlinkClient::new(&url, Duration::from_secs(10))?;
    // Options for every job; a job's own configuration goes on top.
    let options = [("job.autoscaler.enabled", "true"), ("job.autoscaler.metrics.window", "2 min")];
    let options: Configuration = options.map(|(key, value)| (key.to_owned(), value.to_owned())).into_iter().collect();
    let ports = Ports {
        jobs: Arc::new(FlinkJobs::new(client.clone(), options, chrono_tz::UTC)),
        collector: Arc::new(FlinkCollector::new(client.clone())),
        store: Arc::new(MemoryStateStore::new()),
        handler: Arc::new(Printing),
        realizer: Arc::new(RestScalingRealizer::new(client)),
        clock: chrono::Utc::now,
    };
    let stop = CancellationToken::new();
    let at_ctrl_c = stop.clone();
    tokio::spawn(async move {
        // Without a way to hear of Ctrl-C, the program ends as any other does.
        if tokio::signal::ctrl_c().await.is_ok() {
            at_ctrl_c.cancel();
        }
    });
    ControlLoop::new(ports, Duration::from_secs(10), 100).run(stop).await;
    Ok(())
}
