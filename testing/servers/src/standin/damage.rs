//! Answers of every endpoint that is read, damaged in every way: not what a broken Flink answers, but what anything at
//! all could.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::{StreamExt, stream};
use serde_json::{Value, json};

/// An endpoint that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// The list of jobs.
    Overview,
    /// Metrics of the TaskManagers.
    TaskManagers,
    /// Metrics of the JobManager.
    JobManager,
    /// A job's details.
    Details,
    /// A job's configuration.
    Configuration,
    /// Which metrics a vertex has, by its number.
    Names(u32),
    /// The values of a vertex's metrics, by its number.
    Values(u32),
    /// What a job asks for.
    Requirements,
    /// The answer to changing that.
    Rescale,
}

impl Endpoint {
    /// Those of a cluster as a whole.
    pub const OF_CLUSTER: [Self; 3] = [Self::Overview, Self::TaskManagers, Self::JobManager];
    /// Those of a job.
    pub const OF_JOB: [Self; 8] = [
        Self::Details,
        Self::Configuration,
        Self::Names(1),
        Self::Values(1),
        Self::Names(2),
        Self::Values(2),
        Self::Requirements,
        Self::Rescale,
    ];

    /// The endpoint of a request, and the id of the job that it is about.
    pub(super) fn of<'a>(method: &str, path: &'a str) -> Option<(Self, &'a str)> {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        Some(match (method, &segments[..]) {
            ("GET", ["jobs", "overview"]) => (Self::Overview, ""),
            ("GET", ["taskmanagers", "metrics"]) => (Self::TaskManagers, ""),
            ("GET", ["jobmanager", "metrics"]) => (Self::JobManager, ""),
            ("GET", ["jobs", job]) => (Self::Details, job),
            ("GET", ["jobs", job, "jobmanager", "config"]) => (Self::Configuration, job),
            ("GET", ["jobs", job, "vertices", vertex, "subtasks", "metrics"]) => {
                let vertex = if *vertex == testkit::job::id(1) { 1 } else { 2 };
                (if query.is_empty() { Self::Names(vertex) } else { Self::Values(vertex) }, job)
            }
            ("GET", ["jobs", job, "resource-requirements"]) => (Self::Requirements, job),
            ("PUT", ["jobs", job, "resource-requirements"]) => (Self::Rescale, job),
            _ => return None,
        })
    }
}

/// How an answer is damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// Another body.
    Body(&'static [u8]),
    /// Something so many times in a row.
    Repeated(&'static [u8], usize),
    /// Cut after so many hundredths, ended as if it was whole.
    Cut(usize),
    /// Ended before as much has come as was announced.
    Short,
    /// Something behind it.
    Followed(&'static [u8]),
    /// Its first byte that is part of a text.
    Byte(u8),
    /// Every number, as JSON.
    Numbers(&'static str),
    /// Every text, as JSON.
    Texts(&'static str),
    /// Every text is so long.
    LongTexts(usize),
    /// Every id.
    Ids(&'static str),
    /// Every value that is no object or list is null.
    Nulls,
    /// Every list is empty.
    EmptyLists,
    /// Every list has its elements twice.
    TwiceInLists,
    /// Every object has each of its keys again, with null.
    TwiceInObjects,
    /// Every key has another name.
    OtherKeys,
    /// A status with a body.
    Status(u16, &'static str),
    /// A redirect to there.
    Redirect(&'static str),
    /// A byte now and then.
    Drip,
    /// It never ends.
    Endless(&'static [u8]),
    /// It never begins.
    Silence,
}

impl Damage {
    /// All of them.
    pub const ALL: [Self; 44] = [
        Self::Body(b""),
        Self::Body(b" \n\t "),
        Self::Body(b"\xef\xbb\xbf"),
        Self::Body(b"42"),
        Self::Body(b"\"text\""),
        Self::Body(b"true"),
        Self::Body(b"null"),
        Self::Body(b"[]"),
        Self::Body(b"{}"),
        Self::Body(b"[null]"),
        Self::Body(b"\0\x01\x02\xff\xfe"),
        Self::Body(b"<!doctype html><title>Log in</title>"),
        Self::Repeated(b"[", 100_000),
        Self::Repeated(b"{\"a\":", 20_000),
        Self::Cut(50),
        Self::Cut(99),
        Self::Short,
        Self::Followed(b"}"),
        Self::Byte(0xff),
        Self::Byte(0x00),
        Self::Numbers("\"NaN\""),
        Self::Numbers("\"-Infinity\""),
        Self::Numbers("1e400"),
        Self::Numbers("-1"),
        Self::Numbers("99999999999999999999999999"),
        Self::Numbers("{}"),
        Self::Texts("7"),
        Self::Texts("\"\""),
        Self::Texts("\"\\ud800\""),
        Self::Texts("\"a\\nb\\u001b[31m\\u202e\""),
        Self::LongTexts(100_000),
        Self::Ids("not-an-id"),
        Self::Nulls,
        Self::EmptyLists,
        Self::TwiceInLists,
        Self::TwiceInObjects,
        Self::OtherKeys,
        Self::Status(401, "who are you?"),
        Self::Status(500, "{\"errors\":[null,7,{}]}"),
        Self::Redirect("http://127.0.0.2:1/elsewhere"),
        Self::Redirect(""),
        Self::Drip,
        Self::Endless(b" "),
        Self::Silence,
    ];

    /// Whether it leaves an answer as good as it is: there is nothing in it to damage, or what is there is only repeated.
    pub fn leaves_whole(self, endpoint: Endpoint) -> bool {
        use Endpoint::{Configuration, Names, Requirements, Rescale, Values};
        match self {
            Self::TwiceInLists => matches!(endpoint, Configuration | Names(_) | Values(_) | Requirements | Rescale),
            Self::Ids(_) => matches!(endpoint, Configuration | Names(_) | Values(_)),
            Self::Numbers(_) => matches!(endpoint, Names(_)),
            Self::Texts(_) | Self::LongTexts(_) | Self::EmptyLists => matches!(endpoint, Requirements | Rescale),
            _ => false,
        }
    }

    /// What a whole answer becomes.
    pub(super) async fn of(self, whole: &[u8]) -> Response {
        let plain = |body: Vec<u8>| ([(header::CONTENT_TYPE, "application/json")], body).into_response();
        let rewritten = |leaf: fn(&Value, Self) -> Option<String>| {
            let value = serde_json::from_slice(whole).unwrap_or_default();
            plain(self.rewrite(&value, leaf).into_bytes())
        };
        match self {
            Self::Body(body) => plain(body.to_vec()),
            Self::Repeated(part, times) => plain(part.repeat(times)),
            Self::Cut(hundredths) => plain(whole[..whole.len() * hundredths / 100].to_vec()),
            Self::Short => {
                let length = [(header::CONTENT_LENGTH, (whole.len() + 10).to_string())];
                let sent = Bytes::copy_from_slice(whole);
                (length, Body::from_stream(stream::iter([Ok::<_, std::io::Error>(sent)]))).into_response()
            }
            Self::Followed(more) => plain([whole, more].concat()),
            Self::Byte(byte) => {
                let mut body = whole.to_vec();
                if let Some(quote) = body.iter().position(|there| *there == b'"') {
                    body[quote + 1] = byte;
                } else {
                    body.push(byte);
                }
                plain(body)
            }
            Self::Numbers(_) => rewritten(|value, damage| match (value, damage) {
                (Value::Number(_), Self::Numbers(text)) => Some(text.to_owned()),
                // Where numbers come as texts.
                (Value::String(text), Self::Numbers(other)) if text.parse::<f64>().is_ok() => Some(other.to_owned()),
                _ => None,
            }),
            Self::Texts(_) | Self::LongTexts(_) => rewritten(|value, damage| match (value, damage) {
                (Value::String(_), Self::Texts(text)) => Some(text.to_owned()),
                (Value::String(_), Self::LongTexts(length)) => Some(format!("\"{}\"", "x".repeat(length))),
                _ => None,
            }),
            Self::Nulls => rewritten(|value, _| (!value.is_array() && !value.is_object()).then(|| "null".to_owned())),
            Self::EmptyLists => rewritten(|value, _| value.is_array().then(|| "[]".to_owned())),
            Self::Ids(_) | Self::TwiceInLists | Self::TwiceInObjects | Self::OtherKeys => rewritten(|_, _| None),
            Self::Status(status, body) => {
                (StatusCode::from_u16(status).unwrap_or(StatusCode::OK), body).into_response()
            }
            Self::Redirect(location) => {
                let there: [(HeaderName, &str); 1] = [(header::LOCATION, location)];
                (StatusCode::TEMPORARY_REDIRECT, there).into_response()
            }
            Self::Drip => {
                let bytes: Vec<Bytes> = whole.iter().map(|byte| Bytes::copy_from_slice(&[*byte])).collect();
                Response::new(Body::from_stream(stream::iter(bytes).then(|byte| async move {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    Ok::<_, std::io::Error>(byte)
                })))
            }
            Self::Endless(part) => {
                let part = Bytes::from(part.repeat(1 << 16));
                Response::new(Body::from_stream(stream::repeat_with(move || Ok::<_, std::io::Error>(part.clone()))))
            }
            Self::Silence => std::future::pending().await,
        }
    }

    /// A value as text, with what `leaf` puts in its place.
    fn rewrite(self, value: &Value, leaf: fn(&Value, Self) -> Option<String>) -> String {
        if let Some(text) = leaf(value, self) {
            return text;
        }
        match value {
            Value::Array(elements) => {
                let mut texts: Vec<String> = elements.iter().map(|element| self.rewrite(element, leaf)).collect();
                if self == Self::TwiceInLists {
                    texts.extend_from_within(..);
                }
                format!("[{}]", texts.join(","))
            }
            Value::Object(entries) => {
                let sorted: BTreeMap<&String, &Value> = entries.iter().collect();
                let key = |key: &str| match self {
                    Self::OtherKeys => json!(format!("{key}_")).to_string(),
                    _ => self.text(key),
                };
                let mut texts: Vec<String> =
                    sorted.iter().map(|(name, value)| format!("{}:{}", key(name), self.rewrite(value, leaf))).collect();
                if self == Self::TwiceInObjects {
                    texts.extend(sorted.keys().map(|name| format!("{}:null", key(name))));
                }
                format!("{{{}}}", texts.join(","))
            }
            Value::String(text) => self.text(text),
            other => other.to_string(),
        }
    }

    fn text(self, text: &str) -> String {
        let is_id = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        match self {
            Self::Ids(other) if is_id => json!(other).to_string(),
            _ => json!(text).to_string(),
        }
    }
}
