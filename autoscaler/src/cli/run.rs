//! `flink-autoscaler run`: the daemon.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use autoscaler::configuration::{self, unknown_options};
use autoscaler::{ControlLoop, Ports};
use autoscaler_core::options::{Configuration, JobOptions, StandaloneOptions};
use chrono_tz::Tz;
use flink_rest::{FlinkClient, FlinkCollector, FlinkJobs};
use tokio_util::sync::CancellationToken;

use crate::backends;

/// Runs until asked to stop.
pub(super) fn run(arguments: &[String]) -> Result<()> {
    let directory = std::env::var_os("FLINK_CONF_DIR").filter(|path| !path.is_empty()).map(PathBuf::from);
    let (configuration, options) = configuration::load(directory.as_deref(), arguments)?;
    for unknown in unknown_options(&configuration) {
        tracing::warn!("{unknown}");
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("can't start the runtime")?;
    runtime.block_on(serve(configuration, &options))
}

async fn serve(configuration: Configuration, options: &StandaloneOptions) -> Result<()> {
    let stop = CancellationToken::new();
    stop_on_signals(stop.clone())?;
    let control_loop = control_loop(configuration, options)?;
    control_loop.run(stop).await;
    tracing::info!("stopped");
    Ok(())
}

fn control_loop(configuration: Configuration, options: &StandaloneOptions) -> Result<ControlLoop> {
    let timeout = JobOptions::from_configuration(&configuration)?.rest_client_timeout;
    let url = cluster_url(options);
    let client = FlinkClient::new(&url, timeout)
        .context("option autoscaler.standalone.fetcher.flink-cluster.host can't be used")?;
    let time_zone = time_zone();
    let ports = Ports {
        jobs: Arc::new(FlinkJobs::new(client.clone(), configuration, time_zone)),
        collector: Arc::new(FlinkCollector::new(client.clone())),
        store: backends::store(options)?,
        handler: backends::handler(options)?,
        realizer: backends::realizer(&client)?,
        clock: chrono::Utc::now,
    };
    let parallelism = usize::try_from(options.control_loop_parallelism).unwrap_or(1);
    tracing::info!(version = env!("CARGO_PKG_VERSION"), cluster = client.shown_url(), %time_zone, "watching a cluster each {:?}", options.control_loop_interval);
    Ok(ControlLoop::new(ports, options.control_loop_interval, parallelism))
}

/// The host may be a URL up to the host; IPv6 addresses get their brackets.
fn cluster_url(options: &StandaloneOptions) -> String {
    let (host, port) = (options.cluster_host.trim_end_matches('/'), options.cluster_port);
    if host.contains("://") {
        format!("{host}:{port}")
    } else if host.contains(':') && !host.starts_with('[') {
        format!("http://[{host}]:{port}")
    } else {
        format!("http://{host}:{port}")
    }
}

/// The zone excluded periods are told in: `TZ`, else the system's, else UTC.
fn time_zone() -> Tz {
    let named =
        std::env::var("TZ").ok().map(|name| name.trim_start_matches(':').to_owned()).filter(|name| !name.is_empty());
    let Some(name) = named.or_else(|| iana_time_zone::get_timezone().ok()) else { return Tz::UTC };
    name.parse().unwrap_or_else(|_| {
        tracing::warn!("time zone '{name}' is not known; excluded periods are told in UTC");
        Tz::UTC
    })
}

/// Cancels `stop` at SIGTERM or SIGINT.
fn stop_on_signals(stop: CancellationToken) -> Result<()> {
    #[cfg(unix)]
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
        .context("can't listen for SIGTERM")?;
    tokio::spawn(async move {
        #[cfg(unix)]
        let name = tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = tokio::signal::ctrl_c() => "SIGINT",
        };
        #[cfg(not(unix))]
        let name = tokio::signal::ctrl_c().await.map_or("a failure to listen", |()| "Ctrl-C");
        tracing::info!("{name}: finishing running cycles");
        stop.cancel();
    });
    Ok(())
}
