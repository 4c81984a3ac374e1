//! What addresses ask for.

use axum::http::{StatusCode, header};

use crate::made_up::{MadeUpVertex, World, pipeline, waves};
use crate::names::hrefs;

fn small() -> Vec<MadeUpVertex> {
    vec![MadeUpVertex::new("Source: s", &[], 0.001, 1), MadeUpVertex::new("sink", &[0], 0.002, 1)]
}

/// 230 jobs of one cluster, and one of another with more to do.
async fn fleet() -> World {
    let mut world = World::new();
    for number in 0..230 {
        world.add("many:8081", &format!("pipeline {number:03}"), small(), |_| 100.0);
    }
    world.add("other:8081", "Orders", pipeline(), waves);
    world.cycles(30).await;
    world
}

#[tokio::test]
async fn the_fleet_is_filtered_sorted_and_paged() {
    let world = fleet().await;
    let first = world.page("/").await;
    assert!(first.contains("231 jobs") && first.contains("Page 1 of 3"), "{first}");
    // The pages that follow one another have each job once.
    let (mut address, mut seen) = ("/".to_owned(), Vec::new());
    loop {
        let page = world.page(&address).await;
        seen.extend(hrefs(&page, "/jobs/"));
        let Some((_, next)) = page.split_once("rel=\"next\" ") else { break };
        address = hrefs(next, "/?")[0].clone();
    }
    let shown = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!((shown, seen.len()), (231, 231));

    for (address, jobs) in [
        ("/?q=oRDers", 1),
        ("/?cluster=other%3A8081", 1),
        ("/?q=pipeline+01&cluster=many%3A8081", 10),
        ("/?cluster=none", 0),
        ("/?q=000000e7", 1),
        ("/?page=99", 0),
    ] {
        assert_eq!(hrefs(&world.page(address).await, "/jobs/").len(), jobs, "{address}");
    }
    let by_load = world.page("/?sort=subtasks").await;
    assert!(hrefs(&by_load, "/jobs/")[0].starts_with("/jobs/other%3A8081/"), "{by_load}");
    assert!(by_load.contains("aria-sort=\"descending\""));
}

#[tokio::test]
async fn what_is_not_there_is_said_on_a_page() {
    let world = fleet().await;
    let job = format!("/jobs/other%3A8081/{}", testkit::job::id(231));
    for (address, status) in [
        ("/?sort=colour".to_owned(), StatusCode::BAD_REQUEST),
        ("/?colour=red".to_owned(), StatusCode::BAD_REQUEST),
        ("/jobs/other%3A8081/none".to_owned(), StatusCode::NOT_FOUND),
        ("/jobs/%FF/none".to_owned(), StatusCode::BAD_REQUEST),
        (format!("{job}/vertices/xyz"), StatusCode::BAD_REQUEST),
        (format!("{job}/vertices/{}", testkit::job::id(999)), StatusCode::NOT_FOUND),
        (format!("{job}/history?from=yesterday"), StatusCode::BAD_REQUEST),
    ] {
        let got = world.get(&address).await;
        assert_eq!(got.status, status, "{address}");
        assert!(got.text.contains("<h1>Not here</h1>"), "{address}: {}", got.text);
    }
}

#[tokio::test]
async fn nothing_is_loaded_from_elsewhere_and_what_is_loaded_is_kept() {
    let world = fleet().await;
    let got = world.get("/").await;
    let policy = got.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert!(!got.text.contains("//"), "an address of elsewhere");
    let assets: Vec<_> = got.text.split('"').filter(|text| text.starts_with("/assets/")).collect();
    assert_eq!(assets.len(), 3);
    for asset in assets {
        let got = world.get(asset).await;
        assert_eq!(got.status, StatusCode::OK, "{asset}");
        assert!(got.headers[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
    }
}

#[tokio::test]
async fn the_history_is_cut_to_the_time_that_is_asked_for() {
    let mut world = World::new();
    world.add("c", "orders", pipeline(), waves);
    world.cycles(400).await;
    let history = format!("/jobs/c/{}/history", testkit::job::id(1));
    let whole = world.page(&history).await;
    let anchors = |page: &str| page.matches("<tr id=\"s").count();
    assert!(anchors(&whole) > 3, "{whole}");
    for address in hrefs(&whole, &format!("{history}#")) {
        let (_, anchor) = address.split_once('#').unwrap();
        assert!(whole.contains(&format!("id=\"{anchor}\"")), "{address} leads nowhere");
    }
    // The clock of the test begins at 2023-11-14 22:13:20.
    let part = world.page(&format!("{history}?from=2023-11-14T22:00&to=2023-11-14T22:20")).await;
    assert!((1..anchors(&whole)).contains(&anchors(&part)), "{part}");
    assert_eq!(anchors(&world.page(&format!("{history}?to=2023-11-14T22:00")).await), 0);
}
