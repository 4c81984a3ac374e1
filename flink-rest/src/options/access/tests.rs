use super::*;
use autoscaler_core::options::Origin;

fn of(options: &[(&str, &str)], name: Option<&str>) -> Result<ClusterAccess, String> {
    let mut configuration = Configuration::new();
    options.iter().for_each(|(key, value)| configuration.set(format!("{PREFIX}{key}"), *value, Origin::Flag));
    ClusterAccessOptions::of(&configuration, name).map(|(access, _)| access).map_err(|invalid| invalid.to_string())
}

fn shown(options: &[(&str, &str)], name: Option<&str>) -> String {
    let ClusterAccess { ca_file, client_certificate, credentials, headers, proxy, .. } = of(options, name).unwrap();
    format!("{ca_file:?} {client_certificate:?} {credentials:?} {headers:?} {proxy:?}").replace(PREFIX, "…")
}

#[test]
fn by_default_there_is_nothing() {
    assert_eq!(shown(&[], None), "None None None [] none");
    assert_eq!(of(&[], Some("a")).unwrap().max_requests, 500);
}

#[test]
fn a_cluster_has_the_common_options_and_its_own() {
    let options = [
        ("tls.ca-file", "/no/ca"),
        ("auth.username", "me"),
        ("auth.password-file", "/no/pw"),
        ("a.auth.token-file", "/no/token"),
        ("b.tls.ca-file", ""),
        ("b.headers.X-Team", "streams"),
        ("b.proxy", "environment"),
        ("max-requests", "7"),
        ("b.max-requests", "8"),
    ];
    let basic = "Some(Basic { username: SecretBox<str>([REDACTED]), password: Secret of option …auth.password-file: the file })";
    assert_eq!(shown(&options, None), format!("Some(option …tls.ca-file: the file) None {basic} [] none"));
    assert_eq!(
        shown(&options, Some("a")),
        "Some(option …tls.ca-file: the file) None Some(Bearer(Secret of option …a.auth.token-file: the file)) [] none"
    );
    assert_eq!(
        shown(&options, Some("b")),
        format!(r#"None None {basic} [("X-Team", Secret of option …b.headers)] environment"#)
    );
    let most = |name| of(&options, name).unwrap().max_requests;
    assert_eq!((most(None), most(Some("a")), most(Some("b"))), (7, 7, 8));
    let without = [&options[..], &[("c.auth.username", "")]].concat();
    assert!(of(&without, Some("c")).unwrap().credentials.is_none(), "the common ones are taken back");
}

#[test]
fn what_does_not_go_together_is_refused_by_key() {
    let (user, file, token) = (("auth.username", "me"), ("auth.password-file", "/x"), ("auth.token-file", "/x"));
    let variable = ("auth.password-env-variable", "SECRET_OR_NOT");
    for (options, name, expected) in [
        (&[user][..], None, "option …auth.username needs …auth.password-file beside it"),
        (&[file], None, "option …auth.password-file needs …auth.username beside it"),
        (&[user, file, token], None, "option …auth.username and …auth.token-file say the same in two ways"),
        (&[file, token], None, "option …auth.password-file and …auth.token-file say the same"),
        (&[user, file, variable], None, "option …auth.password-file and …auth.password-env-variable say the same"),
        (&[user, variable], None, "option …auth.password-env-variable names an environment variable that is not set"),
        (&[("auth.username", "a:b"), file], None, "option …auth.username has a ':' in it"),
        (
            &[("a.auth.username", "me"), file],
            Some("a"),
            "option …a.auth.username needs …a.auth.password-file beside it",
        ),
        (&[("tls.client-key-file", "/x")], None, "needs …tls.client-certificate-file beside it"),
        (&[("headers.A", "1"), ("header-files.a", "/x")], None, "option …headers and …header-files say the same"),
        (&[("proxy", "socks5://secret@h")], None, "option …proxy has a value of 17 characters, not shown"),
        (&[("a.max-requests", "0")], Some("a"), "option …a.max-requests has the value '0'"),
    ] {
        let problem = of(options, name).unwrap_err().replace(PREFIX, "…");
        assert!(problem.contains(expected), "{options:?}: {problem}");
        assert!(!problem.to_lowercase().contains("secret"), "{problem}");
    }
}

#[test]
fn proxies_are_read() {
    use autoscaler_core::options::value::OptionValue;
    for (text, expected) in [
        ("none", "Some(none)"),
        ("", "Some(none)"),
        (" Environment ", "Some(environment)"),
        ("http://me:secret@proxy:3128", "Some(at a URL)"),
        ("https://proxy", "Some(at a URL)"),
        ("proxy:3128", "None"),
        ("http://proxy/path", "None"),
    ] {
        assert_eq!(format!("{:?}", ProxyChoice::read(text)), expected, "{text}");
    }
}

#[test]
fn two_users_for_somebody_else_are_refused_by_its_own_keys() {
    let mut configuration = Configuration::new();
    configuration.set(format!("{PREFIX}auth.token-env-variable"), "CARGO_MANIFEST_DIR", Origin::Flag);
    let options = ClusterAccessOptions::checked(&configuration).unwrap();
    let access = options.access_under("other.").unwrap();
    let patience = std::time::Duration::from_secs(1);
    let error = crate::FlinkClient::with_access("http://me:secret@host", patience, access).unwrap_err().to_string();
    assert!(error.contains("a user in it, and other.auth.* say") && !error.contains("flink-cluster"), "{error}");
}
