//! The program on a real Flink that speaks TLS itself and wants to be shown a certificate, set up as Flink's documentation and ours say.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::path::Path;
use std::process::Command;

use flink_rest::{AccessFile, ClusterAccess};
use servers::flink::{Cluster, ClusterSpec, Distribution};

const BINARY: &str = env!("CARGO_BIN_EXE_flink-autoscaler");
/// Flink's documentation makes a store so, and docs/flink-connection.md takes the files out of it.
const STORES: &str = "
keytool -genkeypair -alias flink -keystore rest.keystore -dname CN=127.0.0.1 -ext SAN=ip:127.0.0.1 -keyalg RSA -keysize 2048
keytool -exportcert -rfc -keystore rest.keystore -alias flink -file ca.pem
keytool -importcert -noprompt -keystore rest.truststore -alias flink -file ca.pem
keytool -importkeystore -srckeystore rest.keystore -destkeystore rest.p12 -deststoretype PKCS12
openssl pkcs12 -in rest.p12 -nokeys -out me.pem
openssl pkcs12 -in rest.p12 -nocerts -nodes -out me.key
keytool -genkeypair -alias other -keystore other.keystore -dname CN=127.0.0.1 -ext SAN=ip:127.0.0.1 -keyalg RSA -keysize 2048
keytool -exportcert -rfc -keystore other.keystore -alias other -file other.pem
";
const PASSWORD: &str = "s3cret-store";

fn make_stores(directory: &Path) {
    for line in STORES.trim().lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let passwords: &[&str] = match words[..] {
            ["keytool", "-importkeystore", ..] => &["-srcstorepass", PASSWORD, "-deststorepass", PASSWORD],
            ["keytool", ..] => &["-storepass", PASSWORD],
            _ => &["-passin", "pass:s3cret-store"],
        };
        let made = Command::new(words[0]).args(&words[1..]).args(passwords).current_dir(directory).output().unwrap();
        assert!(made.status.success(), "{line}: {}", String::from_utf8_lossy(&[made.stdout, made.stderr].concat()));
    }
}

/// What `check` says of the cluster, with these options of how it is reached.
fn checked(port: u16, options: &[(&str, &Path)]) -> String {
    let key = "--autoscaler.standalone.fetcher.flink-cluster";
    let mut program = Command::new(BINARY);
    program.args(["check", "--autoscaler.standalone.http.address=off"]).env_remove("FLINK_CONF_DIR");
    program.arg(format!("{key}.host=https://127.0.0.1")).arg(format!("{key}.port={port}"));
    program.args(options.iter().map(|(end, path)| format!("{key}.tls.{end}={}", path.display())));
    String::from_utf8(program.output().unwrap().stdout).unwrap()
}

#[tokio::test]
async fn flink_that_speaks_tls_itself() {
    let stores = tempfile::tempdir().unwrap();
    make_stores(stores.path());
    let file = |name: &str| stores.path().join(name);
    let (ca, certificate, key) = (file("ca.pem"), file("me.pem"), file("me.key"));
    let mut access = ClusterAccess::default();
    access.ca_file = Some(AccessFile::new(&ca));
    access.client_certificate = Some((AccessFile::new(&certificate), AccessFile::new(&key)));
    let options = [
        ("enabled", "true".to_owned()),
        ("authentication-enabled", "true".to_owned()),
        ("keystore", file("rest.keystore").display().to_string()),
        ("keystore-password", PASSWORD.to_owned()),
        ("key-password", PASSWORD.to_owned()),
        ("truststore", file("rest.truststore").display().to_string()),
        ("truststore-password", PASSWORD.to_owned()),
    ];
    let options = options.map(|(end, value)| (format!("security.ssl.rest.{end}"), value)).to_vec();
    let cache = servers::flink::cache_directory(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")));
    for version in ["1.20", "2.2"] {
        let distribution = Distribution::obtain(version, &cache, &|_| ()).unwrap();
        let spec = ClusterSpec { options: options.clone(), tls: Some(access.clone()), ..ClusterSpec::default() };
        let cluster = Cluster::start(&distribution, &spec).await.unwrap();
        let port = cluster.port;
        let trusting = ("ca-file", ca.as_path());
        let shown = [("client-certificate-file", certificate.as_path()), ("client-key-file", key.as_path())];
        for (options, expected) in [
            (&[trusting, shown[0], shown[1]][..], format!("ok       Flink {version}")),
            (&[trusting], "flink-cluster.tls.client-certificate-file and".to_owned()),
            (&shown, "flink-cluster.tls.ca-file names a file with the certificate of who signed it".to_owned()),
        ] {
            let out = checked(port, options);
            assert!(out.contains(&expected), "{version}: no {expected} in {out}");
            assert!(!out.contains(PASSWORD), "{out}");
        }
        let other = file("other.pem");
        let out = checked(port, &[("ca-file", other.as_path()), shown[0], shown[1]]);
        assert!(out.contains("who signed it is not in the file that"), "{version}: {out}");
    }
}
