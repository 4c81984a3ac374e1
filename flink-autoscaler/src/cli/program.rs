//! What every command has: the backends that are compiled in, and the option table with their rows.

use std::path::PathBuf;

use anyhow::{Context, Result};
use autoscaler::autoscaler_core::AutoScalerStateStore;
use autoscaler::autoscaler_core::options::Configuration;
use autoscaler::autoscaler_core::registry::{Backends, Opened};
#[cfg(feature = "sql")]
use autoscaler::autoscaler_core::{PortError, registry::Opening};
use autoscaler::autoscaler_runtime::open_store;
#[cfg(feature = "sql")]
use autoscaler::sql_database::register::{OpenDatabases, only_what_is_there, open_databases, read_only};

use super::say;
use crate::configuration::{self, Loaded, OptionTable};

/// The program before it does anything.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) backends: Backends,
    pub(super) table: OptionTable,
}

/// What is open.
#[derive(Debug)]
pub(super) struct OpenBackends {
    #[cfg(feature = "sql")]
    databases: OpenDatabases,
}

impl OpenBackends {
    /// Closes it, so that nothing is left beside it: a SQLite file has its log folded in.
    pub(super) async fn close(self) {
        #[cfg(feature = "sql")]
        self.databases.close().await;
    }
}

impl Program {
    pub(super) fn new() -> Self {
        let mut backends = autoscaler::compiled_in();
        replay::register(&mut backends);
        let table = OptionTable::new(&backends);
        Self { backends, table }
    }

    /// The options of the process: the file that FLINK_CONF_DIR names, under the command line.
    pub(super) fn load(&self, arguments: &[String]) -> Result<Loaded> {
        Ok(configuration::load(directory().as_deref(), arguments, &self.table)?)
    }

    /// The same, whatever values they have.
    pub(super) fn read(&self, arguments: &[String]) -> Result<Loaded> {
        Ok(configuration::read(directory().as_deref(), arguments, &self.table)?)
    }

    /// The same, with what is odd about them said.
    pub(super) fn load_aloud(&self, arguments: &[String]) -> Result<Configuration> {
        let Loaded { configuration, remarks } = self.load(arguments)?;
        remarks.iter().for_each(|remark| say::remark(remark));
        Ok(configuration)
    }

    /// Has backends opened for reading only from now on: nothing is created or changed by looking at it.
    pub(super) fn only_read(&mut self) {
        #[cfg(feature = "sql")]
        read_only(&mut self.backends.extensions);
    }

    /// Has backends opened for changing what is there: nothing is created, and no schema changed.
    pub(super) fn only_what_is_there(&mut self) {
        #[cfg(feature = "sql")]
        only_what_is_there(&mut self.backends.extensions);
    }

    /// What is opened from these backends, to be closed in the end.
    pub(super) fn open_backends(&mut self) -> OpenBackends {
        OpenBackends {
            #[cfg(feature = "sql")]
            databases: open_databases(&mut self.backends.extensions),
        }
    }

    /// Closes what was opened.
    pub(super) async fn close(&mut self) {
        self.open_backends().close().await;
    }

    /// Opens the state store that the options name, with what is odd about them said.
    pub(super) fn open_store(&mut self, configuration: &Configuration) -> Result<Opened<dyn AutoScalerStateStore>> {
        let (store, remarks) = open_store(configuration, &mut self.backends)?;
        remarks.iter().for_each(|remark| say::remark(remark));
        Ok(store)
    }

    /// Opens a backend with what it shares with the others, with what is odd about its options said.
    #[cfg(feature = "sql")]
    pub(super) fn open<T>(
        &mut self,
        configuration: &Configuration,
        open: impl FnOnce(&mut Opening<'_>) -> Result<T, PortError>,
    ) -> Result<T> {
        let mut opening = Opening::new(configuration, &mut self.backends.extensions);
        let opened = open(&mut opening)?;
        opening.remarks.iter().for_each(|remark| say::remark(remark));
        Ok(opened)
    }
}

/// The directory of the configuration file.
fn directory() -> Option<PathBuf> {
    std::env::var_os("FLINK_CONF_DIR").filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// Runs what has to wait for others, on this thread: a cycle waits for answers nearly all of its time, and waking up
/// another thread for each of them costs more than what is done with it.
pub(super) fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.context("can't start the runtime")?;
    let ended = runtime.block_on(work);
    // A file system that hangs would keep the program from ending: nobody waits for its answer any more.
    runtime.shutdown_background();
    ended
}
