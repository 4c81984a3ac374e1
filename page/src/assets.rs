//! What pages are dressed with: part of the program, and named after its content, so that it can be kept for good.

use std::fmt::Write;
use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sha2::{Digest, Sha256};

use crate::Page;

pub(crate) static STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("css", "text/css; charset=utf-8", include_str!("assets/page.css")));
pub(crate) static SCRIPT: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("js", "text/javascript; charset=utf-8", include_str!("assets/page.js")));
pub(crate) static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("svg", "image/svg+xml", include_str!("assets/icon.svg")));

/// A file.
#[derive(Debug)]
pub(crate) struct Asset {
    path: String,
    media_type: &'static str,
    content: &'static str,
}

impl Asset {
    fn new(ending: &str, media_type: &'static str, content: &'static str) -> Self {
        let mut path = "/assets/".to_owned();
        for byte in Sha256::digest(content).iter().take(6) {
            // A text takes whatever is written.
            let _written = write!(path, "{byte:02x}");
        }
        Self { path: format!("{path}.{ending}"), media_type, content }
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    pub(crate) fn content(&self) -> &'static str {
        self.content
    }

    fn answer(&self) -> Response {
        let kept = HeaderValue::from_static("private, max-age=31536000, immutable");
        let media_type = HeaderValue::from_static(self.media_type);
        ([(CACHE_CONTROL, kept), (CONTENT_TYPE, media_type)], self.content).into_response()
    }
}

pub(crate) fn routes() -> Router<Arc<Page>> {
    [&STYLE, &SCRIPT, &ICON]
        .into_iter()
        .fold(Router::new(), |routes, asset| routes.route(asset.path(), get(move || async move { asset.answer() })))
}
