//! A proxy in front of a REST API that keeps what was asked and how it was answered, and can answer something else.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// One request that passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    /// The HTTP method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// What came with the request.
    pub body: String,
    /// The status of the answer.
    pub status: u16,
    /// When it was answered.
    pub at: Instant,
}

/// A running proxy; dropping it closes its port.
#[derive(Debug)]
pub struct RecordingProxy {
    address: SocketAddr,
    passed: Arc<Mutex<Vec<Passed>>>,
    server: JoinHandle<()>,
}

/// What becomes of an answer, by path and body; none: it stays as it is.
type Change = Arc<dyn Fn(&str, &str) -> Option<String> + Send + Sync>;

#[derive(Clone)]
struct Upstream {
    http: reqwest::Client,
    url: String,
    change: Option<Change>,
    passed: Arc<Mutex<Vec<Passed>>>,
}

impl RecordingProxy {
    /// Starts a proxy on a free port, in front of `url`.
    pub async fn start(url: &str) -> Self {
        Self::starting(url, None).await
    }

    /// The same; an answer is told as `change` makes it of path and body, where it does.
    pub async fn changing(url: &str, change: impl Fn(&str, &str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self::starting(url, Some(Arc::new(change))).await
    }

    async fn starting(url: &str, change: Option<Change>) -> Self {
        let passed = Arc::new(Mutex::new(Vec::new()));
        let (http, kept) = (crate::plain_http::client(), Arc::clone(&passed));
        let upstream = Upstream { http, url: url.to_owned(), change, passed: kept };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(pass).with_state(upstream);
        let server = tokio::spawn(async move {
            let _ended = axum::serve(listener, router).await;
        });
        Self { address, passed, server }
    }

    /// The port it listens at, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Everything that passed so far.
    pub fn passed(&self) -> Vec<Passed> {
        self.passed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for RecordingProxy {
    fn drop(&mut self) {
        self.server.abort();
    }
}

#[expect(clippy::disallowed_methods, reason = "answers to tests are small")]
async fn pass(State(upstream): State<Upstream>, request: Request) -> Response {
    let method = request.method().clone();
    let path = request.uri().path_and_query().map_or(String::new(), ToString::to_string);
    let body = axum::body::to_bytes(request.into_body(), 16 << 20).await.unwrap_or_default();
    let asked = String::from_utf8_lossy(&body).into_owned();
    let forwarded = upstream.http.request(method.clone(), format!("{}{path}", upstream.url));
    let answer = forwarded.header("content-type", "application/json").body(body).send().await;
    let (status, response) = match answer {
        Ok(answer) => {
            let status = answer.status();
            let body = match &upstream.change {
                Some(change) => {
                    let text = answer.text().await.unwrap_or_default();
                    Body::from(change(&path, &text).unwrap_or(text))
                }
                None => Body::from_stream(answer.bytes_stream()),
            };
            (status, (status, body).into_response())
        }
        Err(_) => (StatusCode::BAD_GATEWAY, StatusCode::BAD_GATEWAY.into_response()),
    };
    let passed = Passed { method: method.to_string(), path, body: asked, status: status.as_u16(), at: Instant::now() };
    upstream.passed.lock().unwrap_or_else(PoisonError::into_inner).push(passed);
    response
}
