//! The clusters.

use std::collections::BTreeMap;
use std::sync::Arc;

use autoscaler_core::Labels;
use autoscaler_runtime::ReadModel;
use autoscaler_runtime::read_model::{ClusterView, FailureView, RoundView};
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::number::seconds;

/// All clusters.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Clusters {
    /// By name.
    clusters: Vec<Cluster>,
}

/// A cluster.
#[derive(Debug, Serialize, ToSchema)]
struct Cluster {
    /// Its name.
    name: String,
    /// What is known of it beside its name: of an application of YARN its name, user, queue and attempt.
    labels: BTreeMap<&'static str, String>,
    /// How many of its jobs are watched.
    jobs: usize,
    /// The latest round over its jobs; none before the first.
    round: Option<Round>,
}

/// A round over the jobs of a cluster.
#[derive(Debug, Serialize, ToSchema)]
struct Round {
    /// When the jobs were listed.
    at: DateTime<Utc>,
    /// Jobs that the cluster listed.
    listed: usize,
    /// What is wrong with entries of the list that can't be used.
    unknown: Vec<String>,
    /// How long listing took.
    listing_seconds: f64,
    /// How much later than planned the round began.
    lag_seconds: f64,
    /// Why the jobs could not be listed.
    failure: Option<Failure>,
}

/// A failure.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Failure {
    /// The step of a cycle that failed.
    step: Option<&'static str>,
    /// What kind of failure it is.
    kind: &'static str,
    /// What failed and why.
    text: String,
}

pub(super) fn named(labels: &Labels) -> BTreeMap<&'static str, String> {
    labels.pairs().iter().cloned().collect()
}

impl From<FailureView> for Failure {
    fn from(failure: FailureView) -> Self {
        Self { step: failure.step.map(|step| step.name()), kind: failure.kind.name(), text: failure.text }
    }
}

impl From<&RoundView> for Round {
    fn from(round: &RoundView) -> Self {
        Self {
            at: round.at,
            listed: round.listed,
            unknown: round.unknown.iter().take(super::page::MOST.into()).cloned().collect(),
            listing_seconds: seconds(round.listing),
            lag_seconds: seconds(round.lag),
            failure: round.failure.clone().map(Failure::from),
        }
    }
}

impl From<&ClusterView> for Cluster {
    fn from(cluster: &ClusterView) -> Self {
        let round = cluster.round.as_deref();
        let labels = round.map(|round| named(&round.labels)).unwrap_or_default();
        Self { name: cluster.name.to_string(), labels, jobs: cluster.jobs, round: round.map(Round::from) }
    }
}

/// The clusters, with the latest round over each one's jobs.
#[utoipa::path(get, path = "/api/v1/clusters", tag = "clusters", responses((status = 200, body = Clusters)))]
pub(super) async fn clusters(State(model): State<Arc<ReadModel>>) -> Json<Clusters> {
    Json(Clusters { clusters: model.clusters().iter().map(Cluster::from).collect() })
}
