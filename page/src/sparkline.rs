//! Utilization in a word's space.

use autoscaler_core::time::Instant;
use chrono::TimeDelta;
use maud::{Markup, html};

use crate::chart::Path;
use crate::number::Percent;
use crate::trail::Trail;

const WIDTH: f64 = 96.0;
const HEIGHT: f64 = 22.0;
/// What its height stands for.
const FULL: f64 = 1.2;
const SPAN: TimeDelta = TimeDelta::hours(1);

/// The utilization of a job's busiest vertex over the last hour; 100 % is the dashed line.
pub(crate) fn of(trail: &Trail, now: Instant) -> Markup {
    let from = now - SPAN;
    let points = trail.points().iter().filter(|point| point.at >= from);
    let x = |at: Instant| WIDTH * seconds(at - from) / seconds(SPAN);
    let y = |share: f64| HEIGHT * (1.0 - (share / FULL).clamp(0.0, 1.0));
    let known = points.filter_map(|point| Some((point.at, point.utilization()?)));
    let mut path = Path::default();
    let mut last = None;
    for (at, share) in known {
        path.to(x(at), y(share));
        last = Some(share);
    }
    let Some(last) = last else { return html! {} };
    let full = y(1.0);
    html! {
        svg .spark viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) width=(WIDTH) height=(HEIGHT) role="img"
            aria-label=(format!("Utilization over the last hour, {} at its end", Percent(last))) {
            path .full d=(format!("M0 {full:.1}H{WIDTH}")) {}
            path .line d=(path.text()) {}
        }
    }
}

fn seconds(span: TimeDelta) -> f64 {
    span.as_seconds_f64()
}
