//! The program on several clusters: one that is away, and some behind a real nginx.

#![expect(clippy::unwrap_used, reason = "a test")]

mod program;

use std::net::SocketAddr;

use program::Program;
use servers::gateway::Gateway;
use servers::gateway::certificates::Authority;
use servers::standin::StandIn;
use tokio::runtime::Runtime;

/// A stand-in with a runtime of its own, so that its connections end with it.
struct Cluster {
    standin: StandIn,
    runtime: Runtime,
}

impl Cluster {
    fn start_at(address: SocketAddr, job: u32) -> Self {
        let runtime = Runtime::new().unwrap();
        let standin = runtime.block_on(StandIn::start_at(address));
        standin.add_job(job, &[], None);
        Self { standin, runtime }
    }

    fn start(job: u32) -> Self {
        Self::start_at("127.0.0.1:0".parse().unwrap(), job)
    }

    fn go_away(self) -> SocketAddr {
        let address = self.standin.address();
        self.runtime.shutdown_background();
        address
    }
}

#[test]
fn one_that_is_away_costs_the_other_nothing() {
    let (stays, goes) = (Cluster::start(1), Cluster::start(2));
    let addresses = format!("stays={};goes={}", stays.standin.url(), goes.standin.url());
    let program = Program::start(&[("addresses", addresses)], &[]);
    program.until("both are watched", || stays.standin.parallelism(1, 2) > 1 && goes.standin.parallelism(2, 2) > 1);

    let address = goes.go_away();
    let tries = || program.lines(&["still can't list the cluster's jobs, next try", "cluster=goes"]);
    program.until("it is missed", || tries() >= 3);
    // The other's cycles go on meanwhile: each asks for the job's configuration.
    let asked = stays.standin.count("GET", 1);
    program.until("the other's cycles go on", || stays.standin.count("GET", 1) > asked + 50);
    let still_away = tries();
    program.until("it is tried again", || tries() > still_away);

    let back = Cluster::start_at(address, 2);
    program.until("it is back", || back.standin.parallelism(2, 2) > 1);
    let warnings = |parts: &[&str]| program.lines(&[&["WARN"], parts].concat());
    assert_eq!(
        warnings(&["can't list the cluster's jobs, will go on trying", "cluster=goes"]),
        1,
        "{}",
        program.said()
    );
    assert_eq!(
        program.lines(&["INFO", "the cluster's jobs can be listed again", "cluster=goes"]),
        1,
        "{}",
        program.said()
    );
    assert_eq!(program.lines(&["can't list the cluster's jobs", "cluster=stays"]), 0, "{}", program.said());
    assert_eq!(program.lines(&["the job is gone"]), 0, "unknown is not gone: {}", program.said());
}

#[test]
fn each_is_reached_in_its_own_way() {
    let (orders, bills) = (Cluster::start(1), Cluster::start(2));
    let files = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = files.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let ours = Authority::new("ours");
    let (server, me) = (ours.server(&["127.0.0.1"]), ours.client("me"));
    let gateway = Gateway::start(
        true,
        &format!(
            r#"ssl_certificate @/server.pem; ssl_certificate_key @/server.key;
               ssl_client_certificate @/ca.pem; ssl_verify_client on;
               location /flink/ {{
                 set $old 1;
                 set $ok 0;
                 if (-f @/rotated) {{ set $old 0; }}
                 if ($http_authorization = "Bearer s3cret-1") {{ set $ok $old; }}
                 if ($http_authorization = "Bearer s3cret-2") {{ set $ok 1; }}
                 if ($ok != 1) {{ return 401; }}
                 if ($http_x_team != "streams") {{ return 403; }}
                 proxy_pass {}/;
               }}"#,
            orders.standin.url()
        ),
        &[("server.pem", &server.certificate), ("server.key", &server.key), ("ca.pem", &ours.certificate())],
    )
    .unwrap();
    let users = [("users", "me:{PLAIN}s3cret-3")];
    let pass = format!(
        r#"location / {{ auth_basic "bills"; auth_basic_user_file @/users; proxy_pass {}; }}"#,
        bills.standin.url()
    );
    let gate = Gateway::start(false, &pass, &users).unwrap();
    let addresses = format!("orders=https://127.0.0.1:{}/flink;bills=http://127.0.0.1:{}", gateway.port(), gate.port());
    let program = Program::start(
        &[
            ("addresses", addresses),
            ("tls.ca-file", write("ca.pem", &ours.certificate())),
            ("orders.tls.client-certificate-file", write("me.pem", &me.certificate)),
            ("orders.tls.client-key-file", write("me.key", &me.key)),
            ("orders.auth.token-file", write("token", "s3cret-1")),
            ("orders.headers.X-Team", "streams".to_owned()),
            ("bills.auth.username", "me".to_owned()),
            ("bills.auth.password-file", write("password", "wrong")),
        ],
        // No proxy is used unless an option says so.
        &[("HTTP_PROXY", "http://127.0.0.1:1".to_owned()), ("HTTPS_PROXY", "http://127.0.0.1:1".to_owned())],
    );
    let asked = || orders.standin.count("GET", 1);
    program.until("one is let in", || orders.standin.parallelism(1, 2) > 1);
    program.until("the other is refused", || {
        program.lines(&["WARN", "answered 401", "auth.password-file", "cluster=bills"]) > 0
    });
    // The new token counts already; the old one does not from the next line on.
    write("token", "s3cret-2\n");
    std::fs::write(gateway.file("rotated"), "").unwrap();
    let before = asked();
    program.until("one is still let in", || asked() > before + 50);
    assert_eq!(program.lines(&["answered 40", "cluster=orders"]), 0, "{}", program.said());
    assert_eq!(bills.standin.asked(), []);
    assert!(!program.said().contains("s3cret") && !program.said().contains("wrong"), "{}", program.said());
}

#[test]
fn the_environments_proxy_is_used_where_an_option_says_so() {
    let clusters = [1, 2, 3].map(Cluster::start);
    let [direct, proxied, excepted] = clusters.each_ref().map(|cluster| cluster.standin.url());
    let excepted = excepted.replace("127.0.0.1", "localhost");
    let proxy = Gateway::start(false, "location / { proxy_pass http://$http_host$request_uri; }", &[]).unwrap();
    let program = Program::start(
        &[
            ("addresses", format!("direct={direct};proxied={proxied};excepted={excepted}")),
            ("proxied.proxy", "environment".to_owned()),
            ("excepted.proxy", "environment".to_owned()),
        ],
        &[("HTTP_PROXY", format!("http://127.0.0.1:{}", proxy.port())), ("NO_PROXY", "localhost".to_owned())],
    );
    program.until("all are watched", || {
        (1..).zip(&clusters).all(|(job, cluster)| cluster.standin.parallelism(job, 2) > 1)
    });
    let passed = proxy.requests().unwrap();
    let passes = |url: &str| passed.iter().any(|line| line.contains(url));
    assert!(passes(&proxied) && !passes(&direct) && !passes(&excepted), "{passed:?}");
}
