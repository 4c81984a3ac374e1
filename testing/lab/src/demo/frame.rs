//! A view as lines: as many and as long as the terminal takes.

use super::view::{Row, View};
use super::wrap::{cut, wrap};

const EVENTS_SHOWN: usize = 5;
/// An event is told in so many lines at most.
const LINES_OF_EVENT: usize = 2;

/// Fewer than `height` lines of at most `width` characters. Where there is no room for all, older events go first.
pub(crate) fn frame(view: &View, width: usize, height: usize) -> Vec<String> {
    let mut lines = vec![format!("{:>4} s  {}", view.at.as_secs(), view.title)];
    let head = ["vertex", "subtasks", "busy", "can do/s", "target/s", "lag"].map(str::to_owned);
    let [name, subtasks, busy, can_do, target, lag] = head;
    let head = Row { name, subtasks, busy, can_do, target, lag };
    lines.extend(std::iter::once(&head).chain(&view.rows).map(columns));
    lines.insert(2, "─".repeat(lines[1].chars().count()));
    for decision in &view.decisions {
        lines.extend(wrap(decision, width, "    "));
    }
    let room = height.saturating_sub(1);
    lines.truncate(room);
    let mut events: Vec<Vec<String>> = Vec::new();
    let mut left = room - lines.len();
    for event in view.events.iter().rev().take(EVENTS_SHOWN) {
        let told = in_few_lines(event, width);
        let Some(rest) = left.checked_sub(told.len()) else { break };
        left = rest;
        events.push(told);
    }
    lines.extend(events.into_iter().rev().flatten());
    lines.iter().map(|line| cut(line, width)).collect()
}

fn in_few_lines(event: &str, width: usize) -> Vec<String> {
    let mut lines = wrap(event, width, "    ");
    if lines.len() > LINES_OF_EVENT {
        let rest = lines.drain(LINES_OF_EVENT..).collect::<Vec<_>>();
        if let (Some(last), Some(next)) = (lines.last_mut(), rest.first()) {
            *last = cut(&format!("{last} {}", next.trim_start()), width);
        }
    }
    lines
}

/// A view as one line, for output that is no terminal.
pub(crate) fn line(view: &View) -> String {
    let vertex = |row: &Row| {
        let Row { name, subtasks, busy, can_do, target, lag } = row;
        let unknown = ["", "-"];
        let part =
            |what: &str, value: &str, unit: &str| (!unknown.contains(&value)).then(|| format!("{what} {value}{unit}"));
        let parts =
            [part("busy", busy, ""), part("can do", can_do, "/s"), part("target", target, "/s"), part("lag", lag, "")];
        let known = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
        if known.is_empty() { format!("{name} {subtasks}") } else { format!("{name} {subtasks} ({known})") }
    };
    let vertices = view.rows.iter().map(vertex).collect::<Vec<_>>().join("; ");
    format!("{:>4} s  {}: {vertices}", view.at.as_secs(), view.title)
}

fn columns(row: &Row) -> String {
    let Row { name, subtasks, busy, can_do, target, lag } = row;
    format!("{name:<12}{subtasks:>9}{busy:>8}{can_do:>11}{target:>11}{lag:>9}")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn view() -> View {
        let row = |name: &str| Row { name: name.to_owned(), subtasks: "1".to_owned(), ..Row::default() };
        View {
            at: Duration::from_secs(28),
            title: "load x4: 320 records/s".to_owned(),
            rows: ["orders", "enrich", "format"].map(row).into(),
            decisions: vec![
                format!("enrich: {}no change", "so many words; ".repeat(15)),
                "orders: no change".to_owned(),
            ],
            events: (0..9).map(|number| format!("Scaling: event {number} {}", "of note ".repeat(20))).collect(),
        }
    }

    #[test]
    fn a_frame_fits_the_terminal() {
        for (width, height) in [(120, 40), (80, 24), (80, 12), (20, 5), (1, 1)] {
            let lines = frame(&view(), width, height);
            assert!(lines.len() < height, "{width}x{height}: {} lines", lines.len());
            assert!(lines.iter().all(|line| line.chars().count() <= width), "{width}x{height}: {lines:?}");
        }
    }

    #[test]
    fn what_is_new_stays() {
        let lines = frame(&view(), 80, 24);
        assert_eq!(lines[0], "  28 s  load x4: 320 records/s");
        assert!(lines[lines.len() - LINES_OF_EVENT].starts_with("Scaling: event 8"), "{lines:#?}");
        assert_eq!(lines.iter().filter(|line| line.starts_with("Scaling")).count(), EVENTS_SHOWN, "{lines:#?}");
        assert!(lines.last().unwrap().ends_with('…'), "{lines:#?}");
        let lower = frame(&view(), 80, 20);
        assert!(lower.last().unwrap().ends_with('…') && !lower.iter().any(|line| line.starts_with("Scaling: event 4")));
    }

    #[test]
    fn without_a_terminal_a_moment_is_a_line() {
        let mut view = view();
        let (busy, can_do, lag) = ("85 %".to_owned(), "-".to_owned(), "3".to_owned());
        view.rows[0] = Row { name: "orders".to_owned(), subtasks: "1".to_owned(), busy, can_do, lag, ..Row::default() };
        let text = line(&view);
        assert_eq!(text, "  28 s  load x4: 320 records/s: orders 1 (busy 85 %, lag 3); enrich 1; format 1");
    }
}
