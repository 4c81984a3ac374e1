//! As SVG: the charts alone, below each other, with what they are of.

use maud::{Markup, PreEscaped, html};

use super::Run;
use crate::chart::{Chart, HEIGHT, WIDTH};
use crate::text;

/// Written out, as what shows pictures need not know variables of CSS.
const STYLE: &str = include_str!("../assets/drawing.css");

const MARGIN: f64 = 16.0;
/// Between two charts beside each other.
const GAP: f64 = 24.0;
const COLUMNS: usize = 2;
/// A line of text.
const LINE: f64 = 20.0;
/// Lines of the summary that are shown: its figures, and how many decisions differ.
const SUMMARY: usize = 4;
/// Letters of a line that fit.
const LETTERS: usize = 150;
/// Pixels that a letter of a key takes, about.
const LETTER: f64 = 6.6;

/// A picture that grows downward.
#[derive(Default)]
struct Sheet {
    parts: Vec<Markup>,
    y: f64,
}

/// Runs as one picture that needs no other file.
pub fn drawing(runs: &[Run]) -> String {
    let mut sheet = Sheet { parts: Vec::new(), y: MARGIN };
    for run in runs {
        sheet.line("title", &run.title);
        run.summary.lines().take(SUMMARY).for_each(|line| sheet.line("figure", line));
        if run.vertices.is_empty() {
            sheet.line("figure", "Nothing was evaluated: the window was never full.");
        }
        for (_, name, drawn) in run.drawn() {
            sheet.y += LINE / 2.0;
            sheet.line("name", name);
            drawn.each().chunks(COLUMNS).for_each(|charts| sheet.row(charts));
        }
        sheet.y += LINE;
    }
    let width = 2.0 * MARGIN + 2.0 * WIDTH + GAP;
    html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox=(format!("0 0 {width} {}", sheet.y)) width=(width) height=(sheet.y) {
            style { (PreEscaped(STYLE)) }
            rect .ground width="100%" height="100%" {}
            @for part in &sheet.parts { (part) }
        }
    }
    .into_string()
}

impl Sheet {
    fn line(&mut self, class: &str, line: &str) {
        self.y += LINE;
        // What XML can't hold has no picture either.
        let line = text::cut(line, LETTERS).replace(char::is_control, "\u{fffd}");
        self.parts.push(html! { text class=(class) x=(MARGIN) y=(self.y - 6.0) { (line) } });
    }

    fn row(&mut self, charts: &[Chart]) {
        let mut x = MARGIN;
        for chart in charts {
            self.parts.push(html! {
                g transform=(format!("translate({x} {})", self.y)) {
                    (keys(chart))
                    g transform=(format!("translate(0 {LINE})")) { (chart.drawing()) }
                }
            });
            x += WIDTH + GAP;
        }
        self.y += LINE + HEIGHT + GAP / 2.0;
    }
}

/// The chart's title, and behind it what stands for what.
fn keys(chart: &Chart) -> Markup {
    let letters = |text: &str| f64::from(u32::try_from(text.chars().count()).unwrap_or(u32::MAX)) * LETTER;
    let mut x = letters(chart.title) + 3.0 * LETTER;
    let mut keys = Vec::new();
    for (class, name) in chart.keys() {
        keys.push(html! {
            @match class {
                "band" => rect .band x=(x) y="5" width="18" height="10" {},
                "mark" => path .mark d=(format!("M{x} 10h18")) {},
                _ => path class=(format!("line {class}")) d=(format!("M{x} 10h18")) {},
            }
            text .key x=(x + 24.0) y="14" { (name) }
        });
        x += 24.0 + letters(name) + 2.0 * LETTER;
    }
    html! {
        text .chart y="14" { (chart.title) }
        @for key in &keys { (key) }
    }
}
