//! Which ResourceManager is asked, and what is no answer.

use serde_json::json;

use crate::server::Server;
use crate::yarn::{World, id, job_manager};
use crate::{active, names, opened};

/// Two ResourceManagers, of which the second is active, and the source on both.
async fn two(first: Server) {
    let (world, flink) = (World::default(), job_manager(&[1]).await);
    world.set(1, &flink);
    let seen = world.clone();
    let second = Server::start(move |asked| seen.answer(asked)).await;
    let urls = format!("{}; {}", first.url(), second.url());
    let source = opened(&[("yarn.resource-managers", &urls)]);
    assert_eq!(names(&source).await, [id(1)]);
    first.asked();
    assert_eq!(names(&source).await, [id(1)]);
    assert!(first.asked().is_empty(), "whoever was active is asked first");
    second.answer_by(|_| (200, "", json!({"clusterInfo": {"haState": "STANDBY"}}).to_string()));
    assert!(source.clusters().await.unwrap_err().to_string().contains("none of 2 ResourceManagers"));
}

#[tokio::test]
async fn a_standby_is_passed_over() {
    two(Server::start(|_| (200, "", json!({"clusterInfo": {"haState": "STANDBY"}}).to_string())).await).await;
}

#[tokio::test]
async fn what_is_no_json_is_no_empty_list() {
    two(Server::start(|_| (200, "", "There is currently no active RM".to_owned())).await).await;
    two(Server::start(|_| (200, "", "<html>".to_owned())).await).await;
    let pages = |asked: &crate::server::Asked| match asked.path.contains("/info") {
        true => (200, "", json!({"clusterInfo": {"haState": "ACTIVE"}}).to_string()),
        false => (200, "", "<html>".to_owned()),
    };
    two(Server::start(pages).await).await;
}

#[tokio::test]
async fn redirects_lead_nowhere() {
    two(Server::start(|_| {
        (307, "Refresh: 3;url=http://other:8088/ws/v1/cluster/apps\r\n", "none is active".to_owned())
    })
    .await)
    .await;
    two(Server::start(|_| (307, "Location: http://127.0.0.1:1/ws/v1/cluster/info\r\n", String::new())).await).await;
}

#[tokio::test]
async fn one_that_is_not_there_is_passed_over() {
    let (world, flink) = (World::default(), job_manager(&[1]).await);
    world.set(1, &flink);
    let seen = world.clone();
    let second = Server::start(move |asked| seen.answer(asked)).await;
    let urls = format!("http://127.0.0.1:1; {}", second.url());
    assert_eq!(names(&opened(&[("yarn.resource-managers", &urls)])).await, [id(1)]);
}

#[tokio::test]
async fn only_what_is_chosen_is_looked_at() {
    let (world, flink) = (World::default(), job_manager(&[1]).await);
    world.set(1, &flink);
    world.set(2, &flink);
    world.change(2, |of| of.tags = "autoscale,team-a");
    let (_manager, source) = active(&world, &[("yarn.application-tags", "AutoScale")]).await;
    assert_eq!(names(&source).await, [id(2)]);
    // A ResourceManager that does not go by types tells of others, too.
    world.change(2, |of| of.kind = "SPARK");
    assert!(names(&source).await.is_empty());
    world.change(2, |of| (of.kind, of.tags) = ("Apache Flink", ""));
    assert!(names(&source).await.is_empty());
}

#[tokio::test]
async fn thousands_of_applications_are_one_answer() {
    let (world, flink) = (World::default(), job_manager(&[1]).await);
    (1..=5_000).for_each(|number| world.set(number, &flink));
    (5_001..=6_000).for_each(|number| {
        world.set(number, &flink);
        world.change(number, |of| of.state = "FINISHED");
    });
    let (manager, source) = active(&world, &[("yarn.access", "PROXY")]).await;
    assert_eq!(names(&source).await.len(), 5_000);
    manager.asked();
    assert_eq!(names(&source).await.len(), 5_000);
    assert_eq!(manager.asked().len(), 4, "once their places are known");
}

#[rstest::rstest]
#[case::of_nobody(401, &[], &["auth.username", "auth.password-file", "auth.token-file"])]
#[case::of_somebody(401, &[("yarn.auth.token-env-variable", "CARGO_MANIFEST_DIR")], &["auth.token-file", "auth.token-env-variable"])]
#[case::of_nobody_who_may(403, &[], &["auth.username"])]
#[case::on_the_way(407, &[], &["proxy"])]
#[case::to_a_login(302, &[], &["auth.token-file", "auth.username"])]
#[tokio::test]
async fn a_refusal_names_the_options_of_resource_managers_and_none_of_flink(
    #[case] status: u16,
    #[case] options: &[(&str, &str)],
    #[case] expected: &[&str],
) {
    let manager = Server::start(move |_| (status, "Location: http://login/\r\n", String::new())).await;
    let url = manager.url();
    let source = opened(&[&[("yarn.resource-managers", url.as_str())], options].concat());
    let error = source.clusters().await.unwrap_err().chain().to_string();
    for last in expected {
        assert!(error.contains(&format!("autoscaler.standalone.fetcher.yarn.{last}")), "{error}");
    }
    assert!(!error.contains("flink-cluster") && !error.contains("Flink's"), "{error}");
}
