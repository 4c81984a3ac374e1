//! As HTML, with everything that is told.

use autoscaler_core::VertexId;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::Run;
use crate::charts::Drawn;
use crate::{assets, text};

/// Lines of a summary that are figures; what follows are details.
const FIGURES: usize = 3;

/// Runs as one HTML file that needs no other.
pub fn report(runs: &[Run]) -> String {
    let policy = "default-src 'none'; style-src 'unsafe-inline'";
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Replay – flink-autoscaler" }
                // Text of ours, in which nothing has to be escaped.
                style { (PreEscaped(assets::STYLE.content())) }
            }
            body {
                main {
                    h1 { "Replay" }
                    p {
                        "Each cycle as it was recorded, and what is decided in it with the options of the replay. What was recorded after a decision is what came of the "
                        "decisions of then: a decision that differs shows what would be asked for, and not what would come of it."
                    }
                    @for run in runs { (section(run)) }
                }
                footer { "All times are UTC." }
            }
        }
    }
    .into_string()
}

fn section(run: &Run) -> Markup {
    html! {
        section {
            h2 { (text::name(&run.title)) }
            (summary(&run.summary))
            @if run.vertices.is_empty() { p .empty { "Nothing was evaluated: the window was never full." } }
            @for (id, name, drawn) in run.drawn() { (vertex(id, name, &drawn)) }
        }
    }
}

/// Its first lines, and the others to be opened.
fn summary(summary: &str) -> Markup {
    let lines: Vec<&str> = summary.lines().collect();
    let (figures, others) = lines.split_at(lines.len().min(FIGURES));
    html! {
        @if !figures.is_empty() { pre .summary { (figures.join("\n")) } }
        @if let [first, rest @ ..] = others {
            details {
                summary { (first.trim()) }
                pre .summary { (rest.join("\n")) }
            }
        }
    }
}

fn vertex(id: VertexId, name: &str, drawn: &Drawn<'_>) -> Markup {
    html! {
        h3 { (text::name(name)) " " small { code { (id) } } }
        (drawn.charts())
        @if !drawn.marks.is_empty() {
            details {
                summary { (drawn.marks.len()) " scalings decided" }
                ol { @for (at, what) in &drawn.marks { li { (at.format("%Y-%m-%d ")) (what) } } }
            }
        }
    }
}
