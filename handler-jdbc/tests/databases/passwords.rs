//! Passwords that change while connections are open.

use std::time::{Duration, Instant};

use autoscaler_core::{AutoScalerStateStore, ErrorKind, Fence, LeaseTerms};
use servers::fault_proxy::{Behavior, FaultProxy};
use sql_database::schema::migrate;
use sql_database::{PasswordFile, SqlStateStore};
use store_mysql::MySqlStateStore;

use crate::Case;
use crate::backend::{Opened, connect, migrated};
use crate::faults::{key, saved_in_the_end, settings, state, store_at, through_proxy};

pub(crate) const CASES: &[Case] = &[
    ("passwords::one_that_is_rejected", |database| Box::pin(a_rejected_password(database))),
    ("passwords::one_that_changes_in_its_file", |database| Box::pin(one_that_changes_in_its_file(database))),
];

async fn a_rejected_password(opened: Opened) {
    migrate(opened.database().as_ref()).await.unwrap();
    let name = opened.url.rsplit('/').next().unwrap().to_owned();
    let user = format!("r_{name}");
    opened
        .execute(&[&format!("CREATE USER {user} IDENTIFIED BY 'old'"), &format!("GRANT ALL ON {name}.* TO {user}")])
        .await;
    let (proxy, url) = through_proxy(&opened).await;
    let url = format!("mysql://{user}:old@{}", url.rsplit_once('@').unwrap().1);
    let store = store_at(&url);
    store.save(&key(), &state(1), &Fence::open()).await.unwrap();
    // A failover: connections are gone, and the new server has another password.
    opened.execute(&[&format!("ALTER USER {user} IDENTIFIED BY 'new'")]).await;
    cut_connections(&proxy, &store).await;
    let deadline = Instant::now() + Duration::from_secs(120);
    let error = loop {
        match store.save(&key(), &state(2), &Fence::open()).await {
            Err(error) if error.chain().to_string().contains("1045") => break error,
            _ => assert!(Instant::now() < deadline, "the password is not rejected"),
        }
    };
    assert_eq!(error.kind(), ErrorKind::Denied);
    assert!(!error.chain().to_string().contains("old"), "{}", error.chain());
    opened.execute(&[&format!("ALTER USER {user} IDENTIFIED BY 'old'")]).await;
    saved_in_the_end(&store, 3).await;
    opened.execute(&[&format!("DROP USER {user}")]).await;
}

/// Cuts the store's connections; a save may still be faster than that.
async fn cut_connections(proxy: &FaultProxy, store: &SqlStateStore) {
    proxy.behave(Behavior::Refuse);
    let deadline = Instant::now() + Duration::from_secs(120);
    while store.save(&key(), &state(2), &Fence::open()).await.is_ok() {
        assert!(Instant::now() < deadline, "it goes on without connections");
    }
    proxy.behave(Behavior::Pass);
}

async fn one_that_changes_in_its_file(opened: Opened) {
    migrate(opened.database().as_ref()).await.unwrap();
    let name = opened.url.rsplit('/').next().unwrap().to_owned();
    let user = format!("f_{name}");
    opened
        .execute(&[&format!("CREATE USER {user} IDENTIFIED BY 'first'"), &format!("GRANT ALL ON {name}.* TO {user}")])
        .await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("password");
    std::fs::write(&path, "first\n").unwrap();
    let file = PasswordFile::open(&path).unwrap();
    let with_file = settings().with_password_file(file);
    let (proxy, url) = through_proxy(&opened).await;
    let url = format!("mysql://{user}@{}", url.rsplit_once('@').unwrap().1);
    let store = SqlStateStore::new(migrated(connect(&url, &with_file)));
    let lease = MySqlStateStore::open(&url, &with_file).unwrap().lease().unwrap();
    let terms = LeaseTerms::new("a test", Duration::from_secs(600));
    store.save(&key(), &state(1), &Fence::open()).await.unwrap();
    lease.acquire(&terms).await.unwrap();

    opened.execute(&[&format!("ALTER USER {user} IDENTIFIED BY 'second'")]).await;
    cut_connections(&proxy, &store).await;
    // Not yet in the file.
    let error = lease.acquire(&terms).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied, "{}", error.chain());
    std::fs::write(&path, "second\n").unwrap();
    lease.acquire(&terms).await.unwrap();
    saved_in_the_end(&store, 2).await;
    saved_in_the_end(&SqlStateStore::new(migrated(connect(&url, &with_file))), 3).await;
    opened.execute(&[&format!("DROP USER {user}")]).await;
}
