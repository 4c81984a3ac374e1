#![doc = include_str!("../README.md")]

mod access;
mod answer;
mod api;
mod asker;
mod credentials;
mod error;
mod health;
mod options;
mod server;
mod token;

use std::fmt;
use std::sync::Arc;

use autoscaler_core::options::Configuration;
use autoscaler_core::registry::Backends;
use autoscaler_runtime::{ApprovalOptions, Approvals, ReadModel};
/// What is served beside health, metrics and the API.
pub use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use answer::Refused;
pub use error::HttpError;
pub use options::{HttpOptions, ListenAddress};
pub use server::HttpEndpoint;
use token::Token;

/// What `/metrics` answers with: the text, made anew each time, and its media type.
#[derive(Clone)]
pub struct Metrics {
    render: Arc<dyn Fn() -> Result<String, fmt::Error> + Send + Sync>,
    content_type: &'static str,
}

impl Metrics {
    /// Metrics that `render` puts into a text of this media type.
    pub fn new(
        content_type: &'static str,
        render: impl Fn() -> Result<String, fmt::Error> + Send + Sync + 'static,
    ) -> Self {
        Self { render: Arc::new(render), content_type }
    }

    fn answer(&self) -> Response {
        match (self.render)() {
            Ok(text) => ([(header::CONTENT_TYPE, self.content_type)], text).into_response(),
            Err(_) => {
                let text = "the metrics can't be put into text: a bug";
                Refused::new(StatusCode::INTERNAL_SERVER_ERROR, text).into_response()
            }
        }
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").field("content_type", &self.content_type).finish_non_exhaustive()
    }
}

/// Everything that is served, without the check of who asks.
fn routes(model: Arc<ReadModel>, approvals: Arc<Approvals>, metrics: Option<Metrics>, pages: Router) -> Router {
    let mut routes = Router::new().nest("/api/v1", api::routes(approvals));
    if let Some(metrics) = metrics {
        routes = routes.route("/metrics", get(move || async move { metrics.answer() }));
    }
    routes
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .fallback(answer::not_found)
        .method_not_allowed_fallback(answer::method_not_allowed)
        .with_state(model)
        .merge(pages)
}

/// The description of the API, as `/api/v1/openapi.json` answers it: OpenAPI 3.1, with line breaks.
///
/// # Errors
/// It can't be put into a text, which is a bug.
pub fn openapi() -> Result<String, fmt::Error> {
    api::description().to_pretty_json().map_err(|_| fmt::Error)
}

/// What a request to an endpoint with these options has to have as its `Authorization`; none where it needs no token.
///
/// # Errors
/// An option can't be used, or the token can't be read.
pub fn authorization(configuration: &Configuration) -> Result<Option<HeaderValue>, HttpError> {
    let token = Token::open(HttpOptions::from_configuration(configuration)?.token_file())?;
    Ok(token.and_then(|token| token.header()))
}

/// Adds the options of the endpoint, and of what is approved through it, to the option table.
pub fn register(backends: &mut Backends) {
    backends.add_options(HttpOptions::SPECS);
    backends.add_options(ApprovalOptions::SPECS);
}
