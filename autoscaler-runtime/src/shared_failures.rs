//! A failure that all jobs of a cluster have in common is told once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use autoscaler_core::PortError;

/// The failures that were told and that somebody still has.
#[derive(Clone, Debug, Default)]
pub(crate) struct SharedFailures(Arc<Mutex<Told>>);

#[derive(Debug, Default)]
struct Told {
    /// By address: while one is here, no other can have it.
    failures: HashMap<usize, Weak<PortError>>,
    /// Failures at which those that nobody has any more are taken out.
    sweep_at: usize,
}

impl SharedFailures {
    /// Whether nobody has told of this very failure yet. A round's snapshot holds the failures that its jobs share.
    pub(crate) fn is_new(&self, failure: &Arc<PortError>) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if told.failures.len() >= told.sweep_at {
            told.failures.retain(|_, known| known.strong_count() > 0);
            // Twice as many as are alive, so that sweeps cost a constant share of what is told.
            told.sweep_at = 2 * told.failures.len() + 64;
        }
        told.failures.insert(Arc::as_ptr(failure).addr(), Arc::downgrade(failure)).is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use autoscaler_core::ErrorKind;

    #[test]
    fn each_is_new_once_and_none_is_kept_that_nobody_has() {
        let failures = SharedFailures::default();
        let failure = || Arc::new(PortError::new(ErrorKind::Unavailable, "it is away"));
        let (one, other) = (failure(), failure());
        assert!(failures.is_new(&one) && failures.is_new(&other) && !failures.is_new(&one));
        (0..1000).for_each(|_| assert!(failures.is_new(&failure())));
        assert!(!failures.is_new(&other));
        assert!(failures.0.lock().unwrap().failures.len() < 200);
    }
}
