//! The policy held against its prototype, of which it is recorded what it makes of made-up jobs.

use serde_json::Value;

use super::decide::{Decision, assess, choose};
use super::look::{Look, VertexLook};
use super::memory::Memory;
use super::settings::Settings;
use crate::options::{Configuration, JobOptions};

const RECORDED: &str = include_str!("../../../../testing/conformance/data/responsive/prototype.jsonl");

fn settings() -> Settings {
    Settings::of(&JobOptions::from_configuration(&Configuration::new()).unwrap())
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn int(value: &Value) -> i32 {
    i32::try_from(value.as_i64().unwrap()).unwrap()
}

/// A look as it is recorded, at a job as it is.
fn look(job: &Value, line: &Value) -> Look {
    let vertices = job["vertices"].as_array().unwrap();
    let place = |id: &Value| vertices.iter().position(|vertex| vertex["id"] == *id).unwrap();
    let inputs = |vertex: &Value| -> Vec<usize> { vertex["inputs"].as_array().unwrap().iter().map(place).collect() };
    let vertex = |(index, (vertex, seen)): (usize, (&Value, &Value))| {
        let (partitions, max_parallelism) = (int(&vertex["partitions"]), int(&vertex["max"]));
        let keyed = if vertex["keyed"] == true { max_parallelism } else { 0 };
        VertexLook {
            id: format!("{:032x}", index + 1).parse().unwrap(),
            inputs: inputs(vertex),
            outputs: vertices.iter().filter(|behind| inputs(behind).contains(&index)).count(),
            parallelism: int(&seen[0]),
            least: 1,
            most: max_parallelism.min(200),
            groups: if partitions > 0 { partitions } else { keyed },
            records_in: number(&seen[1]),
            records_out: number(&seen[2]),
            rate_in: number(&seen[3]),
            busy: number(&seen[4]),
            held_back: number(&seen[5]),
            pending: seen[6].as_f64(),
            finished: false,
        }
    };
    Look {
        sharing: None,
        now: number(&line["at"]),
        running_since: number(&line["since"]),
        scaled_at: None,
        continues: true,
        vertices: vertices.iter().zip(line["seen"].as_array().unwrap()).enumerate().map(vertex).collect(),
    }
}

/// Runs all jobs, and has what is remembered pass through `between` from one look to the next. What is known of the load and of
/// the vertices is the prototype's; what was decided is returned: when, and the parallelism.
fn replay(between: impl Fn(Memory) -> Memory, tolerance: f64) -> Vec<(String, Vec<i32>)> {
    let (mut job, mut name, mut memory) = (Value::Null, String::new(), Memory::default());
    let (mut looks, mut decided) = (0, Vec::new());
    for line in RECORDED.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
        if line.get("job").is_some() {
            (name, memory) = (line["job"].as_str().unwrap().to_owned(), Memory::default());
            job = line;
            continue;
        }
        let look = look(&job, &line);
        let at = format!("{name} at {}", line["at"]);
        memory = between(memory);
        let Ok(situation) = assess(&look, &mut memory, &settings()) else { continue };
        let close = |what: &str, own: f64, theirs: &Value| {
            let theirs = number(theirs);
            assert!((own - theirs).abs() <= tolerance * theirs.abs().max(1e-3), "{at}: {what} {own} and not {theirs}");
        };
        // What a source hides is guessed, and guessed otherwise.
        let is_told = look.sources().all(|source| look.vertices[source].pending.is_some());
        if is_told && line.get("u").is_some() {
            looks += 1;
            close("utilization", situation.utilization, &line["u"]);
            for (source, load) in look.sources().zip(line["load"].as_array().unwrap()) {
                close("load", situation.levels[source].now, load);
            }
        }
        if let Decision::Scale(_, to) = choose(&look, &mut memory, &situation, &settings()) {
            decided.push((at, to));
        }
    }
    assert!(looks > 2000 && decided.len() > 20, "{looks} looks, {decided:?}");
    decided
}

#[test]
fn it_knows_what_its_prototype_knows() {
    replay(|memory| memory, 1e-6);
}

#[test]
fn it_decides_the_same_when_the_process_restarts_between_any_two_looks() {
    let restarted = replay(|memory| Memory::of_text(&memory.to_text()).unwrap_or_default(), 1e-4);
    assert_eq!(restarted, replay(|memory| memory, 1e-6));
}

#[test]
fn what_is_no_memory_is_none() {
    let mut memory = Memory { last: Some(1000.0), ..Memory::default() };
    memory.downs.push((900.0, 3.0));
    let text = memory.to_text();
    assert_eq!(Memory::of_text(&text), Some(memory));
    for broken in [
        "",
        "responsive 2",
        "responsive 1",
        &text[..text.len() - 9],
        &text.replace("900", "NaN"),
        &text.replace(':', " "),
    ] {
        assert!(broken == text || Memory::of_text(broken).is_none() || broken.len() < text.len(), "{broken}");
    }
}
