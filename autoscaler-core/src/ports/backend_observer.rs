//! Watching backends at work: what they ask of others, and what waits in them.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use crate::error::ErrorKind;
use crate::ids::ClusterName;

/// Who is asked for what. The words are of a few each, whatever is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Called<'a> {
    /// The REST API of a cluster.
    Cluster {
        /// Which.
        cluster: &'a ClusterName,
        /// The HTTP method.
        method: &'static str,
        /// The path, with `{job}` for an id, say, and without a query.
        endpoint: &'static str,
    },
    /// The state store.
    Store {
        /// `load`, `save`, `remove` or `jobs`.
        operation: &'static str,
    },
    /// An event handler.
    EventHandler {
        /// The name that options give it, in capitals.
        handler: &'static str,
        /// `ready`, `handle`, `flush`; `write` where events are taken first and written later.
        operation: &'static str,
    },
}

/// A call that ended.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Call<'a> {
    /// Who was asked for what.
    pub called: Called<'a>,
    /// How long it took.
    pub took: Duration,
    /// How it failed; none where it did not.
    pub failure: Option<ErrorKind>,
}

/// Events that an event handler has taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventQueue {
    /// Those that wait to be written.
    pub waiting: usize,
    /// Those that were lost since the process began.
    pub lost: u64,
}

/// Watches backends. Called from where they work, so it must return at once.
pub trait BackendObserver: Debug + Send + Sync + 'static {
    /// A call has ended. One that is given up before its end, as the cycle it is part of took too long, has failed with a
    /// timeout.
    fn call_ended(&self, call: &Call<'_>);

    /// The events that wait in a handler are others now.
    fn queue_changed(&self, handler: &'static str, queue: EventQueue);
}

/// All who watch backends. A backend takes them from [`Opening::extensions`](crate::registry::Opening) as it opens;
/// whoever puts the program together adds them before.
#[derive(Clone, Debug, Default)]
pub struct BackendObservers(Vec<Arc<dyn BackendObserver>>);

impl BackendObservers {
    /// Adds one.
    pub fn add(&mut self, observer: Arc<dyn BackendObserver>) {
        self.0.push(observer);
    }

    /// Whether nobody watches.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes note that a call begins now; `elapsed` is asked how long it took.
    pub fn calling<'a, F: Fn() -> Duration>(&'a self, called: Called<'a>, elapsed: F) -> Calling<'a, F> {
        Calling { observers: self, called, elapsed, failure: Some(ErrorKind::Timeout) }
    }

    /// Tells all of a queue.
    pub fn queue_changed(&self, handler: &'static str, queue: EventQueue) {
        self.0.iter().for_each(|observer| observer.queue_changed(handler, queue));
    }
}

/// A call under way; all who watch are told of it when this is dropped. Until [`Self::ended`] says otherwise, it has been
/// given up.
#[derive(Debug)]
pub struct Calling<'a, F: Fn() -> Duration> {
    observers: &'a BackendObservers,
    called: Called<'a>,
    elapsed: F,
    failure: Option<ErrorKind>,
}

impl<F: Fn() -> Duration> Calling<'_, F> {
    /// The call has ended in this way.
    pub fn ended(mut self, failure: Option<ErrorKind>) {
        self.failure = failure;
    }
}

impl<F: Fn() -> Duration> Drop for Calling<'_, F> {
    fn drop(&mut self) {
        let Self { observers, called, elapsed, failure } = self;
        let call = Call { called: *called, took: elapsed(), failure: *failure };
        observers.0.iter().for_each(|observer| observer.call_ended(&call));
    }
}
