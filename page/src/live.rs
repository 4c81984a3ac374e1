//! Telling those who look that there is something else to be seen.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use autoscaler_core::time::Instant;
use autoscaler_core::{ClusterName, JobKey};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream;
use tokio::sync::{OwnedSemaphorePermit, watch};

use crate::Page;

/// Between two tellings, at least: a fleet changes all the time.
const APART: Duration = Duration::from_secs(2);

/// Somebody who is told.
struct Listener {
    page: Arc<Page>,
    job: Option<(ClusterName, JobKey)>,
    changes: watch::Receiver<u64>,
    /// The cycle that was told last.
    seen: Option<Instant>,
    _place: OwnedSemaphorePermit,
}

/// Tells when anything has changed.
pub(crate) async fn fleet(State(page): State<Arc<Page>>) -> Response {
    listen(page, None)
}

/// Tells when a job had a cycle.
pub(crate) async fn job(State(page): State<Arc<Page>>, Path((cluster, job)): Path<(String, String)>) -> Response {
    listen(page, Some((ClusterName::new(cluster), JobKey::new(job))))
}

fn listen(page: Arc<Page>, job: Option<(ClusterName, JobKey)>) -> Response {
    let Ok(place) = Arc::clone(&page.listeners).try_acquire_owned() else {
        return (StatusCode::SERVICE_UNAVAILABLE, "too many pages are open: this one is not live").into_response();
    };
    let changes = page.changes.subscribe();
    let mut listener = Listener { page, job, changes, seen: None, _place: place };
    listener.seen = listener.latest();
    let told = stream::unfold(listener, |mut listener| async {
        listener.until_changed().await?;
        Some((Ok::<_, Infallible>(Event::default().data("changed")), listener))
    });
    Sse::new(told).keep_alive(KeepAlive::default()).into_response()
}

impl Listener {
    /// When the job that is listened for had its latest cycle, or was left out after it.
    fn latest(&self) -> Option<Instant> {
        let (cluster, job) = self.job.as_ref()?;
        let view = self.page.model.job(cluster, job)?;
        let skipped = view.skipped.as_ref().map(|skipped| skipped.at);
        view.cycle.as_ref().map(|cycle| cycle.at).max(skipped)
    }

    async fn until_changed(&mut self) -> Option<()> {
        loop {
            tokio::time::sleep(APART).await;
            self.changes.changed().await.ok()?;
            let latest = self.latest();
            if self.job.is_none() || latest != self.seen {
                self.seen = latest;
                return Some(());
            }
        }
    }
}
