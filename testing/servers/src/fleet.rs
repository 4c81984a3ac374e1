//! A stand-in for a cluster with many jobs, to measure an autoscaler against: each job has five vertices within their
//! utilization band, so that a cycle changes nothing.
//!
//! It is a YARN cluster, too: a ResourceManager, behind whose proxy each job is an application of its own.
//!
//! Answers are made up front; only counters and job ids are put in. So the stand-in takes little of the machine.

mod answers;
mod ledger;
mod template;
mod yarn;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use answers::Answers;
pub use ledger::{Counts, Lateness};
use ledger::{Kind, Ledger};
use yarn::Applications;

/// How long the jobs have run when the stand-in starts: longer than any stabilization interval.
const RUNNING_FOR: Duration = Duration::from_secs(3600);

/// The jobs of a [`Fleet`].
#[derive(Clone, Copy, Debug)]
pub struct Jobs {
    /// Jobs that answer at once; numbered after the slow ones.
    pub healthy: u32,
    /// Jobs of which every answer takes [`Jobs::delay`]; numbered from 1, so that a list names them first.
    pub slow: u32,
    /// Time that an answer about a slow job takes.
    pub delay: Duration,
}

/// A running stand-in; dropping it closes its port.
#[derive(Debug)]
pub struct Fleet {
    address: SocketAddr,
    world: Arc<World>,
    server: JoinHandle<()>,
}

#[derive(Debug)]
struct World {
    started: Instant,
    jobs: Jobs,
    answers: Answers,
    applications: Applications,
    ledger: Ledger,
}

impl Fleet {
    /// Starts on a free port of this machine.
    ///
    /// # Panics
    /// There is no free port.
    pub async fn start(jobs: Jobs) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let running_since = epoch.saturating_sub(RUNNING_FOR);
        let world = Arc::new(World {
            started: Instant::now(),
            jobs,
            answers: Answers::new(jobs.slow + jobs.healthy, running_since),
            applications: Applications::new(jobs.slow + jobs.healthy, address),
            ledger: Ledger::new(jobs),
        });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&world));
        let server = tokio::spawn(async move {
            let _ended = axum::serve(listener, router).await;
        });
        Self { address, world, server }
    }

    /// The address it listens at.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What was asked so far.
    pub fn counts(&self) -> Counts {
        self.world.ledger.counts()
    }

    /// Cycles of the healthy job that had fewest.
    pub fn fewest_cycles(&self) -> u32 {
        self.world.ledger.fewest_cycles()
    }

    /// How late the cycles of the last healthy job began since the last call.
    pub fn take_lateness(&self, interval: Duration) -> Lateness {
        self.world.ledger.take_lateness(interval)
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// The number of the job that a path is about.
fn job_number(segment: &str) -> Option<u32> {
    u32::from_str_radix(segment.get(segment.len().checked_sub(8)?..)?, 16).ok()
}

async fn answer(State(world): State<Arc<World>>, request: Request) -> Response {
    let uri = request.uri();
    let segments: Vec<&str> = uri.path().trim_start_matches('/').split('/').collect();
    // Behind the proxy, a cluster has one job.
    let (application, segments) = match &segments[..] {
        ["proxy", id, rest @ ..] => (Applications::number(id), rest),
        all => (None, all),
    };
    let job = match segments {
        ["jobs", id, ..] if *id != "overview" => job_number(id),
        _ => None,
    };
    world.ledger.enter(Kind::of(request.method(), application, segments), job);
    if job.is_some_and(|number| number <= world.jobs.slow) {
        tokio::time::sleep(world.jobs.delay).await;
    }
    // Flink counts records from when the job began to run.
    let running_for = RUNNING_FOR + world.started.elapsed();
    let body = match (segments, application) {
        (["ws", "v1", "cluster", rest @ ..], _) => world.applications.answer(rest),
        (["jobs", "overview"], Some(number)) => world.answers.only(number),
        _ => world.answers.answer(segments, uri.query(), job, running_for),
    };
    match body {
        Some(body) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
        None => (StatusCode::NOT_FOUND, r#"{"errors":["Not found."]}"#).into_response(),
    }
}
