//! The live table: redrawn in place on a terminal; elsewhere printed when something was decided, and each ten seconds.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};

use super::autoscaler::Autoscaler;
use servers::flink::{JobSnapshot, Vertex};

const EVENTS_SHOWN: usize = 5;
/// Width where the terminal does not tell its own.
const WIDTH: u16 = 120;

pub(crate) struct Screen {
    is_terminal: bool,
    /// Lines drawn last, to be drawn over.
    drawn: usize,
    events_printed: usize,
    printed_at: Option<Duration>,
}

impl Screen {
    pub(crate) fn new() -> Self {
        Self { is_terminal: std::io::stdout().is_terminal(), drawn: 0, events_printed: 0, printed_at: None }
    }

    /// Another process has events of its own.
    pub(crate) fn forget_events(&mut self) {
        self.events_printed = 0;
    }

    pub(crate) fn show(&mut self, at: Duration, title: &str, job: &JobSnapshot, autoscaler: &Autoscaler) {
        let head = format!("{:>4} s  {title}", at.as_secs());
        let table = table(job, autoscaler, self.is_terminal);
        if self.is_terminal {
            let first = autoscaler.events.len().saturating_sub(EVENTS_SHOWN);
            let mut lines: Vec<String> = vec![head];
            lines.extend(table.lines().map(str::to_owned));
            lines.extend(autoscaler.events[first..].iter().map(|event| cut(event)));
            self.draw(&lines);
            return;
        }
        let news = &autoscaler.events[self.events_printed..];
        if news.is_empty() && self.printed_at.is_some_and(|last| at < last + Duration::from_secs(10)) {
            return;
        }
        println!("{head}\n{table}");
        news.iter().for_each(|event| println!("  {}", cut(event)));
        println!();
        self.events_printed = autoscaler.events.len();
        self.printed_at = Some(at);
    }

    fn draw(&mut self, lines: &[String]) {
        let mut out = std::io::stdout().lock();
        // Up over what was drawn last, then each line afresh, then whatever is left of the old ones away.
        let up = if self.drawn > 0 { format!("\x1b[{}A", self.drawn) } else { String::new() };
        let text: String = lines.iter().map(|line| format!("\x1b[2K{line}\n")).collect();
        // A terminal that went away can't be helped.
        let _written = write!(out, "{up}{text}\x1b[J").and_then(|()| out.flush());
        self.drawn = lines.len();
    }
}

fn table(job: &JobSnapshot, autoscaler: &Autoscaler, is_terminal: bool) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    if !is_terminal {
        table.set_width(WIDTH);
    }
    table.set_header(["vertex", "subtasks", "busy", "can do/s", "target/s", "lag", "decision"]);
    for vertex in &job.vertices {
        table.add_row(row(vertex, job.lag, autoscaler));
    }
    table.to_string()
}

fn row(vertex: &Vertex, lag: Option<f64>, autoscaler: &Autoscaler) -> Vec<Cell> {
    let said = autoscaler.vertices.get(&vertex.id);
    let number = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.0}"));
    let busy = said.and_then(|said| said.busy).map_or("-".to_owned(), |busy| format!("{:.0} %", busy * 100.0));
    let name = said.map_or(vertex.name.as_str(), |said| said.vertex_name.as_str());
    let why = said.map_or(autoscaler.note.as_str(), |said| said.why.as_str());
    let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
    vec![
        Cell::new(short(name)),
        right(vertex.running.to_string()),
        right(busy),
        right(number(said.and_then(|said| said.rate))),
        right(number(said.and_then(|said| said.target_rate))),
        right(if vertex.is_source { number(lag) } else { String::new() }),
        Cell::new(why),
    ]
}

/// The name without what Flink puts around it.
fn short(name: &str) -> &str {
    name.trim_start_matches("Source: ").split(" -> ").next().unwrap_or(name)
}

/// One line of an event.
fn cut(event: &str) -> String {
    let line = event.lines().next().unwrap_or_default();
    if line.chars().count() > usize::from(WIDTH) {
        line.chars().take(usize::from(WIDTH) - 1).chain(['…']).collect()
    } else {
        line.to_owned()
    }
}
