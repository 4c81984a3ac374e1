//! All jobs, a line each.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Row, Table, TableState};

use super::look::Look;
use super::number::{UNKNOWN, percent, short, subtasks, time};
use super::sort::trouble;
use crate::cli::asked::answers::Job;
use crate::cli::say::one_line;

/// Draws the jobs that a search found, if there was one, with the line that the cursor is on.
pub(super) fn draw(
    jobs: &[&Job],
    search: &str,
    cursor: &mut TableState,
    frame: &mut Frame<'_>,
    area: Rect,
    look: Look,
) {
    let [table, below] = Layout::vertical([Constraint::Fill(1), Constraint::Length(2)]).areas(area);
    let chosen = cursor.selected().map(|line| line.min(jobs.len().saturating_sub(1)));
    // Of the one that the cursor is on there is room for the whole reason.
    let why = chosen.and_then(|line| jobs.get(line)).and_then(|job| trouble(job).or(job.why.as_deref()));
    frame.render_widget(Text::styled(one_line(why.unwrap_or_default()), look.dim()), below);
    if jobs.is_empty() {
        let text = if search.is_empty() { "no job is watched yet" } else { "no job is like that" };
        return frame.render_widget(text, table);
    }
    let lines: Vec<Row<'_>> = jobs.iter().map(|job| line(job, look)).collect();
    let widths = [
        Constraint::Fill(3),
        Constraint::Fill(2),
        Constraint::Length(11),
        Constraint::Length(9),
        Constraint::Length(6),
        Constraint::Length(7),
        Constraint::Length(11),
        Constraint::Length(9),
        Constraint::Fill(3),
    ];
    let heads = ["job", "cluster", "status", "outcome", "util", "lag", "subtasks", "scaled", "trouble"];
    let shown = Table::new(lines, widths)
        .header(Row::new(heads.map(|head| Text::styled(head, look.dim()))))
        .row_highlight_style(look.chosen());
    cursor.select(chosen);
    frame.render_stateful_widget(shown, table, cursor);
}

fn line(job: &Job, look: Look) -> Row<'static> {
    let outcome = if job.enabled == Some(false) { "off" } else { job.outcome.as_deref().unwrap_or(UNKNOWN) };
    let is_changing = job.recommended_subtasks.is_some() && job.recommended_subtasks != job.subtasks;
    let number = |text: String| Text::raw(text).right_aligned();
    let troubled = match trouble(job) {
        Some(why) => Span::styled(format!("✕ {}", one_line(why)), look.bad()),
        None => Span::styled("✓", look.good()),
    };
    Row::new([
        Text::raw(one_line(&job.name)),
        Text::styled(one_line(&job.cluster), look.dim()),
        Text::raw(one_line(&job.status)),
        Text::raw(one_line(outcome)),
        number(percent(job.utilization)),
        number(short(job.lag)),
        number(subtasks(job.subtasks, job.recommended_subtasks)).style(if is_changing {
            look.warn()
        } else {
            Default::default()
        }),
        Text::raw(time(job.scaled_at.as_deref())),
        Text::from(Line::from(troubled)),
    ])
}
