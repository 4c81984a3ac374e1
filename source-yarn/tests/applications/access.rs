//! How JobManagers are reached, and who is shown what.

use flink_rest::FlinkClient;
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::server::{Answer, Asked, Server};
use crate::yarn::{World, id, job_manager};
use crate::{active, key, keys, only};

#[tokio::test]
async fn it_is_asked_directly_where_that_works() {
    let (world, flink) = (World::default(), job_manager(&[7]).await);
    world.set(1, &flink);
    let (manager, source) = active(&world, &[]).await;
    let cluster = only(&source).await;
    manager.asked();
    assert_eq!(keys(&cluster.jobs.list().await.unwrap()), [key(7)]);
    assert!(manager.asked().is_empty());
}

#[tokio::test]
async fn the_proxy_is_the_other_road_and_is_kept_to() {
    let (world, flink) = (World::default(), job_manager(&[7]).await);
    world.set(1, &flink);
    world.change(1, |of| of.address = Some("127.0.0.1:1".to_owned()));
    let (manager, source) = active(&world, &[("yarn.user-name", "etl")]).await;
    let cluster = only(&source).await;
    let port = u64::from(flink.address.port());
    assert_eq!(keys(&cluster.jobs.list().await.unwrap()), [key(port)]);
    // What is put passes the proxy: compact, of ASCII, headers in their usual case.
    let client = cluster.access.downcast_ref::<FlinkClient>().unwrap();
    manager.asked();
    client
        .put("/jobs/1/resource-requirements", &json!({"v": {"parallelism": {"lowerBound": 1, "upperBound": 4}}}))
        .await
        .unwrap();
    let [put] = <[_; 1]>::try_from(manager.asked()).unwrap();
    assert_eq!(put.path, format!("/proxy/{}/jobs/1/resource-requirements?user.name=etl", id(1)));
    assert_eq!(put.body, r#"{"v":{"parallelism":{"lowerBound":1,"upperBound":4}}}"#);
}

#[tokio::test]
async fn a_road_that_is_chosen_is_the_only_one() {
    let (world, flink) = (World::default(), job_manager(&[7]).await);
    world.set(1, &flink);
    let (_manager, source) = active(&world, &[("yarn.access", "PROXY")]).await;
    only(&source).await.jobs.list().await.unwrap();
    assert!(flink.asked().is_empty());
    world.change(1, |of| of.address = Some("127.0.0.1:1".to_owned()));
    let (_manager, source) = active(&world, &[("yarn.access", "DIRECT")]).await;
    only(&source).await.jobs.list().await.unwrap_err();
}

#[tokio::test]
async fn an_application_that_we_may_not_view_is_said_to_be_so() {
    let (world, flink) = (World::default(), job_manager(&[7]).await);
    world.set(1, &flink);
    world.change(1, |of| of.address = None);
    let (_manager, source) = active(&world, &[("yarn.access", "DIRECT")]).await;
    let error = only(&source).await.jobs.list().await.unwrap_err().chain().to_string();
    assert!(error.contains("we may not view it (VIEW_APP)") && error.contains(&id(1)), "{error}");
}

#[tokio::test]
async fn each_sees_its_own_credentials() {
    let files = std::env::temp_dir().join(format!("source-yarn-{}", std::process::id()));
    std::fs::create_dir_all(&files).unwrap();
    let file = |name: &str| {
        std::fs::write(files.join(name), name).unwrap();
        files.join(name).display().to_string()
    };
    let (of_yarn, of_flink) = (file("of-yarn"), file("of-flink"));
    let (world, flink) = (World::default(), job_manager(&[7]).await);
    world.set(1, &flink);
    let tokens = [("yarn.auth.token-file", of_yarn.as_str()), ("flink-cluster.auth.token-file", of_flink.as_str())];
    let (manager, source) = active(&world, &tokens).await;
    only(&source).await.jobs.list().await.unwrap();
    assert!(flink.asked().iter().all(|asked| asked.header("Authorization") == Some("Bearer of-flink")));
    world.change(1, |of| of.address = None);
    only(&source).await.jobs.list().await.unwrap();
    let asked = manager.asked();
    assert!(asked.iter().any(|asked| asked.path.starts_with("/proxy/")));
    assert!(asked.iter().all(|asked| asked.header("Authorization") == Some("Bearer of-yarn")));
    // A proxy elsewhere is not one of those that we name.
    let elsewhere = Server::start(|_| (200, "", crate::yarn::overview(&[1]))).await;
    let (url, seen) = (format!("{}/proxy/{}/", elsewhere.url(), id(1)), world.clone());
    manager.answer_by(move |asked| {
        let (status, headers, body) = seen.answer(asked);
        let host = asked.header("Host").unwrap_or_default();
        (status, headers, body.replace(&format!("http://{host}/proxy/{}/", id(1)), &url))
    });
    world.change(1, |of| (of.attempt, of.address) = (2, None));
    only(&source).await.jobs.list().await.unwrap();
    let asked = elsewhere.asked();
    assert!(!asked.is_empty() && asked.iter().all(|asked| asked.header("Authorization").is_none()));
    std::fs::remove_dir_all(files).unwrap();
}

fn unknown() -> Answer {
    (401, "", r#"{"errors": ["nobody is known by s3cret"]}"#.to_owned())
}

fn unknown_as_written() -> Answer {
    (401, "", r#"{"errors": ["nobody is known by s3cr%65t"]}"#.to_owned())
}

fn leads_to_a_login() -> Answer {
    (307, "Location: http://login/s3cret\r\n", String::new())
}

#[rstest::rstest]
#[case::a_token("DIRECT", &[("flink-cluster.auth.token-file", "FILE")], unknown)]
#[case::a_header("DIRECT", &[("flink-cluster.header-files.X-Api-Key", "FILE")], unknown)]
#[case::a_token_in_a_redirect("DIRECT", &[("flink-cluster.auth.token-file", "FILE")], leads_to_a_login)]
#[case::a_token_for_the_proxy("PROXY", &[("yarn.auth.token-file", "FILE")], unknown)]
#[case::a_password_for_the_proxy("PROXY", &[("yarn.auth.username", "me"), ("yarn.auth.password-file", "FILE")], unknown)]
#[case::a_header_for_the_proxy("PROXY", &[("yarn.header-files.X-Api-Key", "FILE")], unknown)]
#[case::a_password_in_a_url("PROXY", &[("yarn.proxy-address", "http://me:s3cr%65t@GATEWAY/proxy")], unknown)]
#[case::a_password_as_written("PROXY", &[("yarn.proxy-address", "http://me:s3cr%65t@GATEWAY/proxy")], unknown_as_written)]
#[tokio::test]
async fn secrets_that_a_server_repeats_are_in_no_error(
    #[case] road: &str,
    #[case] options: &[(&str, &str)],
    #[case] refusal: fn() -> Answer,
) {
    let (world, refusing) = (World::default(), Server::start(move |_| refusal()).await);
    world.set(1, &refusing);
    let file = format!("{}/secret-{}", env!("CARGO_TARGET_TMPDIR"), refusing.address.port());
    std::fs::write(&file, "s3cret").unwrap();
    let filled = |text: &str| text.replace("FILE", &file).replace("GATEWAY", &refusing.address.to_string());
    let options: Vec<_> = options.iter().map(|(key, text)| (*key, filled(text))).collect();
    let options = options.iter().map(|(key, text)| (*key, text.as_str())).chain([("yarn.access", road)]);
    let (manager, source) = active(&world, &options.collect::<Vec<_>>()).await;
    let cluster = only(&source).await;
    manager.answer_by(move |_| refusal());
    let error = cluster.jobs.list().await.unwrap_err().chain().to_string();
    assert!(error.contains("what it says is left out, as credentials are in it"), "{error}");
    assert!(!error.contains("s3cr"), "{error}");
}

/// Where somebody listens and answers nothing: the first byte of each connection.
async fn first_bytes() -> (String, UnboundedReceiver<u8>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (seen, bytes) = unbounded_channel();
    tokio::spawn(async move {
        loop {
            let first = listener.accept().await.unwrap().0.read_u8().await;
            if first.is_err() || seen.send(first.unwrap()).is_err() {
                return;
            }
        }
    });
    (address, bytes)
}

/// With which a connection by TLS begins.
const HANDSHAKE: u8 = 0x16;

#[rstest::rstest]
#[case(500)]
#[case(503)]
#[tokio::test]
async fn a_job_manager_is_not_asked_directly_before_it_is_known_to_speak_tls_or_not(#[case] status: u16) {
    let (world, flink) = (World::default(), job_manager(&[7]).await);
    let (address, mut bytes) = first_bytes().await;
    world.set(1, &flink);
    world.change(1, |of| of.address = Some(address.clone()));
    let (manager, source) = active(&world, &[]).await;
    let answers = |status: u16| {
        let (seen, url) = (world.clone(), format!("https://{address}"));
        move |asked: &Asked| match asked.path.contains("/appattempts/") {
            true => (status, "", json!({"appAttempt": {"originalTrackingUrl": url}}).to_string()),
            false => seen.answer(asked),
        }
    };
    manager.answer_by(answers(status));
    let cluster = only(&source).await;
    // By the proxy meanwhile.
    cluster.jobs.list().await.unwrap();
    assert!(bytes.try_recv().is_err(), "nothing goes to it");
    manager.answer_by(answers(200));
    only(&source).await;
    cluster.jobs.list().await.unwrap();
    assert_eq!(bytes.recv().await, Some(HANDSHAKE));
    manager.asked();
    only(&source).await;
    assert!(
        manager.asked().iter().all(|asked| !asked.path.contains("/appattempts/")),
        "what is known is not asked for"
    );
}

#[rstest::rstest]
#[case(403)]
#[case(404)]
#[tokio::test]
async fn a_job_manager_whose_attempt_cannot_be_asked_for_speaks_plain_http(#[case] status: u16) {
    let (world, flink) = (World::default(), job_manager(&[7]).await);
    world.set(1, &flink);
    let (manager, source) = active(&world, &[("yarn.access", "DIRECT")]).await;
    let seen = world.clone();
    manager.answer_by(move |asked| match asked.path.contains("/appattempts/") {
        true => (status, "", "<html>".to_owned()),
        false => seen.answer(asked),
    });
    assert_eq!(keys(&only(&source).await.jobs.list().await.unwrap()), [key(7)]);
}

#[tokio::test]
async fn a_job_manager_that_leads_elsewhere_is_asked_by_the_proxy() {
    let (world, flink) = (World::default(), job_manager(&[7]).await);
    world.set(1, &flink);
    flink.answer_by(|_| (302, "Location: https://localhost/jobs/overview\r\n", String::new()));
    let (_manager, source) = active(&world, &[]).await;
    let cluster = only(&source).await;
    let port = u64::from(flink.address.port());
    assert_eq!(keys(&cluster.jobs.list().await.unwrap()), [key(port)]);
    flink.asked();
    cluster.jobs.list().await.unwrap();
    assert!(flink.asked().is_empty(), "the proxy is kept to");
    let (_manager, source) = active(&world, &[("yarn.access", "DIRECT")]).await;
    let error = only(&source).await.jobs.list().await.unwrap_err().to_string();
    assert!(error.contains("a redirect to https://localhost/jobs/overview"), "{error}");
}
