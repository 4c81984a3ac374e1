//! The endpoint as a server.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use autoscaler_core::options::Configuration;
use autoscaler_runtime::{Approvals, ReadModel};
use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use crate::access::{self, Access};
use crate::answer::Refused;
use crate::error::HttpError;
use crate::options::{HttpOptions, ListenAddress};
use crate::token::Token;
use crate::{Metrics, routes};

/// Connections at once; further ones wait to be taken.
const CONNECTIONS: usize = 64;
/// How long the head of a request may take, and a connection may be idle.
const HEAD_WITHIN: Duration = Duration::from_secs(10);
/// How long an answer may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// How long answers under way may take at the end.
const STOP_WITHIN: Duration = Duration::from_secs(2);

/// The endpoint, listening.
#[derive(Debug)]
pub struct HttpEndpoint {
    listener: TcpListener,
    address: SocketAddr,
    routes: Router,
}

impl HttpEndpoint {
    /// Listens where the options say, and serves `pages` beside its own; none where it is off, and where the default address is taken by somebody else,
    /// which is said in the log.
    ///
    /// # Errors
    /// An option can't be used, others could ask without a token, or the address that was chosen can't be had.
    pub async fn open(
        configuration: &Configuration,
        model: Arc<ReadModel>,
        approvals: Arc<Approvals>,
        metrics: Option<Metrics>,
        pages: Router,
    ) -> Result<Option<Self>, HttpError> {
        let options = HttpOptions::from_configuration(configuration)?;
        let ListenAddress::At { host, port } = &options.address else { return Ok(None) };
        let token = Token::open(options.token_file())?;
        let unusable = |source: io::Error| HttpError::Address { address: options.address.to_string(), source };
        let addresses: Vec<SocketAddr> =
            tokio::net::lookup_host((host.as_str(), *port)).await.map_err(unusable)?.collect();
        let access = match token {
            Some(token) => Access::Token(token),
            None if addresses.iter().all(|address| address.ip().is_loopback()) => Access::Local,
            None => return Err(HttpError::Open { address: options.address.to_string() }),
        };
        let listener = match TcpListener::bind(addresses.as_slice()).await {
            Ok(listener) => listener,
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && !HttpOptions::is_chosen(configuration) => {
                tracing::info!(
                    "no health, metrics and API: {} is taken; set autoscaler.standalone.http.address to another address \
                     or to off",
                    options.address
                );
                return Ok(None);
            }
            Err(error) => return Err(unusable(error)),
        };
        let address = listener.local_addr().map_err(unusable)?;
        let checked = middleware::from_fn_with_state(Arc::new(access), access::check);
        let routes = routes(model, approvals, metrics, pages)
            .layer(checked)
            .layer(middleware::map_response(plain))
            .layer(middleware::from_fn(in_time));
        Ok(Some(Self { listener, address, routes }))
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `stop` is cancelled; then answers under way end, within a bound.
    pub async fn serve(self, stop: CancellationToken) {
        let (connections, room) = (TaskTracker::new(), Arc::new(Semaphore::new(CONNECTIONS)));
        let accepting = async {
            loop {
                // The semaphore is never closed.
                let Ok(place) = Arc::clone(&room).acquire_owned().await else { return };
                match self.listener.accept().await {
                    Ok((stream, peer)) => {
                        let (routes, stop) = (self.routes.clone(), stop.clone());
                        connections.spawn(async move {
                            answer_on(stream, peer, routes, stop).await;
                            drop(place);
                        });
                    }
                    Err(error) => {
                        // Out of file descriptors, say: that passes, and must not spin.
                        tracing::debug!("a connection can't be taken: {error}");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                }
            }
        };
        stop.run_until_cancelled(accepting).await;
        connections.close();
        let _ended = tokio::time::timeout(STOP_WITHIN, connections.wait()).await;
    }
}

/// Answers what comes on a connection.
async fn answer_on(stream: TcpStream, peer: SocketAddr, routes: Router, stop: CancellationToken) {
    let routes = routes.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        request
    });
    let service = TowerToHyperService::new(routes);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_WITHIN);
    let connection = http.serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!("a connection ended early: {error}");
    }
}

/// What browsers must not make of answers.
async fn plain(mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, header::HeaderValue::from_static("nosniff"));
    let unless_said = headers.entry(header::CACHE_CONTROL);
    unless_said.or_insert(header::HeaderValue::from_static("no-store"));
    answer
}

async fn in_time(request: axum::extract::Request, next: middleware::Next) -> Response {
    let late = |_| Refused::new(StatusCode::SERVICE_UNAVAILABLE, "the answer takes too long").into_response();
    tokio::time::timeout(ANSWER_WITHIN, next.run(request)).await.unwrap_or_else(late)
}
