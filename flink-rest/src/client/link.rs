//! The HTTP client of a cluster with what it shows of us, made anew when files change.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, RequestBuilder, Response};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::failure::Failure;
use super::tls;
use super::transport::{Transport, TransportError};
use super::turns::QUICK;
use crate::access::{AccessProblem, ClusterAccess, Material};

/// How often files are looked at again, at most.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// How requests get to a cluster.
pub(super) struct Link {
    access: Arc<ClusterAccess>,
    is_https: bool,
    /// Instead of connections of our own.
    transport: Option<Arc<dyn Transport>>,
    /// The cluster's URL, as it may be shown.
    cluster: String,
    hashes: RandomState,
    state: Mutex<State>,
}

struct State {
    ready: Arc<Ready>,
    seen: Seen,
    looked_at: Instant,
    /// What is in the files that can't be used, or that they can't be read.
    complaint: Option<u64>,
}

/// What files held, as hashes.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Seen {
    tls: u64,
    all: u64,
}

/// A client, and what goes with each request.
pub(super) struct Ready {
    way: Way,
    headers: HeaderMap,
    basic: Option<(SecretString, SecretString)>,
    secrets: Vec<SecretString>,
}

/// What requests are sent by.
#[derive(Clone)]
enum Way {
    Direct(reqwest::Client),
    Through(Arc<dyn Transport>),
}

impl Ready {
    /// Whether what a server says holds a secret that goes with each request, or one that was added on the way.
    pub(super) fn repeats_secret(&self, said: &str) -> bool {
        self.secrets.iter().any(|secret| said.contains(secret.expose_secret()))
            || matches!(&self.way, Way::Through(transport) if transport.repeats_secret(said))
    }

    /// What a request with all that goes with each is answered.
    pub(super) async fn answer(
        &self,
        access: &ClusterAccess,
        method: &Method,
        url: &Url,
        json: Option<&String>,
    ) -> Result<Response, Failure> {
        let mut headers = self.headers.clone();
        if json.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        match &self.way {
            Way::Direct(client) => {
                let mut request = self.signed(client.request(method.clone(), url.clone()).headers(headers));
                if let Some(json) = json {
                    request = request.body(json.clone());
                }
                request.send().await.map_err(|error| Failure::by(&access.proxy, error))
            }
            Way::Through(transport) => {
                let body = json.map(|json| Bytes::from(json.clone())).unwrap_or_default();
                let mut request = http::Request::new(body);
                *request.method_mut() = method.clone();
                *request.uri_mut() = url.as_str().parse().map_err(Failure::on_the_way)?;
                *request.headers_mut() = headers;
                let answer = transport.send(request).await.map_err(Failure::on_the_way)?;
                Ok(answer.map(reqwest::Body::wrap_stream).into())
            }
        }
    }

    /// With user and password, where we have them.
    fn signed(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.basic {
            Some((user, password)) => request.basic_auth(user.expose_secret(), Some(password.expose_secret())),
            None => request,
        }
    }

    /// What a request of somebody else's making is answered; what goes with each goes with it.
    pub(super) async fn carry(&self, request: http::Request<Bytes>) -> Result<Response, TransportError> {
        let Way::Direct(client) = &self.way else { return Err("it is carried by somebody else already".into()) };
        let (parts, body) = request.into_parts();
        let sent = client.request(parts.method, parts.uri.to_string()).headers(parts.headers);
        let mut sent = self.signed(sent.headers(self.headers.clone()));
        if !body.is_empty() {
            sent = sent.body(body);
        }
        sent.send().await.map_err(|error| error.without_url().into())
    }
}

impl Link {
    /// Reads what files and variables hold, and makes the client.
    ///
    /// # Errors
    /// Something can't be read or used.
    pub(super) fn open(
        access: ClusterAccess,
        transport: Option<Arc<dyn Transport>>,
        is_https: bool,
        cluster: &str,
    ) -> Result<Self, AccessProblem> {
        let material = access.read()?;
        let way = way(transport.as_ref(), &access, is_https, &material)?;
        let hashes = RandomState::new();
        let state = State {
            seen: seen(&hashes, &material),
            ready: Arc::new(ready(way, material)),
            looked_at: Instant::now(),
            complaint: None,
        };
        let (access, cluster) = (Arc::new(access), cluster.to_owned());
        Ok(Self { access, is_https, transport, cluster, hashes, state: Mutex::new(state) })
    }

    /// What carries requests instead of connections of our own.
    pub(super) fn transport(&self) -> Option<&dyn Transport> {
        self.transport.as_deref()
    }

    pub(super) fn access(&self) -> &ClusterAccess {
        &self.access
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Whole at every moment, so a panic elsewhere does no harm here.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The client as it was made last.
    pub(super) fn now(&self) -> Arc<Ready> {
        Arc::clone(&self.state().ready)
    }

    /// The client, made anew where files have changed. One request a second has to look.
    pub(super) async fn current(&self) -> Arc<Ready> {
        if self.access.has_files() {
            let is_due = {
                let mut state = self.state();
                let is_due = state.looked_at.elapsed() >= LOOK_AGAIN;
                if is_due {
                    state.looked_at = Instant::now();
                }
                is_due
            };
            if is_due {
                self.look().await;
            }
        }
        self.now()
    }

    /// The client made anew, if files have changed since `used` was made.
    pub(super) async fn newer(&self, used: &Arc<Ready>) -> Option<Arc<Ready>> {
        if !self.access.has_files() {
            return None;
        }
        if Arc::ptr_eq(used, &self.now()) {
            self.look().await;
        }
        Some(self.now()).filter(|now| !Arc::ptr_eq(used, now))
    }

    /// Looks at the files.
    async fn look(&self) {
        let access = Arc::clone(&self.access);
        // Only a runtime that ends does not run it.
        let Ok(read) = tokio::task::spawn_blocking(move || access.read()).await else { return };
        let material = match read {
            Ok(material) => material,
            Err(problem) => return self.complain(self.hashes.hash_one(problem.to_string()), problem),
        };
        let found = seen(&self.hashes, &material);
        let same = {
            let mut state = self.state();
            if found == state.seen {
                if state.complaint.take().is_some() {
                    tracing::info!(cluster = self.cluster, "files can be used again, and hold what they held before");
                }
                return;
            }
            (found.tls == state.seen.tls).then(|| state.ready.way.clone())
        };
        let made = || way(self.transport.as_ref(), &self.access, self.is_https, &material);
        match same.map_or_else(made, Ok) {
            Ok(way) => {
                let mut state = self.state();
                if state.seen == found {
                    // Somebody else looked at the same time.
                    return;
                }
                (state.ready, state.seen, state.complaint) = (Arc::new(ready(way, material)), found, None);
                tracing::info!(cluster = self.cluster, "files have changed: what is in them now is used from here on");
            }
            Err(problem) => self.complain(found.all, problem),
        }
    }

    /// Says once that files can't be used as they are.
    fn complain(&self, about: u64, problem: AccessProblem) {
        if self.state().complaint.replace(about) != Some(about) {
            let problem = autoscaler_core::ErrorChain(&problem);
            tracing::warn!(
                cluster = self.cluster,
                "goes on with what files held before, as they can't be used now: {problem}"
            );
        }
    }
}

fn seen(hashes: &RandomState, material: &Material) -> Seen {
    let tls = hashes.hash_one((&material.ca, &material.identity));
    let headers: Vec<_> = material.headers.iter().map(|(name, value)| (name, value.as_bytes())).collect();
    let password = material.basic.as_ref().map(|(_, password)| password.expose_secret());
    Seen { tls, all: hashes.hash_one((tls, headers, password)) }
}

fn ready(way: Way, material: Material) -> Ready {
    let Material { headers, basic, secrets, .. } = material;
    Ready { way, headers, basic, secrets }
}

fn way(
    transport: Option<&Arc<dyn Transport>>,
    access: &ClusterAccess,
    is_https: bool,
    material: &Material,
) -> Result<Way, AccessProblem> {
    match transport {
        Some(transport) => Ok(Way::Through(Arc::clone(transport))),
        None => client(access, is_https, material).map(Way::Direct),
    }
}

fn client(access: &ClusterAccess, is_https: bool, material: &Material) -> Result<reqwest::Client, AccessProblem> {
    let tls = tls::configuration(is_https || access.proxy.may_speak_tls(), access, material)?;
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        // YARN's proxy knows headers by their usual case only.
        .http1_title_case_headers()
        .pool_max_idle_per_host(QUICK)
        .pool_idle_timeout(Duration::from_secs(60));
    if !is_https {
        // What it sends again is what HTTP/2 refused, which takes TLS; each request would be copied for it.
        builder = builder.retry(reqwest::retry::never().max_retries_per_request(0));
    }
    let built = access.proxy.apply(builder).and_then(reqwest::ClientBuilder::build);
    built.map_err(|error| AccessProblem::new("the HTTP client", "can't be made").caused_by(error.without_url()))
}

#[cfg(test)]
mod tests;
