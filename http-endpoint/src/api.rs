//! The JSON API: bounded, described by `/api/v1/openapi.json`.

mod approve;
mod clusters;
mod event;
mod job;
mod jobs;
mod number;
mod page;
mod path;
mod place;
mod scaling;
mod window;

use std::sync::Arc;

use autoscaler_runtime::{Approvals, ReadModel};
use axum::extract::rejection::QueryRejection;
use axum::extract::{DefaultBodyLimit, FromRequestParts, Query};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use serde::de::DeserializeOwned;
use utoipa::OpenApi;

use crate::answer::{Problem, Refused};
use crate::health;

/// Bytes of a request's body, at most.
const LARGEST_BODY: usize = 4096;

/// What the API serves.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "flink-autoscaler",
        description = "What the autoscaler sees of Flink's jobs, what it decides and why. All is for reading but the approval of a \
                       proposed scaling. \
                       Numbers that are not known, or without a bound, are null; times are UTC, spans are seconds.",
    ),
    paths(
        health::healthz, health::readyz, clusters::clusters, jobs::jobs, job::job, window::window, scaling::scalings,
        event::events, approve::approve
    ),
    components(schemas(Problem)),
    modifiers(&Token)
)]
#[derive(Debug)]
struct Description;

/// Who may ask.
struct Token;

impl utoipa::Modify for Token {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
        let scheme = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
        openapi.components.get_or_insert_default().add_security_scheme("token", scheme);
        // With a token or, where none is set, without.
        let none = SecurityRequirement::default();
        let token = SecurityRequirement::new("token", Vec::<String>::new());
        openapi.security = Some(vec![none, token]);
    }
}

/// The description of the API: OpenAPI 3.1 as JSON.
pub(crate) fn description() -> utoipa::openapi::OpenApi {
    Description::openapi()
}

pub(crate) fn routes(approvals: Arc<Approvals>) -> Router<Arc<ReadModel>> {
    Router::new()
        .route("/openapi.json", get(|| async { Json(description()) }))
        .route("/clusters", get(clusters::clusters))
        .route("/jobs", get(jobs::jobs))
        .route("/clusters/{cluster}/jobs/{job}", get(job::job))
        .route("/clusters/{cluster}/jobs/{job}/window", get(window::window))
        .route("/clusters/{cluster}/jobs/{job}/scalings", get(scaling::scalings))
        .route("/clusters/{cluster}/jobs/{job}/events", get(event::events))
        .route("/clusters/{cluster}/jobs/{job}/approve", post(approve::approve))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(Extension(approvals))
}

/// The parameters of a query; an unknown or unreadable one is refused.
struct Parameters<T>(T);

impl<T: DeserializeOwned> FromRequestParts<Arc<ReadModel>> for Parameters<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, model: &Arc<ReadModel>) -> Result<Self, Refused> {
        let query = Query::<T>::from_request_parts(parts, model).await;
        let refused = |rejected: QueryRejection| Refused::new(StatusCode::BAD_REQUEST, rejected.body_text());
        query.map(|Query(parameters)| Self(parameters)).map_err(refused)
    }
}
