use super::*;
use autoscaler_core::ErrorKind;
use autoscaler_core::options::Origin;
use autoscaler_core::registry::Extensions;

fn opened(options: &[(&str, &str)]) -> Result<Opened<dyn ClusterSource>, PortError> {
    let mut configuration = Configuration::new();
    options.iter().for_each(|(key, value)| configuration.set(*key, *value, Origin::Flag));
    let mut backends = Backends::new();
    register(&mut backends);
    let source = backends.sources.named("fetcher.type", "flink_cluster").unwrap();
    (source.open)(&mut Opening::new(&configuration, &mut Extensions::default()))
}

#[tokio::test]
async fn the_one_cluster_is_named_by_host_and_port() {
    let source = opened(&[
        ("autoscaler.standalone.fetcher.flink-cluster.host", "https://me:secret@gateway/a"),
        ("autoscaler.standalone.fetcher.flink-cluster.port", "443"),
        ("job.autoscaler.flink.rest-client.timeout", "3 s"),
    ]);
    let list = source.unwrap().port.clusters().await.unwrap();
    assert_eq!(list.clusters[0].name.as_str(), "gateway:443/a");
    let client = list.clusters[0].access.downcast_ref::<FlinkClient>().unwrap();
    assert_eq!(format!("{client:?}"), r#"FlinkClient { address: "https://gateway/a", timeout: 3s, .. }"#);
    assert!(!format!("{list:?}").contains("secret"));
}

#[test]
fn what_cannot_be_used_names_the_option() {
    for (key, value, expected) in [
        ("autoscaler.standalone.fetcher.flink-cluster.host", "ftp://me:secret@a", "fetcher.flink-cluster.host"),
        ("autoscaler.standalone.fetcher.flink-cluster.host", "a b", "fetcher.flink-cluster.host"),
        ("autoscaler.standalone.fetcher.flink-cluster.port", "-1", "fetcher.flink-cluster.port"),
        ("job.autoscaler.flink.rest-client.timeout", "soon", "rest-client.timeout"),
        ("autoscaler.standalone.fetcher.flink-cluster.max-answer-size", "big", "fetcher.flink-cluster.max-answer-size"),
    ] {
        let error = opened(&[(key, value)]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        let text = error.chain().to_string();
        assert!(text.contains(expected) && !text.contains("secret"), "{text}");
    }
}

const ADDRESSES: &str = "autoscaler.standalone.fetcher.flink-cluster.addresses";

fn names(addresses: &str) -> Vec<String> {
    let places = addresses::places(&configuration(&[(ADDRESSES, addresses)])).unwrap();
    places.into_iter().map(|place| format!("{}={}", place.name.unwrap_or_default(), place.url)).collect()
}

fn configuration(options: &[(&str, &str)]) -> Configuration {
    let mut configuration = Configuration::new();
    options.iter().for_each(|(key, value)| configuration.set(*key, *value, Origin::Flag));
    configuration
}

#[test]
fn several_clusters_stand_in_a_list() {
    let expected = ["=http://a:8081", "orders=https://me:p=w@gw/flink/a", "=https://gw/flink/b"];
    for list in [
        "http://a:8081; orders=https://me:p=w@gw/flink/a ;https://gw/flink/b",
        "[http://a:8081, 'orders=https://me:p=w@gw/flink/a', https://gw/flink/b]",
    ] {
        assert_eq!(names(list), expected);
    }
}

#[tokio::test]
async fn clusters_are_named_by_name_or_place() {
    let source = opened(&[(ADDRESSES, "orders=http://a:8081;http://b:8081;https://gw/flink/b/")]).unwrap();
    let list = source.port.clusters().await.unwrap();
    let names: Vec<&str> = list.clusters.iter().map(|cluster| cluster.name.as_str()).collect();
    assert_eq!(names, ["orders", "b:8081", "gw:443/flink/b"]);
}

#[test]
fn lists_that_cannot_be_used() {
    for (list, expected) in [
        ("", "it is empty"),
        ("a=http://h:1;a=http://h:2", "its entries number 1 and 2 have the same name, a"),
        ("a=http://h:1;b=http://x:y@h:1/", "its entries number 1 and 2 are the same place, h:1"),
        ("https://h/a;a=https://H:443/a/", "its entries number 1 and 2 are the same place, h:443/a"),
        ("http://h:1;jobmanager:8081", "its entry number 2 can't be used: expected http:// or https://"),
        ("a.b=http://h", "its entry number 1 can't be used: expected a name"),
        ("=http://h", "its entry number 1 can't be used: expected a name"),
        ("tls=http://h", "'tls' begins options that hold for all clusters"),
        ("host=http://h", "'host' begins options"),
        ("http://me:1/secret@h", "expected no @ behind the first /"),
        ("http://h/?token=secret", "expected no ? and no #"),
        ("['http://a'", "its entry number 1 can't be used"),
        ("'http://me:secret@a", "addresses has a value of"),
    ] {
        let error = opened(&[(ADDRESSES, list)]).unwrap_err();
        let text = error.chain().to_string();
        assert!(text.contains(expected) && text.contains(ADDRESSES) && !text.contains("secret"), "{list}: {text}");
        assert_eq!(error.kind(), ErrorKind::Invalid);
    }
}

#[test]
fn old_and_new_keys_do_not_go_together() {
    for old in ["autoscaler.standalone.fetcher.flink-cluster.port", "flinkClusterHost"] {
        let text = opened(&[(ADDRESSES, "http://a"), (old, "1")]).unwrap_err().chain().to_string();
        let expected = format!(
            "option {ADDRESSES} (from the command line) and {old} (from the command line) both say where clusters are: \
             leave one of them out"
        );
        assert_eq!(text, expected);
    }
}

#[test]
fn options_of_tls_that_have_no_effect_are_said() {
    let remarks = |options: &[(&str, &str)], url| {
        let configuration = configuration(&[options, &[(ADDRESSES, url)]].concat());
        remarks::of_tls(&configuration, &addresses::places(&configuration).unwrap()).join("; ")
    };
    let on = ("security.ssl.rest.enabled", "true");
    let store = ("security.ssl.rest.truststore", "/x");
    assert!(remarks(&[on], "http://a").contains("begins with https://"));
    assert!(remarks(&[on, store], "https://a").contains("flink-cluster.tls.ca-file"));
    let ours = ("autoscaler.standalone.fetcher.flink-cluster.tls.ca-file", "/x");
    assert_eq!(remarks(&[on, store, ours], "https://a"), "");
    let shows = ("security.ssl.rest.authentication-enabled", "true");
    assert!(remarks(&[on, shows], "https://a").contains("flink-cluster.tls.client-key-file"));
    assert_eq!(remarks(&[on], "https://a"), "");
    assert_eq!(remarks(&[("security.ssl.rest.enabled", "false")], "http://a"), "");
    assert_eq!(remarks(&[], "http://a"), "");
}

#[test]
fn options_of_no_cluster_are_said() {
    let key = |name| format!("autoscaler.standalone.fetcher.flink-cluster.{name}.tls.ca-file");
    let remarks = |name, addresses| {
        let configuration = configuration(&[(&key(name), "/x"), (ADDRESSES, addresses)]);
        remarks::of_names(&configuration, &addresses::places(&configuration).unwrap())
    };
    assert_eq!(remarks("orders", "orders=http://a"), [""; 0]);
    assert_eq!(
        remarks("ordrs", "orders=http://a").concat(),
        format!("option {} has no effect: no cluster has the name ordrs; did you mean orders?", key("ordrs"))
    );
    assert!(remarks("orders", "http://a").concat().contains("no cluster has a name"));
}

#[test]
fn tls_without_effect_and_credentials_without_tls_are_said() {
    let remarks = |options: &[(&str, &str)], addresses| {
        let key = |end| format!("autoscaler.standalone.fetcher.flink-cluster.{end}");
        let options: Vec<_> = options.iter().map(|(end, value)| (key(*end), *value)).collect();
        let mut all: Vec<_> = options.iter().map(|(key, value)| (key.as_str(), *value)).collect();
        all.push((ADDRESSES, addresses));
        let configuration = configuration(&all);
        remarks::of_plain(&configuration, &addresses::places(&configuration).unwrap()).join("; ")
    };
    let (ca, own, token) = (("tls.ca-file", "/x"), ("a.tls.ca-file", "/x"), ("a.auth.token-file", "/x"));
    assert!(
        remarks(&[ca], "a=http://h;http://i")
            .ends_with("tls.* has no effect: no cluster's address begins with https://")
    );
    assert_eq!(remarks(&[ca, token], "a=https://h;http://i"), "");
    assert!(remarks(&[own], "a=http://h;https://i").contains(".a.tls.* has no effect"));
    assert!(remarks(&[token], "a=http://h").starts_with("the credentials of the cluster a can be read by"));
    assert_eq!(remarks(&[token], "a=http://localhost:1;b=http://[::1]:1"), "");
}
