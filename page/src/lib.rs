#![doc = include_str!("../README.md")]

mod approve;
mod assets;
mod chart;
mod charts;
mod document;
mod error;
mod fleet;
mod history;
mod job;
mod link;
mod live;
mod number;
mod observer;
mod place;
mod recorded;
mod report;
mod scalings;
mod span;
mod sparkline;
mod table;
mod text;
mod trail;
mod trails;
mod vertex;
mod what_if;

use std::sync::Arc;

use autoscaler_core::time::Instant;
use autoscaler_core::{ClusterName, JobKey};
use autoscaler_runtime::{Approvals, Clock, ReadModel};
use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::{get, post};
use tokio::sync::{Semaphore, watch};

use recorded::Desk;
pub use recorded::{Compared, Course, Moment, NotCompared, Question, Recordings, Rescale};
pub use report::{Run, drawing, report};
use trail::Trail;
use trails::Trails;

/// Everything comes from here, and nothing within a page's text runs.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Pages that are told of changes at once; others show what was when they were asked for.
const LISTENERS: usize = 32;

/// The page: an observer that remembers what charts are made of, and the routes that show it.
#[derive(Debug)]
pub struct Page {
    model: Arc<ReadModel>,
    approvals: Arc<Approvals>,
    clock: Arc<dyn Clock>,
    /// Where recorded spans are compared, where anything is recorded.
    desk: Option<Desk>,
    trails: Trails,
    /// Counts what happened, so that those who look can be told.
    changes: watch::Sender<u64>,
    /// Places for those who are told. Each holds one of the endpoint's connections.
    listeners: Arc<Semaphore>,
}

impl Page {
    /// Over what `model` knows, which has to be told of everything before the page is, what can be approved, and what is recorded.
    pub fn new(
        model: Arc<ReadModel>,
        approvals: Arc<Approvals>,
        clock: Arc<dyn Clock>,
        recordings: Option<Arc<dyn Recordings>>,
    ) -> Arc<Self> {
        let listeners = Arc::new(Semaphore::new(LISTENERS));
        let (trails, changes) = (Trails::default(), watch::Sender::new(0));
        Arc::new(Self { model, approvals, clock, desk: recordings.map(Desk::new), trails, changes, listeners })
    }

    /// What is served, from `/` on.
    pub fn routes(self: &Arc<Self>) -> Router {
        let policy = |mut answer: Response| async {
            answer.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
            answer
        };
        Router::new()
            .route("/", get(fleet::show))
            .route("/jobs/{cluster}/{job}", get(job::show))
            .route("/jobs/{cluster}/{job}/approve", post(approve::approve))
            .route("/jobs/{cluster}/{job}/history", get(history::show))
            .route("/jobs/{cluster}/{job}/what-if", get(what_if::show))
            .route("/jobs/{cluster}/{job}/vertices/{vertex}", get(vertex::show))
            .route("/live", get(live::fleet))
            .route("/live/{cluster}/{job}", get(live::job))
            .merge(assets::routes())
            .with_state(Arc::clone(self))
            .layer(map_response(policy))
    }

    fn now(&self) -> Instant {
        self.clock.now()
    }

    fn trail(&self, cluster: &ClusterName, job: &JobKey) -> Option<Arc<Trail>> {
        self.trails.of(cluster, job)
    }

    fn changed(&self) {
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }
}
