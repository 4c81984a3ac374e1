//! A client of a cluster that speaks TLS, by way of a real proxy: tinyproxy lets TLS through by CONNECT.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::time::Duration;

use autoscaler_core::{ErrorKind, PortError};
use flink_rest::{AccessFile, ClusterAccess, FlinkClient, ProxyChoice};
use serde_json::Value;
use servers::gateway::Gateway;
use servers::gateway::certificates::Authority;
use servers::gateway::tunnels::Tunnels;
use servers::standin::StandIn;

/// A cluster behind TLS, and what its clients trust.
struct Secured {
    cluster: StandIn,
    gateway: Gateway,
}

impl Secured {
    async fn start() -> Self {
        let (cluster, ours) = (StandIn::start().await, Authority::new("ours"));
        let server = ours.server(&["127.0.0.1"]);
        let directives = format!(
            "ssl_certificate @/server.pem; ssl_certificate_key @/server.key; location / {{ proxy_pass {}; }}",
            cluster.url()
        );
        let ca = ours.certificate();
        let files = [("server.pem", server.certificate.as_str()), ("server.key", &server.key), ("ca.pem", &ca)];
        let gateway = Gateway::start(true, &directives, &files).unwrap();
        Self { cluster, gateway }
    }

    /// Asks it by way of a proxy at this URL.
    async fn ask(&self, proxy: &str) -> Result<(), PortError> {
        let mut access = ClusterAccess::default();
        access.ca_file = Some(AccessFile::new(self.gateway.file("ca.pem")));
        access.proxy = ProxyChoice::At(proxy.into());
        let url = format!("https://127.0.0.1:{}", self.gateway.port());
        let client = FlinkClient::with_access(&url, Duration::from_secs(30), access).unwrap();
        client.get::<Value>("/jobs/overview").await.map(drop).map_err(PortError::from)
    }
}

#[tokio::test]
async fn tls_goes_through_a_proxy_by_connect() {
    let (secured, proxy) = (Secured::start().await, Tunnels::start("").unwrap());
    secured.ask(&format!("http://127.0.0.1:{}", proxy.port())).await.unwrap();
    assert_eq!(secured.cluster.asked().len(), 1);
    let log = proxy.log().unwrap();
    assert!(log.contains(&format!("CONNECT 127.0.0.1:{}", secured.gateway.port())), "{log}");
    // What is in it is nobody's but ours and the cluster's.
    assert!(!log.contains("/jobs/overview"), "{log}");
}

#[tokio::test]
async fn a_proxy_that_wants_to_know_who_asks() {
    let (secured, proxy) = (Secured::start().await, Tunnels::start("BasicAuth me s3cret").unwrap());
    let at = |user: &str| format!("http://{user}127.0.0.1:{}", proxy.port());
    secured.ask(&at("me:s3cret@")).await.unwrap();
    // tinyproxy answers 407 to nobody, and 401 to a wrong password.
    for (user, said) in [("", "proxy authorization required"), ("me:s3cret2@", "tunnel error: unsuccessful")] {
        let error = secured.ask(&at(user)).await.unwrap_err();
        let text = error.chain().to_string();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{text}");
        for part in ["no connection by way of the proxy", said, "the user and password that it may want"] {
            assert!(text.contains(part), "no {part} in {text}");
        }
        assert!(!text.contains("s3cret"), "{text}");
    }
    assert_eq!(secured.cluster.asked().len(), 1);
}

#[tokio::test]
async fn a_proxy_that_lets_nobody_through_to_the_port() {
    let (secured, proxy) = (Secured::start().await, Tunnels::start("ConnectPort 443").unwrap());
    let error = secured.ask(&format!("http://127.0.0.1:{}", proxy.port())).await.unwrap_err();
    let text = error.chain().to_string();
    assert!(text.contains("no connection by way of the proxy") && text.contains("lets us through"), "{text}");
    assert_eq!(secured.cluster.asked(), []);
}
