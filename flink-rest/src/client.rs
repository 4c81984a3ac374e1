//! Requests with a deadline and a bounded answer.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;

use crate::error::{RestError, RestProblem};
use crate::wire;

/// The largest answer that is read; a job of a thousand vertices answers with about 2 MB.
pub const MAX_BODY_BYTES: usize = 16 << 20;

/// A client of one cluster. Clones share connections.
#[derive(Clone)]
pub struct FlinkClient {
    http: reqwest::Client,
    base: Arc<str>,
    /// The base as it may be shown: without user and password.
    shown: Arc<str>,
    timeout: Duration,
}

impl fmt::Debug for FlinkClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlinkClient").field("base", &self.shown).field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

impl FlinkClient {
    /// A client of the cluster at `base`, such as `http://localhost:8081`. Each request ends within `timeout`.
    ///
    /// # Errors
    /// The URL is none, or TLS can't be set up.
    pub fn new(base: &str, timeout: Duration) -> Result<Self, RestError> {
        let shown = without_user_info(base);
        let error = |problem: String| RestError {
            method: "GET",
            url: shown.clone(),
            problem: RestProblem::Connection(problem),
        };
        // The provider is process-wide; another part of the process may have chosen it already.
        let _chosen_before = rustls::crypto::ring::default_provider().install_default();
        let url = reqwest::Url::parse(base).map_err(|problem| error(format!("not a URL: {problem}")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(error("expected http:// or https://".to_owned()));
        }
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::limited(3))
            .pool_idle_timeout(Duration::from_secs(60))
            .build()
            .map_err(|problem| error(problem.to_string()))?;
        Ok(Self { http, base: base.trim_end_matches('/').into(), shown: shown.trim_end_matches('/').into(), timeout })
    }

    /// The same client with another deadline.
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        Self { timeout, ..self.clone() }
    }

    /// The cluster's URL, without user and password.
    pub fn shown_url(&self) -> &str {
        &self.shown
    }

    /// `GET path`, its JSON read as `T`.
    ///
    /// # Errors
    /// No full answer in time, an error status, a body too large or not as expected.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, RestError> {
        let body = self.get_body(path).await?;
        serde_json::from_slice(&body).map_err(|problem| self.error("GET", path, unexpected(&body, &problem)))
    }

    /// `GET path`, as it is.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn get_body(&self, path: &str) -> Result<Vec<u8>, RestError> {
        self.request("GET", path, self.http.get(self.url(path))).await
    }

    /// `PUT path` with a JSON body; the answer's body.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn put(&self, path: &str, body: String) -> Result<Vec<u8>, RestError> {
        let request = self.http.put(self.url(path)).header("content-type", "application/json").body(body);
        self.request("PUT", path, request).await
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// An error of this client about `path`. Long queries are cut.
    pub fn error(&self, method: &'static str, path: &str, problem: RestProblem) -> RestError {
        let mut url = format!("{}{path}", self.shown);
        if url.len() > 300 {
            url.truncate(url.floor_char_boundary(300));
            url.push('…');
        }
        RestError { method, url, problem }
    }

    async fn request(
        &self,
        method: &'static str,
        path: &str,
        request: reqwest::RequestBuilder,
    ) -> Result<Vec<u8>, RestError> {
        let answer = async {
            let mut response = request.send().await.map_err(|error| RestProblem::Connection(chain(&error)))?;
            let status = response.status();
            let mut body = Vec::new();
            while let Some(chunk) = response.chunk().await.map_err(|error| RestProblem::Connection(chain(&error)))? {
                if body.len() + chunk.len() > MAX_BODY_BYTES {
                    return Err(RestProblem::TooLarge(MAX_BODY_BYTES));
                }
                body.extend_from_slice(&chunk);
            }
            if status.is_success() {
                Ok(body)
            } else {
                Err(RestProblem::Status { status: status.as_u16(), message: wire::error_message(&body) })
            }
        };
        let result =
            tokio::time::timeout(self.timeout, answer).await.unwrap_or(Err(RestProblem::Timeout(self.timeout)));
        result.map_err(|problem| self.error(method, path, problem))
    }
}

/// What may be shown of a URL: everything but `user:password@`.
fn without_user_info(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").map_or(("", url), |(scheme, rest)| (&url[..scheme.len() + 3], rest));
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    match authority.rfind('@') {
        Some(at) => format!("{scheme}{}", &rest[at + 1..]),
        None => url.to_owned(),
    }
}

/// Says what kind of thing came instead of the JSON expected.
pub(crate) fn unexpected(body: &[u8], problem: &serde_json::Error) -> RestProblem {
    let start = body.iter().find(|byte| !byte.is_ascii_whitespace());
    RestProblem::Unexpected(match start {
        None => "it is empty".to_owned(),
        Some(b'<') => "it is a web page; is this the address of Flink's REST API?".to_owned(),
        Some(_) => problem.to_string(),
    })
}

/// An error with its sources, without what reqwest repeats of the URL.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = String::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let line = error.to_string();
        if !line.starts_with("error sending request") && !text.contains(&line) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&line);
        }
        next = error.source();
    }
    if text.is_empty() { "the request failed".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(without_user_info("http://me:se@cret@host:8081/a@b"), "http://host:8081/a@b");
        assert_eq!(without_user_info("http://host:8081/a@b"), "http://host:8081/a@b");
        assert_eq!(without_user_info("me:secret@host"), "host");
        let client = FlinkClient::new("http://me:secret@host:8081", Duration::from_secs(1)).unwrap();
        let error = client.error("GET", "/jobs", RestProblem::TooLarge(1));
        assert!(!format!("{client:?} {error} {}", client.shown_url()).contains("secret"));
    }
}
