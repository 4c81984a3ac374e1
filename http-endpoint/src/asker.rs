//! Who asks for something to be done, and that no page of somebody else's has their browser do it.

use std::net::SocketAddr;

use autoscaler_runtime::Approver;
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, Method, header};

use crate::credentials::user;

/// What browsers say of where a request is from; pages can't set it.
const FETCH_SITE: &str = "sec-fetch-site";

/// Who asks, as far as can be told: the address at the other end of the connection, and the user that a browser gave.
pub(crate) fn of(request: &Request) -> Approver {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip());
    let asker = Approver::at(peer.map(|address| address.to_canonical()));
    match user(request.headers()) {
        Some(name) => asker.named(&name),
        None => asker,
    }
}

/// Whether a request would do something, and a page of somebody else's has a browser send it. A browser says so of each
/// request that is not for reading, in one way or another; other programs say nothing, and are nobody's but the user's.
pub(crate) fn is_forged(method: &Method, headers: &HeaderMap) -> bool {
    if method.is_safe() {
        return false;
    }
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    if let Some(site) = text(FETCH_SITE) {
        return site != "same-origin";
    }
    let Some(origin) = text(header::ORIGIN.as_str()) else { return false };
    let host = origin.split_once("://").map(|(_, host)| host);
    host.is_none_or(|host| !text(header::HOST.as_str()).is_some_and(|own| own.eq_ignore_ascii_case(host)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_others_do_nothing() {
        let forged = |method: Method, entries: &[(&'static str, &str)]| {
            let entry =
                |(name, value): &(&'static str, &str)| (header::HeaderName::from_static(name), value.parse().unwrap());
            is_forged(&method, &entries.iter().map(entry).collect())
        };
        let host = ("host", "localhost:8090");
        for (entries, is) in [
            (&[host][..], false),
            (&[host, ("origin", "http://localhost:8090")], false),
            (&[host, ("origin", "http://LOCALHOST:8090")], false),
            (&[host, ("origin", "http://localhost:9000")], true),
            (&[host, ("origin", "http://evil.example")], true),
            (&[host, ("origin", "null")], true),
            (&[host, ("origin", "")], true),
            (&[("origin", "http://localhost:8090")], true),
            (&[host, ("sec-fetch-site", "same-origin"), ("origin", "https://front.example")], false),
            (&[host, ("sec-fetch-site", "same-site"), ("origin", "http://localhost:8090")], true),
            (&[host, ("sec-fetch-site", "cross-site")], true),
            (&[host, ("sec-fetch-site", "none")], true),
        ] {
            assert_eq!(forged(Method::POST, entries), is, "{entries:?}");
            assert!(!forged(Method::GET, entries));
        }
    }
}
