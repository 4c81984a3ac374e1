//! An API server that is away for minutes, and namespaces that are gone.

use std::collections::HashMap;
use std::sync::Mutex;

use super::*;

/// What an API server has, and what it is like.
#[derive(Default)]
struct There {
    /// FlinkDeployments by namespace: name and uid of each.
    resources: HashMap<&'static str, Vec<(&'static str, &'static str)>>,
    /// Namespaces in which nobody may list.
    forbidden: Vec<&'static str>,
    /// Requests get no answer, and watches end in the middle.
    is_cut_off: bool,
}

/// Jobs of these namespaces, of which the FlinkDeployments are watched on a server.
struct Stage {
    jobs: Jobs,
    there: Arc<Mutex<There>>,
}

impl Stage {
    fn new(namespaces: &[&str], there: There) -> Self {
        let (service, server) = tower_test::mock::pair();
        let there = Arc::new(Mutex::new(there));
        tokio::spawn(play(server, Arc::clone(&there)));
        let resources = Resources::default();
        let api = ApiClient::of(Client::new(service, "default"));
        let watch = |namespace: &&str| {
            let namespace = Some((*namespace).to_owned());
            Watch::new(Kind::FlinkDeployment, namespace, None, api.clone(), resources.clone())
        };
        let watches: Vec<_> = namespaces.iter().map(watch).collect();
        for watch in &watches {
            tokio::spawn(Arc::clone(watch).run());
        }
        let clusters =
            RestClusters::new(resources.clone(), "http://{cluster}".to_owned(), BOUND, ClusterName::new("k"));
        Self { jobs: Jobs::new(resources, Arc::new(clusters), watches, BOUND), there }
    }

    fn change(&self, change: impl FnOnce(&mut There)) {
        change(&mut self.there.lock().unwrap());
    }

    /// Keys of the jobs, and whether that is all of them; or why that is not known.
    async fn listed(&self) -> Result<(Vec<String>, bool), String> {
        let list = self.jobs.list().await.map_err(|error| error.to_string())?;
        Ok((list.jobs.iter().map(|job| job.key.to_string()).collect(), list.is_whole()))
    }
}

async fn play(
    mut server: tower_test::mock::Handle<http::Request<Body>, http::Response<Body>>,
    there: Arc<Mutex<There>>,
) {
    let mut unanswered = Vec::new();
    while let Some((request, send)) = server.next_request().await {
        let namespace = request.uri().path().split('/').nth(5).unwrap().to_owned();
        let is_watch = request.uri().query().is_some_and(|query| query.contains("watch="));
        let there = there.lock().unwrap();
        if there.is_cut_off {
            unanswered.push(send);
        } else if there.forbidden.contains(&namespace.as_str()) {
            let status =
                json!({"kind": "Status", "status": "Failure", "code": 403, "reason": "Forbidden", "message": "no"});
            send.send_response(answer(403, &[status]));
        } else if is_watch {
            // It ends it after as long as it is asked to.
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_secs(20)).await;
                send.send_response(answer(200, &[]));
            });
        } else {
            let of = there.resources.get(namespace.as_str()).into_iter().flatten();
            let items: Vec<Value> = of.map(|(name, uid)| switched_on(&namespace, name, uid)).collect();
            let list =
                json!({"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": "7"}, "items": items});
            send.send_response(answer(200, &[list]));
        }
    }
}

fn switched_on(namespace: &str, name: &str, uid: &str) -> Value {
    let mut item = item(name, json!({"job": {}, "flinkConfiguration": {"job.autoscaler.external.enabled": "true"}}));
    item["metadata"]["namespace"] = namespace.into();
    item["metadata"]["uid"] = uid.into();
    item
}

async fn seconds(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_is_cut_off_for_minutes_begins_anew() {
    let resources = HashMap::from([("orders", vec![("a", "u1"), ("b", "u2")])]);
    let stage = Stage::new(&["orders"], There { resources, ..There::default() });
    seconds(1).await;
    let all = (vec!["fd/orders/a/u1".to_owned(), "fd/orders/b/u2".to_owned()], true);
    assert_eq!(stage.listed().await.as_ref(), Ok(&all));

    stage.change(|there| there.is_cut_off = true);
    seconds(BOUND.as_secs() - 60).await;
    assert_eq!(stage.listed().await.as_ref(), Ok(&all), "for a while what was seen last has to do");
    seconds(120).await;
    let error = stage.listed().await.unwrap_err();
    assert!(error.contains("can't be listed: they were last heard of more than 300 s ago"), "{error}");

    // Meanwhile one was deleted, and another was deleted and made again.
    stage.change(|there| {
        there.is_cut_off = false;
        there.resources.insert("orders", vec![("b", "u3")]);
    });
    seconds(120).await;
    assert_eq!(stage.listed().await, Ok((vec!["fd/orders/b/u3".to_owned()], true)));
}

#[tokio::test(start_paused = true)]
async fn one_namespace_that_is_gone_holds_up_no_other() {
    let resources = HashMap::from([("orders", vec![("a", "u1")]), ("old", vec![("b", "u2")])]);
    let stage = Stage::new(&["orders", "old"], There { resources, ..There::default() });
    seconds(1).await;
    let all = (vec!["fd/old/b/u2".to_owned(), "fd/orders/a/u1".to_owned()], true);
    assert_eq!(stage.listed().await.as_ref(), Ok(&all));
    // With it go its roles.
    stage.change(|there| there.forbidden.push("old"));
    seconds(60).await;
    assert_eq!(stage.listed().await.as_ref(), Ok(&all));
    seconds(BOUND.as_secs() + 60).await;
    assert_eq!(stage.listed().await, Ok((vec!["fd/orders/a/u1".to_owned()], false)), "unknown is not gone");
    stage.change(|there| there.forbidden.push("orders"));
    seconds(BOUND.as_secs() + 60).await;
    let error = stage.listed().await.unwrap_err();
    assert!(error.contains("answered 403"), "{error}");
    stage.change(|there| there.forbidden.clear());
    seconds(120).await;
    assert_eq!(stage.listed().await.as_ref(), Ok(&all));
}

#[tokio::test(start_paused = true)]
async fn a_namespace_without_rights_from_the_beginning_holds_up_no_other() {
    let resources = HashMap::from([("orders", vec![("a", "u1")])]);
    let there = There { resources, forbidden: vec!["old"], ..There::default() };
    let stage = Stage::new(&["orders", "old"], there);
    assert!(stage.listed().await.unwrap_err().ends_with("can't be listed yet"));
    seconds(1).await;
    assert_eq!(stage.listed().await, Ok((vec!["fd/orders/a/u1".to_owned()], false)));
}
