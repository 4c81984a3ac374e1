//! Where state is kept and events go.

use anyhow::Error;
use autoscaler::autoscaler_core::options::Configuration;
use autoscaler::autoscaler_core::registry::Opening;
use autoscaler::autoscaler_core::{AutoScalerStateStore, ErrorChain, PortError};
use autoscaler::autoscaler_runtime::{RuntimeOptions, open_store};
use tokio::time::{Instant, timeout_at};

use super::report::{Finding, Level, Report, Section};
use crate::cli::hints;
use crate::cli::program::Program;

#[cfg(feature = "sql")]
mod database;

/// Checks the state store, the event handlers and their databases; until `deadline`, or without asking them anything.
pub(super) async fn check(
    report: &mut Report,
    program: &mut Program,
    configuration: &Configuration,
    deadline: Option<Instant>,
) {
    // What can't be used is told with the options.
    let Ok(options) = RuntimeOptions::from_configuration(configuration) else { return };
    let section = report.section("State and events");
    let store = match open_store(configuration, &mut program.backends) {
        Ok((store, remarks)) => {
            section.extend(remarks.into_iter().map(|remark| Finding::says_it_all(Level::Warning, remark)));
            if let Err(error) = options.replicas_share(store.lease.is_some()) {
                section.add(failure(&error.into()));
            }
            Some(store.port)
        }
        Err(error) => {
            section.add(failure(&error.into()));
            None
        }
    };
    if let Some(store) = &store {
        kept(section, &options, store.as_ref(), deadline).await;
    }
    handlers(section, program, configuration, &options);
    #[cfg(feature = "sql")]
    database::check(section, program, configuration, deadline).await;
}

/// An error as a finding: with the option that helps, where one does.
pub(super) fn failure(error: &Error) -> Finding {
    with_hint(&ErrorChain(error.as_ref()), hints::hint(error))
}

/// The same of an error that a backend reports.
pub(super) fn port_failure(error: &PortError) -> Finding {
    with_hint(&ErrorChain(error), hints::of(error))
}

fn with_hint(error: &ErrorChain<'_>, hint: Option<&str>) -> Finding {
    match hint {
        Some(hint) => Finding::error(error.to_string(), hint),
        None => Finding::says_it_all(Level::Error, error.to_string()),
    }
}

/// What is said of the store as such.
async fn kept(
    section: &mut Section,
    options: &RuntimeOptions,
    store: &dyn AutoScalerStateStore,
    deadline: Option<Instant>,
) {
    let name = options.state_store.trim().to_ascii_uppercase();
    if name == "MEMORY" {
        section.ok("state is kept on the heap, and forgotten at exit; state-store.type SQLITE or JDBC keeps it");
        return;
    }
    if matches!(name.as_str(), "SQLITE" | "JDBC") {
        return;
    }
    let Some(deadline) = deadline else { return };
    match timeout_at(deadline, store.jobs()).await {
        Ok(Ok(jobs)) => section.ok(format!("the state store {name} knows {} jobs", jobs.len())),
        Ok(Err(error)) => section.add(failure(&error.into())),
        Err(_) => section.add(late(&format!("the state store {name}"))),
    }
}

/// Something that does not answer in time.
pub(super) fn late(what: &str) -> Finding {
    Finding::error(
        format!("{what} did not answer in the time there was"),
        "give more with --timeout, if it is only slow",
    )
}

fn handlers(section: &mut Section, program: &mut Program, configuration: &Configuration, options: &RuntimeOptions) {
    let mut opened = Vec::new();
    for name in &options.event_handlers.0 {
        const KEY: &str = "autoscaler.standalone.event-handler.type";
        let handler = match program.backends.handlers.named_in(configuration, KEY, name) {
            Ok(handler) => handler,
            Err(error) => {
                section.add(failure(&error.into()));
                continue;
            }
        };
        let mut opening = Opening::new(configuration, &mut program.backends.extensions);
        match (handler.open)(&mut opening) {
            Ok(_) => {
                section.extend(opening.remarks.into_iter().map(|remark| Finding::says_it_all(Level::Warning, remark)));
                opened.push(format!("{} ({})", handler.name, handler.doc));
            }
            Err(error) => section.add(failure(&error.into())),
        }
    }
    if !opened.is_empty() {
        section.ok(format!("events go to {}", opened.join(" and ")));
    }
}
