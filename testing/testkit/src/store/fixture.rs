//! A store under test, and what it can do.

use std::sync::Arc;

use async_trait::async_trait;
use autoscaler_core::AutoScalerStateStore;

/// Has saves fail in their middle.
#[async_trait]
pub trait SaveFault: Send + Sync {
    /// Has the `n`th of the places that a save of everything writes to refuse, counted from 0: the `n`th table, say. False
    /// where there are no more.
    async fn begin(&self, n: usize) -> bool;

    /// The `n`th works again.
    async fn end(&self, n: usize);
}

/// What a store's saves are like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saves {
    /// They can fail in their middle: the fixture [has them do so](Fixture::with_fault), and nothing may be left of one.
    CanFail,
    /// They are one step that can't fail, as on the heap.
    CannotFail,
}

/// A store, with what it must not outlive, such as its database.
pub struct Fixture {
    pub(super) store: Arc<dyn AutoScalerStateStore>,
    pub(super) fault: Option<Box<dyn SaveFault>>,
    _resource: Box<dyn Send + Sync>,
}

impl std::fmt::Debug for Fixture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.store.fmt(f)
    }
}

impl Fixture {
    /// A store that is gone before `resource` is.
    pub fn new(store: Arc<dyn AutoScalerStateStore>, resource: impl Send + Sync + 'static) -> Self {
        Self { store, fault: None, _resource: Box::new(resource) }
    }

    /// With what has its saves fail.
    #[must_use]
    pub fn with_fault(mut self, fault: impl SaveFault + 'static) -> Self {
        self.fault = Some(Box::new(fault));
        self
    }
}
