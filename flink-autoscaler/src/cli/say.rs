//! What is said beside a command's output, on the standard error.

use std::io::Write;

use autoscaler::autoscaler_core::ErrorChain;

use super::hints;

/// Something to know about what was asked for.
pub(super) fn remark(text: &str) {
    line(text);
}

/// Why a command failed: the error with everything that led to it, once, and what to do.
pub(super) fn failure(error: &anyhow::Error) {
    let chain = ErrorChain(error.as_ref()).to_string();
    match hints::hint(error) {
        Some(hint) => line(&format!("{chain} ({hint})")),
        None => line(&chain),
    }
}

fn line(text: &str) {
    // Somebody who closed the standard error has heard enough.
    let _closed = writeln!(std::io::stderr(), "flink-autoscaler: {}", one_line(text));
}

/// A text that may come from outside, on one line: without characters that move a terminal's cursor.
pub(super) fn one_line(text: &str) -> String {
    let escaped = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    text.chars().map(escaped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(one_line("a\nb\u{1b}[2Jc é"), "a\\nb\\u{1b}[2Jc é");
    }
}
