//! Options that have no effect, and those that have.

use autoscaler_core::options::value::OptionValue;
use autoscaler_core::options::{Configuration, nearest_key};
use url::{Host, Url};

use super::addresses::Place;
use crate::options::ClusterAccessOptions;

const PREFIX: &str = "autoscaler.standalone.fetcher.flink-cluster.";

/// Flink's own options of TLS are not read: the address says whether it is used.
pub(super) fn of_tls(configuration: &Configuration, places: &[Place]) -> Vec<String> {
    let is_true = |key: &str| configuration.get(key).is_some_and(|text| bool::read(text) == Some(true));
    let is_set = |part: &str| {
        let mut keys = configuration.iter().map(|(key, _)| key);
        keys.any(|key| key.starts_with("security.ssl.rest.") && key.contains(part))
    };
    let is_ours_set = |end: &str| {
        let mut keys = configuration.iter().map(|(key, _)| key);
        keys.any(|key| key.starts_with(PREFIX) && key.ends_with(end))
    };
    let is_https = places.iter().any(|place| place.url.starts_with("https://"));
    let is_http = places.iter().any(|place| !place.url.starts_with("https://"));
    let mut remarks = Vec::new();
    if is_true("security.ssl.rest.enabled") && is_http {
        remarks.push(format!(
            "security.ssl.rest.enabled has no effect here: TLS towards Flink is used where its address, \
             {PREFIX}addresses or {PREFIX}host, begins with https://"
        ));
    }
    if is_https && is_set("truststore") && !is_ours_set("tls.ca-file") {
        remarks.push(format!(
            "security.ssl.rest.truststore has no effect here, as Java's stores are not read: name a file with the certificate \
             in PEM in {PREFIX}tls.ca-file (keytool -exportcert -rfc -keystore STORE -alias ALIAS -file ca.pem makes it)"
        ));
    }
    let shows = is_true("security.ssl.rest.authentication-enabled") || is_set("keystore");
    if is_https && shows && !is_ours_set("tls.client-certificate-file") {
        remarks.push(format!(
            "security.ssl.rest.keystore has no effect here, as Java's stores are not read: where Flink wants to be shown a \
             certificate, name it and its key in PEM in {PREFIX}tls.client-certificate-file and {PREFIX}tls.client-key-file \
             (keytool -importkeystore -deststoretype PKCS12 and openssl pkcs12 -nodes make them)"
        ));
    }
    if is_https && is_set("cert.fingerprint") {
        remarks.push(format!(
            "security.ssl.rest.cert.fingerprint has no effect here: {PREFIX}tls.ca-file with that certificate alone in it does \
             the same where it is not its own authority"
        ));
    }
    remarks
}

/// Options of TLS for clusters that are not asked over TLS, and credentials that go over the network as they are.
pub(super) fn of_plain(configuration: &Configuration, places: &[Place]) -> Vec<String> {
    let is_set = |start: &str| configuration.iter().any(|(key, _)| key.starts_with(&format!("{PREFIX}{start}")));
    let is_plain = |place: &&Place| !place.url.starts_with("https://");
    let mut remarks = Vec::new();
    if is_set("tls.") && places.iter().all(|place| is_plain(&place)) {
        remarks.push(format!("{PREFIX}tls.* has no effect: no cluster's address begins with https://"));
    }
    for place in places.iter().filter(is_plain) {
        if let Some(name) = place.name.as_ref().filter(|name| is_set(&format!("{name}.tls."))) {
            remarks.push(format!(
                "{PREFIX}{name}.tls.* has no effect: the cluster's address does not begin with https://"
            ));
        }
        let Ok((access, _)) = ClusterAccessOptions::of(configuration, place.name.as_deref()) else { continue };
        let is_local = |host: Host<&str>| match host {
            Host::Domain(name) => name.eq_ignore_ascii_case("localhost"),
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        };
        let is_elsewhere = Url::parse(&place.url).is_ok_and(|url| url.host().is_some_and(|host| !is_local(host)));
        if access.credentials.is_some() && is_elsewhere {
            let cluster = place.name.as_ref().map_or(String::new(), |name| format!(" of the cluster {name}"));
            remarks.push(format!(
                "the credentials{cluster} can be read by whoever is on the way to it: its address does not begin with https://"
            ));
        }
    }
    remarks
}

/// Options of clusters that there are not.
pub(super) fn of_names(configuration: &Configuration, places: &[Place]) -> Vec<String> {
    let names = || places.iter().filter_map(|place| place.name.as_deref());
    let mut remarks = Vec::new();
    for (key, _) in configuration.iter() {
        let Some((name, _)) = key.strip_prefix(PREFIX).and_then(|rest| rest.split_once('.')) else { continue };
        let is_known = ClusterAccessOptions::SPECS.iter().any(|row| row.is_key(key));
        let is_of_one = ClusterAccessOptions::NAMED_SPECS.iter().any(|row| row.is_key(key));
        if is_known || !is_of_one || names().any(|known| known == name) {
            continue;
        }
        let hint = match nearest_key(name, names()) {
            Some(nearest) => format!("; did you mean {nearest}?"),
            None if names().next().is_none() => {
                format!("; no cluster has a name: {PREFIX}addresses gives one, as in {name}=http://jobmanager:8081")
            }
            None => String::new(),
        };
        remarks.push(format!("option {key} has no effect: no cluster has the name {name}{hint}"));
    }
    remarks
}
