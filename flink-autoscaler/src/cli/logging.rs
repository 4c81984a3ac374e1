//! The log of the running process.

use std::io::{self, Write};

use clap::ValueEnum;
use tracing_subscriber::EnvFilter;

/// How log lines look.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum LogFormat {
    Text,
    Json,
}

/// Says of each request that fails that one did, and not which: whoever made it says more.
const QUIET: &str = "kube_client::client::builder=off";

/// `RUST_LOG` sets what is logged; without it, everything from `info` up.
pub(super) fn to_stderr(format: LogFormat) {
    let filter = filter(&std::env::var("RUST_LOG").unwrap_or_default());
    let is_terminal = io::IsTerminal::is_terminal(&io::stderr());
    // Whoever closes the standard error does not end the process: such errors would be printed there, and fail.
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).log_internal_errors(false);
    match format {
        LogFormat::Text => {
            let lines = move || OneLine { out: io::stderr(), has_colors: is_terminal };
            subscriber.with_ansi(is_terminal).with_writer(lines).init();
        }
        LogFormat::Json => subscriber.json().flatten_event(true).with_writer(io::stderr).init(),
    }
}

/// What is asked for; what says nothing of its own is quiet, unless it is asked for.
fn filter(asked: &str) -> EnvFilter {
    let filter = EnvFilter::builder().with_default_directive(tracing::Level::INFO.into()).parse_lossy(asked);
    match QUIET.parse() {
        Ok(quiet) if !asked.contains("kube") => filter.add_directive(quiet),
        _ => filter,
    }
}

/// Keeps each event, which comes as one write, on a line of its own: names and texts from outside may hold line breaks.
struct OneLine<W> {
    out: W,
    /// Whether the line is colored by escape sequences. Those within values are escaped before they come here.
    has_colors: bool,
}

impl<W: Write> Write for OneLine<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let mut line = String::with_capacity(text.len() + 1);
        for c in text.strip_suffix('\n').unwrap_or(&text).chars() {
            if c.is_control() && !(self.has_colors && c == '\u{1b}') {
                line.extend(c.escape_default());
            } else {
                line.push(c);
            }
        }
        line.push('\n');
        self.out.write_all(line.as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_logged() {
        assert_eq!(filter("").to_string(), format!("{QUIET},info"));
        assert_eq!(filter("warn,a=debug").to_string(), format!("{QUIET},a=debug,warn"));
        assert_eq!(filter("kube_client=debug").to_string(), "kube_client=debug");
    }

    #[test]
    fn an_event_is_one_line_whatever_is_in_it() {
        let written = |has_colors| {
            let mut lines = OneLine { out: Vec::new(), has_colors };
            lines.write_all("\u{1b}[32mINFO\u{1b}[0m name=a\n2026 ERROR forged\r\u{8}\n".as_bytes()).unwrap();
            String::from_utf8(lines.out).unwrap()
        };
        assert_eq!(written(false), "\\u{1b}[32mINFO\\u{1b}[0m name=a\\n2026 ERROR forged\\r\\u{8}\n");
        assert_eq!(written(true), "\u{1b}[32mINFO\u{1b}[0m name=a\\n2026 ERROR forged\\r\\u{8}\n");
    }
}
