//! A client of a cluster behind a real nginx: TLS, passwords, tokens, headers, proxies.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::time::Duration;

use autoscaler_core::{ErrorKind, PortError};
use flink_rest::{
    AccessFile, CertificateProblem, ClusterAccess, Credentials, FlinkClient, ProxyChoice, RestError, RestProblem,
    Secret,
};
use serde_json::Value;
use servers::gateway::Gateway;
use servers::gateway::certificates::{Authority, Identity, self_signed};
use servers::standin::StandIn;

/// Directives of a server that passes on to `cluster` what it lets through.
fn pass_on(cluster: &StandIn, directives: &str) -> String {
    format!("location / {{ {directives} proxy_pass {}; }}", cluster.url())
}

/// A gateway that speaks TLS with this certificate.
fn tls(cluster: &StandIn, server: &Identity, directives: &str, files: &[(&str, &str)]) -> Gateway {
    let directives = format!(
        "ssl_certificate @/server.pem; ssl_certificate_key @/server.key; {directives} {}",
        pass_on(cluster, "")
    );
    let own = [("server.pem", server.certificate.as_str()), ("server.key", server.key.as_str())];
    Gateway::start(true, &directives, &[&own, files].concat()).unwrap()
}

fn plain(cluster: &StandIn, directives: &str, files: &[(&str, &str)]) -> Gateway {
    Gateway::start(false, &pass_on(cluster, directives), files).unwrap()
}

fn client(url: &str, access: ClusterAccess) -> FlinkClient {
    FlinkClient::with_access(url, Duration::from_secs(30), access).unwrap()
}

async fn ask(client: &FlinkClient) -> Result<(), RestError> {
    client.get::<Value>("/jobs/overview").await.map(drop)
}

fn access(change: impl FnOnce(&mut ClusterAccess)) -> ClusterAccess {
    let mut access = ClusterAccess::default();
    change(&mut access);
    access
}

/// Files in a directory of the test's own.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, text: &str) -> AccessFile {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        AccessFile::new(path)
    }
}

/// That an error is of a kind, and what it says: the endpoint, and what to do in options.
fn check(error: RestError, kind: ErrorKind, expected: &[&str]) {
    let error = PortError::from(error);
    let text = error.chain().to_string();
    assert_eq!(error.kind(), kind, "{text}");
    for part in ["(endpoint: GET http", "/jobs/overview, what to do: "].iter().chain(expected) {
        assert!(text.contains(part), "no {part} in {text}");
    }
    assert!(!text.contains("s3cret"), "{text}");
}

#[tokio::test]
async fn certificates_that_are_not_accepted() {
    let cluster = StandIn::start().await;
    let (ours, other, files) = (Authority::new("ours"), Authority::new("other"), Files::new());
    let ca = files.write("ca.pem", &ours.certificate());
    let trusting = || access(|access| access.ca_file = Some(ca.clone()));
    for (server, problem, expected) in [
        (other.server(&["127.0.0.1"]), CertificateProblem::Untrusted, "flink-cluster.tls.ca-file"),
        (ours.expired_server(&["127.0.0.1"]), CertificateProblem::Expired, "have it renewed"),
        (ours.server(&["flink.example"]), CertificateProblem::OtherHost, "use a host in its address"),
    ] {
        let gateway = tls(&cluster, &server, "", &[]);
        let error = ask(&client(&format!("https://127.0.0.1:{}", gateway.port()), trusting())).await.unwrap_err();
        assert_eq!(error.problem, RestProblem::Certificate(problem));
        check(error, ErrorKind::Invalid, &[expected, "invalid peer certificate"]);
    }
    assert_eq!(cluster.asked(), []);
    let gateway = tls(&cluster, &ours.server(&["127.0.0.1"]), "", &[]);
    let url = format!("https://127.0.0.1:{}", gateway.port());
    ask(&client(&url, trusting())).await.unwrap();
    // Nor do the system's certificates vouch for it.
    let error = ask(&client(&url, ClusterAccess::default())).await.unwrap_err();
    check(error, ErrorKind::Invalid, &["tls.ca-file names a file with the certificate of who signed it"]);
}

#[tokio::test]
async fn a_certificate_that_has_signed_itself_is_trusted_by_name() {
    let (cluster, files, own) = (StandIn::start().await, Files::new(), self_signed(&["127.0.0.1"]));
    let gateway = tls(&cluster, &own, "", &[]);
    let ca = files.write("ca.pem", &own.certificate);
    let url = format!("https://127.0.0.1:{}", gateway.port());
    ask(&client(&url, access(|access| access.ca_file = Some(ca)))).await.unwrap();
    let other = files.write("other.pem", &self_signed(&["127.0.0.1"]).certificate);
    let error = ask(&client(&url, access(|access| access.ca_file = Some(other)))).await.unwrap_err();
    check(error, ErrorKind::Invalid, &["who signed it is not in the file that", "tls.ca-file"]);
}

#[tokio::test]
async fn who_speaks_no_tls() {
    let cluster = StandIn::start().await;
    let files = Files::new();
    let trusting = access(|access| access.ca_file = Some(files.write("ca.pem", &Authority::new("ours").certificate())));
    let error = ask(&client(&cluster.url().replace("http:", "https:"), trusting)).await.unwrap_err();
    check(error, ErrorKind::Invalid, &["no TLS with it", "its address begins with http://"]);
}

#[tokio::test]
async fn a_certificate_authority_that_changes() {
    let cluster = StandIn::start().await;
    let (old, new, files) = (Authority::new("old"), Authority::new("new"), Files::new());
    let gateway = tls(&cluster, &new.server(&["127.0.0.1"]), "", &[]);
    let ca = files.write("ca.pem", &old.certificate());
    let client = client(&format!("https://127.0.0.1:{}", gateway.port()), access(|access| access.ca_file = Some(ca)));
    assert_eq!(ask(&client).await.unwrap_err().problem, RestProblem::Certificate(CertificateProblem::Untrusted));
    files.write("ca.pem", &new.certificate());
    // Files are looked at again each second.
    let asked = async {
        while ask(&client).await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), asked).await.unwrap();
}

#[tokio::test]
async fn a_certificate_of_ours() {
    let cluster = StandIn::start().await;
    let (ours, other, files) = (Authority::new("ours"), Authority::new("other"), Files::new());
    let asks = "ssl_client_certificate @/ca.pem; ssl_verify_client on;";
    let gateway = tls(&cluster, &ours.server(&["127.0.0.1"]), asks, &[("ca.pem", &ours.certificate())]);
    let url = format!("https://127.0.0.1:{}", gateway.port());
    let ca = files.write("ca.pem", &ours.certificate());
    let showing = |identity: Option<Identity>| {
        access(|access| {
            access.ca_file = Some(ca.clone());
            access.client_certificate = identity
                .map(|shown| (files.write("client.pem", &shown.certificate), files.write("client.key", &shown.key)));
        })
    };
    ask(&client(&url, showing(Some(ours.client("me"))))).await.unwrap();
    let error = ask(&client(&url, showing(None))).await.unwrap_err();
    check(
        error,
        ErrorKind::Denied,
        &["wants to be shown another certificate", "tls.client-key-file name a certificate"],
    );
    let error = ask(&client(&url, showing(Some(other.client("me"))))).await.unwrap_err();
    check(
        error,
        ErrorKind::Denied,
        &["is autoscaler.standalone.fetcher.flink-cluster.tls.client-certificate-file one"],
    );
    assert_eq!(cluster.asked().len(), 1);
}

#[test]
fn what_cannot_be_shown_is_refused_at_once() {
    let (ours, files) = (Authority::new("ours"), Files::new());
    let (me, you) = (ours.client("me"), ours.client("you"));
    let problem = |certificate: &str, key: &str| {
        let identity = (files.write("client.pem", certificate), files.write("client.key", key));
        let access = access(|access| access.client_certificate = Some(identity));
        let error = FlinkClient::with_access("https://127.0.0.1", Duration::from_secs(1), access).unwrap_err();
        PortError::from(error).chain().to_string()
    };
    assert!(problem(&me.certificate, &you.key).contains("client.key is not the key of the client's certificate"));
    assert!(problem(&me.certificate, "s3cret").contains("client.key holds no private key: expected one in PEM"));
    assert!(problem("s3cret", &me.key).contains("client.pem holds no certificate in PEM"));
    assert!(!problem("s3cret", "s3cret").contains("s3cret"));
}

const BASIC: &str = r#"auth_basic "flink"; auth_basic_user_file @/users;"#;

#[tokio::test]
async fn a_user_with_a_password() {
    let cluster = StandIn::start().await;
    let gateway = plain(&cluster, BASIC, &[("users", "me:{PLAIN}s3cret@1")]);
    let url = format!("http://127.0.0.1:{}", gateway.port());
    let known_as = |username: &str, password: &str| {
        let (username, password) = (username.into(), Secret::text(password, "a password"));
        access(|access| access.credentials = Some(Credentials::Basic { username, password }))
    };
    ask(&client(&url, known_as("me", "s3cret@1"))).await.unwrap();
    ask(&client(&url.replace("//", "//me:s3cret%401@"), ClusterAccess::default())).await.unwrap();
    for wrong in [known_as("me", "s3cret@2"), known_as("you", "s3cret@1")] {
        let error = ask(&client(&url, wrong)).await.unwrap_err();
        check(error, ErrorKind::Denied, &["answered 401", "is it the right user in", "auth.password-file"]);
    }
    let error = ask(&client(&url.replace("//", "//me:s3cret@"), ClusterAccess::default())).await.unwrap_err();
    check(error, ErrorKind::Denied, &["is it the right user and password in its address?"]);
    let error = ask(&client(&url, ClusterAccess::default())).await.unwrap_err();
    check(error, ErrorKind::Denied, &["it asks who we are", "auth.username with", "auth.token-file"]);
    assert_eq!(cluster.asked().len(), 2);
    let twice =
        FlinkClient::with_access(&url.replace("//", "//me:s3cret@"), Duration::from_secs(1), known_as("me", "x"));
    let text = twice.unwrap_err().to_string();
    assert!(text.contains("leave one of them out") && !text.contains("s3cret"), "{text}");
}

#[tokio::test]
async fn what_is_forbidden() {
    let cluster = StandIn::start().await;
    let gateway = plain(&cluster, &format!("{BASIC} deny all;"), &[("users", "me:{PLAIN}s3cret")]);
    let url = format!("http://me:s3cret@127.0.0.1:{}", gateway.port());
    let error = ask(&client(&url, ClusterAccess::default())).await.unwrap_err();
    check(error, ErrorKind::Denied, &["answered 403", "may not do this there"]);
}

#[tokio::test]
async fn a_token_that_changes_while_it_is_used() {
    let cluster = StandIn::start().await;
    cluster.add_job(1, &[], None);
    let only = r#"if ($http_authorization != "Bearer s3cret-2") { return 401; }"#;
    let gateway = plain(&cluster, only, &[]);
    let files = Files::new();
    let token = Secret::file(files.write("token", "s3cret-1\n"));
    let access = access(|access| access.credentials = Some(Credentials::Bearer(token)));
    let client = client(&format!("http://127.0.0.1:{}", gateway.port()), access);
    let error = ask(&client).await.unwrap_err();
    check(error, ErrorKind::Denied, &["answered 401", "is it the right token in", "auth.token-file"]);
    files.write("token", "s3cret-2\n");
    // A refusal has the file looked at, and what is put is put again.
    let path = format!("/jobs/{}/resource-requirements", testkit::job::id(1));
    let upper = serde_json::json!({ "parallelism": { "lowerBound": 1, "upperBound": 2 } });
    let wanted: serde_json::Map<String, Value> =
        [1, 2].map(|vertex| (testkit::job::id(vertex).to_string(), upper.clone())).into_iter().collect();
    client.put(&path, &wanted).await.unwrap();
    ask(&client).await.unwrap();
    assert_eq!((cluster.count("PUT", 1), cluster.rescales(1)), (1, 1));
    // While it can't be read, what it held before is used.
    std::fs::remove_file(files.0.path().join("token")).unwrap();
    ask(&client).await.unwrap();
}

#[tokio::test]
async fn custom_headers() {
    let cluster = StandIn::start().await;
    let only = r#"if ($http_x_team != "streams") { return 403; } if ($http_x_key != "s3cret") { return 403; }"#;
    let gateway = plain(&cluster, only, &[]);
    let url = format!("http://127.0.0.1:{}", gateway.port());
    let files = Files::new();
    let with = access(|access| {
        access.headers.push(("X-Team".to_owned(), Secret::text("streams", "a header")));
        access.headers.push(("X-Key".to_owned(), Secret::file(files.write("key", "s3cret\n"))));
    });
    ask(&client(&url, with)).await.unwrap();
    let error = ask(&client(&url, ClusterAccess::default())).await.unwrap_err();
    check(error, ErrorKind::Denied, &["answered 403: 403 Forbidden"]);
}

#[tokio::test]
async fn a_redirect_elsewhere_is_given_nothing() {
    let (cluster, elsewhere) = (StandIn::start().await, StandIn::start().await);
    let gateway = plain(&cluster, &format!("return 302 {}/login?next=s3cret;", elsewhere.url()), &[]);
    let access = access(|access| {
        access.credentials = Some(Credentials::Bearer(Secret::text("s3cret", "a token")));
    });
    let error = ask(&client(&format!("http://127.0.0.1:{}", gateway.port()), access)).await.unwrap_err();
    let login = format!("a redirect to {}/login, which is not followed", elsewhere.url());
    check(error, ErrorKind::Invalid, &[&login, "where the REST API itself answers", "auth.token-file"]);
    assert_eq!(elsewhere.asked(), []);
}

#[tokio::test]
async fn by_way_of_a_proxy() {
    let cluster = StandIn::start().await;
    let forward = "location / { proxy_pass http://$http_host$request_uri; }";
    let proxy = Gateway::start(false, forward, &[]).unwrap();
    let through = |port: u16| {
        let url = format!("http://me:s3cret@127.0.0.1:{port}");
        access(|access| access.proxy = ProxyChoice::At(url.into()))
    };
    ask(&client(&cluster.url(), through(proxy.port()))).await.unwrap();
    assert_eq!(cluster.asked().len(), 1);
    let requests = proxy.requests().unwrap();
    assert!(requests[0].contains(&format!("GET {}/jobs/overview", cluster.url())), "{requests:?}");

    let refusing = Gateway::start(false, "return 407;", &[]).unwrap();
    let error = ask(&client(&cluster.url(), through(refusing.port()))).await.unwrap_err();
    check(error, ErrorKind::Denied, &["answered 407", "it is a proxy that wants", "flink-cluster.proxy"]);
    // It has no tunnels for TLS.
    let url = cluster.url().replace("http:", "https:");
    let error = ask(&client(&url, through(proxy.port()))).await.unwrap_err();
    check(error, ErrorKind::Unavailable, &["no connection by way of the proxy", "flink-cluster.proxy name a proxy"]);
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = ask(&client(&cluster.url(), through(nobody))).await.unwrap_err();
    check(error, ErrorKind::Unavailable, &["no connection by way of the proxy", "Connection refused"]);
}
