use super::*;
use autoscaler_core::options::Origin;

fn url(host: Option<&str>, port: Option<&str>) -> Result<String, String> {
    let mut configuration = Configuration::new();
    for (key, value) in [("host", host), ("port", port)] {
        if let Some(value) = value {
            let key = format!("autoscaler.standalone.fetcher.flink-cluster.{key}");
            configuration.set(key, value, Origin::Flag);
        }
    }
    FlinkClusterOptions::url(&configuration).map_err(|invalid| invalid.to_string())
}

#[test]
fn hosts_become_urls() {
    for (host, port, expected) in [
        (None, None, "http://localhost:8081"),
        (Some("flink"), Some("80"), "http://flink:80"),
        (Some("::1"), None, "http://[::1]:8081"),
        (Some("[::1]"), Some("9"), "http://[::1]:9"),
        (Some("https://me:se:cret@gateway"), Some("443"), "https://me:se:cret@gateway:443"),
        (Some("http://flink/ns/job"), Some("82"), "http://flink:82/ns/job"),
        (Some("127.0.0.1/flink/ns/job"), Some("82"), "http://127.0.0.1:82/flink/ns/job"),
        (Some("http://flink:82/ns/job"), Some("82"), "http://flink:82/ns/job"),
        (Some("https://flink:443"), None, "https://flink:443"),
        (Some("http://[::1]:82"), None, "http://[::1]:82"),
    ] {
        assert_eq!(url(host, port).as_deref(), Ok(expected));
    }
}

#[test]
fn what_cannot_be_used_is_refused_by_key() {
    for (host, port, expected) in [
        (
            None,
            Some("0"),
            "flink-cluster.port has the value '0' (from the command line): expected a whole number from 1 to 65535",
        ),
        (None, Some("65536"), "flink-cluster.port has the value '65536'"),
        (Some("https://me:secret@flink:82"), Some("83"), "it has one of its own, 82, behind"),
        (Some("https://me:secret@"), None, "it names no host"),
        (Some(""), None, "it names no host"),
        (Some("me:secret"), Some("83"), "it has one of its own behind"),
        (Some("http://me:se/cret@flink"), None, "no '@' behind the first '/'"),
        (None, Some("localhost"), "expected a whole number from 1 to 65535"),
    ] {
        let problem = url(host, port).unwrap_err();
        assert!(problem.contains(expected) && !problem.contains("secret"), "{problem}");
    }
}

#[test]
fn old_names_are_read() {
    let mut configuration = Configuration::new();
    configuration.set("flinkClusterHost", "old", Origin::Flag);
    configuration.set("flinkClusterPort", "0", Origin::Flag);
    let problem = FlinkClusterOptions::url(&configuration).unwrap_err().to_string();
    assert_eq!(
        problem,
        "option flinkClusterPort has the value '0' (from the command line): expected a whole number from 1 to 65535"
    );
}
