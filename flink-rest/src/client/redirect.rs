//! Answers that send us elsewhere.

use reqwest::{Method, StatusCode};
use url::Url;

use super::address::without_credentials;
use crate::error::RestProblem;

/// Redirects that are followed, one after the other.
const MOST_HOPS: u32 = 3;

pub(super) fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Where to ask next. A login page or another cluster must get neither what is put nor our credentials, and its answer
/// must not count as this cluster's: nothing leads to another server. What is put stays a PUT, so that only redirects
/// that keep the method will do for it.
pub(super) fn target(
    method: &Method,
    at: &Url,
    status: StatusCode,
    location: &str,
    hops: u32,
) -> Result<Url, RestProblem> {
    let refused = |to: String| RestProblem::Redirected { status: status.as_u16(), to };
    let Ok(mut to) = at.join(location) else { return Err(refused("what is no URL".to_owned())) };
    let keeps_method = matches!(status.as_u16(), 307 | 308) || *method == Method::GET;
    if to.origin() != at.origin() || !keeps_method || hops >= MOST_HOPS || location.is_empty() {
        // A query may hold a token.
        to.set_query(None);
        to.set_fragment(None);
        return Err(refused(without_credentials(&to).into()));
    }
    let _no_host = to.set_username(at.username());
    let _no_host = to.set_password(at.password());
    Ok(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(method: &Method, status: u16, location: &str, expected: Result<&str, &str>) {
        let at = Url::parse("https://me:secret@a:8443/jobs").unwrap();
        let found = target(method, &at, StatusCode::from_u16(status).unwrap(), location, 0);
        match (found, expected) {
            (Ok(to), Ok(expected)) => assert_eq!(to.as_str(), expected),
            (Err(RestProblem::Redirected { to, .. }), Err(expected)) => assert_eq!(to, expected),
            (found, _) => panic!("{location}: {found:?}"),
        }
    }

    #[test]
    fn only_the_same_server_is_gone_to() {
        check(&Method::GET, 302, "/other", Ok("https://me:secret@a:8443/other"));
        check(&Method::GET, 301, "https://a:8443/other", Ok("https://me:secret@a:8443/other"));
        check(&Method::GET, 302, "https://me:pass@login/?token=x#y", Err("https://login/"));
        check(&Method::GET, 302, "http://a:8443/jobs", Err("http://a:8443/jobs"));
        check(&Method::GET, 302, "https://a/jobs", Err("https://a/jobs"));
        check(&Method::GET, 302, "", Err("https://a:8443/jobs"));
        check(&Method::GET, 302, "https://[", Err("what is no URL"));
        check(&Method::PUT, 307, "/other", Ok("https://me:secret@a:8443/other"));
        check(&Method::PUT, 302, "/other", Err("https://a:8443/other"));
        check(&Method::PUT, 308, "https://b:8443/jobs", Err("https://b:8443/jobs"));
    }

    #[test]
    fn a_circle_ends() {
        let at = Url::parse("http://a/jobs").unwrap();
        assert!(target(&Method::GET, &at, StatusCode::FOUND, "/jobs", MOST_HOPS).is_err());
    }
}
