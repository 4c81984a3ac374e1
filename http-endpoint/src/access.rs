//! Who may ask.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::answer::Refused;
use crate::token::Token;

/// Who may ask.
#[derive(Debug)]
pub(crate) enum Access {
    /// Whoever carries the token.
    Token(Token),
    /// Whoever is on this machine.
    Local,
}

/// Lets a request through, or not. Probes carry no token, and learn nothing but whether all is well.
pub(crate) async fn check(State(access): State<Arc<Access>>, request: Request, next: Next) -> Response {
    if matches!(request.uri().path(), "/healthz" | "/readyz") {
        return next.run(request).await;
    }
    match access.as_ref() {
        Access::Token(token) if !given(request.headers()).is_some_and(|given| token.is(&given)) => {
            let text =
                "this needs the token of the endpoint: Authorization: Bearer TOKEN, in a browser as the password";
            let mut answer = Refused::new(StatusCode::UNAUTHORIZED, text).into_response();
            for scheme in ["Bearer", "Basic realm=\"flink-autoscaler\", charset=\"UTF-8\""] {
                answer.headers_mut().append(header::WWW_AUTHENTICATE, header::HeaderValue::from_static(scheme));
            }
            answer
        }
        // A page of somebody else's whose name leads to this machine must not read what is served here.
        Access::Local if !names_this_machine(request.headers()) => {
            Refused::new(StatusCode::FORBIDDEN, "ask for localhost, or set a token: the name in Host is another one")
                .into_response()
        }
        _ => next.run(request).await,
    }
}

/// The token of a request: as it is or, from a browser that asked for it, as the password of whatever user.
fn given(headers: &HeaderMap) -> Option<Cow<'_, str>> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(Cow::Borrowed(token.trim()));
    }
    let pair = scheme.eq_ignore_ascii_case("basic").then(|| BASE64_STANDARD.decode(token.trim()).ok())??;
    let pair = String::from_utf8(pair).ok()?;
    pair.split_once(':').map(|(_, password)| Cow::Owned(password.to_owned()))
}

fn names_this_machine(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST) else { return true };
    let Ok(host) = host.to_str() else { return false };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_matches(['[', ']']);
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_gives_the_token_as_a_password() {
        let given_as = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            given(&headers).map(Cow::into_owned)
        };
        let basic = |pair: &[u8]| given_as(&format!("Basic {}", BASE64_STANDARD.encode(pair)));
        assert_eq!(basic(b"anybody:a:token").as_deref(), Some("a:token"));
        assert_eq!(basic(b":token").as_deref(), Some("token"));
        assert_eq!(given_as("bearer token").as_deref(), Some("token"));
        for odd in
            [basic(b"no colon"), basic(b"\xff:\xff"), given_as("Basic !"), given_as("Digest a"), given_as("token")]
        {
            assert_eq!(odd, None);
        }
    }

    #[test]
    fn names_of_this_machine() {
        let names = |host: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            names_this_machine(&headers)
        };
        for host in ["localhost", "LocalHost:8090", "127.0.0.1:8090", "[::1]:8090", "10.0.0.1"] {
            assert!(names(host), "{host}");
        }
        for host in ["evil.example", "localhost.evil.example:8090", "", "127.0.0.1.evil.example"] {
            assert!(!names(host), "{host}");
        }
        assert!(names_this_machine(&HeaderMap::new()));
    }
}
