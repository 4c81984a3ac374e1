//! What the API server or the way to it did wrong, as errors of our ports.

use autoscaler_core::{ErrorKind, PortError};
use kube::core::Status;

/// Characters of what a server says that are shown.
const SHOWN_CHARS: usize = 1000;

/// The error that `tried` ended in: `tried` is what was tried and on what, lower case, "the ConfigMap ns/a can't be written".
/// Who manages a field that we may not take is in the message; what programs for credentials print is not.
pub fn port_error(tried: &str, error: kube::Error) -> PortError {
    use kube::Error as E;
    let (kind, problem) = match error {
        E::Api(status) => return of_status(tried, &status),
        // What such a program prints may hold the credentials.
        E::Auth(_) => {
            return PortError::new(
                ErrorKind::Denied,
                format!(
                    "{tried}: the credentials of the kubeconfig can't be got; `kubectl version` with the same kubeconfig \
                     shows why"
                ),
            );
        }
        E::HyperError(_) | E::Service(_) | E::ReadEvents(_) => {
            (ErrorKind::Unavailable, "the Kubernetes API server can't be reached")
        }
        E::InferConfig(_) => (
            ErrorKind::Invalid,
            "neither a kubeconfig (KUBECONFIG, ~/.kube/config) nor a service account says where Kubernetes is",
        ),
        E::InferKubeconfig(_) => (ErrorKind::Invalid, "the kubeconfig can't be used"),
        E::SerdeError(_) | E::FromUtf8(_) | E::LinesCodecMaxLineLengthExceeded => {
            (ErrorKind::Invalid, "what the Kubernetes API server answers can't be read")
        }
        _ => (ErrorKind::Invalid, "no request can be made of it"),
    };
    PortError::new(kind, format!("{tried}: {problem}")).caused_by(error)
}

/// The error that an answer of the API server stands for.
pub fn of_status(tried: &str, status: &Status) -> PortError {
    let kind = match status.code {
        401 | 403 => ErrorKind::Denied,
        404 | 410 => ErrorKind::NotFound,
        409 => ErrorKind::Conflict,
        413 => ErrorKind::TooLarge,
        408 | 504 => ErrorKind::Timeout,
        429 | 500.. => ErrorKind::Unavailable,
        _ if status.is_invalid() && status.message.contains("Too long") => ErrorKind::TooLarge,
        _ => ErrorKind::Refused,
    };
    let said: String = status.message.chars().take(SHOWN_CHARS).collect();
    let mut message = format!("{tried}: Kubernetes answered {}", status.code);
    if !said.is_empty() {
        message = format!("{message}, {said}");
    }
    let managers = managers_in_the_way(status);
    if !managers.is_empty() {
        message = format!("{message} (managed by {})", managers.join(", "));
    }
    match status.details.as_ref().map_or(0, |details| details.retry_after_seconds) {
        0 => PortError::new(kind, message),
        seconds => PortError::new(kind, format!("{message}, to be tried again in {seconds} s")),
    }
}

/// The managers of the fields that a server-side apply may not take, as a conflict names them; each once.
pub fn managers_in_the_way(status: &Status) -> Vec<String> {
    let causes = status.details.iter().flat_map(|details| &details.causes);
    let mut managers: Vec<String> = causes
        .filter(|cause| cause.reason == "FieldManagerConflict")
        .filter_map(|cause| Some(cause.message.split_once('"')?.1.split_once('"')?.0.to_owned()))
        .collect();
    managers.sort();
    managers.dedup();
    managers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(json: serde_json::Value) -> Status {
        serde_json::from_value(json).unwrap()
    }

    #[rstest::rstest]
    #[case(403, ErrorKind::Denied)]
    #[case(404, ErrorKind::NotFound)]
    #[case(409, ErrorKind::Conflict)]
    #[case(413, ErrorKind::TooLarge)]
    #[case(422, ErrorKind::Refused)]
    #[case(429, ErrorKind::Unavailable)]
    #[case(503, ErrorKind::Unavailable)]
    #[case(504, ErrorKind::Timeout)]
    fn a_code_tells_what_a_caller_goes_by(#[case] code: u16, #[case] kind: ErrorKind) {
        let status = status(serde_json::json!({"code": code, "message": "no", "details": {"retryAfterSeconds": 3}}));
        let error = of_status("a can't be read", &status);
        assert_eq!(error.kind(), kind);
        assert_eq!(
            error.to_string(),
            format!("a can't be read: Kubernetes answered {code}, no, to be tried again in 3 s")
        );
    }

    #[test]
    fn who_manages_a_field_is_named() {
        let status = status(
            serde_json::json!({"code": 409, "message": "Apply failed", "reason": "Conflict", "details": {"causes": [
                {"reason": "FieldManagerConflict", "message": "conflict with \"argocd\" using flink.apache.org/v1beta1", "field": ".spec"},
                {"reason": "FieldManagerConflict", "message": "conflict with \"argocd\"", "field": ".spec.a"},
            ]}}),
        );
        assert_eq!(managers_in_the_way(&status), ["argocd"]);
        assert!(of_status("a", &status).to_string().ends_with("(managed by argocd)"));
    }
}
