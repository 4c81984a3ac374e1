//! What stands around each page.

use autoscaler_runtime::ReadModel;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};

use crate::assets;
use crate::text;

/// Whether this process acts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Leader {
    Yes,
    No,
    /// This page does not say.
    Untold,
}

/// A page.
pub(crate) struct Document<'a> {
    pub(crate) title: &'a str,
    /// The pages above this one, with their addresses.
    pub(crate) crumbs: &'a [(String, String)],
    /// Who tells when there is something else to be seen.
    pub(crate) live: Option<String>,
    pub(crate) leader: Leader,
    pub(crate) main: Markup,
}

impl Leader {
    pub(crate) fn of(model: &ReadModel) -> Self {
        if model.may_act() { Self::Yes } else { Self::No }
    }
}

impl IntoResponse for Document<'_> {
    fn into_response(self) -> Response {
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (text::cut(self.title, 80)) " – flink-autoscaler" }
                    link rel="icon" href=(assets::ICON.path());
                    link rel="stylesheet" href=(assets::STYLE.path());
                    script src=(assets::SCRIPT.path()) defer {}
                }
                body {
                    a .skip href="#main" { "Skip to content" }
                    header {
                        nav aria-label="Pages above" {
                            a .brand href="/" { "flink-autoscaler" }
                            @for (name, address) in self.crumbs { a href=(address) { (text::name(name)) } }
                        }
                        @match self.leader {
                            Leader::Yes => span .role { "leader" },
                            Leader::No => span .role.held title="Another process has the right to act" { "follower" },
                            Leader::Untold => {},
                        }
                    }
                    main #main tabindex="-1" data-live=[self.live] { (self.main) }
                    footer { "All times are UTC. " a href="/api/v1/openapi.json" { "API" } " · " a href="/metrics" { "Metrics" } }
                }
            }
        };
        ([(CONTENT_TYPE, "text/html; charset=utf-8")], page.into_string()).into_response()
    }
}
