//! A run as a picture.

use plotters::coord::Shift;
use plotters::prelude::*;

use crate::error::SimulateError;
use crate::outcome::{Outcome, Point};

const SIZE: (u32, u32) = (1200, 1000);
const LOAD: RGBColor = RGBColor(31, 119, 180);
const CAPACITY: RGBColor = RGBColor(44, 160, 44);
const LAG: RGBColor = RGBColor(214, 39, 40);
const SUBTASKS: RGBColor = RGBColor(148, 103, 189);
const RESCALES: RGBColor = RGBColor(120, 120, 120);
/// Rescales whose reasons are written down, so that it can be read.
const REASONS: usize = 12;
/// Letters of a reason.
const LETTERS: usize = 140;

type Panel<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Draws load and capacity, lag, and subtasks over time, with the rescales and why they were, as SVG.
///
/// # Errors
/// It can't be drawn.
pub fn plot(outcome: &Outcome) -> Result<String, SimulateError> {
    let mut svg = String::new();
    draw(outcome, &mut svg).map_err(|error| SimulateError::Plot(error.to_string()))?;
    Ok(svg)
}

fn draw(outcome: &Outcome, svg: &mut String) -> Result<(), Box<dyn std::error::Error>> {
    let area = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let title = format!("{}, {}: {} rescales", outcome.scenario, outcome.policy, outcome.rescales.len());
    let area = area.titled(&title, ("sans-serif", 22))?;
    let (charts, reasons) = area.split_vertically(720);
    let panels = charts.split_evenly((3, 1));
    let subtasks = |point: &Point| f64::from(point.parallelism.iter().sum::<i32>());
    // What a job at rest could do is far above its load at times.
    let most = 2.5 * outcome.points.iter().map(|point| point.load).fold(0.0, f64::max);
    panel(
        outcome,
        &panels[0],
        "records/s",
        &[
            ("load", LOAD, &|point: &Point| point.load),
            ("capacity", CAPACITY, &|point: &Point| point.capacity.min(most)),
        ],
    )?;
    panel(outcome, &panels[1], "lag, s", &[("lag", LAG, &|point: &Point| point.lag)])?;
    panel(outcome, &panels[2], "subtasks", &[("subtasks", SUBTASKS, &subtasks)])?;
    for (line, rescale) in outcome.rescales.iter().take(REASONS).enumerate() {
        let (from, to) = rescale.subtasks();
        let reason: String = rescale.reason.chars().take(LETTERS).collect();
        let text = format!("{:.0} min: {from} to {to} subtasks: {reason}", rescale.minute);
        let y = 18 * i32::try_from(line).unwrap_or(0) + 4;
        reasons.draw_text(&text, &("sans-serif", 14).into_text_style(&reasons), (20, y))?;
    }
    area.present()?;
    Ok(())
}

/// A line: its name, colour, and value at a point.
type Line<'a> = (&'a str, RGBColor, &'a dyn Fn(&Point) -> f64);

fn panel(
    outcome: &Outcome,
    area: &Panel<'_>,
    unit: &str,
    lines: &[Line<'_>],
) -> Result<(), Box<dyn std::error::Error>> {
    let end = outcome.hours * 60.0;
    let values = || lines.iter().flat_map(|(_, _, of)| outcome.points.iter().map(of));
    let top = values().fold(1.0, f64::max) * 1.08;
    let mut chart = ChartBuilder::on(area)
        .margin(6)
        .x_label_area_size(28)
        .y_label_area_size(70)
        .build_cartesian_2d(0.0..end, 0.0..top)?;
    chart.configure_mesh().x_desc("minutes").y_desc(unit).light_line_style(TRANSPARENT).draw()?;
    for rescale in &outcome.rescales {
        let line = [(rescale.minute, 0.0), (rescale.minute, top)];
        chart.draw_series(LineSeries::new(line, RESCALES.mix(0.6)))?;
    }
    for (name, colour, of) in lines {
        let (colour, points) = (*colour, outcome.points.iter().map(|point| (point.minute, of(point))));
        chart
            .draw_series(LineSeries::new(points, colour))?
            .label(*name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], colour));
    }
    chart.configure_series_labels().background_style(WHITE.mix(0.8)).draw()?;
    Ok(())
}
