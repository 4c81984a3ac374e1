//! Approving what is proposed: by whom, and by no page of anybody else's.

use std::io::Write;

use serde_json::{Value, json};
use servers::plain_http;

use crate::support::{Client, World};

const TOKEN: &str = "0123456789abcdef";

impl World {
    /// The id of what is proposed for job 3, and the path of the job.
    async fn proposed(&self, client: &Client) -> (String, String) {
        let jobs = client.json("/api/v1/jobs").await;
        let cluster = jobs["jobs"][0]["cluster"].as_str().unwrap();
        let path = format!("/api/v1/clusters/{cluster}/jobs/{}", testkit::job::id(3));
        let mut told = String::new();
        for _ in 0..1000 {
            told = client.get(&path).await.1;
            let job: Value = serde_json::from_str(&told).unwrap();
            if let Some(id) = job["proposal"]["id"].as_str() {
                return (id.to_owned(), path);
            }
            self.observer.more_cycles(1).await;
        }
        panic!("nothing is proposed: {told}");
    }
}

impl Client {
    /// Status and JSON of the answer to an approval that is sent with these headers.
    #[expect(clippy::disallowed_methods, reason = "what our own endpoint answers is bounded")]
    async fn approve(&self, path: &str, body: &Value, headers: &[(&str, &str)]) -> (u16, Value) {
        let mut request = plain_http::client().post(format!("http://{}{path}/approve", self.address)).json(body);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }
}

#[tokio::test]
async fn what_was_seen_is_approved_once() {
    let world = World::new().await;
    world.add_proposing();
    let client = world.serve(&[]).await;
    let (id, path) = world.proposed(&client).await;
    for (body, status) in [
        (json!({ "proposal": "another" }), 409),
        (json!({}), 400),
        (json!({ "proposal": 5 }), 400),
        (json!({ "proposal": id, "vertices": [] }), 400),
        (json!({ "proposal": "x".repeat(5000) }), 400),
    ] {
        let (given, told) = client.approve(&path, &body, &[]).await;
        assert!(given == status && told["error"].is_string(), "{body}: {given} {told}");
    }
    assert_eq!(world.cluster.parallelism(3), 1);
    let (status, told) = client.approve(&path, &json!({ "proposal": id, "by": "me\n" }), &[]).await;
    assert_eq!((status, &told["id"], &told["approved_by"]), (202, &json!(id), &json!("me at 127.0.0.1")), "{told}");
    assert_eq!((&told["vertices"][0]["from"], &told["vertices"][0]["to"]), (&json!(1), &json!(2)));
    world.observer.until("it is carried out", || world.cluster.parallelism(3) == 2).await;
    world.observer.more_cycles(4).await;
    let events = client.json(&format!("{path}/events")).await["events"].to_string();
    assert!(events.contains("ScalingApproved") && events.contains("approved by me at 127.0.0.1"), "{events}");
    assert!(events.contains("ApprovalRefused"), "of the id that was another: {events}");
    assert_eq!(client.approve(&path, &json!({ "proposal": id }), &[]).await.0, 409);
    world.end().await;
}

#[tokio::test]
async fn a_page_of_another_origin_approves_nothing() {
    let world = World::new().await;
    world.add_proposing();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(TOKEN.as_bytes()).unwrap();
    let open = world.serve(&[]).await;
    let mut with_token = world.serve(&[("http.token-file", file.path().to_str().unwrap())]).await;
    with_token.token = Some(TOKEN.to_owned());
    let (id, path) = world.proposed(&open).await;
    let body = json!({ "proposal": id });
    for client in [&open, &with_token] {
        for headers in [
            &[("origin", "https://evil.example")][..],
            &[("origin", "null")],
            &[("origin", "http://127.0.0.1:1")],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
        ] {
            let (status, told) = client.approve(&path, &body, headers).await;
            assert!(status == 403 && told["error"].as_str().unwrap().contains("another origin"), "{headers:?}: {told}");
        }
    }
    assert_eq!(
        open.approve(&path, &body, &[("host", "rebound.example"), ("origin", "http://rebound.example")]).await.0,
        403
    );
    with_token.token = None;
    assert_eq!(with_token.approve(&path, &body, &[]).await.0, 401);
    world.observer.more_cycles(4).await;
    assert_eq!(world.cluster.parallelism(3), 1);
    let own = format!("http://{}", open.address);
    let (status, told) = open.approve(&path, &body, &[("origin", &own)]).await;
    assert_eq!(status, 202, "{told}");
    world.observer.until("it is carried out", || world.cluster.parallelism(3) == 2).await;
    world.end().await;
}
