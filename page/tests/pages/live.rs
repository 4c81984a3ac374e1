//! Telling those who look.

use axum::body::{Body, HttpBody};
use axum::http::{Request, StatusCode};
use tower::ServiceExt;

use crate::made_up::{World, pipeline, waves};

/// The next piece of what is told.
async fn told(body: &mut Body) -> String {
    let frame = std::future::poll_fn(|context| std::pin::Pin::new(&mut *body).poll_frame(context)).await;
    String::from_utf8(frame.unwrap().unwrap().into_data().unwrap().to_vec()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_cycle_is_told_to_pages_of_its_job_and_of_the_fleet() {
    let mut world = World::new();
    world.add("c", "orders", pipeline(), waves);
    world.add("c", "others", pipeline(), waves);
    world.cycles(1).await;
    let ask = |path: String| world.page.routes().oneshot(Request::get(path).body(Body::empty()).unwrap());
    let mut listening = Vec::new();
    for path in ["/live".to_owned(), format!("/live/c/{}", testkit::job::id(1))] {
        listening.push(ask(path).await.unwrap().into_body());
    }
    world.cycles(1).await;
    for body in &mut listening {
        assert_eq!(told(body).await, "data: changed\n\n");
    }
    // Nothing happened since: what comes next keeps the connection alive.
    assert_eq!(told(&mut listening[1]).await, ":\n\n");
}

#[tokio::test]
async fn there_are_places_for_so_many_and_they_are_given_back() {
    let mut world = World::new();
    world.add("c", "orders", pipeline(), waves);
    let ask = || world.page.routes().oneshot(Request::get("/live").body(Body::empty()).unwrap());
    let mut open = Vec::new();
    loop {
        let answer = ask().await.unwrap();
        match answer.status() {
            StatusCode::OK => open.push(answer),
            status => break assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE),
        }
    }
    assert_eq!(open.len(), 32);
    open.pop();
    assert_eq!(ask().await.unwrap().status(), StatusCode::OK);
}
