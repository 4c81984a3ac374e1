use super::*;
use crate::access::{AccessFile, Credentials, Secret};
use servers::gateway::certificates::Authority;

#[tokio::test]
async fn what_cannot_be_used_is_left_out_until_it_can() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name| directory.path().join(name);
    let write = |name, text: &str| std::fs::write(path(name), text).unwrap();
    let (old, new) = (Authority::new("old").certificate(), Authority::new("new").certificate());
    write("ca", &old);
    write("token", "first");
    let access = ClusterAccess {
        ca_file: Some(AccessFile::new(path("ca"))),
        credentials: Some(Credentials::Bearer(Secret::file(AccessFile::new(path("token"))))),
        ..ClusterAccess::default()
    };
    let link = Link::open(access, None, true, "https://a").unwrap();
    let first = link.now();
    let token = |ready: &Ready| ready.secrets[0].expose_secret().to_owned();
    let complaint = || link.state().complaint;

    assert!(link.newer(&first).await.is_none(), "nothing has changed");
    for broken in ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        write("ca", broken);
        assert!(link.newer(&first).await.is_none(), "{broken}");
        assert!(complaint().is_some(), "{broken}");
    }
    let before = complaint();
    assert!(link.newer(&first).await.is_none());
    assert_eq!(complaint(), before, "it is said once");
    write("ca", &old);
    assert!(link.newer(&first).await.is_none());
    assert_eq!(complaint(), None, "as it was");

    write("ca", &new);
    let second = link.newer(&first).await.unwrap();
    assert_eq!(token(&second), "first");
    write("token", "second\n");
    assert_eq!(token(&link.newer(&second).await.unwrap()), "second");
    std::fs::remove_file(path("token")).unwrap();
    link.look().await;
    assert_eq!(token(&link.now()), "second");
    assert!(complaint().is_some());
}
