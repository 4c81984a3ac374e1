//! Where a view is shown: redrawn in place on a terminal; elsewhere a line when something happened, and each ten seconds.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use terminal_size::{Height, Width, terminal_size};

use super::frame::{frame, line};
use super::view::View;

/// Columns and lines where the terminal does not tell its own.
const SIZE: (usize, usize) = (80, 24);
/// Between two lines when nothing happens.
const PAUSE: Duration = Duration::from_secs(10);

pub(crate) struct Screen {
    is_terminal: bool,
    /// Lines drawn last, to be drawn over, and the size they were drawn for.
    drawn: usize,
    size: (usize, usize),
    events_printed: usize,
    decisions_printed: Vec<String>,
    subtasks_printed: Vec<String>,
    printed_at: Option<Duration>,
}

impl Screen {
    pub(crate) fn new() -> Self {
        Self {
            is_terminal: std::io::stdout().is_terminal(),
            drawn: 0,
            size: size(),
            events_printed: 0,
            decisions_printed: Vec::new(),
            subtasks_printed: Vec::new(),
            printed_at: None,
        }
    }

    /// Columns that text may take.
    pub(crate) fn width(&self) -> Option<usize> {
        self.is_terminal.then(|| size().0)
    }

    /// Another process has events of its own.
    pub(crate) fn forget_events(&mut self) {
        self.events_printed = 0;
    }

    pub(crate) fn show(&mut self, view: &View) {
        let text = if self.is_terminal { self.drawing(view, size()) } else { self.lines(view) };
        let mut out = std::io::stdout().lock();
        // Whoever watches may have gone away, which can't be helped.
        let _written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }

    /// Up over what was drawn last, each line afresh, and whatever is left of the old ones away.
    fn drawing(&mut self, view: &View, (width, height): (usize, usize)) -> String {
        let lines = frame(view, width, height);
        let up = match self.drawn {
            // A terminal of another size has wrapped what was drawn: it begins anew.
            _ if self.size != (width, height) => "\x1b[2J\x1b[H".to_owned(),
            0 => String::new(),
            drawn => format!("\x1b[{drawn}A"),
        };
        (self.drawn, self.size) = (lines.len(), (width, height));
        // What is below goes before the last line ends, so that all of it is written at once.
        format!("{up}\r{}\x1b[K\x1b[J\n", lines.join("\x1b[K\n"))
    }

    fn lines(&mut self, view: &View) -> String {
        let news = &view.events[self.events_printed.min(view.events.len())..];
        let subtasks: Vec<String> = view.rows.iter().map(|row| row.subtasks.clone()).collect();
        let is_quiet = news.is_empty() && self.subtasks_printed == subtasks;
        if is_quiet && self.printed_at.is_some_and(|last| view.at < last + PAUSE) {
            return String::new();
        }
        let mut lines = vec![line(view)];
        if self.decisions_printed != view.decisions {
            lines.extend(view.decisions.iter().map(|decision| format!("        {decision}")));
        }
        lines.extend(news.iter().map(|event| format!("        {event}")));
        self.events_printed = view.events.len();
        self.decisions_printed.clone_from(&view.decisions);
        (self.subtasks_printed, self.printed_at) = (subtasks, Some(view.at));
        lines.join("\n") + "\n"
    }
}

fn size() -> (usize, usize) {
    match terminal_size() {
        Some((Width(width), Height(height))) if width > 0 && height > 0 => (width.into(), height.into()),
        _ => SIZE,
    }
}

#[cfg(test)]
mod tests {
    use super::super::view::Row;
    use super::*;

    fn screen(is_terminal: bool) -> Screen {
        Screen { is_terminal, size: (80, 24), ..Screen::new() }
    }

    fn view(seconds: u64, events: &[&str]) -> View {
        let events = events.iter().map(|event| (*event).to_owned()).collect();
        View { at: Duration::from_secs(seconds), title: "load".to_owned(), events, ..View::default() }
    }

    #[test]
    fn a_drawing_goes_over_the_last_one() {
        let mut screen = screen(true);
        let first = screen.drawing(&view(1, &["a", "b"]), (80, 24));
        assert!(!first.contains("\x1b[5A") && first.ends_with("b\x1b[K\x1b[J\n"), "{first:?}");
        let second = screen.drawing(&view(2, &["a"]), (80, 24));
        assert!(second.starts_with("\x1b[5A\r"), "{second:?}");
        let smaller = screen.drawing(&view(3, &["a"]), (60, 20));
        assert!(smaller.starts_with("\x1b[2J\x1b[H"), "{smaller:?}");
    }

    #[test]
    fn lines_come_with_news_and_every_ten_seconds() {
        let mut screen = screen(false);
        assert_eq!(screen.lines(&view(1, &["a"])), "   1 s  load: \n        a\n");
        assert_eq!(screen.lines(&view(2, &["a"])), "");
        assert_eq!(screen.lines(&view(3, &["a", "b"])), "   3 s  load: \n        b\n");
        assert_eq!(screen.lines(&view(13, &["a", "b"])), "  13 s  load: \n");
        let row = Row { name: "enrich".to_owned(), subtasks: "2".to_owned(), ..Row::default() };
        let rescaled = View { rows: vec![row], ..view(14, &["a", "b"]) };
        assert_eq!(screen.lines(&rescaled), "  14 s  load: enrich 2\n");
    }
}
