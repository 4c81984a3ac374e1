//! Who may ask.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::answer::Refused;
use crate::token::Token;
use crate::{asker, credentials};

/// Who may ask.
#[derive(Debug)]
pub(crate) enum Access {
    /// Whoever carries the token.
    Token(Token),
    /// Whoever is on this machine.
    Local,
}

/// Lets a request through, or not. Probes carry no token, and learn nothing but whether all is well.
pub(crate) async fn check(State(access): State<Arc<Access>>, mut request: Request, next: Next) -> Response {
    if matches!(request.uri().path(), "/healthz" | "/readyz") {
        return next.run(request).await;
    }
    match access.as_ref() {
        Access::Token(token) if !credentials::token(request.headers()).is_some_and(|given| token.is(&given)) => {
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
        // A browser sends what it knows of us along with whatever a page has it ask for.
        _ if asker::is_forged(request.method(), request.headers()) => {
            let text = "a page of another origin asks; behind a proxy, have it pass on the Host that was asked for";
            Refused::new(StatusCode::FORBIDDEN, text).into_response()
        }
        _ => {
            let asker = asker::of(&request);
            request.extensions_mut().insert(asker);
            next.run(request).await
        }
    }
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
