//! Serves pages of made-up jobs at 127.0.0.1:8099, for whoever changes how they look.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "for developers alone")]

#[path = "../tests/pages/made_up.rs"]
mod made_up;

use std::time::Duration;

use made_up::{MadeUpVertex, World, pipeline, waves};

#[tokio::main]
async fn main() {
    let mut world = World::new();
    world.add("orders-cluster:8081", "order enrichment", pipeline(), waves);
    let names = ["<b onclick=alert(1)>bold</b>", "𝔽𝕝𝕚𝕟𝕜 🐿", "مهمة البث المباشر", &"a long name ".repeat(25)];
    for name in names {
        let vertices = vec![
            MadeUpVertex::new(format!("Source: {name}"), &[], 0.001, 1),
            MadeUpVertex::new(format!("work {name}"), &[0], 0.002, 2),
        ];
        world.add("odd names/τ:8081", name, vertices, waves);
    }
    let wide = (0..20u32).map(|number| {
        let inputs: &[u32] = &[number.saturating_sub(1), number / 2];
        let inputs = if number < 2 { &[][..] } else { inputs };
        MadeUpVertex::new(format!("vertex {number}"), inputs, 0.0004 * f64::from(number % 7 + 1), 1)
    });
    world.add("wide:8081", "twenty vertices", wide.collect(), waves);
    for number in 0..150 {
        let vertices = vec![MadeUpVertex::new("Source: s", &[], 0.001, 1), MadeUpVertex::new("sink", &[0], 0.002, 4)];
        world.add("many:8081", &format!("pipeline {number:03}"), vertices, waves);
    }
    world.cycles(1000).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8099").await.unwrap();
    println!("http://127.0.0.1:8099");
    let routes = world.page.routes();
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    loop {
        tokio::time::sleep(Duration::from_secs(10)).await;
        world.cycles(1).await;
    }
}
