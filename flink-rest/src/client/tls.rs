//! TLS with ring. The provider goes with the client, so that nothing is chosen for the process as a whole.

use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;

use crate::access::{AccessFile, AccessProblem, ClusterAccess, Material};

/// What a client verifies servers by, and what it shows them. The system's certificates are not read where they are not
/// needed, as a container without any can still talk plain HTTP.
pub(super) fn configuration(
    is_needed: bool,
    access: &ClusterAccess,
    material: &Material,
) -> Result<ClientConfig, AccessProblem> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let broken = |error: rustls::Error| AccessProblem::new("TLS", "can't be set up").caused_by(error);
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(broken)?;
    let builder = match (&access.ca_file, &material.ca) {
        (Some(file), Some(pem)) => builder.with_root_certificates(roots(file, pem)?),
        _ if is_needed => builder.with_platform_verifier().map_err(|error| {
            AccessProblem::new(
                "TLS",
                format!(
                    "can't be set up by the certificates that the system trusts; {} names others",
                    access.key("tls.ca-file")
                ),
            )
            .caused_by(error)
        })?,
        _ => builder.with_root_certificates(RootCertStore::empty()),
    };
    let (Some((file, key_file)), Some((certificate, key))) = (&access.client_certificate, &material.identity) else {
        return Ok(builder.with_no_client_auth());
    };
    let chain = certificates(file, certificate)?;
    let key = PrivateKeyDer::from_pem_slice(key)
        .map_err(|_| key_file.problem("holds no private key: expected one in PEM that is not encrypted"))?;
    builder.with_client_auth_cert(chain, key).map_err(|error| {
        key_file.problem("is not the key of the client's certificate, or of a kind that is not known").caused_by(error)
    })
}

fn roots(file: &AccessFile, pem: &[u8]) -> Result<RootCertStore, AccessProblem> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(file, pem)? {
        roots
            .add(certificate)
            .map_err(|error| file.problem("holds a certificate that can't be read").caused_by(error))?;
    }
    Ok(roots)
}

fn certificates(file: &AccessFile, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, AccessProblem> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(file.problem("holds no certificate in PEM (-----BEGIN CERTIFICATE-----)")),
    }
}
