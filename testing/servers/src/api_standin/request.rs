//! What a request asks for.

use std::collections::BTreeMap;

use axum::http::header;
use axum::http::request::Parts;
use serde_json::Value;

use super::Refusal;

/// A request, taken apart.
#[derive(Debug)]
pub(super) struct Asked {
    /// Method and path, for the log.
    pub(super) line: String,
    pub(super) method: String,
    /// None: of all namespaces, or of none.
    pub(super) namespace: Option<String>,
    pub(super) resource: String,
    pub(super) name: Option<String>,
    pub(super) query: BTreeMap<String, String>,
    pub(super) is_metadata_only: bool,
    pub(super) body: Value,
}

impl Asked {
    pub(super) fn of(head: &Parts, body: &[u8]) -> Result<Self, Refusal> {
        let path = head.uri.path();
        let mut parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let prefix = if parts.first() == Some(&"apis") { 3 } else { 2 };
        if parts.len() <= prefix {
            return Err(invalid(404, format!("there is nothing at {path}")));
        }
        parts.drain(..prefix);
        let namespace = match parts.as_slice() {
            ["namespaces", namespace, _, ..] => Some((*namespace).to_owned()),
            _ => None,
        };
        if namespace.is_some() {
            parts.drain(..2);
        }
        let body = match body {
            [] => Value::Null,
            body => serde_json::from_slice(body).map_err(|error| invalid(400, error.to_string()))?,
        };
        let accept = head.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let content = head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if head.method == "PATCH" && content != "application/merge-patch+json" {
            return Err(invalid(415, format!("the stand-in does not know {content}")));
        }
        Ok(Self {
            line: format!("{} {path}", head.method),
            method: head.method.to_string(),
            namespace,
            resource: parts.first().copied().unwrap_or_default().to_owned(),
            name: parts.get(1).map(|name| (*name).to_owned()),
            query: query(head.uri.query().unwrap_or_default()),
            is_metadata_only: accept.contains("as=PartialObjectMetadata"),
            body,
        })
    }

    pub(super) fn key(&self) -> (String, String) {
        (self.method.clone(), self.resource.clone())
    }

    pub(super) fn verb(&self) -> &'static str {
        match (self.method.as_str(), &self.name) {
            ("GET", Some(_)) => "get",
            ("GET", None) => "list",
            ("POST", _) => "create",
            ("PUT", _) => "update",
            ("PATCH", _) => "patch",
            _ => "delete",
        }
    }
}

fn query(text: &str) -> BTreeMap<String, String> {
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(key, value)| (key.to_owned(), unescaped(value))).collect()
}

fn unescaped(text: &str) -> String {
    let mut pieces = text.split('%');
    let mut unescaped = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (digits, rest) = piece.split_at(piece.len().min(2));
        unescaped.push(char::from(u8::from_str_radix(digits, 16).unwrap_or(b'?')));
        unescaped.push_str(rest);
    }
    unescaped
}

fn invalid(code: u16, message: String) -> Refusal {
    super::refusal(code, message, Value::Null)
}

/// The reason that a code comes with.
pub(super) fn reason(code: u16) -> &'static str {
    match code {
        403 => "Forbidden",
        404 => "NotFound",
        409 => "Conflict",
        410 => "Expired",
        413 => "RequestEntityTooLarge",
        422 => "Invalid",
        429 => "TooManyRequests",
        503 => "ServiceUnavailable",
        _ => "InternalError",
    }
}
