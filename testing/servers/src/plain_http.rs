//! An HTTP client for servers of our own, none of which speaks TLS.

use std::sync::Arc;
use std::time::Duration;

use rustls::{ClientConfig, RootCertStore};

/// A client that goes to servers directly, and trusts no certificate.
pub fn client() -> reqwest::Client {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let tls = tls.with_root_certificates(RootCertStore::empty()).with_no_client_auth();
    let builder = reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy();
    builder.timeout(Duration::from_secs(30)).build().unwrap()
}
