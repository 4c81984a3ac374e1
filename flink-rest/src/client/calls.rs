//! Telling those who watch of each request.

use std::time::Duration;

use autoscaler_core::ClusterName;
use autoscaler_core::ports::{BackendObservers, Called, Calling};
use reqwest::Method;
use tokio::time::Instant;

/// Those who watch, and what they know the cluster by.
#[derive(Debug)]
pub(super) struct Watchers {
    cluster: ClusterName,
    observers: BackendObservers,
}

impl Watchers {
    pub(super) fn new(cluster: ClusterName, observers: BackendObservers) -> Self {
        Self { cluster, observers }
    }

    /// Takes note that a request begins.
    pub(super) fn calling(&self, method: &Method, path: &str) -> Calling<'_, impl Fn() -> Duration + use<>> {
        let method = if method == Method::PUT { "PUT" } else { "GET" };
        let called = Called::Cluster { cluster: &self.cluster, method, endpoint: endpoint(path) };
        let begun = Instant::now();
        self.observers.calling(called, move || begun.elapsed())
    }
}

/// What is asked for, whatever it is asked about: every path that this program asks has one of these shapes.
const ENDPOINTS: &[&str] = &[
    "/jobs/overview",
    "/jobs/{job}",
    "/jobs/{job}/jobmanager/config",
    "/jobs/{job}/resource-requirements",
    "/jobs/{job}/vertices/{vertex}/subtasks/metrics",
    "/taskmanagers/metrics",
    "/jobmanager/metrics",
];

/// The shape of a path, or `other`.
fn endpoint(path: &str) -> &'static str {
    let path = path.split('?').next().unwrap_or(path);
    let has_shape = |endpoint: &str| {
        let mut parts = path.split('/');
        let fits = |part: &str| parts.next().is_some_and(|given| part.starts_with('{') || part == given);
        endpoint.split('/').all(fits) && parts.next().is_none()
    };
    ENDPOINTS.iter().copied().find(|endpoint| has_shape(endpoint)).unwrap_or("other")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_few_shapes() {
        for (path, expected) in [
            ("/jobs/overview", "/jobs/overview"),
            ("/jobs/1", "/jobs/{job}"),
            ("/jobs/1/vertices/2/subtasks/metrics?get=a/b", "/jobs/{job}/vertices/{vertex}/subtasks/metrics"),
            ("/taskmanagers/metrics?get=a&agg=min", "/taskmanagers/metrics"),
            ("/jobs/1/2", "other"),
            ("/", "other"),
            ("", "other"),
        ] {
            assert_eq!(endpoint(path), expected, "{path}");
        }
    }
}
