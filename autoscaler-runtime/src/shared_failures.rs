//! A failure that all jobs of a cluster have in common is told once.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use autoscaler_core::PortError;

/// The failures that were told and that somebody still has.
#[derive(Clone, Debug, Default)]
pub(crate) struct SharedFailures(Arc<Mutex<Vec<Weak<PortError>>>>);

impl SharedFailures {
    /// Whether nobody has told of this very failure yet. A round's snapshot holds the failures that its jobs share.
    pub(crate) fn is_new(&self, failure: &Arc<PortError>) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.retain(|known| known.strong_count() > 0);
        let is_new = told.iter().all(|known| known.as_ptr() != Arc::as_ptr(failure));
        if is_new {
            told.push(Arc::downgrade(failure));
        }
        is_new
    }
}
