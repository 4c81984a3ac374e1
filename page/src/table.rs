//! Tables.

use maud::{Markup, html};

/// What stands above a column.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Head {
    /// Of texts.
    Text(&'static str),
    /// Of numbers, which stand at the right.
    Number(&'static str),
}

/// A table of `what`, which is scrolled sideways where it is too wide, with the keyboard, too.
pub(crate) fn table(what: &str, class: Option<&str>, heads: &Markup, lines: &Markup) -> Markup {
    html! {
        div .scroll tabindex="0" role="region" aria-label=(format!("Table of {what}")) {
            table class=[class] {
                thead { tr { (heads) } }
                tbody { (lines) }
            }
        }
    }
}

pub(crate) fn heads(heads: &[Head]) -> Markup {
    html! {
        @for head in heads {
            @match head {
                Head::Text(title) => th scope="col" { (title) },
                Head::Number(title) => th scope="col" .number { (title) },
            }
        }
    }
}
