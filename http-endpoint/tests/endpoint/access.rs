//! Who may ask, and where the endpoint listens.

use std::io::Write;

use http_endpoint::HttpError;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use axum::http::header;
use servers::plain_http;

use crate::support::World;

#[tokio::test]
async fn other_machines_need_a_token() {
    let world = World::new().await;
    for address in ["0.0.0.0:0", "[::]:0"] {
        let error = world.open(&[("http.address", address)]).await.unwrap_err();
        assert!(matches!(error, HttpError::Open { .. }), "{error}");
        assert!(error.to_string().contains("token-file") && error.to_string().contains(address), "{error}");
    }
    world.end().await;
}

#[tokio::test]
async fn with_a_token_nobody_else_is_answered() {
    let world = World::new().await;
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"0123456789abcdef\n").unwrap();
    let path = file.path().to_str().unwrap().to_owned();
    let mut client = world.serve(&[("http.address", "0.0.0.0:0"), ("http.token-file", &path)]).await;
    assert_eq!(client.get("/healthz").await.0, 200, "probes have no token");
    assert_eq!(client.get("/readyz").await.0, 200);
    for path in ["/metrics", "/api/v1/jobs", "/api/v1/openapi.json", "/nothing"] {
        client.token = None;
        assert_eq!(client.get(path).await.0, 401, "{path}");
        client.token = Some("0123456789abcdeX".to_owned());
        assert_eq!(client.get(path).await.0, 401, "{path}");
    }
    client.token = Some("0123456789abcdef".to_owned());
    assert_eq!(client.get("/api/v1/jobs").await.0, 200);
    std::fs::write(&path, "fedcba9876543210").unwrap();
    client.token = Some("fedcba9876543210".to_owned());
    // The file is looked at again once a second at most.
    let mut tries = 0;
    while client.get("/api/v1/jobs").await.0 != 200 {
        tries += 1;
        assert!(tries < 1000, "the new token is never taken");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    client.token = Some("0123456789abcdef".to_owned());
    assert_eq!(client.get("/api/v1/jobs").await.0, 401, "the old token is none any more");
    world.end().await;
}

#[tokio::test]
async fn a_browser_is_told_to_ask_for_the_token_and_gives_it_as_a_password() {
    let world = World::new().await;
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"0123456789abcdef\n").unwrap();
    let client = world.serve(&[("http.token-file", file.path().to_str().unwrap())]).await;
    let url = format!("http://{}/api/v1/jobs", client.address);
    let answer = plain_http::client().get(&url).send().await.unwrap();
    let asked: Vec<_> = answer.headers().get_all(header::WWW_AUTHENTICATE).iter().collect();
    assert!(
        answer.status() == 401 && asked.len() == 2 && asked[1].to_str().unwrap().starts_with("Basic "),
        "{answer:?}"
    );
    for (password, status) in [("0123456789abcdef", 200), ("0123456789abcdeX", 401)] {
        let answer = plain_http::client().get(&url).basic_auth("me", Some(password)).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status);
    }
    world.end().await;
}

#[tokio::test]
async fn a_token_that_cannot_be_read_is_said_without_its_content() {
    let world = World::new().await;
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"hunter2").unwrap();
    let path = file.path().to_str().unwrap();
    for (path, says) in
        [("/nowhere/token", "can't be read"), (path, "holds no token"), ("/dev", "it is no regular file")]
    {
        let error = world.open(&[("http.token-file", path), ("http.address", "127.0.0.1:0")]).await.unwrap_err();
        let text = error.to_string();
        assert!(text.contains(says) && text.contains("token-file") && !text.contains("hunter2"), "{text}");
    }
    world.end().await;
}

#[tokio::test]
async fn an_address_that_is_taken_is_an_error_where_it_was_chosen() {
    let world = World::new().await;
    let client = world.serve(&[]).await;
    let error = world.open(&[("http.address", &client.address)]).await.unwrap_err();
    assert!(matches!(error, HttpError::Address { .. }) && error.to_string().contains(&client.address), "{error}");
    assert!(world.open(&[("http.address", "off")]).await.unwrap().is_none());
    world.end().await;
}

#[tokio::test]
async fn names_of_others_are_not_answered() {
    let world = World::new().await;
    let client = world.serve(&[]).await;
    let ask = async |host: &str| {
        let mut stream = tokio::net::TcpStream::connect(&client.address).await.unwrap();
        let request = format!("GET /api/v1/jobs HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer.split(' ').nth(1).unwrap().to_owned()
    };
    assert_eq!(ask("localhost").await, "200");
    assert_eq!(ask("rebound.example").await, "403");
    world.end().await;
}

#[tokio::test]
async fn noise_ends_nothing() {
    let world = World::new().await;
    let client = world.serve(&[]).await;
    for noise in [&b"\x16\x03\x01\x02\x00\x01\x00"[..], b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\0\0\0\0\r\n\r\n"]
    {
        let mut stream = tokio::net::TcpStream::connect(&client.address).await.unwrap();
        stream.write_all(noise).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = Vec::new();
        let _reset = stream.read_to_end(&mut answer).await;
    }
    assert_eq!(client.get("/healthz").await.0, 200);
    world.end().await;
}
