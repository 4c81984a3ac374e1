//! What is drawn of a vertex.

use autoscaler_core::time::Instant;
use maud::{Markup, html};

use crate::chart::{Band, Chart, Line};
use crate::number::{Percent, Rate, Short};
use crate::trail::Sample;

/// What was evaluated of a vertex over some time.
pub(crate) struct Drawn<'a> {
    /// Oldest first.
    pub(crate) samples: &'a [(Instant, Sample)],
    /// Subtasks as they were decided, where that is not how they were.
    pub(crate) decided: Option<Vec<(Instant, f64)>>,
    /// Scalings, each in words.
    pub(crate) marks: Vec<(Instant, String)>,
    pub(crate) from: Instant,
    pub(crate) to: Instant,
}

impl Drawn<'_> {
    pub(crate) fn charts(&self) -> Markup {
        html! { div .charts { @for chart in self.each() { (chart.draw()) } } }
    }

    /// Its rates with the band, how busy it is, its lag where it has one, and its subtasks.
    pub(crate) fn each(&self) -> Vec<Chart> {
        let has_lag = self.samples.iter().any(|(_, sample)| !sample.lag.is_nan());
        let lag = has_lag.then(|| self.lag());
        [self.rates(), self.busy()].into_iter().chain(lag).chain([self.subtasks()]).collect()
    }

    fn chart(&self, title: &'static str, lines: Vec<Line>, written: fn(f64) -> String) -> Chart {
        let (from, to, marks) = (self.from, self.to, self.marks.clone());
        Chart { title, from, to, lines, band: None, marks, at_least: 0.0, written }
    }

    fn values(&self, value: fn(&Sample) -> f64) -> Vec<(Instant, f64)> {
        self.samples.iter().map(|(at, sample)| (*at, value(sample))).collect()
    }

    fn line(&self, name: &'static str, class: &'static str, value: fn(&Sample) -> f64) -> Line {
        Line { name, class, points: self.values(value), is_stepped: false }
    }

    fn rates(&self) -> Chart {
        let lines = vec![
            self.line("target rate", "a", |sample| sample.target.into()),
            self.line("true processing rate", "b", |sample| sample.capacity.into()),
        ];
        let points = self.samples.iter().map(|(at, sample)| (*at, sample.low.into(), sample.high.into())).collect();
        let band = Some(Band { name: "band", points });
        Chart { band, ..self.chart("Rates", lines, |rate| Rate(rate).to_string()) }
    }

    fn busy(&self) -> Chart {
        let lines = vec![self.line("busy", "a", |sample| sample.busy.into())];
        Chart { at_least: 1.0, ..self.chart("Busy", lines, |share| Percent(share).to_string()) }
    }

    fn lag(&self) -> Chart {
        self.chart("Lag", vec![self.line("records", "a", |sample| sample.lag.into())], |lag| Short(lag).to_string())
    }

    fn subtasks(&self) -> Chart {
        let points = self.values(|sample| sample.parallelism.into());
        let mut lines = vec![Line { name: "subtasks", class: "a", points, is_stepped: true }];
        if let Some(decided) = &self.decided {
            lines.push(Line { name: "as decided", class: "b", points: decided.clone(), is_stepped: true });
        }
        // Steps of whole subtasks.
        Chart { at_least: 5.0, ..self.chart("Subtasks", lines, |subtasks| Short(subtasks).to_string()) }
    }
}
