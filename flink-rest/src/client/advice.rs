//! What to do about a request that failed, in the options that help.

use super::link::Link;
use crate::access::{ClusterAccess, Credentials, ProxyChoice};
use crate::error::{CertificateProblem, RestProblem};

/// A key of the options that hold for every cluster.
macro_rules! key {
    ($key:literal) => {
        concat!("autoscaler.standalone.fetcher.flink-cluster.", $key)
    };
}

/// What to do about a request that went by this link.
pub(super) fn by(link: &Link, problem: &RestProblem, is_user_in_url: bool) -> Option<&'static str> {
    match (problem, link.transport()) {
        (RestProblem::Status { status, .. }, Some(transport)) => transport.advice(*status),
        (_, Some(_)) => None,
        (_, None) => of(problem, link.access(), is_user_in_url),
    }
}

/// What to do; none where nothing of how the cluster is reached would help.
fn of(problem: &RestProblem, access: &ClusterAccess, is_user_in_url: bool) -> Option<&'static str> {
    Some(match problem {
        RestProblem::Certificate(problem) => of_certificate(*problem, access),
        RestProblem::ClientCertificate(_) => match access.client_certificate {
            None => concat!(
                key!("tls.client-certificate-file"),
                " and ",
                key!("tls.client-key-file"),
                " name a certificate to show to it"
            ),
            Some(_) => {
                concat!("is ", key!("tls.client-certificate-file"), " one that it accepts, and has it not expired?")
            }
        },
        RestProblem::Tls => "if it speaks no TLS there, its address begins with http://",
        RestProblem::Proxy => concat!(
            "does ",
            key!("proxy"),
            " name a proxy that is there and lets us through, with the user and password that it may want?"
        ),
        RestProblem::Status { status: 407, .. } => {
            concat!("it is a proxy that wants a user and a password: they stand in the URL of ", key!("proxy"))
        }
        RestProblem::Status { status: 401, .. } => of_unknown(access, is_user_in_url),
        RestProblem::Status { status: 403, .. } => match (&access.credentials, is_user_in_url) {
            (None, false) => of_unknown(access, false),
            _ => "whoever we say we are may not do this there: have it allowed, or be somebody else",
        },
        RestProblem::Status { status: 502..=504, .. } | RestProblem::ConnectionRefused | RestProblem::Connection(_)
            if matches!(access.proxy, ProxyChoice::Environment) =>
        {
            concat!(
                "a proxy that HTTP_PROXY, HTTPS_PROXY or ALL_PROXY names may be in between, as ",
                key!("proxy"),
                " says; NO_PROXY excepts hosts"
            )
        }
        RestProblem::Redirected { .. } => concat!(
            "give the address where Flink's REST API itself answers; if it leads to a login, ",
            key!("auth.token-file"),
            " or ",
            key!("auth.username"),
            " say who we are"
        ),
        _ => return None,
    })
}

fn of_certificate(problem: CertificateProblem, access: &ClusterAccess) -> &'static str {
    match (problem, &access.ca_file) {
        (CertificateProblem::Untrusted, None) => {
            concat!(key!("tls.ca-file"), " names a file with the certificate of who signed it")
        }
        (CertificateProblem::Untrusted, Some(_)) => {
            concat!("who signed it is not in the file that ", key!("tls.ca-file"), " names")
        }
        (CertificateProblem::Expired, _) => "have it renewed there; or this machine's clock is fast",
        (CertificateProblem::NotYetValid, _) => "this machine's clock is slow, or the other's fast",
        (CertificateProblem::OtherHost, _) => {
            "use a host in its address that the certificate is for, or have it made for this one"
        }
        (CertificateProblem::Unusable, _) => {
            "have it made anew; where it is an authority's own (CA:TRUE), which no server may show, as one without that"
        }
    }
}

fn of_unknown(access: &ClusterAccess, is_user_in_url: bool) -> &'static str {
    match &access.credentials {
        None if is_user_in_url => "is it the right user and password in its address?",
        None => concat!(
            "it asks who we are: ",
            key!("auth.username"),
            " with ",
            key!("auth.password-file"),
            ", or ",
            key!("auth.token-file")
        ),
        Some(Credentials::Basic { .. }) => concat!(
            "is it the right user in ",
            key!("auth.username"),
            ", and the right password in ",
            key!("auth.password-file"),
            " or ",
            key!("auth.password-env-variable"),
            "?"
        ),
        Some(Credentials::Bearer(_)) => concat!(
            "is it the right token in ",
            key!("auth.token-file"),
            " or ",
            key!("auth.token-env-variable"),
            ", and has it not expired?"
        ),
    }
}

/// Whether an error is nginx's for want of a client's certificate, or for one that is not accepted: it answers by HTTP.
pub(super) fn asks_for_certificate(status: u16, body: &[u8]) -> bool {
    let says = |text: &[u8]| body.windows(text.len()).any(|window| window == text);
    // 495 and 496 are nginx's own numbers for the two.
    matches!(status, 495 | 496)
        || (status == 400 && (says(b"No required SSL certificate was sent") || says(b"The SSL certificate error")))
}
