//! What to do about a request that failed, in the options that help.

use std::borrow::Cow;

use super::link::Link;
use crate::access::{ClusterAccess, Credentials, ProxyChoice};
use crate::error::{CertificateProblem, RestProblem};

/// What to do about a request that went by this link.
pub(super) fn by(link: &Link, problem: &RestProblem, is_user_in_url: bool) -> Option<Cow<'static, str>> {
    match (problem, link.transport()) {
        (RestProblem::Status { status, .. }, Some(transport)) => transport.advice(*status).map(Cow::Borrowed),
        (_, Some(_)) => None,
        (_, None) => of(problem, link.access(), is_user_in_url),
    }
}

/// What to do; none where nothing of how the cluster is reached would help.
fn of(problem: &RestProblem, access: &ClusterAccess, is_user_in_url: bool) -> Option<Cow<'static, str>> {
    let key = |last| access.key(last);
    Some(match problem {
        RestProblem::Certificate(problem) => of_certificate(*problem, access),
        RestProblem::ClientCertificate(_) => match access.client_certificate {
            None => format!(
                "{} and {} name a certificate to show to it",
                key("tls.client-certificate-file"),
                key("tls.client-key-file")
            )
            .into(),
            Some(_) => {
                format!("is {} one that it accepts, and has it not expired?", key("tls.client-certificate-file")).into()
            }
        },
        RestProblem::Tls => "if it speaks no TLS there, its address begins with http://".into(),
        RestProblem::Proxy => format!(
            "does {} name a proxy that is there and lets us through, with the user and password that it may want?",
            key("proxy")
        )
        .into(),
        RestProblem::Status { status: 407, .. } => {
            format!("it is a proxy that wants a user and a password: they stand in the URL of {}", key("proxy")).into()
        }
        RestProblem::Status { status: 401, .. } => of_unknown(access, is_user_in_url),
        RestProblem::Status { status: 403, .. } => match (&access.credentials, is_user_in_url) {
            (None, false) => of_unknown(access, false),
            _ => "whoever we say we are may not do this there: have it allowed, or be somebody else".into(),
        },
        RestProblem::Status { status: 502..=504, .. } | RestProblem::ConnectionRefused | RestProblem::Connection(_)
            if matches!(access.proxy, ProxyChoice::Environment) =>
        {
            format!(
                "a proxy that HTTP_PROXY, HTTPS_PROXY or ALL_PROXY names may be in between, as {} says; NO_PROXY excepts hosts",
                key("proxy")
            )
            .into()
        }
        RestProblem::Redirected { .. } => format!(
            "give the address where the REST API itself answers; if it leads to a login, {} or {} say who we are",
            key("auth.token-file"),
            key("auth.username")
        )
        .into(),
        _ => return None,
    })
}

fn of_certificate(problem: CertificateProblem, access: &ClusterAccess) -> Cow<'static, str> {
    match (problem, &access.ca_file) {
        (CertificateProblem::Untrusted, None) => {
            format!("{} names a file with the certificate of who signed it", access.key("tls.ca-file")).into()
        }
        (CertificateProblem::Untrusted, Some(_)) => {
            format!("who signed it is not in the file that {} names", access.key("tls.ca-file")).into()
        }
        (CertificateProblem::Expired, _) => "have it renewed there; or this machine's clock is fast".into(),
        (CertificateProblem::NotYetValid, _) => "this machine's clock is slow, or the other's fast".into(),
        (CertificateProblem::OtherHost, _) => {
            "use a host in its address that the certificate is for, or have it made for this one".into()
        }
        (CertificateProblem::Unusable, _) => {
            "have it made anew; where it is an authority's own (CA:TRUE), which no server may show, as one without that"
                .into()
        }
    }
}

fn of_unknown(access: &ClusterAccess, is_user_in_url: bool) -> Cow<'static, str> {
    let key = |last| access.key(last);
    match &access.credentials {
        None if is_user_in_url => "is it the right user and password in its address?".into(),
        None => format!(
            "it asks who we are: {} with {}, or {}",
            key("auth.username"),
            key("auth.password-file"),
            key("auth.token-file")
        )
        .into(),
        Some(Credentials::Basic { .. }) => format!(
            "is it the right user in {}, and the right password in {} or {}?",
            key("auth.username"),
            key("auth.password-file"),
            key("auth.password-env-variable")
        )
        .into(),
        Some(Credentials::Bearer(_)) => format!(
            "is it the right token in {} or {}, and has it not expired?",
            key("auth.token-file"),
            key("auth.token-env-variable")
        )
        .into(),
    }
}

/// Whether an error is nginx's for want of a client's certificate, or for one that is not accepted: it answers by HTTP.
pub(super) fn asks_for_certificate(status: u16, body: &[u8]) -> bool {
    let says = |text: &[u8]| body.windows(text.len()).any(|window| window == text);
    // 495 and 496 are nginx's own numbers for the two.
    matches!(status, 495 | 496)
        || (status == 400 && (says(b"No required SSL certificate was sent") || says(b"The SSL certificate error")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{AccessFile, Secret};

    #[test]
    fn options_are_those_that_the_access_came_of() {
        let mut access = ClusterAccess { prefix: "other.".into(), ..ClusterAccess::default() };
        let told = |access: &ClusterAccess, problem| of(&problem, access, false).unwrap();
        let untrusted = || RestProblem::Certificate(CertificateProblem::Untrusted);
        let status = |status| RestProblem::Status { status, message: String::new() };
        let none = [untrusted(), RestProblem::ClientCertificate(0), RestProblem::Proxy, status(401), status(407)];
        let told_of_none = none.map(|problem| told(&access, problem));
        let file = AccessFile::new("/no/file");
        access.ca_file = Some(file.clone());
        access.client_certificate = Some((file.clone(), file));
        access.credentials = Some(Credentials::Bearer(Secret::text("t0ken", "a token")));
        access.proxy = ProxyChoice::Environment;
        let some = [untrusted(), RestProblem::ClientCertificate(0), status(401), status(503)];
        let told_of_some = some.map(|problem| told(&access, problem));
        for advice in told_of_none.iter().chain(&told_of_some) {
            assert!(advice.contains(" other.") || advice.starts_with("other."), "{advice}");
            assert!(!advice.contains("autoscaler."), "{advice}");
        }
    }
}
