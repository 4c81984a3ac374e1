//! Ways in which an answer can be broken.

use std::time::Duration;

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream;

use super::World;

/// How a job is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Its details answer 500.
    ServerError,
    /// Its details answer 404: it has just ended.
    NotFound,
    /// Its details take 30 s.
    Slow,
    /// Its details break off in the middle.
    CutOff,
    /// Its details are a web page.
    WebPage,
    /// Its details are 110 MB.
    Huge,
    /// Its details are JSON, but not of a job.
    OtherJson,
    /// Its vertices have no metrics.
    NoMetrics,
    /// All its numbers are NaN in quotes.
    NanMetrics,
    /// A vertex has a parallelism of -5.
    NegativeParallelism,
    /// A vertex has a parallelism of 10^12.
    AbsurdParallelism,
    /// It has no plan nodes.
    NoPlan,
    /// Its keyed vertex has finished.
    FinishedVertex,
    /// Its edges form a cycle.
    Cycle,
    /// Its vertices lack metrics that can be done without.
    FewMetrics,
    /// Its entry in the job list has a state that no Flink has.
    OddEntry,
    /// Everything about it answers 500.
    Broken,
    /// What it asks for answers 500, and so does changing it.
    RequirementsFail,
    /// Its configuration answers 500.
    ConfigurationFails,
    /// It does not run on the adaptive scheduler.
    NotAdaptive,
    /// Its cluster is older than Flink 1.18.
    OldFlink,
}

impl Fault {
    /// Whether the fault breaks the answer of this path as a whole.
    fn breaks(self, path: &str) -> bool {
        let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        match self {
            Self::ConfigurationFails => path.ends_with("/jobmanager/config"),
            Self::Broken => segments.len() >= 2,
            Self::NotAdaptive | Self::OldFlink | Self::RequirementsFail => path.ends_with("/resource-requirements"),
            Self::NoMetrics => path.contains("/metrics") && path.contains("?get="),
            Self::ServerError
            | Self::NotFound
            | Self::Slow
            | Self::CutOff
            | Self::WebPage
            | Self::Huge
            | Self::OtherJson => segments.len() == 2,
            Self::FewMetrics
            | Self::OddEntry
            | Self::NanMetrics
            | Self::NegativeParallelism
            | Self::AbsurdParallelism
            | Self::NoPlan
            | Self::FinishedVertex
            | Self::Cycle => false,
        }
    }

    pub(super) async fn answer(self) -> Response {
        let json =
            |status, body: &'static str| (status, [(header::CONTENT_TYPE, "application/json")], body).into_response();
        match self {
            Self::NotFound => json(
                StatusCode::NOT_FOUND,
                r#"{"errors":["org.apache.flink.runtime.rest.NotFoundException: Job not found"]}"#,
            ),
            Self::OldFlink => json(StatusCode::NOT_FOUND, r#"{"errors":["Not found: /jobs/…/resource-requirements"]}"#),
            Self::NotAdaptive => json(
                StatusCode::INTERNAL_SERVER_ERROR,
                r#"{"errors":["java.lang.UnsupportedOperationException: The DefaultScheduler does not support changing the parallelism without a job restart. This feature is currently only expected to work with the AdaptiveScheduler."]}"#,
            ),
            Self::WebPage => {
                (StatusCode::OK, "<!doctype html><html><body>Welcome to nginx!</body></html>").into_response()
            }
            Self::NoMetrics => json(StatusCode::OK, "[]"),
            Self::OtherJson => json(StatusCode::OK, r#"{"answer":42}"#),
            Self::Slow => {
                tokio::time::sleep(Duration::from_secs(30)).await;
                json(StatusCode::OK, "{}")
            }
            Self::CutOff => {
                let parts: [Result<Bytes, std::io::Error>; 2] =
                    [Ok(Bytes::from_static(b"{\"jid\":\"0000")), Err(std::io::Error::other("cut off"))];
                Response::new(Body::from_stream(stream::iter(parts)))
            }
            Self::Huge => {
                let megabyte = Bytes::from(vec![b' '; 1 << 20]);
                Response::new(Body::from_stream(stream::iter(
                    (0..110).map(move |_| Ok::<_, std::io::Error>(megabyte.clone())),
                )))
            }
            _ => json(
                StatusCode::INTERNAL_SERVER_ERROR,
                r#"{"errors":["java.lang.IllegalStateException: something broke"]}"#,
            ),
        }
    }
}

impl World {
    /// The fault that breaks the answer of this path, if one does.
    pub(super) fn faulty(&self, path: &str) -> Option<Fault> {
        let jobs = self.jobs();
        let job = jobs.iter().find(|(number, _)| path.starts_with(&format!("/jobs/{}", testkit::job::id(**number))))?.1;
        job.fault.filter(|fault| fault.breaks(path))
    }
}
