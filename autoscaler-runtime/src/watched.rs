//! Ports whose calls are watched.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use autoscaler_core::ports::{BackendObservers, Called};
use autoscaler_core::time::Instant;
use autoscaler_core::{
    AutoScalerEventHandler, AutoScalerStateStore, Event, Fence, JobAutoScalerContext, JobKey, JobState, LoadedState,
    PortError, Revision,
};

/// A port whose every call is told to those who watch backends.
pub(crate) struct Watched<P: ?Sized> {
    port: Arc<P>,
    observers: BackendObservers,
    /// The name that options give it.
    name: &'static str,
}

impl<P: ?Sized + fmt::Debug> fmt::Debug for Watched<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.port.fmt(f)
    }
}

impl<P: ?Sized + Send + Sync> Watched<P> {
    pub(crate) fn new(port: Arc<P>, observers: BackendObservers, name: &'static str) -> Self {
        Self { port, observers, name }
    }

    async fn call<T>(
        &self,
        called: Called<'static>,
        call: impl Future<Output = Result<T, PortError>> + Send,
    ) -> Result<T, PortError> {
        let begun = tokio::time::Instant::now();
        let calling = self.observers.calling(called, || begun.elapsed());
        let result = call.await;
        calling.ended(result.as_ref().err().map(PortError::kind));
        result
    }

    fn handler(&self, operation: &'static str) -> Called<'static> {
        Called::EventHandler { handler: self.name, operation }
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl AutoScalerStateStore for Watched<dyn AutoScalerStateStore> {
    async fn load(&self, job: &JobKey) -> Result<LoadedState, PortError> {
        self.call(Called::Store { operation: "load" }, self.port.load(job)).await
    }

    async fn save(&self, job: &JobKey, state: &JobState, fence: &Fence) -> Result<Revision, PortError> {
        self.call(Called::Store { operation: "save" }, self.port.save(job, state, fence)).await
    }

    async fn remove(&self, job: &JobKey, fence: &Fence) -> Result<(), PortError> {
        self.call(Called::Store { operation: "remove" }, self.port.remove(job, fence)).await
    }

    async fn jobs(&self) -> Result<Vec<JobKey>, PortError> {
        self.call(Called::Store { operation: "jobs" }, self.port.jobs()).await
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl AutoScalerEventHandler for Watched<dyn AutoScalerEventHandler> {
    async fn ready(&self) -> Result<(), PortError> {
        self.call(self.handler("ready"), self.port.ready()).await
    }

    async fn handle(&self, job: &JobAutoScalerContext, event: &Event, now: Instant) -> Result<(), PortError> {
        self.call(self.handler("handle"), self.port.handle(job, event, now)).await
    }

    async fn flush(&self) -> Result<(), PortError> {
        self.call(self.handler("flush"), self.port.flush()).await
    }

    fn forget(&self, job: &JobKey) {
        self.port.forget(job);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Duration;

    use autoscaler_core::ErrorKind;
    use autoscaler_core::ports::{BackendObserver, Call, EventQueue};

    use super::*;

    #[derive(Debug, Default)]
    struct Calls(Mutex<Vec<(Called<'static>, Duration, Option<ErrorKind>)>>);

    impl BackendObserver for Calls {
        fn call_ended(&self, call: &Call<'_>) {
            let Called::Store { operation } = call.called else { return };
            self.0.lock().unwrap().push((Called::Store { operation }, call.took, call.failure));
        }

        fn queue_changed(&self, _: &'static str, _: EventQueue) {}
    }

    /// Answers after a second, but never to who removes.
    #[derive(Debug)]
    struct Slow;

    #[async_trait]
    impl AutoScalerStateStore for Slow {
        async fn load(&self, _: &JobKey) -> Result<LoadedState, PortError> {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Ok(LoadedState::default())
        }

        async fn save(&self, _: &JobKey, _: &JobState, _: &Fence) -> Result<Revision, PortError> {
            Err(PortError::new(ErrorKind::Conflict, "somebody else has written it"))
        }

        async fn remove(&self, _: &JobKey, _: &Fence) -> Result<(), PortError> {
            std::future::pending().await
        }

        async fn jobs(&self) -> Result<Vec<JobKey>, PortError> {
            Ok(Vec::new())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn calls_are_told_with_how_they_ended_and_those_given_up_too() {
        let (calls, mut observers) = (Arc::new(Calls::default()), BackendObservers::default());
        observers.add(Arc::clone(&calls) as _);
        let store: Arc<dyn AutoScalerStateStore> = Arc::new(Slow);
        let store = Watched::new(store, observers, "SLOW");
        let (job, second) = (JobKey::new("a"), Duration::from_secs(1));
        store.load(&job).await.unwrap();
        store.save(&job, &JobState::default(), &Fence::open()).await.unwrap_err();
        store.jobs().await.unwrap();
        assert!(tokio::time::timeout(3 * second, store.remove(&job, &Fence::open())).await.is_err());
        let expected = [
            ("load", second, None),
            ("save", Duration::ZERO, Some(ErrorKind::Conflict)),
            ("jobs", Duration::ZERO, None),
            ("remove", 3 * second, Some(ErrorKind::Timeout)),
        ];
        let expected = expected.map(|(operation, took, failure)| (Called::Store { operation }, took, failure));
        assert_eq!(*calls.0.lock().unwrap(), expected);
    }
}
