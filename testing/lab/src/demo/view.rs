//! What is to be seen of the job at one moment: Flink's numbers beside what the autoscaler said of them.

use std::time::Duration;

use servers::flink::{JobSnapshot, Vertex};

use super::autoscaler::{Autoscaler, VertexLine};

/// Beyond this a rate is of a vertex that is hardly busy, and its digits mean nothing.
const MOST: f64 = 10_000.0;

/// One moment.
#[derive(Debug, Default)]
pub(crate) struct View {
    pub(crate) at: Duration,
    pub(crate) title: String,
    pub(crate) rows: Vec<Row>,
    /// What was decided, a line for vertices of which the same was said.
    pub(crate) decisions: Vec<String>,
    /// Events and warnings, oldest first.
    pub(crate) events: Vec<String>,
}

/// A vertex; what is not known is `-`, what it has not is empty.
#[derive(Debug, Default)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) subtasks: String,
    pub(crate) busy: String,
    pub(crate) can_do: String,
    pub(crate) target: String,
    pub(crate) lag: String,
}

impl View {
    pub(crate) fn new(at: Duration, title: String, job: &JobSnapshot, autoscaler: &Autoscaler) -> Self {
        Self {
            at,
            title,
            rows: job.vertices.iter().map(|vertex| row(vertex, job.lag, said(autoscaler, vertex))).collect(),
            decisions: decisions(job, autoscaler),
            events: autoscaler.events.iter().map(|event| named(event, job)).collect(),
        }
    }
}

fn said<'a>(autoscaler: &'a Autoscaler, vertex: &Vertex) -> Option<&'a VertexLine> {
    autoscaler.vertices.get(&vertex.id)
}

fn row(vertex: &Vertex, lag: Option<f64>, said: Option<&VertexLine>) -> Row {
    Row {
        name: short(&vertex.name).to_owned(),
        subtasks: vertex.running.to_string(),
        // The parts of the window in which it was busy are measured to a few percent.
        busy: said.and_then(|said| said.busy).map_or("-".to_owned(), |busy| format!("{:.0} %", busy.min(1.0) * 100.0)),
        can_do: rate(said.and_then(|said| said.rate)),
        target: rate(said.and_then(|said| said.target_rate)),
        lag: if vertex.is_source { lag.map_or("-".to_owned(), |lag| format!("{lag:.0}")) } else { String::new() },
    }
}

fn rate(rate: Option<f64>) -> String {
    match rate {
        None => "-".to_owned(),
        Some(rate) if rate > MOST => format!(">{MOST:.0}"),
        Some(rate) => format!("{rate:.0}"),
    }
}

/// Of the busiest vertex the whole chain of reasons, of the others what it came to.
fn decisions(job: &JobSnapshot, autoscaler: &Autoscaler) -> Vec<String> {
    let busy = |vertex: &&Vertex| said(autoscaler, vertex).and_then(|said| said.busy).unwrap_or(0.0);
    let busiest = job.vertices.iter().max_by(|a, b| busy(a).total_cmp(&busy(b))).map(|vertex| &vertex.id);
    let mut groups: Vec<(Vec<&str>, &str)> = Vec::new();
    for vertex in &job.vertices {
        let why = said(autoscaler, vertex).map_or(autoscaler.note.as_str(), |said| said.why.as_str());
        let is_whole = Some(&vertex.id) == busiest;
        let why = if is_whole { why } else { why.rsplit("; ").next().unwrap_or(why) };
        match groups.iter_mut().find(|(_, text)| *text == why) {
            Some((names, _)) => names.push(short(&vertex.name)),
            None => groups.push((vec![short(&vertex.name)], why)),
        }
    }
    let told = groups.into_iter().filter(|(_, why)| !why.is_empty());
    told.map(|(names, why)| named(&format!("{}: {why}", names.join(", ")), job)).collect()
}

/// On one line, with vertices by their names.
fn named(text: &str, job: &JobSnapshot) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    job.vertices.iter().fold(line, |line, vertex| line.replace(&vertex.id, short(&vertex.name)))
}

/// The name without what Flink puts around it.
fn short(name: &str) -> &str {
    name.trim_start_matches("Source: ").split(" -> ").next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_shown_as_far_as_they_mean_something() {
        assert_eq!([rate(None), rate(Some(98.4)), rate(Some(297_000.0))], ["-", "98", ">10000"]);
        let said = VertexLine { busy: Some(1.02), ..VertexLine::default() };
        assert_eq!(row(&Vertex { is_source: true, ..vertex(1, "a") }, Some(3.0), Some(&said)).busy, "100 %");
        assert_eq!(row(&vertex(1, "Source: a -> b"), Some(3.0), None).name, "a");
    }

    #[test]
    fn events_are_lines_with_names() {
        let job = JobSnapshot {
            state: "RUNNING".to_owned(),
            vertices: vec![vertex(7, "enrich")],
            lag: None,
            running_since: None,
        };
        assert_eq!(named("Scaling: v7 6 -> 4\n  of it", &job), "Scaling: enrich 6 -> 4 of it");
    }

    fn vertex(number: u32, name: &str) -> Vertex {
        Vertex { id: format!("v{number}"), name: name.to_owned(), running: 1, parallelism: 1, is_source: false }
    }
}
