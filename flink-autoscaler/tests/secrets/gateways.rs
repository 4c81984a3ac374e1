//! What clusters are reached by: passwords, tokens, headers, proxies, keys.

use crate::plant::{Planted, text};
use crate::{ADDRESSES, echo};

/// Options of the cluster `n` and variables, `@` being the secret, `%` the file that holds it and `$` the gateway's address.
type Place = (&'static [(&'static str, &'static str)], &'static [(&'static str, &'static str)]);

const NAMED: &[Place] = &[
    (&[("auth.username", "me"), ("auth.password-file", "%")], &[]),
    (&[("auth.username", "me"), ("auth.password-env-variable", "CLUSTER_PW")], &[("CLUSTER_PW", "@")]),
    (&[("auth.username", "@"), ("auth.password-file", "%")], &[]),
    (&[("auth.token-file", "%")], &[]),
    (&[("auth.token-env-variable", "CLUSTER_TOKEN")], &[("CLUSTER_TOKEN", "@")]),
    (&[("headers", "X-Key:@")], &[]),
    (&[("headers.X-Key", "@")], &[]),
    (&[("header-files", "{X-Key: %}")], &[]),
    (&[("proxy", "http://me:@\0$")], &[]),
    (&[("proxy", "environment")], &[("http_proxy", "http://me:@\0$")]),
];

/// Files that are not what they should be: nobody is asked.
const BROKEN: &[&[(&str, &str)]] = &[
    &[("tls.ca-file", "%")],
    &[("tls.client-certificate-file", "%"), ("tls.client-key-file", "%")],
    &[("tls.ca-file", "@")],
    &[("header-files", "X-Key:@")],
    &[("headers", "@ x:1")],
];

#[test]
fn what_clusters_are_reached_by() {
    let planted = Planted::default();
    let gateway = echo::Gateway::start();
    let broken = BROKEN.iter().map(|options| (*options, &[][..]));
    for (options, variables) in NAMED.iter().copied().chain(broken) {
        for prefix in ["", "n."] {
            let directory = tempfile::tempdir().unwrap();
            let secret = planted.secret();
            let file = directory.path().join("secret");
            std::fs::write(&file, format!("{secret}\n")).unwrap();
            let filled = |value: &str| {
                let value = value.replace('@', &secret).replace('%', text(&file)).replace('$', &gateway.address);
                value.replace('\0', "@")
            };
            let mut arguments = vec![format!("--{ADDRESSES}=n=http://{}", gateway.address)];
            let key = "autoscaler.standalone.fetcher.flink-cluster";
            arguments.extend(options.iter().map(|(end, value)| format!("--{key}.{prefix}{end}={}", filled(value))));
            let variables: Vec<_> = variables.iter().map(|(name, value)| (*name, filled(value))).collect();
            let variables: Vec<_> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
            planted.run(&format!("{prefix} {options:?}"), &secret, directory.path(), &arguments, &variables);
        }
    }
    assert!(gateway.asked() >= 2 * NAMED.len(), "the gateway was asked for its words: {}", gateway.asked());
    planted.report("what clusters are reached by");
}
