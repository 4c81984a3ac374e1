//! Why a request failed.

use std::error::Error;

use rustls::{AlertDescription, CertificateError};

use super::transport::TransportError;
use crate::access::ProxyChoice;
use crate::error::{CertificateProblem, RestProblem};

/// Why a request failed, before it is known which.
pub(super) struct Failure {
    pub(super) problem: RestProblem,
    pub(super) cause: Option<TransportError>,
}

impl From<RestProblem> for Failure {
    fn from(problem: RestProblem) -> Self {
        Self { problem, cause: None }
    }
}

/// An answer that was not read to its end.
impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        Self::by(&ProxyChoice::None, error)
    }
}

impl Failure {
    /// A request that failed, by way of this proxy.
    pub(super) fn by(proxy: &ProxyChoice, error: reqwest::Error) -> Self {
        let is_proxied = matches!(proxy, ProxyChoice::At(_));
        let problem = match of_tls(&error) {
            Some(problem) => problem,
            None if error.is_connect() && is_proxied => RestProblem::Proxy,
            None if error.is_connect() && is_refusal(&error) => RestProblem::ConnectionRefused,
            None if error.is_connect() => RestProblem::Connection("no connection"),
            None => RestProblem::Connection("the connection broke off"),
        };
        // The URL may hold a password, and the endpoint is in the error anyway.
        Self { problem, cause: Some(error.without_url().into()) }
    }

    /// A request that a transport could not carry, or brought no answer of.
    pub(super) fn on_the_way(error: impl Into<TransportError>) -> Self {
        Self { problem: RestProblem::Connection("no answer came of it"), cause: Some(error.into()) }
    }
}

fn is_refusal(error: &reqwest::Error) -> bool {
    causes(error).any(|cause| {
        let io = cause.downcast_ref::<std::io::Error>();
        io.is_some_and(|io| io.kind() == std::io::ErrorKind::ConnectionRefused)
    })
}

/// Everything that led to an error; what is inside of an I/O error follows it.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(error.source(), |cause| {
        let cause = *cause;
        let inside = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        inside.map(|inside| inside as &(dyn Error + 'static)).or_else(|| cause.source())
    })
}

fn of_tls(error: &reqwest::Error) -> Option<RestProblem> {
    use CertificateError as C;
    use rustls::Error as E;
    let problem = match causes(error).find_map(|cause| cause.downcast_ref::<E>())? {
        E::InvalidCertificate(problem) => RestProblem::Certificate(match problem {
            // The latter: by somebody who has the name of one that is trusted.
            C::UnknownIssuer | C::BadSignature => CertificateProblem::Untrusted,
            C::Expired | C::ExpiredContext { .. } => CertificateProblem::Expired,
            C::NotValidYet | C::NotValidYetContext { .. } => CertificateProblem::NotYetValid,
            C::NotValidForName | C::NotValidForNameContext { .. } => CertificateProblem::OtherHost,
            _ => CertificateProblem::Unusable,
        }),
        E::AlertReceived(
            AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateRevoked
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied,
        ) => RestProblem::ClientCertificate(0),
        _ => RestProblem::Tls,
    };
    Some(problem)
}
