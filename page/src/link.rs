//! Where things are shown.

use autoscaler_core::VertexId;
use autoscaler_runtime::read_model::JobView;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What can stand in a path or a query as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'~').remove(b'.');

/// A text as a part of a path or a query.
pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

/// A job's path below `/jobs` and `/live`: its cluster, and its key without the cluster that it may begin with.
pub(crate) fn place(view: &JobView) -> String {
    let (cluster, key) = (view.cluster.as_str(), view.job.key.as_str());
    let within = key.strip_prefix(cluster).and_then(|rest| rest.strip_prefix('/')).unwrap_or(key);
    format!("{}/{}", encoded(cluster), encoded(within))
}

pub(crate) fn job(view: &JobView) -> String {
    format!("/jobs/{}", place(view))
}

pub(crate) fn history(view: &JobView) -> String {
    format!("{}/history", job(view))
}

pub(crate) fn what_if(view: &JobView) -> String {
    format!("{}/what-if", job(view))
}

pub(crate) fn approve(view: &JobView) -> String {
    format!("{}/approve", job(view))
}

pub(crate) fn vertex(view: &JobView, vertex: VertexId) -> String {
    format!("{}/vertices/{vertex}", job(view))
}

pub(crate) fn of_cluster(name: &str) -> String {
    format!("/?cluster={}", encoded(name))
}
