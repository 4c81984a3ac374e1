//! Requests with a deadline and a bounded answer.

mod address;
mod body;
mod calls;
mod elements;
mod failure;
mod redirect;
mod tls;

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use autoscaler_core::ports::BackendObservers;
use autoscaler_core::{ClusterName, JobAutoScalerContext};
use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::{Method, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::error::{RestError, RestProblem};
use crate::wire;
use address::Address;
use body::{LargeBodies, MAX_ANSWER_BYTES};
use calls::Watchers;
use elements::Elements;
use failure::Failure;

pub(crate) use body::Body;

/// A client of one cluster. Clones share connections, and the room there is for large answers.
#[derive(Clone)]
pub struct FlinkClient {
    http: reqwest::Client,
    address: Arc<Address>,
    timeout: Duration,
    large_bodies: LargeBodies,
    max_answer: usize,
    watchers: Option<Arc<Watchers>>,
}

/// The address is shown without user and password.
impl fmt::Debug for FlinkClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlinkClient")
            .field("address", &self.address.shown())
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

impl FlinkClient {
    /// A client of the cluster at `base`, such as `http://localhost:8081` or `https://user:password@gateway/flink/a`.
    /// Each request ends within `timeout`. Proxies that environment variables name are not used: a JobManager is
    /// reached directly, as Flink's own clients do.
    ///
    /// # Errors
    /// The URL is none, or TLS can't be set up.
    pub fn new(base: &str, timeout: Duration) -> Result<Self, RestError> {
        let broken = |problem: String| RestError::new("the address of a Flink cluster", RestProblem::Address(problem));
        let address = Address::parse(base).map_err(broken)?;
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(
                tls::configuration(address.is_https()).map_err(|error| broken("no TLS".to_owned()).caused_by(error))?,
            )
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .pool_idle_timeout(Duration::from_secs(60))
            .build()
            .map_err(|error| broken("no HTTP client".to_owned()).caused_by(error.without_url()))?;
        Ok(Self {
            http,
            address: Arc::new(address),
            timeout,
            large_bodies: LargeBodies::default(),
            max_answer: MAX_ANSWER_BYTES,
            watchers: None,
        })
    }

    /// The same client with another deadline.
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        Self { timeout, ..self.clone() }
    }

    /// The same client with another bound on an answer, bytes. Of 16 MiB and more, one is held at a time.
    #[must_use]
    pub fn with_max_answer(&self, max_answer: usize) -> Self {
        Self { max_answer, ..self.clone() }
    }

    /// The same client, with each of its requests told to those who watch backends, as one to `cluster`.
    #[must_use]
    pub fn watched_by(&self, observers: BackendObservers, cluster: ClusterName) -> Self {
        let watchers = (!observers.is_empty()).then(|| Arc::new(Watchers::new(cluster, observers)));
        Self { watchers, ..self.clone() }
    }

    /// The same client with the deadline that a job's options set.
    #[must_use]
    pub fn for_job(&self, job: &JobAutoScalerContext) -> Self {
        self.with_timeout(job.options().map_or(self.timeout, |options| options.rest_client_timeout))
    }

    /// The cluster's URL, without user and password.
    pub fn shown_url(&self) -> &str {
        self.address.shown()
    }

    /// The cluster's host and port.
    pub(crate) fn host_and_port(&self) -> &str {
        self.address.host_and_port()
    }

    /// `GET path`, its JSON read as `T`. The path begins with a slash; what is unusual in it is percent-encoded.
    ///
    /// # Errors
    /// No full answer in time, an error status, a body too large or not as expected.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, RestError> {
        self.get_body(path).await?.parse()
    }

    /// `GET path`, as it is.
    pub(crate) async fn get_body(&self, path: &str) -> Result<Body, RestError> {
        self.request(Method::GET, path, None).await
    }

    /// `PUT path`, with a value as JSON.
    ///
    /// # Errors
    /// No full answer in time, or an error status.
    pub async fn put(&self, path: &str, value: &(impl Serialize + Sync)) -> Result<(), RestError> {
        let json = serde_json::to_string(value).map_err(|problem| {
            let endpoint = self.address.endpoint(&Method::PUT, path);
            RestError::new(endpoint, RestProblem::Unexpected("what is to be put is no JSON".to_owned()))
                .caused_by(problem)
        })?;
        self.request(Method::PUT, path, Some(json)).await.map(drop)
    }

    /// `GET path`, a JSON array: hands on each element as it arrives. Nothing is kept of those handed on, so that only
    /// the bound on an answer holds, and no others have to wait.
    pub(crate) async fn get_elements(
        &self,
        path: &str,
        mut each: impl FnMut(&[u8]) -> Result<(), String> + Send,
    ) -> Result<(), RestError> {
        let endpoint = self.address.endpoint(&Method::GET, path);
        let answer = async {
            let mut response = self.successful(&Method::GET, path, None, &endpoint).await?;
            let (mut elements, mut length) = (Elements::default(), 0);
            while let Some(chunk) = response.chunk().await? {
                length += chunk.len();
                if length > self.max_answer {
                    return Err(RestProblem::TooLarge(self.max_answer).into());
                }
                elements.feed(&chunk, &mut each).map_err(RestProblem::Unexpected)?;
            }
            Ok(elements.end().map_err(RestProblem::Unexpected)?)
        };
        self.in_time(&Method::GET, path, &endpoint, answer).await
    }

    async fn request(&self, method: Method, path: &str, json: Option<String>) -> Result<Body, RestError> {
        let endpoint = self.address.endpoint(&method, path);
        let answer = async {
            let response = self.successful(&method, path, json, &endpoint).await?;
            self.large_bodies.read(response, self.max_answer, endpoint.clone()).await
        };
        self.in_time(&method, path, &endpoint, answer).await
    }

    /// An answer that is no error.
    async fn successful(
        &self,
        method: &Method,
        path: &str,
        json: Option<String>,
        endpoint: &str,
    ) -> Result<Response, Failure> {
        let url = self.address.url(path).map_err(RestProblem::Address)?;
        let response = self.send(method, url, json).await?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let body = self.large_bodies.read(response, self.max_answer, endpoint.to_owned()).await?;
        let message = self.address.hide(wire::error_message(body.bytes()));
        Err(RestProblem::Status { status: status.as_u16(), message }.into())
    }

    /// What comes of a request within the deadline.
    async fn in_time<T>(
        &self,
        method: &Method,
        path: &str,
        endpoint: &str,
        answer: impl Future<Output = Result<T, Failure>> + Send,
    ) -> Result<T, RestError> {
        let late = Err(RestProblem::Timeout(self.timeout).into());
        let calling = self.watchers.as_ref().map(|watchers| watchers.calling(method, path));
        let result: Result<T, Failure> = tokio::time::timeout(self.timeout, answer).await.unwrap_or(late);
        let result = result.map_err(|Failure { problem, cause }| {
            let error = RestError::new(endpoint, problem);
            match cause {
                Some(cause) => error.caused_by(cause),
                None => error,
            }
        });
        if let Some(calling) = calling {
            calling.ended(result.as_ref().err().map(RestError::kind));
        }
        result
    }

    /// Sends a request, and follows redirects that stay on the server.
    async fn send(&self, method: &Method, mut url: Url, json: Option<String>) -> Result<Response, Failure> {
        let mut hops = 0;
        loop {
            let mut request = self.http.request(method.clone(), url.clone());
            if let Some(json) = &json {
                request = request.header(CONTENT_TYPE, "application/json").body(json.clone());
            }
            let response = request.send().await?;
            let status = response.status();
            if !redirect::is_redirect(status) {
                return Ok(response);
            }
            let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
            url = redirect::target(method, &url, status, location, hops)?;
            hops += 1;
        }
    }
}

#[cfg(test)]
mod tests;
