//! The databases that a process has open.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use autoscaler_core::Lease;

use crate::checked::Database;

/// A database that a process has open.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Shared {
    /// The database.
    pub database: Database,
    /// The right to act on it.
    pub lease: Option<Arc<dyn Lease>>,
}

/// Time within which connections must come to rest at the end.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);

/// The databases that were opened with the same extensions, and those that will be.
#[derive(Clone, Debug, Default)]
pub struct OpenDatabases(Arc<Mutex<Vec<(String, Shared)>>>);

impl OpenDatabases {
    /// The databases, in the order they were opened.
    pub fn databases(&self) -> Vec<Database> {
        self.all().iter().map(|(_, shared)| shared.database.clone()).collect()
    }

    /// Ends their connections at the end of a process, within a bound.
    pub async fn close(&self) {
        for database in self.databases() {
            if tokio::time::timeout(CLOSE_WITHIN, database.as_it_is().close()).await.is_err() {
                tracing::warn!(
                    database = database.name(),
                    "its connections are still in use; they end with the process"
                );
            }
        }
    }

    pub(super) fn all(&self) -> std::sync::MutexGuard<'_, Vec<(String, Shared)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
