//! The right to act, as a Lease of coordination.k8s.io.

mod held;
mod object;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use autoscaler_core::{Acquired, ErrorKind, Expiry, Lease, LeaseTerms, LeaseToken, Occupied, PortError};
use k8s_openapi::api::coordination::v1::Lease as LeaseObject;
use kube::Api;
use kube::api::PostParams;
use tokio::time::Instant;

use crate::client::ApiClient;
use held::HeldLeaseObject;
use object::Found;

/// How often a write that met somebody else's is tried again with what is there then.
const TRIES: u32 = 4;

/// A Lease in a namespace. It expires when its `renewTime` has not changed for as long as it lasts, by the clock of whoever
/// looks at it: what other machines' clocks say does not matter. It can pass to another process while this one believes
/// to hold it: who acts goes by the time since it was renewed, and a store that writes under its token asks
/// [`is_held`](Self::is_held).
#[derive(Clone, Debug)]
pub struct KubernetesLease {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    client: ApiClient,
    /// None: the one that the client is in.
    namespace: Option<String>,
    name: String,
    /// What of it was seen to change last, and when.
    seen: Mutex<Option<(Renewal, Instant)>>,
    /// The latest token that this process was given.
    token: Mutex<Option<LeaseToken>>,
}

/// What differs after each renewal and each change of hands.
type Renewal = (LeaseToken, i64);

impl KubernetesLease {
    /// The Lease of a name in a namespace, else in the one that the client is in (the pod's, or the kubeconfig's); it is
    /// created when it is first taken.
    pub fn new(client: ApiClient, namespace: Option<String>, name: impl Into<String>) -> Self {
        let (seen, token) = (Mutex::default(), Mutex::default());
        // A storm of other requests must not cost the lease.
        let client = client.apart();
        Self { shared: Arc::new(Shared { client, namespace, name: name.into(), seen, token }) }
    }

    /// The latest token under which this process took it; none if it never did.
    pub fn token(&self) -> Option<LeaseToken> {
        *self.shared.token.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nobody has taken the lease since it was given out under `token`.
    ///
    /// # Errors
    /// The API server can't be asked.
    pub async fn is_held(&self, token: LeaseToken) -> Result<bool, PortError> {
        let found = self.look().await?;
        Ok(found.is_some_and(|found| found.token == token))
    }

    /// Of kind [`Conflict`](ErrorKind::Conflict): what is written counts no more.
    pub fn passed_on(&self) -> PortError {
        self.about(PortError::new(ErrorKind::Conflict, "the right to act has passed to another process"))
    }

    async fn look(&self) -> Result<Option<Found>, PortError> {
        let Shared { client, namespace, name, .. } = &*self.shared;
        let get = |client| async move { api(client, namespace.as_deref()).get_opt(name).await };
        let found = client.answer("the Lease can't be read", get).await;
        found.map(|object| object.map(Found::of)).map_err(|error| self.about(error))
    }

    fn about(&self, error: PortError) -> PortError {
        let Shared { namespace, name, .. } = &*self.shared;
        error.with("lease", namespace.as_ref().map_or_else(|| name.clone(), |namespace| format!("{namespace}/{name}")))
    }

    /// How much of its time a lease of somebody else's has left, as far as it can be told from here.
    fn left(&self, found: &Found) -> Duration {
        let now = Instant::now();
        let renewal = found.renewal();
        let mut seen = self.shared.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let since = match *seen {
            Some((known, since)) if known == renewal => since,
            _ => now,
        };
        *seen = Some((renewal, since));
        found.duration.saturating_sub(now.duration_since(since))
    }

    fn occupied(&self, found: &Found, left: Duration) -> Occupied {
        let message = "another flink-autoscaler holds the lease, and two would rescale the same jobs: stop it, give this one a lease of \
                       its own, or make both replicas (autoscaler.standalone.high-availability.enabled)";
        let error = self.about(PortError::new(ErrorKind::Conflict, message)).with("holder", found.holder.as_str());
        let renewal = found.token.0.wrapping_add(found.renewed);
        Occupied::new(found.holder.as_str(), error).until(Expiry { left, renewal })
    }

    /// Writes what is to be there in place of what was found; none if somebody else was faster.
    async fn write(&self, found: Option<&Found>, object: &LeaseObject) -> Result<Option<Found>, PortError> {
        let Shared { client, namespace, name, .. } = &*self.shared;
        let put = |client| async move {
            let (api, params) = (api(client, namespace.as_deref()), PostParams::default());
            match found {
                Some(_) => api.replace(name, &params, object).await,
                None => api.create(&params, object).await,
            }
        };
        match client.answer("the Lease can't be written", put).await {
            Ok(object) => Ok(Some(Found::of(object))),
            // Another version than was found, or none any more.
            Err(error) if error.kind() == ErrorKind::Conflict => Ok(None),
            Err(error) if error.kind() == ErrorKind::NotFound && found.is_some() => Ok(None),
            Err(error) => Err(self.about(error)),
        }
    }

    fn busy(&self) -> PortError {
        self.about(PortError::new(ErrorKind::Unavailable, "the Lease is written by others again and again"))
    }
}

fn api(client: kube::Client, namespace: Option<&str>) -> Api<LeaseObject> {
    match namespace {
        Some(namespace) => Api::namespaced(client, namespace),
        None => Api::default_namespaced(client),
    }
}

#[async_trait]
impl Lease for KubernetesLease {
    async fn acquire(&self, terms: &LeaseTerms) -> Result<Acquired, PortError> {
        for _ in 0..TRIES {
            let found = self.look().await?;
            if let Some(found) = found.as_ref().filter(|found| !found.is_free() && found.holder != terms.holder) {
                let left = self.left(found);
                if !left.is_zero() {
                    return Ok(Acquired::Occupied(self.occupied(found, left)));
                }
            }
            let object = object::taken(&self.shared.name, found.as_ref(), terms);
            if let Some(taken) = self.write(found.as_ref(), &object).await? {
                *self.shared.token.lock().unwrap_or_else(PoisonError::into_inner) = Some(taken.token);
                let held = HeldLeaseObject { lease: self.clone(), token: taken.token, duration: terms.duration };
                return Ok(Acquired::Held(Box::new(held)));
            }
        }
        Err(self.busy())
    }
}
