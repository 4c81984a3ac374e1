//! The options of a job, and where they came from.

use autoscaler_core::ParsedConfiguration;
use autoscaler_core::options::{Configuration, JobOptions, OptionSpec};
use maud::{Markup, html};

use crate::table::{self, Head, heads};

const HEADS: [Head; 3] = [Head::Text("Option"), Head::Text("Value"), Head::Text("From")];

/// What is set is shown; what holds by default can be opened.
pub(super) fn table(parsed: Option<&ParsedConfiguration>) -> Markup {
    let Some(parsed) = parsed else { return html! { p .empty { "They are known after its first cycle." } } };
    let configuration = &parsed.configuration;
    let is_set = |spec: &&OptionSpec| spec.key_set_in(configuration).is_some();
    let (set, left): (Vec<_>, Vec<_>) = JobOptions::SPECS.iter().partition(is_set);
    html! {
        @if let Err(error) = &parsed.options { p .trouble { span .bad { "✕ " } (error) } }
        @if set.is_empty() {
            p { "None is set: all are as they are by default." }
        } @else {
            (table::table("options", None, &heads(&HEADS), &html! { @for spec in set { (line(spec, configuration)) } }))
        }
        details #defaults {
            summary { "Defaults of " (left.len()) " others" }
            dl .defaults {
                @for spec in left {
                    dt { code { (spec.key) } }
                    dd { (spec.default.unwrap_or("none")) }
                }
            }
        }
    }
}

fn line(spec: &OptionSpec, configuration: &Configuration) -> Markup {
    let key = spec.key_set_in(configuration).unwrap_or(spec.key);
    let value = configuration.get(key).unwrap_or_default();
    html! {
        tr {
            th scope="row" { code title=(spec.doc) { (key) } }
            td { @if spec.shown.allows(value, &spec.allowed()) { (value) } @else { em { "not shown, as it may be a password" } } }
            td { @if let Some(origin) = configuration.origin(key) { (origin) } }
        }
    }
}
