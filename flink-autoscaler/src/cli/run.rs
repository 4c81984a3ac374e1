//! `flink-autoscaler run`: the daemon.

#[cfg(feature = "http-endpoint")]
mod endpoint;
mod hint_observer;
#[cfg(feature = "page")]
mod recordings;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use autoscaler::autoscaler_core::options::Origin;
use autoscaler::autoscaler_runtime::Process;
use replay::Recording;
use tokio_util::sync::CancellationToken;

use super::program::{Program, block_on};
use super::{say, time_zone};
use crate::configuration::Loaded;
use hint_observer::HintObserver;

/// How long cycles that wait may take to be recorded at the end.
const WRITE_WITHIN: Duration = Duration::from_secs(5);

/// Runs until asked to stop.
pub(super) fn run(mut program: Program, record: Option<String>, arguments: &[String]) -> Result<()> {
    let Loaded { mut configuration, mut remarks } = program.load(arguments)?;
    if let Some(directory) = record {
        configuration.set("autoscaler.standalone.record.directory", directory, Origin::Flag);
    }
    let (time_zone, remark) = time_zone::time_zone(std::env::var_os("TZ"));
    remarks.extend(remark);
    block_on(async {
        let stop = CancellationToken::new();
        stop_on_signals(stop.clone())?;
        remarks.iter().for_each(|remark| warn(remark));
        let open = program.open_backends();
        #[cfg(feature = "http-endpoint")]
        let endpoint = endpoint::Endpoint::open(&configuration).await?;
        #[cfg(feature = "http-endpoint")]
        endpoint.watch_backends(&mut program.backends);
        let recording = Recording::by_options(&configuration)
            .context("nothing can be recorded, as --record or autoscaler.standalone.record.directory asks for")?;
        let process = Process::open(configuration, program.backends)?
            .with_autoscaler(|autoscaler| autoscaler.with_time_zone(time_zone))
            .on_host(host())
            .with_observer(Arc::new(HintObserver::default()));
        #[cfg(feature = "http-endpoint")]
        let process = endpoint.watch(process);
        let process = recording.iter().fold(process, |process, recording| recording.of(process));
        // Of unknown keys the process speaks, too.
        process.remarks().iter().filter(|remark| !remarks.contains(remark)).for_each(|remark| warn(remark));
        tracing::info!(version = env!("CARGO_PKG_VERSION"), %time_zone, "starting");
        #[cfg(feature = "http-endpoint")]
        let serving = endpoint.serve();
        let ended = process.run(stop).await;
        #[cfg(feature = "http-endpoint")]
        serving.end().await;
        if let Some(recording) = recording {
            recording.end(WRITE_WITHIN);
        }
        open.close().await;
        ended?;
        tracing::info!("stopped");
        Ok(())
    })
}

fn warn(remark: &str) {
    tracing::warn!("{}", say::one_line(remark));
}

/// The name of this host, as far as it can be told without asking the network.
fn host() -> String {
    let of_kernel = || std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let name = std::env::var("HOSTNAME").ok().filter(|name| !name.trim().is_empty()).or_else(of_kernel);
    name.map_or("a host".to_owned(), |name| say::one_line(name.trim()).to_string())
}

/// Cancels `stop` at SIGTERM or SIGINT.
pub(super) fn stop_on_signals(stop: CancellationToken) -> Result<()> {
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
