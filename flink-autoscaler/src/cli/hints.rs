//! What to do about an error, in this program's options: the libraries that report it don't know them.

use autoscaler::autoscaler_core::{ErrorKind, PortError};

/// The option that helps, by what failed and how.
pub(super) fn hint(error: &anyhow::Error) -> Option<&'static str> {
    error.chain().find_map(|source| source.downcast_ref()).and_then(of)
}

/// The same of an error that a backend reports.
pub(super) fn of(error: &PortError) -> Option<&'static str> {
    let is_about = |what: &str| error.context().iter().any(|(name, _)| *name == what);
    if is_about("database") {
        return of_database(error.kind());
    }
    // An error that says itself what to do needs no more.
    if is_about("endpoint") && !is_about("what to do") {
        return of_cluster(error.kind());
    }
    None
}

fn of_database(kind: ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::Unavailable => Some("autoscaler.standalone.jdbc.url says where it is"),
        ErrorKind::Timeout => Some(
            "autoscaler.standalone.jdbc.timeout says how long to wait; a server of another kind than the one that \
             autoscaler.standalone.jdbc.url begins with may not answer at all",
        ),
        ErrorKind::Denied => Some(
            "autoscaler.standalone.jdbc.username names the user; the password comes from the file of \
             autoscaler.standalone.jdbc.password-file, else from the variable JDBC_PWD or the one that \
             autoscaler.standalone.jdbc.password-env-variable names",
        ),
        _ => None,
    }
}

fn of_cluster(kind: ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::Unavailable | ErrorKind::NotFound | ErrorKind::Invalid => Some(
            "autoscaler.standalone.fetcher.flink-cluster.host and autoscaler.standalone.fetcher.flink-cluster.port, or \
             autoscaler.standalone.fetcher.flink-cluster.addresses, say where it is",
        ),
        ErrorKind::Timeout => Some("job.autoscaler.flink.rest-client.timeout says how long to wait"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    #[test]
    fn options_are_named_by_what_failed_and_how() {
        let check = |what, kind, expected: Option<&str>| {
            let error = Err::<(), _>(PortError::new(kind, "x").with(what, "y")).context("outer").unwrap_err();
            match (hint(&error), expected) {
                (Some(hint), Some(expected)) => assert!(hint.contains(expected), "{hint}"),
                (hint, expected) => assert_eq!(hint, expected, "{what} {kind:?}"),
            }
        };
        check("database", ErrorKind::Timeout, Some("jdbc.timeout"));
        check("database", ErrorKind::Denied, Some("JDBC_PWD"));
        check("database", ErrorKind::Unavailable, Some("jdbc.url"));
        check("database", ErrorKind::Conflict, None);
        check("endpoint", ErrorKind::Unavailable, Some("flink-cluster.host"));
        check("endpoint", ErrorKind::Timeout, Some("rest-client.timeout"));
        check("job", ErrorKind::Timeout, None);
        let told = PortError::new(ErrorKind::Invalid, "x").with("endpoint", "y").with("what to do", "z");
        assert_eq!(of(&told), None);
        assert_eq!(hint(&anyhow::anyhow!("x")), None);
    }
}
