//! One job: its vertices, why the one under the cursor gets the subtasks it gets, and what happened.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Paragraph, Row, Table, TableState, Wrap};

use super::look::Look;
use super::number::{UNKNOWN, percent, short, subtasks, time};
use super::sort::trouble;
use crate::cli::asked::answers::{Metric, Vertex, WholeJob};
use crate::cli::say::one_line;

pub(super) fn draw(whole: &WholeJob, cursor: &mut TableState, frame: &mut Frame<'_>, area: Rect, look: Look) {
    let vertices = whole.cycle.as_ref().map_or(&[][..], |cycle| &cycle.vertices);
    let about = about(whole, look);
    cursor.select(cursor.selected().map(|line| line.min(vertices.len().saturating_sub(1))));
    let chosen = cursor.selected().and_then(|line| vertices.get(line));
    let reason = one_line(chosen.and_then(|vertex| vertex.why.as_deref()).unwrap_or_default());
    let lines = reason.chars().count() / usize::from(area.width.max(1)) + 1;
    let heights = [
        Constraint::Length(rows(about.len())),
        Constraint::Length(rows(vertices.len() + 2)),
        Constraint::Max(rows(lines + 1)),
        Constraint::Fill(1),
    ];
    let [head, table, why, below] = Layout::vertical(heights).areas(area);
    frame.render_widget(Text::from(about), head);
    frame.render_stateful_widget(of_vertices(vertices, look), table, cursor);
    frame.render_widget(Paragraph::new(reason).wrap(Wrap { trim: true }), why);
    frame.render_widget(Paragraph::new(happened(whole, look)), below);
}

fn rows(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}

/// The job as such: a line or more.
fn about(whole: &WholeJob, look: Look) -> Vec<Line<'static>> {
    let job = &whole.job;
    let outcome = if job.enabled == Some(false) { "off" } else { job.outcome.as_deref().unwrap_or("no cycle yet") };
    let mut lines = vec![Line::from(vec![
        Span::styled(one_line(&job.name), look.title()),
        Span::raw(format!(
            " {} on {} · {} · {} at {}",
            one_line(&job.key),
            one_line(&job.cluster),
            one_line(&job.status),
            one_line(outcome),
            time(job.at.as_deref())
        )),
    ])];
    if let Some(why) = trouble(job) {
        lines.push(Line::styled(format!("✕ {}", one_line(why)), look.bad()));
    } else if let Some(why) = &job.why {
        lines.push(Line::raw(one_line(why)));
    }
    if let Some(proposal) = &whole.proposal {
        let changes = proposal
            .vertices
            .iter()
            .map(|change| format!("{} {} → {}", one_line(&change.name), change.from, change.to));
        let how = match &proposal.approved_by {
            Some(by) => format!("approved by {}", one_line(by)),
            None => {
                format!("flink-autoscaler approve --job {} --proposal {}", one_line(&job.id), one_line(&proposal.id))
            }
        };
        let text = format!("proposed: {}; {how}", changes.collect::<Vec<_>>().join(", "));
        lines.push(Line::styled(text, look.warn()));
    }
    lines.push(Line::default());
    lines
}

fn of_vertices(vertices: &[Vertex], look: Look) -> Table<'static> {
    let widths = [
        Constraint::Fill(1),
        Constraint::Length(9),
        Constraint::Length(6),
        Constraint::Length(11),
        Constraint::Length(9),
        Constraint::Length(9),
        Constraint::Length(6),
        Constraint::Length(8),
    ];
    let heads = ["vertex", "band", "util", "subtasks", "arrive/s", "can do/s", "busy", "lag"];
    Table::new(vertices.iter().map(|vertex| line(vertex, look)), widths)
        .header(Row::new(heads.map(|head| Text::styled(head, look.dim()))))
        .row_highlight_style(look.chosen())
}

fn line(vertex: &Vertex, look: Look) -> Row<'static> {
    let metric = |name: &str, of: fn(&Metric) -> Option<f64>| vertex.metrics.get(name).and_then(of);
    let target = metric("TARGET_DATA_RATE", |metric| metric.average);
    let capacity = metric("TRUE_PROCESSING_RATE", |metric| metric.average);
    let utilization =
        target.zip(capacity).map(|(target, capacity)| target / capacity).filter(|share| share.is_finite());
    let band = match (capacity, vertex.scale_up_below, vertex.scale_down_above) {
        (Some(capacity), Some(low), _) if capacity < low => Span::styled("▲ above", look.bad()),
        (Some(capacity), _, Some(high)) if capacity > high => Span::styled("▼ below", look.idle()),
        (Some(_), Some(_), _) => Span::styled("● within", look.good()),
        _ => Span::raw(UNKNOWN),
    };
    let number = |text: String| Text::raw(text).right_aligned();
    Row::new([
        Text::raw(one_line(&vertex.name)),
        Text::from(Line::from(band)),
        number(percent(utilization)),
        number(subtasks(Some(vertex.parallelism), vertex.recommended)),
        number(short(target)),
        number(short(capacity)),
        number(percent(metric("LOAD", |metric| metric.average))),
        number(short(metric("LAG", |metric| metric.current))),
    ])
}

/// Scalings and events, newest first.
fn happened(whole: &WholeJob, look: Look) -> Vec<Line<'static>> {
    let mut lines = vec![Line::styled("latest scalings and events (UTC)", look.dim())];
    let names = |id: &str| {
        let vertices = whole.cycle.iter().flat_map(|cycle| &cycle.vertices);
        vertices.into_iter().find(|vertex| vertex.id == id).map_or(id.to_owned(), |vertex| vertex.name.clone())
    };
    let scalings = whole.scalings.iter().map(|scaling| {
        let text = format!("scaled {}: {} → {}", one_line(&names(&scaling.vertex)), scaling.from, scaling.to);
        (scaling.at.as_str(), text)
    });
    let events = whole.events.iter().map(|event| {
        let times = if event.count > 1 { format!(" ×{}", event.count) } else { String::new() };
        (event.at.as_str(), format!("{}{times}: {}", one_line(&event.reason), one_line(&event.message)))
    });
    let mut all: Vec<(&str, String)> = scalings.chain(events).collect();
    all.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    lines.extend(all.into_iter().map(|(at, text)| Line::raw(format!("{} {text}", time(Some(at))))));
    lines
}
