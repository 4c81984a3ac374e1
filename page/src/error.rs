//! Pages that can't be shown.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::html;

use crate::document::{Document, Leader};

/// Why there is no page.
#[derive(Debug)]
pub(crate) struct Refused {
    status: StatusCode,
    title: &'static str,
    why: String,
    /// Where to go on, with what is there.
    back: (String, &'static str),
}

impl Refused {
    /// What the address says can't be used.
    pub(crate) fn unusable(why: impl Into<String>) -> Self {
        Self::not_here(StatusCode::BAD_REQUEST, why.into())
    }

    pub(crate) fn unknown(why: impl Into<String>) -> Self {
        Self::not_here(StatusCode::NOT_FOUND, why.into())
    }

    /// What was asked to be done of a job does not fit what it is like.
    pub(crate) fn conflict(why: impl Into<String>, job: String) -> Self {
        Self { status: StatusCode::CONFLICT, title: "Not done", why: why.into(), back: (job, "The job") }
    }

    fn not_here(status: StatusCode, why: String) -> Self {
        Self { status, title: "Not here", why, back: ("/".to_owned(), "All jobs") }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (address, place) = &self.back;
        let main = html! { h1 { (self.title) } p { (self.why) } p { a href=(address) { (place) } } };
        let document = Document { title: self.title, crumbs: &[], live: None, leader: Leader::Untold, main };
        (self.status, document.into_response()).into_response()
    }
}
