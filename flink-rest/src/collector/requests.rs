//! The requests that observing takes.

use std::fmt;

use async_trait::async_trait;
use autoscaler_core::observation::ClusterReading;
use autoscaler_core::{JobAutoScalerContext, JobId, ObserveError, VertexId};
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::cluster::{ClusterApi, cluster_reading};
use super::names::is_of_use;
use super::observe::JobApi;
use crate::client::FlinkClient;
use crate::wire::{JobDetails, JobReading, MetricName, MetricValue};

/// The longest URL that is asked for: Flink, and many a proxy before it, reads no longer ones than 4,096 bytes.
const LONGEST_URL: usize = 4000;
/// The most bytes of names that are kept of a vertex's.
const MOST_NAMES_BYTES: usize = 16 << 20;

/// What a cluster as a whole answers, asked for once, when it is first needed. Whoever waits for it brings it about: the
/// cycle of the job that needed it first may stand still meanwhile.
pub(super) struct ClusterOnce {
    client: FlinkClient,
    reading: Shared<BoxFuture<'static, Result<ClusterReading, ObserveError>>>,
}

impl fmt::Debug for ClusterOnce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClusterOnce").field("client", &self.client).finish_non_exhaustive()
    }
}

impl ClusterOnce {
    pub(super) fn new(client: FlinkClient) -> Self {
        let asked = client.clone();
        Self { client, reading: async move { cluster_reading(&asked).await }.boxed().shared() }
    }

    pub(super) fn client(&self) -> &FlinkClient {
        &self.client
    }
}

/// One job in a round of observations.
pub(super) struct JobRequests<'a> {
    client: FlinkClient,
    job: JobId,
    /// Whether its options say that it is a batch job, for a Flink that does not tell.
    is_batch: bool,
    cluster: &'a ClusterOnce,
}

impl<'a> JobRequests<'a> {
    pub(super) fn new(cluster: &'a ClusterOnce, job: &JobAutoScalerContext) -> Self {
        let mode = job.configuration().get("execution.runtime-mode");
        let is_batch = mode.is_some_and(|mode| mode.trim().eq_ignore_ascii_case("BATCH"));
        Self { client: cluster.client.for_job(job), job: job.id, is_batch, cluster }
    }
}

impl JobRequests<'_> {
    /// What the job's details say, and what `keep` makes of them. Where Flink does not tell what kind of job it is, they
    /// say by then what its options do.
    pub(super) async fn details_with<T>(
        &self,
        keep: impl FnOnce(&JobDetails<'_>) -> T + Send,
    ) -> Result<(JobReading, T), ObserveError> {
        let path = format!("/jobs/{}", self.job);
        let answer = self.client.get_body(&path).await?;
        let mut details: JobDetails<'_> = answer.parse()?;
        details.is_batch_unless_told(self.is_batch);
        let unusable = |invalid| ObserveError::Unusable(format!("{}: {invalid}", answer.endpoint()));
        let reading = details.reading().map_err(unusable)?;
        Ok((reading, keep(&details)))
    }
}

#[async_trait]
impl JobApi for JobRequests<'_> {
    async fn details(&self) -> Result<JobReading, ObserveError> {
        Ok(self.details_with(|_| ()).await?.0)
    }

    async fn metric_names(&self, vertex: VertexId) -> Result<Vec<String>, ObserveError> {
        let path = format!("/jobs/{}/vertices/{vertex}/subtasks/metrics", self.job);
        let mut names = Vec::new();
        let mut length = 0;
        let each = |element: &[u8]| {
            let name: MetricName<'_> = serde_json::from_slice(element).map_err(|problem| problem.to_string())?;
            if is_of_use(&name.id) {
                length += name.id.len();
                names.push(name.id.into_owned());
            }
            if length > MOST_NAMES_BYTES {
                return Err(format!("the names of metrics to ask for are more than {MOST_NAMES_BYTES} bytes"));
            }
            Ok(())
        };
        self.client.get_elements(&path, each).await?;
        Ok(names)
    }

    async fn metric_values(&self, vertex: VertexId, names: &[&str]) -> Result<Vec<MetricValue>, ObserveError> {
        let base = format!("/jobs/{}/vertices/{vertex}/subtasks/metrics?get=", self.job);
        let mut values: Vec<MetricValue> = Vec::new();
        for query in queries(names, LONGEST_URL.saturating_sub(self.client.shown_url().len() + base.len())) {
            values.extend(self.client.get::<Vec<MetricValue>>(&format!("{base}{query}")).await?);
        }
        Ok(values)
    }

    async fn cluster(&self) -> Result<ClusterReading, ObserveError> {
        // Not with this job's deadline: the others wait for the same answer.
        self.cluster.reading.clone().await
    }
}

#[async_trait]
impl ClusterApi for FlinkClient {
    async fn task_manager_metrics(&self, names: &[&str]) -> Result<Vec<MetricValue>, ObserveError> {
        Ok(self.get(&format!("/taskmanagers/metrics?get={}&agg=min,max,avg", query(names))).await?)
    }

    async fn job_manager_metrics(&self, names: &[&str]) -> Result<Vec<MetricValue>, ObserveError> {
        Ok(self.get(&format!("/jobmanager/metrics?get={}", query(names))).await?)
    }
}

/// What stays as it is in a metric's name.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// Names for a query: joined by commas, which an operator's name may have in it, too.
fn query(names: &[&str]) -> String {
    queries(names, usize::MAX).pop().unwrap_or_default()
}

/// Names for as few queries as will do, none longer than `longest` unless a single name is.
fn queries(names: &[&str], longest: usize) -> Vec<String> {
    let mut queries = Vec::new();
    let mut query = String::with_capacity(names.iter().map(|name| name.len() + 8).sum());
    for name in names {
        let end = query.len();
        if end > 0 {
            query.push(',');
        }
        query.extend(utf8_percent_encode(name, ENCODED));
        if end > 0 && query.len() > longest {
            let next = query.split_off(end + 1);
            query.truncate(end);
            queries.push(std::mem::replace(&mut query, next));
        }
    }
    queries.extend(Some(query).filter(|query| !query.is_empty()));
    queries
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use async_trait::async_trait;
    use bytes::Bytes;
    use futures::{StreamExt, stream};
    use tokio::sync::Semaphore;

    use super::*;
    use crate::access::ClusterAccess;
    use crate::client::{Transport, TransportAnswer, TransportError};

    /// Has no metrics, and says so when it is let.
    #[derive(Debug)]
    struct Waiting {
        asked: AtomicUsize,
        lets: Semaphore,
    }

    #[async_trait]
    impl Transport for Waiting {
        async fn send(&self, _: http::Request<Bytes>) -> Result<TransportAnswer, TransportError> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            let _let = self.lets.acquire().await?;
            Ok(http::Response::new(stream::iter([Ok(Bytes::from_static(b"[]"))]).boxed()))
        }

        fn repeats_secret(&self, _: &str) -> bool {
            false
        }

        fn advice(&self, _: u16) -> Option<&'static str> {
            None
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_cluster_answers_comes_though_whoever_asked_first_stands_still() {
        let flink = Arc::new(Waiting { asked: AtomicUsize::new(0), lets: Semaphore::new(0) });
        let (deadline, access) = (Duration::from_secs(10), ClusterAccess::default());
        let client = FlinkClient::through(Arc::clone(&flink) as _, "http://a", deadline, access).unwrap();
        let once = ClusterOnce::new(client);
        assert_eq!(flink.asked.load(Ordering::Relaxed), 0, "nobody needs it yet");
        let mut first = once.reading.clone();
        assert!(futures::poll!(&mut first).is_pending());
        let asked = flink.asked.load(Ordering::Relaxed);
        assert!(asked > 0);
        flink.lets.add_permits(100);
        let second = tokio::time::timeout(deadline * 2, once.reading.clone()).await.unwrap();
        let both = (first.await.is_ok(), second.is_ok());
        assert_eq!(both.0, both.1);
    }

    #[test]
    fn long_queries_are_split_between_names() {
        assert_eq!(queries(&["aa", "bb", "cc"], 5), ["aa,bb", "cc"]);
        assert_eq!(queries(&["a", "a name", "b", "c"], 3), ["a", "a%20name", "b,c"]);
        assert_eq!(queries(&[], 5), [""; 0]);
    }

    #[test]
    fn names_are_encoded() {
        let names = ["Source__a-b.numRecordsIn", "1.a b,c&d=é%"];
        assert_eq!(query(&names), "Source__a-b.numRecordsIn,1.a%20b%2Cc%26d%3D%C3%A9%25");
    }
}
