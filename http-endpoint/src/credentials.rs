//! What a request says of who sends it.

use std::borrow::Cow;

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// The token of a request: as it is or, from a browser that asked for it, as the password of whatever user.
pub(crate) fn token(headers: &HeaderMap) -> Option<Cow<'_, str>> {
    let (scheme, token) = scheme_and_value(headers)?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(Cow::Borrowed(token.trim()));
    }
    basic(scheme, token).map(|(_, password)| Cow::Owned(password))
}

/// The user that a browser gave with the token.
pub(crate) fn user(headers: &HeaderMap) -> Option<String> {
    let (scheme, token) = scheme_and_value(headers)?;
    basic(scheme, token).map(|(user, _)| user)
}

fn scheme_and_value(headers: &HeaderMap) -> Option<(&str, &str)> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')
}

fn basic(scheme: &str, value: &str) -> Option<(String, String)> {
    let pair = scheme.eq_ignore_ascii_case("basic").then(|| BASE64_STANDARD.decode(value.trim()).ok())??;
    let pair = String::from_utf8(pair).ok()?;
    pair.split_once(':').map(|(user, password)| (user.to_owned(), password.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(value: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::AUTHORIZATION, value.parse().unwrap())])
    }

    #[test]
    fn a_browser_gives_the_token_as_a_password() {
        let given = |value: &str| token(&headers(value)).map(Cow::into_owned);
        let encoded = |pair: &[u8]| format!("Basic {}", BASE64_STANDARD.encode(pair));
        assert_eq!(given(&encoded(b"anybody:a:token")).as_deref(), Some("a:token"));
        assert_eq!(given(&encoded(b":token")).as_deref(), Some("token"));
        assert_eq!(given("bearer token").as_deref(), Some("token"));
        let odd = [&encoded(b"no colon"), &encoded(b"\xff:\xff"), "Basic !", "Digest a", "token"];
        assert!(odd.into_iter().all(|value| given(value).is_none()));
        assert_eq!(user(&headers(&encoded(b"anybody:a:token"))).as_deref(), Some("anybody"));
        assert_eq!(user(&headers("bearer token")), None);
    }
}
