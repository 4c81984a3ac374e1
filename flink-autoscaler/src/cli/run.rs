//! `flink-autoscaler run`: the daemon.

use std::sync::Arc;

use anyhow::{Context, Result};
use autoscaler::autoscaler_core::options::{Configuration, JobOptions, StandaloneOptions};
use autoscaler::autoscaler_runtime::{ControlLoop, Ports};
use autoscaler::flink_rest::{FlinkClient, FlinkCollector, FlinkJobs};
use chrono_tz::Tz;
use tokio_util::sync::CancellationToken;

use crate::backends::{self, Backends};

/// Runs until asked to stop.
pub(super) fn run(arguments: &[String]) -> Result<()> {
    let (configuration, options) = super::load(arguments)?;
    super::block_on(serve(configuration, &options))
}

async fn serve(configuration: Configuration, options: &StandaloneOptions) -> Result<()> {
    let stop = CancellationToken::new();
    stop_on_signals(stop.clone())?;
    let backends = backends::open(options)?;
    #[cfg(feature = "store-sqlite")]
    let _running_alone = backends.databases.lock_files()?;
    #[cfg(feature = "sql")]
    prepare(&backends.databases).await?;
    #[cfg(feature = "handler-jdbc")]
    let _expiry = expire_events(&backends.databases, options);
    let control_loop = control_loop(configuration, options, backends)?;
    control_loop.run(stop).await;
    tracing::info!("stopped");
    Ok(())
}

/// Brings schemas up to date. A database that is away for now does not keep us from starting: it is tried again
/// whenever it is needed.
#[cfg(feature = "sql")]
async fn prepare(databases: &backends::sql::Databases) -> Result<()> {
    for database in databases.all() {
        match database.ready().await {
            Ok(database) => tracing::info!("state and events are kept in {}", database.name()),
            Err(error) if error.is_transient() => {
                tracing::warn!("no job is scaled until the database is there: {error}");
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Deletes old events, until dropped.
#[cfg(feature = "handler-jdbc")]
fn expire_events(
    databases: &backends::sql::Databases,
    options: &StandaloneOptions,
) -> Option<tokio_util::task::AbortOnDropHandle<()>> {
    use autoscaler::autoscaler_core::options::EventHandlerType;
    let ttl = options.jdbc_event_handler_ttl;
    if ttl.is_zero() || !options.event_handler_types.0.contains(&EventHandlerType::Jdbc) {
        return None;
    }
    // Events are in the database opened last: the store's own, or another.
    let database = databases.all().last()?.clone();
    let expiring = tokio::spawn(autoscaler::handler_jdbc::keep_expiring(database, ttl, chrono::Utc::now));
    Some(tokio_util::task::AbortOnDropHandle::new(expiring))
}

fn control_loop(configuration: Configuration, options: &StandaloneOptions, backends: Backends) -> Result<ControlLoop> {
    let timeout = JobOptions::from_configuration(&configuration)?.rest_client_timeout;
    let url = cluster_url(options);
    let client = FlinkClient::new(&url, timeout)
        .context("option autoscaler.standalone.fetcher.flink-cluster.host can't be used")?;
    let time_zone = time_zone();
    tracing::info!(version = env!("CARGO_PKG_VERSION"), cluster = client.shown_url(), %time_zone, "watching a cluster each {:?}", options.control_loop_interval);
    let ports = Ports {
        jobs: Arc::new(FlinkJobs::new(client.clone(), configuration, time_zone)),
        collector: Arc::new(FlinkCollector::new(client.clone())),
        store: backends.store,
        handler: backends.handler,
        realizer: backends::realizer(&client)?,
        clock: chrono::Utc::now,
    };
    let parallelism = usize::try_from(options.control_loop_parallelism).unwrap_or(1);
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
