//! The control loop inside a program of one's own, its ports put together by hand, with an event handler of one's own.
//!
//! `cargo run --package embed -- http://localhost:8081`; options may follow: `'job.autoscaler.metrics.window=2 min'`.

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use autoscaler::autoscaler_core::options::{Configuration, Origin};
use autoscaler::autoscaler_core::time::Instant;
use autoscaler::autoscaler_core::{AutoScalerEventHandler, Autoscaler, Event, JobAutoScalerContext, JobKey, PortError};
use autoscaler::autoscaler_runtime::{Configurations, ControlLoop, LogObserver, Pace, Ports};
use autoscaler::flink_rest::{FlinkClient, cluster};
use autoscaler::realizer_rest::RestScalingRealizer;
use autoscaler::store_memory::MemoryStateStore;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::filter::{EnvFilter, LevelFilter};

/// Prints what happens.
#[derive(Debug)]
struct Printing;

#[async_trait::async_trait]
impl AutoScalerEventHandler for Printing {
    // There is always somewhere to print to.
    async fn ready(&self) -> Result<(), PortError> {
        Ok(())
    }

    async fn handle(&self, job: &JobAutoScalerContext, event: &Event, now: Instant) -> Result<(), PortError> {
        #[expect(clippy::print_stdout, reason = "the example's output")]
        {
            println!("{now} {} {}: {}", job.name, event.reason, event.message);
        }
        Ok(())
    }

    // Every event is printed when it is handled, and nothing is kept.
    async fn flush(&self) -> Result<(), PortError> {
        Ok(())
    }

    fn forget(&self, _: &JobKey) {}
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    // What the log observer says: RUST_LOG=info,flink_autoscaler::explain=debug shows every decision with its reasons.
    let filter = EnvFilter::builder().with_default_directive(LevelFilter::INFO.into()).from_env_lossy();
    let in_color = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(in_color).with_writer(std::io::stderr).init();
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().unwrap_or_else(|| "http://localhost:8081".to_owned());
    let client = FlinkClient::new(&url, Duration::from_secs(10))?;
    // Options for every job; a job's own configuration goes on top.
    let mut options = Configuration::new();
    options.set("job.autoscaler.enabled", "true", Origin::Flag);
    for argument in arguments {
        let (key, value) = argument.split_once('=').context("expected options as KEY=VALUE")?;
        options.set(key, value, Origin::Flag);
    }
    let ports = Ports::new(Autoscaler::new(), Arc::new(MemoryStateStore::new()), Arc::new(Printing))
        .with_observer(Arc::new(LogObserver::default()));
    let stop = CancellationToken::new();
    let at_ctrl_c = stop.clone();
    tokio::spawn(async move {
        // Without a way to hear of Ctrl-C, the program ends as any other does.
        if tokio::signal::ctrl_c().await.is_ok() {
            at_ctrl_c.cancel();
        }
    });
    let cluster = cluster(client.clone());
    let realizer = Arc::new(RestScalingRealizer::new(client));
    let configurations = Arc::new(Configurations::new(options));
    ControlLoop::new(cluster, realizer, ports, configurations, Pace::new(Duration::from_secs(10))).run(stop).await;
    Ok(())
}
