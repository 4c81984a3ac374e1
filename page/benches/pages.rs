//! How long pages take to make: the fleet of many jobs, and a job of many vertices.

#![expect(clippy::unwrap_used, reason = "a benchmark")]

#[path = "../tests/pages/made_up.rs"]
mod made_up;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use criterion::{Criterion, criterion_group, criterion_main};
use made_up::{MadeUpVertex, World, pipeline, waves};
use tower::ServiceExt;

/// Jobs of the fleet.
const JOBS: u32 = 5000;

/// A graph whose edges lead a few vertices on.
fn graph(vertices: u32) -> Vec<MadeUpVertex> {
    let inputs = |number: u32| match number {
        0..4 => Vec::new(),
        _ => vec![number - 1 - number % 4, number - 1 - number % 3],
    };
    (0..vertices).map(|number| MadeUpVertex::new(format!("vertex {number}"), &inputs(number), 0.0001, 1)).collect()
}

fn pages(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut world = World::new();
    for vertices in [20, 200] {
        world.add("c", &format!("{vertices} vertices"), graph(vertices), waves);
    }
    world.add("c", "pipeline", pipeline(), waves);
    for number in 0..JOBS {
        world.add(&format!("cluster {}", number % 20), &format!("pipeline {number}"), graph(2), waves);
    }
    runtime.block_on(world.cycles(30));
    let routes = world.page.routes();
    let job = |number: u32| format!("/jobs/c/{}", testkit::job::id(number));
    for (name, path) in [
        ("fleet of 5000 jobs", "/".to_owned()),
        ("fleet of 5000 jobs, searched and sorted", "/?q=line+42&sort=utilization".to_owned()),
        ("job of 20 vertices", job(1)),
        ("job of 200 vertices", job(2)),
        ("vertex", format!("{}/vertices/{}", job(3), testkit::job::id(4))),
    ] {
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| {
                runtime.block_on(async {
                    let asked = Request::get(&path).body(Body::empty()).unwrap();
                    let answer = routes.clone().oneshot(asked).await.unwrap();
                    assert!(answer.status().is_success());
                    to_bytes(answer.into_body(), usize::MAX).await.unwrap().len()
                })
            });
        });
    }
}

criterion_group!(benches, pages);
criterion_main!(benches);
