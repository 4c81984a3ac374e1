//! Texts and instants in HTML.

use autoscaler_core::time::Instant;
use maud::{Markup, html};

/// Characters of a name that are shown, at most; the rest is in its title.
const LONGEST: usize = 80;

/// A name that somebody else gave: whatever its direction, it leaves what stands around it alone.
pub(crate) fn name(text: &str) -> Markup {
    if text.chars().count() <= LONGEST {
        return html! { bdi { (text) } };
    }
    html! { bdi title=(text) { (cut(text, LONGEST)) } }
}

/// The first `most` characters, and that there are more.
pub(crate) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// An instant, UTC: its time where it is of today, else with its date.
pub(crate) fn instant(at: Instant, now: Instant) -> Markup {
    let format = if at.date_naive() == now.date_naive() { "%H:%M:%S" } else { "%Y-%m-%d %H:%M" };
    html! { time datetime=(at.format("%Y-%m-%dT%H:%M:%SZ")) title=(at.format("%Y-%m-%d %H:%M:%S UTC")) { (at.format(format)) } }
}
