//! The HTTP client of a cluster with what it shows of us, made anew when files change.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::tls;
use crate::access::{AccessProblem, ClusterAccess, Material};

/// How often files are looked at again, at most.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// How requests get to a cluster.
pub(super) struct Link {
    access: Arc<ClusterAccess>,
    is_https: bool,
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
    http: reqwest::Client,
    headers: HeaderMap,
    basic: Option<(SecretString, SecretString)>,
    pub(super) secrets: Vec<SecretString>,
}

impl Ready {
    /// A request with all that goes with each.
    pub(super) fn request(&self, method: Method, url: Url) -> RequestBuilder {
        let request = self.http.request(method, url).headers(self.headers.clone());
        match &self.basic {
            Some((user, password)) => request.basic_auth(user.expose_secret(), Some(password.expose_secret())),
            None => request,
        }
    }
}

impl Link {
    /// Reads what files and variables hold, and makes the client.
    ///
    /// # Errors
    /// Something can't be read or used.
    pub(super) fn open(access: ClusterAccess, is_https: bool, cluster: &str) -> Result<Self, AccessProblem> {
        let material = access.read()?;
        let http = client(&access, is_https, &material)?;
        let hashes = RandomState::new();
        let state = State {
            seen: seen(&hashes, &material),
            ready: Arc::new(ready(http, material)),
            looked_at: Instant::now(),
            complaint: None,
        };
        let (access, cluster) = (Arc::new(access), cluster.to_owned());
        Ok(Self { access, is_https, cluster, hashes, state: Mutex::new(state) })
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
        let http = {
            let mut state = self.state();
            if found == state.seen {
                if state.complaint.take().is_some() {
                    tracing::info!(cluster = self.cluster, "files can be used again, and hold what they held before");
                }
                return;
            }
            (found.tls == state.seen.tls).then(|| state.ready.http.clone())
        };
        let made = http.map_or_else(|| client(&self.access, self.is_https, &material), Ok);
        match made {
            Ok(http) => {
                let mut state = self.state();
                if state.seen == found {
                    // Somebody else looked at the same time.
                    return;
                }
                (state.ready, state.seen, state.complaint) = (Arc::new(ready(http, material)), found, None);
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

fn ready(http: reqwest::Client, material: Material) -> Ready {
    let Material { headers, basic, secrets, .. } = material;
    Ready { http, headers, basic, secrets }
}

fn client(access: &ClusterAccess, is_https: bool, material: &Material) -> Result<reqwest::Client, AccessProblem> {
    let tls = tls::configuration(is_https || access.proxy.may_speak_tls(), access, material)?;
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .pool_idle_timeout(Duration::from_secs(60));
    let built = access.proxy.apply(builder).and_then(reqwest::ClientBuilder::build);
    built.map_err(|error| AccessProblem::new("the HTTP client", "can't be made").caused_by(error.without_url()))
}

#[cfg(test)]
mod tests;
