//! Charts of what was over time, as SVG.

mod path;
mod scale;

use autoscaler_core::time::Instant;
use maud::{Markup, html};

pub(crate) use path::Path;
use scale::{Scale, times};

pub(crate) const WIDTH: f64 = 560.0;
pub(crate) const HEIGHT: f64 = 180.0;
const LEFT: f64 = 54.0;
const RIGHT: f64 = 8.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 22.0;

/// A chart of one or more values over the same time.
pub(crate) struct Chart {
    pub(crate) title: &'static str,
    pub(crate) from: Instant,
    pub(crate) to: Instant,
    pub(crate) lines: Vec<Line>,
    /// An area between two values.
    pub(crate) band: Option<Band>,
    /// What happened in between, each with what it was.
    pub(crate) marks: Vec<(Instant, String)>,
    /// What its height stands for at least.
    pub(crate) at_least: f64,
    /// How values are written.
    pub(crate) written: fn(f64) -> String,
}

/// A value over time. What is not finite is left out.
pub(crate) struct Line {
    pub(crate) name: &'static str,
    /// How it is drawn: a class of the style sheet.
    pub(crate) class: &'static str,
    pub(crate) points: Vec<(Instant, f64)>,
    /// Whether a value stays until the next one.
    pub(crate) is_stepped: bool,
}

/// An area: its lower and upper bound over time.
pub(crate) struct Band {
    pub(crate) name: &'static str,
    pub(crate) points: Vec<(Instant, f64, f64)>,
}

/// Where instants and values stand in the chart.
struct Frame {
    from: Instant,
    seconds: f64,
    top: f64,
}

impl Frame {
    fn x(&self, at: Instant) -> f64 {
        let share = (at - self.from).as_seconds_f64() / self.seconds;
        LEFT + (WIDTH - LEFT - RIGHT) * share.clamp(0.0, 1.0)
    }

    fn y(&self, value: f64) -> f64 {
        TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - (value / self.top).clamp(0.0, 1.0))
    }
}

impl Chart {
    pub(crate) fn draw(&self) -> Markup {
        html! {
            figure .chart {
                figcaption {
                    strong { (self.title) }
                    @for (class, name) in self.keys() { span .key { span class=(format!("swatch {class}")) {} (name) } }
                }
                svg viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-label=(self.in_words()) {
                    (self.drawing())
                }
            }
        }
    }

    /// The chart alone, in pixels from 0 0 to `WIDTH` `HEIGHT`.
    pub(crate) fn drawing(&self) -> Markup {
        let values = self.lines.iter().flat_map(|line| &line.points).map(|(_, value)| *value);
        let lows = self.band.iter().flat_map(|band| &band.points).map(|(_, low, _)| *low);
        let most = values.chain(lows).filter(|value| value.is_finite()).fold(self.at_least, f64::max);
        let scale = Scale::up_to(most);
        let seconds = (self.to - self.from).as_seconds_f64().max(1.0);
        let frame = Frame { from: self.from, seconds, top: scale.top };
        html! {
            @for value in scale.values() {
                path .grid d=(format!("M{LEFT} {:.1}H{}", frame.y(value), WIDTH - RIGHT)) {}
                text .tick x=(LEFT - 6.0) y=(format!("{:.1}", frame.y(value) + 4.0)) text-anchor="end" { ((self.written)(value)) }
            }
            @for at in times(self.from, self.to) {
                text .tick x=(format!("{:.1}", frame.x(at))) y=(HEIGHT - 6.0) text-anchor="middle" { (at.format("%H:%M")) }
            }
            @if let Some(band) = &self.band { path .band d=(area(&frame, band)) {} }
            @for (at, what) in &self.marks {
                path .mark d=(format!("M{:.1} {TOP}V{}", frame.x(*at), HEIGHT - BOTTOM)) { title { (what) } }
            }
            @for line in &self.lines { path class=(format!("line {}", line.class)) d=(drawn(&frame, line)) {} }
        }
    }

    /// What stands for what: names with the classes that they are drawn with.
    pub(crate) fn keys(&self) -> Vec<(&'static str, &'static str)> {
        let lines = self.lines.iter().map(|line| (line.class, line.name));
        let band = self.band.iter().map(|band| ("band", band.name));
        lines.chain(band).chain((!self.marks.is_empty()).then_some(("mark", "scaling"))).collect()
    }

    /// For those who don't see it: where each line ends, and between what it was.
    fn in_words(&self) -> String {
        let mut text = self.title.to_owned();
        for line in &self.lines {
            let known = || line.points.iter().map(|(_, value)| *value).filter(|value| value.is_finite());
            let (low, high) = (known().reduce(f64::min), known().reduce(f64::max));
            text += &match (known().next_back(), low, high) {
                (Some(last), Some(low), Some(high)) => {
                    let [last, low, high] = [last, low, high].map(self.written);
                    format!("; {}: {last} at the end, {low} to {high}", line.name)
                }
                _ => format!("; {}: not known", line.name),
            };
        }
        text
    }
}

fn drawn(frame: &Frame, line: &Line) -> String {
    let mut path = Path::default();
    for (at, value) in &line.points {
        match (value.is_finite(), line.is_stepped) {
            (false, _) => path.gap(),
            (true, false) => path.to(frame.x(*at), frame.y(*value)),
            (true, true) => path.step(frame.x(*at), frame.y(*value)),
        }
    }
    path.text()
}

/// Along the lower bound, and back along the upper one.
fn area(frame: &Frame, band: &Band) -> String {
    let mut path = Path::default();
    let known: Vec<_> = band.points.iter().filter(|(_, low, high)| low.is_finite() && !high.is_nan()).collect();
    known.iter().for_each(|(at, low, _)| path.to(frame.x(*at), frame.y(*low)));
    known.iter().rev().for_each(|(at, _, high)| path.to(frame.x(*at), frame.y(*high)));
    path.closed()
}
