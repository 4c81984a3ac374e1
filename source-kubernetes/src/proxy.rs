//! The way to Flink clusters through the API server, which passes on requests to services.

use async_trait::async_trait;
use bytes::Bytes;
use flink_rest::{Transport, TransportAnswer, TransportError};
use futures::{StreamExt, TryStreamExt};
use http_body_util::BodyExt;
use kube::client::Body;
use kubernetes_api::ApiClient;

/// A cluster's base: its host stands for the API server, whose URL the client knows.
pub(crate) const ADDRESS: &str =
    "http://kubernetes/api/v1/namespaces/{namespace}/services/{scheme}:{cluster}-rest:rest/proxy";

/// Requests to services as requests to the API server, with the client's own rights.
#[derive(Debug)]
pub(crate) struct ThroughApiServer(pub(crate) ApiClient);

#[async_trait]
impl Transport for ThroughApiServer {
    async fn send(&self, request: http::Request<Bytes>) -> Result<TransportAnswer, TransportError> {
        let (mut parts, body) = request.into_parts();
        // The client puts the API server's own URL before it.
        let path = parts.uri.path_and_query().cloned();
        parts.uri = path.map(http::Uri::from).unwrap_or_default();
        let client = self.0.get().await?;
        let answer = client.send(http::Request::from_parts(parts, Body::from(body.to_vec()))).await?;
        Ok(answer.map(|body| body.into_data_stream().map_err(TransportError::from).boxed()))
    }

    /// What the API server knows us by is the client's own: there is nothing at hand to look for.
    fn repeats_secret(&self, _said: &str) -> bool {
        false
    }

    fn advice(&self, status: u16) -> Option<&'static str> {
        match status {
            401 => Some("it is the API server that asks who we are: is the kubeconfig's user still let in?"),
            403 => Some(
                "it takes the right to get and update services/proxy, which flink-autoscaler kubernetes rbac --proxy prints",
            ),
            503 => Some("the API server finds no pod behind the cluster's service: is its JobManager there?"),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use autoscaler_core::ErrorKind;
    use flink_rest::{ClusterAccess, FlinkClient};
    use serde_json::{Value, json};

    use super::*;

    const BASE: &str = "http://kubernetes/api/v1/namespaces/orders/services/http:c-rest:rest/proxy";

    /// What the API server is asked, and what comes of the answer.
    async fn ask(status: u16, answer: &'static str) -> (http::Request<Body>, Result<Value, flink_rest::RestError>) {
        let (service, mut server) = tower_test::mock::pair::<http::Request<Body>, http::Response<Body>>();
        let api = ApiClient::of(kube::Client::new(service, "default"));
        let transport = Arc::new(ThroughApiServer(api));
        let patience = Duration::from_secs(60);
        let client = FlinkClient::through(transport, BASE, patience, ClusterAccess::default()).unwrap();
        let served = async {
            let (request, send) = server.next_request().await.unwrap();
            let body = Body::from(answer.as_bytes().to_vec());
            send.send_response(http::Response::builder().status(status).body(body).unwrap());
            request
        };
        tokio::join!(served, client.get::<Value>("/jobs/1?get=a%2Cb"))
    }

    #[tokio::test]
    async fn the_path_is_what_the_api_server_is_asked_for() {
        let (request, answer) = ask(200, r#"{"jid": "1"}"#).await;
        assert_eq!(
            request.uri().to_string(),
            "/api/v1/namespaces/orders/services/http:c-rest:rest/proxy/jobs/1?get=a%2Cb"
        );
        assert_eq!(answer.unwrap(), json!({"jid": "1"}));
    }

    #[tokio::test]
    async fn what_the_api_server_refuses_is_told_with_what_to_do() {
        let status = r#"{"kind":"Status","status":"Failure","message":"services \"http:c-rest:rest\" is forbidden: User \"me\" cannot get","code":403}"#;
        let error = ask(403, status).await.1.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Denied);
        let said = error.to_string();
        assert!(said.contains("answered 403: services") && said.contains("kubernetes rbac --proxy"), "{said}");
        let error = ask(503, r#"{"message":"no endpoints available for service \"c-rest\""}"#).await.1.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(error.to_string().contains("no endpoints available"), "{error}");
    }
}
