use super::*;
use autoscaler_core::ErrorChain;

fn problem(access: &ClusterAccess) -> String {
    match access.read() {
        Ok(_) => "none".to_owned(),
        Err(problem) => ErrorChain(&problem).to_string(),
    }
}

fn with_token(file: AccessFile) -> ClusterAccess {
    ClusterAccess { credentials: Some(Credentials::Bearer(Secret::file(file))), ..ClusterAccess::default() }
}

#[test]
fn what_stands_in_files_is_read_as_it_is_now() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("token");
    let access = with_token(AccessFile::new(&path));
    for (text, expected) in [("t0k=n\n", "Bearer t0k=n"), ("other\r\n", "Bearer other")] {
        std::fs::write(&path, text).unwrap();
        let material = access.read().unwrap();
        assert_eq!(material.headers[AUTHORIZATION], expected);
        assert!(!format!("{:?} {access:?}", material.headers).contains(text.trim()));
    }
    std::fs::write(&path, "a\nb").unwrap();
    assert!(problem(&access).ends_with("token holds what no HTTP header can: line breaks or control characters"));
    std::fs::write(&path, "\n").unwrap();
    assert!(problem(&access).ends_with("token is empty"));
}

#[cfg(unix)]
#[test]
fn a_pipe_is_not_waited_for() {
    let directory = tempfile::tempdir().unwrap();
    let pipe = directory.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for path in [pipe.as_path(), std::path::Path::new("/dev/zero"), directory.path()] {
        let as_token = problem(&with_token(AccessFile::new(path)));
        let as_ca = problem(&ClusterAccess { ca_file: Some(AccessFile::new(path)), ..ClusterAccess::default() });
        for problem in [as_token, as_ca] {
            assert_eq!(problem, format!("file {} can't be used: it is no regular file", path.display()));
        }
    }
}

#[test]
fn a_secret_in_the_place_of_its_file_is_not_shown() {
    let of_option = |path: &str| problem(&with_token(AccessFile::of_option(path, "the.key")));
    assert_eq!(
        of_option("s3cret"),
        "option the.key: the file can't be used: it can't be read: No such file or directory (os error 2)"
    );
    assert!(!of_option("https://me:s3cret@h/x").contains("s3cret"));
    assert!(
        of_option("/no-such-file").starts_with("option the.key: file /no-such-file can't be used: it can't be read")
    );
}

#[test]
fn headers_that_cannot_be() {
    let with = |name: &str| {
        let mut access = ClusterAccess::default();
        access.headers.push((name.to_owned(), Secret::text("x", "option headers")));
        access
    };
    assert_eq!(problem(&with("X-Team")), "none");
    assert!(problem(&with("s3cret header")).starts_with("the name of a custom header is none"));
    assert!(problem(&with("Content-Length")).starts_with("the header content-length can't be"));
    let mut twice = with("Authorization");
    assert_eq!(problem(&twice), "none");
    twice.credentials = Some(Credentials::Bearer(Secret::text("x", "a token")));
    assert!(problem(&twice).starts_with("the header Authorization is set by the credentials"));
}
