//! A recorded span: as it was, and as a model has it with other options, side by side.

use autoscaler_core::time::Instant;
use maud::{Markup, html};

use crate::chart::{Chart, Line};
use crate::number::{Rate, Short};
use crate::recorded::{Compared, Course, Figures, Moment, NotCompared, Rescale};
use crate::table::{self, Head, heads};
use crate::text;

const HEADS: [Head; 5] = [
    Head::Text("Run"),
    Head::Number("Rescales"),
    Head::Number("Slot-hours"),
    Head::Number("Minutes of lag"),
    Head::Number("Worst lag, s"),
];
/// Classes of lines, in the order of runs.
const CLASSES: [&str; 4] = ["a", "b", "c", "d"];
/// Points of a line, at most: beyond that every other one is left out.
const POINTS: usize = 400;
/// Rescales of a run that are told.
const RESCALES: usize = 50;

/// A run: what it is called, and what became of it.
type Named<'a> = (&'static str, &'a Course);

/// What was compared, `tried` being the names of what was tried.
pub(super) fn section(compared: Result<Compared, NotCompared>, tried: &[&'static str]) -> Markup {
    html! {
        section aria-labelledby="span-title" {
            h2 #span-title { "The recorded span" }
            @match &compared {
                Ok(compared) => {
                    @let runs: Vec<Named<'_>> = std::iter::once(("as it was", &compared.seen)).chain(tried.iter().copied().zip(&compared.tried)).collect();
                    (side_by_side(&runs))
                },
                Err(why) => p .trouble role="alert" { span .bad { "✕ " } (in_words(why)) },
            }
        }
    }
}

fn in_words(why: &NotCompared) -> String {
    match why {
        NotCompared::NotRecorded => {
            "Nothing is recorded of this job in that time. It takes two cycles with metrics at least.".to_owned()
        }
        NotCompared::Ended => {
            "It takes too long, or another comparison is under way: try again, or a shorter span.".to_owned()
        }
        NotCompared::Unusable(why) => format!("What is recorded can't be used: {why}"),
    }
}

fn side_by_side(runs: &[Named<'_>]) -> Markup {
    let moments = || runs.iter().flat_map(|(_, course)| &course.moments);
    let (Some(from), Some(to)) = (moments().map(|moment| moment.at).min(), moments().map(|moment| moment.at).max())
    else {
        return html! { p .empty { "Nothing was seen." } };
    };
    let lines = html! {
        @for (name, course) in runs {
            @let figures = Figures::of(course);
            tr {
                th scope="row" { (name) }
                td .number data-label="Rescales" { (figures.rescales) }
                td .number data-label="Slot-hours" { (Short(figures.slot_hours)) }
                td .number data-label="Minutes of lag" { (Short(figures.lag_minutes)) }
                td .number data-label="Worst lag, s" { (Short(figures.worst_lag)) }
            }
        }
    };
    html! {
        p {
            (text::instant(from, to)) " to " (text::instant(to, to))
            ": as it was recorded, and as a model of the job has it that is made of the recording. The line of the job's own options tells how good the model is. "
            "In the model nothing is known before the span begins: nothing is decided before the metric window is full. Lag counts in minutes with more than 60 s of it."
        }
        (table::table("runs", None, &heads(&HEADS), &lines))
        div .charts {
            (chart("Subtasks", runs, |moment| moment.subtasks, (from, to), true, |subtasks| Short(subtasks).to_string()))
            (chart("Lag, seconds", runs, |moment| moment.lag, (from, to), false, |lag| Short(lag).to_string()))
            (chart("Load", &runs[..1], |moment| moment.load, (from, to), false, |rate| Rate(rate).to_string()))
        }
        @for (name, course) in runs { (rescales(name, &course.rescales, to)) }
    }
}

fn chart(
    title: &'static str,
    runs: &[Named<'_>],
    value: fn(&Moment) -> f64,
    (from, to): (Instant, Instant),
    is_stepped: bool,
    written: fn(f64) -> String,
) -> Markup {
    let lines = runs.iter().zip(CLASSES).map(|((name, course), class)| Line {
        name,
        class,
        points: points(course, value),
        is_stepped,
    });
    Chart { title, from, to, lines: lines.collect(), band: None, marks: Vec::new(), at_least: 5.0, written }.draw()
}

/// Of each so many moments the highest: what is gone in between is not.
fn points(course: &Course, value: fn(&Moment) -> f64) -> Vec<(Instant, f64)> {
    let each = course.moments.len().div_ceil(POINTS).max(1);
    let highest = |moments: &[Moment]| {
        let at = moments.first()?.at;
        Some((at, moments.iter().map(value).fold(f64::NAN, f64::max)))
    };
    course.moments.chunks(each).filter_map(highest).collect()
}

fn rescales(name: &str, rescales: &[Rescale], now: Instant) -> Markup {
    let left_out = rescales.len().saturating_sub(RESCALES);
    html! {
        @if !rescales.is_empty() {
            details {
                summary { "Rescales " (name) " (" (rescales.len()) ")" }
                ol {
                    @for rescale in rescales.iter().take(RESCALES) {
                        li {
                            (text::instant(rescale.at, now)) ": " (rescale.from) " → " (rescale.to) " subtasks"
                            @if !rescale.why.is_empty() { ": " (rescale.why) }
                        }
                    }
                    @if left_out > 0 { li { "and " (left_out) " more" } }
                }
            }
        }
    }
}
