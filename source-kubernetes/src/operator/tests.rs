use autoscaler_core::ErrorKind;
use kube::Client;
use kube::client::Body;
use serde_json::json;

use super::*;

const BOUND: Duration = Duration::from_secs(300);
const BEGINNING: &str = "the operator's configuration, the ConfigMap flink/flink-operator-config of \
                         autoscaler.standalone.fetcher.kubernetes.operator-configuration, can't be read";

type Server = tower_test::mock::Handle<http::Request<Body>, http::Response<Body>>;

/// The API server is played by whoever holds the handle.
fn configuration() -> (Arc<OperatorConfiguration>, Resources, Server) {
    let (service, server) = tower_test::mock::pair();
    let resources = Resources::default();
    let api = ApiClient::of(Client::new(service, "default"));
    let place = "flink/flink-operator-config".parse().unwrap();
    (OperatorConfiguration::new(place, api, resources.clone()), resources, server)
}

async fn answer(server: &mut Server, status: u16, body: Value) {
    let (request, send) = server.next_request().await.unwrap();
    assert_eq!(request.uri().path(), "/api/v1/namespaces/flink/configmaps/flink-operator-config");
    send.send_response(
        http::Response::builder().status(status).body(Body::from(body.to_string().into_bytes())).unwrap(),
    );
}

fn config_map(yaml: &str) -> Value {
    let metadata = json!({"name": "flink-operator-config", "namespace": "flink"});
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"config.yaml": yaml}})
}

fn plain(resources: &Resources) -> Vec<(String, String)> {
    let cluster = crate::tests::resource("fd", "c", json!({}));
    resources.defaults().merged(&cluster, None).into_iter().collect()
}

#[tokio::test(start_paused = true)]
async fn jobs_are_unknown_until_it_is_read_and_when_it_was_not_for_long() {
    let (configuration, resources, mut server) = configuration();
    let error = configuration.check(BOUND).unwrap_err();
    assert_eq!((error.kind(), error.to_string()), (ErrorKind::Unavailable, format!("{BEGINNING} yet")));
    let task = tokio::spawn(Arc::clone(&configuration).run());

    let denied = json!({"kind": "Status", "status": "Failure", "code": 403, "reason": "Forbidden", "message": "no"});
    answer(&mut server, 403, denied).await;
    // The next request comes after what the last one ended in was taken in.
    answer(&mut server, 200, config_map("- secret")).await;
    let error = configuration.check(BOUND).unwrap_err();
    let missing = "Kubernetes answered 403, no; the right to get it is missing: apply flink-autoscaler kubernetes rbac \
                   --operator-configuration flink/flink-operator-config";
    assert_eq!((error.kind(), error.to_string()), (ErrorKind::Unavailable, format!("{BEGINNING}: {missing}")));

    answer(&mut server, 200, config_map("a: 1")).await;
    let error = configuration.check(BOUND).unwrap_err().to_string();
    assert_eq!(error, format!("{BEGINNING}: config.yaml is no map of options"));

    // It is read again, and what can't be read changes nothing.
    answer(&mut server, 200, config_map("a: [secret")).await;
    assert_eq!(plain(&resources), [("a".to_owned(), "1".to_owned())]);
    let _unanswered = server.next_request().await.unwrap();
    task.abort();
    configuration.check(BOUND).unwrap();
    assert_eq!(plain(&resources), [("a".to_owned(), "1".to_owned())]);
    tokio::time::advance(BOUND).await;
    let error = configuration.check(BOUND).unwrap_err().to_string();
    let to = " of its config.yaml is not valid YAML; it was last read more than 300 s ago";
    assert!(error.starts_with(&format!("{BEGINNING}: line 1, column ")) && error.ends_with(to), "{error}");
}

#[tokio::test(start_paused = true)]
async fn what_stays_the_same_is_the_same() {
    let (configuration, resources, mut server) = configuration();
    let task = tokio::spawn(configuration.run());
    answer(&mut server, 200, config_map("a: 1")).await;
    answer(&mut server, 200, config_map("a: 1")).await;
    let first = resources.defaults();
    answer(&mut server, 200, config_map("a: 2")).await;
    assert!(Arc::ptr_eq(&first, &resources.defaults()));
    let _unanswered = server.next_request().await.unwrap();
    assert_eq!(plain(&resources), [("a".to_owned(), "2".to_owned())]);
    task.abort();
}

#[tokio::test]
async fn odd_lines_are_said_once() {
    let (configuration, ..) = configuration();
    let said = configuration.remark(vec![2, 7]).unwrap();
    assert!(said.contains("the ConfigMap flink/flink-operator-config") && said.ends_with(": 2, 7"), "{said}");
    assert_eq!([vec![2, 7], Vec::new()].map(|lines| configuration.remark(lines)), [None, None]);
    assert!(configuration.remark(vec![2]).is_some());
}
