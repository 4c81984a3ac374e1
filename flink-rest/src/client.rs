//! Requests with a deadline and a bounded answer.

mod address;
mod advice;
mod body;
mod calls;
mod carrier;
mod elements;
mod failure;
mod link;
mod redirect;
mod tls;
mod transport;
mod turns;

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use autoscaler_core::ports::BackendObservers;
use autoscaler_core::{ClusterName, JobAutoScalerContext};
use reqwest::header::LOCATION;
use reqwest::{Method, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::access::ClusterAccess;
use crate::error::{RestError, RestProblem};
use crate::wire;
use address::Address;
use body::{Bodies, MAX_ANSWER_BYTES};
use calls::Watchers;
use elements::Elements;
use failure::Failure;
use link::{Link, Ready};
use turns::Turns;

pub use address::without_credentials;
pub use body::AnswerRoom;
pub(crate) use body::Body;
pub use carrier::Carrier;
pub use transport::{Transport, TransportAnswer, TransportError};

/// A client of one cluster. Clones share connections, the bound on requests at a time, and the room there is for large
/// answers.
#[derive(Clone)]
pub struct FlinkClient {
    link: Arc<Link>,
    address: Arc<Address>,
    timeout: Duration,
    turns: Arc<Turns>,
    bodies: Bodies,
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
        Self::with_access(base, timeout, ClusterAccess::default())
    }

    /// The same, reached as `access` says.
    ///
    /// # Errors
    /// The URL is none, files or variables can't be read, what is in them can't be used, or TLS can't be set up.
    pub fn with_access(base: &str, timeout: Duration, access: ClusterAccess) -> Result<Self, RestError> {
        Self::opened(base, timeout, access, None)
    }

    /// The same, with requests carried by `transport`. Of `access` only the further headers and the bound on requests
    /// count.
    ///
    /// # Errors
    /// The URL is none, or headers can't be read or used.
    pub fn through(
        transport: Arc<dyn Transport>,
        base: &str,
        timeout: Duration,
        access: ClusterAccess,
    ) -> Result<Self, RestError> {
        let counting =
            ClusterAccess { headers: access.headers, max_requests: access.max_requests, ..ClusterAccess::default() };
        Self::opened(base, timeout, counting, Some(transport))
    }

    fn opened(
        base: &str,
        timeout: Duration,
        access: ClusterAccess,
        transport: Option<Arc<dyn Transport>>,
    ) -> Result<Self, RestError> {
        let address = Address::parse(base)
            .map_err(|problem| RestError::new("the address of a Flink cluster", RestProblem::Address(problem)))?;
        let broken = |problem: String| RestError::new(address.shown(), RestProblem::Access(problem));
        if address.has_credentials() && access.credentials.is_some() {
            let keys = access.key("auth.*");
            let both = format!("its address has a user in it, and {keys} say who we are, too: leave one of them out");
            return Err(broken(both));
        }
        let turns = Arc::new(Turns::new(access.max_requests));
        let link = Link::open(access, transport, address.is_https(), address.shown())
            .map_err(|problem| problem.of(address.shown()))?;
        Ok(Self {
            link: Arc::new(link),
            address: Arc::new(address),
            timeout,
            turns,
            bodies: Bodies::default(),
            max_answer: MAX_ANSWER_BYTES,
            watchers: None,
        })
    }

    /// The same client with another deadline.
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        Self { timeout, ..self.clone() }
    }

    /// The same client with another bound on an answer, bytes. Those held at once take no more room than [`AnswerRoom`] says.
    #[must_use]
    pub fn with_max_answer(&self, max_answer: usize) -> Self {
        Self { max_answer, ..self.clone() }
    }

    /// The same client, whose large answers also need room in what several clients share.
    #[must_use]
    pub fn with_answer_room(&self, room: &AnswerRoom) -> Self {
        Self { bodies: self.bodies.within(room), ..self.clone() }
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

    /// Where the cluster at `base` would be, as [`place`](Self::place) tells it.
    ///
    /// # Errors
    /// The URL is none; nothing of it is in the problem.
    pub(crate) fn place_of(base: &str) -> Result<String, String> {
        Address::parse(base).map(|address| address.place().to_owned())
    }

    /// The cluster's host and port, and the prefix of its paths if it has one: `gateway:443/flink/a`.
    pub(crate) fn place(&self) -> &str {
        self.address.place()
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

    /// The error that what a `GET path` answered can't be, whatever its form.
    pub fn unexpected(&self, path: &str, problem: String) -> RestError {
        RestError::new(self.address.endpoint(&Method::GET, path), RestProblem::Unexpected(problem))
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
            let mut response = self.successful(&Method::GET, path, None).await?;
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
            let response = self.successful(&method, path, json).await?;
            self.bodies.read(response, self.max_answer).await
        };
        Ok(self.in_time(&method, path, &endpoint, answer).await?.of(endpoint))
    }

    /// An answer that is no error. What is refused for want of the right credentials is tried again where these have
    /// changed meanwhile.
    async fn successful(&self, method: &Method, path: &str, json: Option<String>) -> Result<Response, Failure> {
        let url = self.address.url(path);
        let mut ready = self.link.current().await;
        let mut response = self.send(&ready, method, &url, json.as_ref()).await?;
        if matches!(response.status().as_u16(), 401 | 403)
            && let Some(newer) = self.link.newer(&ready).await
        {
            response = self.send(&newer, method, &url, json.as_ref()).await?;
            ready = newer;
        }
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let body = self.bodies.read(response, self.max_answer).await?;
        let said = wire::error_message(body.bytes());
        let message = self.address.hide(said, body.bytes(), |text| ready.repeats_secret(text));
        Err(match advice::asks_for_certificate(status.as_u16(), body.bytes()) {
            true => RestProblem::ClientCertificate(status.as_u16()).into(),
            false => RestProblem::Status { status: status.as_u16(), message }.into(),
        })
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
        let in_turn = async {
            let _turn = self.turns.take().await;
            answer.await
        };
        let result: Result<T, Failure> = tokio::time::timeout(self.timeout, in_turn).await.unwrap_or(late);
        let result = result.map_err(|Failure { problem, cause }| {
            let advice = advice::by(&self.link, &problem, self.address.has_credentials());
            let error = RestError::new(endpoint, problem).with_advice(advice);
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
    async fn send(
        &self,
        ready: &Ready,
        method: &Method,
        url: &Url,
        json: Option<&String>,
    ) -> Result<Response, Failure> {
        let mut url = Cow::Borrowed(url);
        let mut hops = 0;
        loop {
            let response = ready.answer(self.link.access(), method, &url, json).await?;
            let status = response.status();
            if !redirect::is_redirect(status) {
                return Ok(response);
            }
            let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
            let target = redirect::target(method, &url, status, location, hops).map_err(|problem| match problem {
                RestProblem::Redirected { status, to } => RestProblem::Redirected {
                    status,
                    to: self.address.hide(to, &[], |text| ready.repeats_secret(text)),
                },
                other => other,
            })?;
            (url, hops) = (Cow::Owned(target), hops + 1);
        }
    }
}

#[cfg(test)]
mod tests;
