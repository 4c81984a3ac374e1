//! What is drawn of a vertex.

use autoscaler_core::time::Instant;
use chrono::TimeDelta;
use maud::{Markup, html};

use crate::chart::{Band, Chart, Line};
use crate::number::{Percent, Rate, Short};
use crate::scalings::Scaling;
use crate::trail::Sample;

/// The least time that is shown.
const SHORTEST: TimeDelta = TimeDelta::minutes(1);

/// Its rates with the band, how busy it is, its lag where it has one, and its subtasks.
pub(super) fn of(samples: &[(Instant, Sample)], scalings: &[Scaling], from: Instant, to: Instant) -> Markup {
    if samples.is_empty() {
        return html! { p .empty { "Nothing was evaluated in this time since this process began." } };
    }
    // No empty time before what is known.
    let from = samples.first().map_or(from, |(first, _)| (*first).max(from)).min(to - SHORTEST);
    let values =
        |value: fn(&Sample) -> f32| samples.iter().map(|(at, sample)| (*at, f64::from(value(sample)))).collect();
    let line = |name, class, value: fn(&Sample) -> f32| Line { name, class, points: values(value), is_stepped: false };
    let marks = || {
        let young = scalings.iter().filter(|scaling| scaling.at >= from);
        young.map(|scaling| (scaling.at, scaling.in_words())).collect()
    };
    let chart =
        |title, lines, written| Chart { title, from, to, lines, band: None, marks: marks(), at_least: 0.0, written };
    let band = samples.iter().map(|(at, sample)| (*at, f64::from(sample.low), f64::from(sample.high))).collect();
    let rates = Chart {
        band: Some(Band { name: "band", points: band }),
        ..chart(
            "Rates",
            vec![
                line("target rate", "a", |sample| sample.target),
                line("true processing rate", "b", |sample| sample.capacity),
            ],
            |rate| Rate(rate).to_string(),
        )
    };
    let busy = Chart {
        at_least: 1.0,
        ..chart("Busy", vec![line("busy", "a", |sample| sample.busy)], |share| Percent(share).to_string())
    };
    let lag = samples
        .iter()
        .any(|(_, sample)| !sample.lag.is_nan())
        .then(|| chart("Lag", vec![line("records", "a", |sample| sample.lag)], |lag| Short(lag).to_string()));
    let points = samples.iter().map(|(at, sample)| (*at, f64::from(sample.parallelism))).collect();
    let subtasks = Chart {
        // Steps of whole subtasks.
        at_least: 5.0,
        ..chart("Subtasks", vec![Line { name: "subtasks", class: "a", points, is_stepped: true }], |subtasks| {
            Short(subtasks).to_string()
        })
    };
    html! {
        div .charts {
            (rates.draw())
            (busy.draw())
            @if let Some(lag) = lag { (lag.draw()) }
            (subtasks.draw())
        }
    }
}
