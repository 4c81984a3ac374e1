//! The way to a JobManager: directly, or by the ResourceManager's web proxy.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use flink_rest::{Carrier, Transport, TransportAnswer, TransportError, repeats_password, without_credentials};
use url::{Origin, Url};

use crate::options::Road;

/// What all applications' roads have in common.
#[derive(Debug)]
pub(crate) struct Roads {
    pub(crate) choice: Road,
    /// With what is shown to Flink.
    pub(crate) direct: Carrier,
    /// With what is shown to ResourceManagers.
    pub(crate) trusted: Carrier,
    /// With nothing of either.
    pub(crate) bare: Carrier,
    /// The servers that may see what is shown to ResourceManagers.
    pub(crate) trusted_origins: Vec<Origin>,
    /// The web proxy, where it is not the one that the ResourceManager names.
    pub(crate) proxy_address: Option<Base>,
    pub(crate) user_name: Option<String>,
    /// How long one road may take while there is another.
    pub(crate) patience: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Direct,
    Proxy,
}

/// A URL that may hold a user and a password, and is shown without them.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Base(pub(crate) Url);

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(without_credentials(&self.0).as_str())
    }
}

impl fmt::Debug for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Where an attempt's JobManager is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// Tells attempts apart.
    pub(crate) attempt: Option<u32>,
    pub(crate) direct: Option<Base>,
    pub(crate) proxy: Option<Base>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.direct.as_ref().or(self.proxy.as_ref()) {
            Some(base) => base.fmt(f),
            None => f.write_str("no known address"),
        }
    }
}

/// The way to an application's JobManager, whichever attempt it is in.
pub(crate) struct ToApplication {
    roads: Arc<Roads>,
    at: Mutex<At>,
}

#[derive(Debug, Default)]
struct At {
    place: Place,
    /// The way that led to it.
    found: Option<Way>,
}

impl fmt::Debug for ToApplication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToApplication").field("found", &self.at().found).finish_non_exhaustive()
    }
}

impl ToApplication {
    pub(crate) fn new(roads: Arc<Roads>) -> Self {
        Self { roads, at: Mutex::default() }
    }

    fn at(&self) -> MutexGuard<'_, At> {
        // Whole at every moment, so a panic elsewhere does no harm here.
        self.at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the JobManager was last said to be.
    pub(crate) fn place(&self) -> Place {
        self.at().place.clone()
    }

    /// Takes in where it is. The way to another attempt, or address, is found anew.
    pub(crate) fn move_to(&self, place: Place) {
        let mut at = self.at();
        if at.place != place {
            *at = At { place, found: None };
        }
    }

    fn ways(&self, at: &At) -> Vec<(Way, Base)> {
        let direct = at.place.direct.clone().map(|url| (Way::Direct, url));
        let proxy = at.place.proxy.clone().map(|url| (Way::Proxy, url));
        let is_chosen = |way: Way| match (self.roads.choice, at.found) {
            (Road::Direct, _) => way == Way::Direct,
            (Road::Proxy, _) => way == Way::Proxy,
            (Road::Auto, found) => found.is_none_or(|found| found == way),
        };
        direct.into_iter().chain(proxy).filter(|(way, _)| is_chosen(*way)).collect()
    }

    fn note(&self, place: &Place, found: Option<Way>) {
        let mut at = self.at();
        if at.place == *place {
            at.found = found;
        }
    }

    async fn send_by(
        &self,
        way: Way,
        base: &Url,
        request: &http::Request<Bytes>,
    ) -> Result<TransportAnswer, TransportError> {
        let mut url = base.clone();
        url.set_path(&format!("{}{}", base.path().trim_end_matches('/'), request.uri().path()));
        url.set_query(request.uri().query());
        let carrier = match way {
            Way::Direct => &self.roads.direct,
            Way::Proxy if self.roads.trusted_origins.contains(&url.origin()) => &self.roads.trusted,
            Way::Proxy => &self.roads.bare,
        };
        if way == Way::Proxy
            && let Some(user) = &self.roads.user_name
        {
            url.query_pairs_mut().append_pair("user.name", user);
        }
        let mut sent = request.clone();
        *sent.uri_mut() = url.as_str().parse()?;
        carrier.send(sent).await
    }
}

#[async_trait]
impl Transport for ToApplication {
    async fn send(&self, request: http::Request<Bytes>) -> Result<TransportAnswer, TransportError> {
        let (place, ways) = {
            let at = self.at();
            (at.place.clone(), self.ways(&at))
        };
        let mut failure: TransportError =
            "the ResourceManager does not say where the JobManager is: the application is \
             between attempts, the question for this one has failed and is asked again, or we may not view it (VIEW_APP)"
                .into();
        for (number, (way, base)) in ways.iter().enumerate() {
            let sent = self.send_by(*way, &base.0, &request);
            let is_last = number + 1 == ways.len();
            let answer = match !is_last {
                true => tokio::time::timeout(self.roads.patience, sent).await.unwrap_or_else(|late| Err(late.into())),
                false => sent.await,
            };
            match answer {
                // A JobManager that speaks TLS answers plain HTTP so.
                Ok(answer) if *way == Way::Direct && answer.status().is_redirection() && !is_last => {}
                Ok(answer) => {
                    let status = answer.status();
                    // What the proxy says itself, such as that nobody is there, proves no way.
                    let is_of_flink = match way {
                        Way::Direct => !status.is_redirection(),
                        Way::Proxy => status.is_success(),
                    };
                    self.note(&place, is_of_flink.then_some(*way));
                    return Ok(answer);
                }
                Err(error) => failure = error,
            }
        }
        self.note(&place, None);
        Err(failure)
    }

    fn repeats_secret(&self, said: &str) -> bool {
        let Roads { direct, trusted, bare, proxy_address, .. } = &*self.roads;
        [direct, trusted, bare].iter().any(|carrier| carrier.repeats_secret(said))
            || proxy_address.as_ref().is_some_and(|base| repeats_password(&base.0, said))
    }

    fn advice(&self, status: u16) -> Option<&'static str> {
        match status {
            401 | 403 => Some(
                "the ResourceManager's proxy knows us by autoscaler.standalone.fetcher.yarn.auth.* and .user-name where it is at a \
                 URL of resource-managers or proxy-address, Flink itself by autoscaler.standalone.fetcher.flink-cluster.auth.*; \
                 Kerberos is not spoken",
            ),
            500 | 502..=504 => Some("the proxy may find nobody there: is the application's JobManager still starting?"),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_shown_without_user_and_password() {
        let base = |url: &str| Some(Base(Url::parse(url).unwrap()));
        let behind = base("https://me:s3cret@gateway/yarn/proxy/application_1_0001");
        for place in [
            Place { attempt: Some(1), direct: None, proxy: behind.clone() },
            Place { attempt: None, direct: behind, proxy: base("http://a") },
        ] {
            assert_eq!(place.to_string(), "https://gateway/yarn/proxy/application_1_0001");
            let shown = format!("{place:?}");
            assert!(shown.contains("gateway") && !shown.contains("s3cret") && !shown.contains("me:"), "{shown}");
        }
        assert_eq!(Place::default().to_string(), "no known address");
    }
}
