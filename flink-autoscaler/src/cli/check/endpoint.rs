//! The HTTP endpoint: whether its address can be had, and who could ask.

use std::sync::Arc;

use autoscaler::autoscaler_core::ErrorChain;
use autoscaler::autoscaler_core::options::Configuration;
use autoscaler::autoscaler_runtime::{Approvals, ReadModel, SystemClock};
use autoscaler::http_endpoint::{HttpEndpoint, HttpError, HttpOptions, ListenAddress, Router};
use tokio::time::{Instant, timeout_at};

use super::report::{Finding, Level, Report};

/// Listens there for a moment, and answers nobody.
pub(super) async fn check(report: &mut Report, configuration: &Configuration, deadline: Instant) {
    // What can't be used is told with the options.
    let Ok(options) = HttpOptions::from_configuration(configuration) else { return };
    let section = report.section("HTTP endpoint");
    if options.address == ListenAddress::Off {
        section.ok("off: no health, metrics and API");
        return;
    }
    let address = options.address.to_string();
    let clock = Arc::new(SystemClock::default());
    let Ok(approvals) = Approvals::new(configuration, Arc::clone(&clock) as _).map(Arc::new) else { return };
    let model = Arc::new(ReadModel::new(clock));
    const TAKEN: &str = "if that is a running flink-autoscaler, `flink-autoscaler status` asks it how it is doing; else set \
                         autoscaler.standalone.http.address to another address, or to off";
    match timeout_at(deadline, HttpEndpoint::open(configuration, model, approvals, None, Router::new())).await {
        Ok(Ok(Some(_))) => section.ok(format!("{address} is free")),
        Ok(Ok(None)) => section.warning(format!("{address} is taken: `run` would go without the endpoint"), TAKEN),
        Ok(Err(HttpError::Address { source, .. })) if source.kind() == std::io::ErrorKind::AddrInUse => {
            section.error(format!("{address} is taken, and `run` needs it, as it was chosen"), TAKEN);
        }
        Ok(Err(error)) => section.add(Finding::says_it_all(Level::Error, ErrorChain(&error).to_string())),
        Err(_) => section.error(
            format!("{address} could not be looked up in the time there was"),
            "write an IP address instead of a name, or give more time with --timeout",
        ),
    }
}
