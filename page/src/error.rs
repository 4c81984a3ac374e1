//! Pages that can't be shown.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::html;

use crate::document::{Document, Leader};

/// Why there is no page.
#[derive(Debug)]
pub(crate) struct Refused {
    status: StatusCode,
    why: String,
}

impl Refused {
    /// What the address says can't be used.
    pub(crate) fn unusable(why: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, why: why.into() }
    }

    pub(crate) fn unknown(why: impl Into<String>) -> Self {
        Self { status: StatusCode::NOT_FOUND, why: why.into() }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let main = html! { h1 { "Not here" } p { (self.why) } p { a href="/" { "All jobs" } } };
        let document = Document { title: "Not here", crumbs: &[], live: None, leader: Leader::Untold, main };
        (self.status, document.into_response()).into_response()
    }
}
