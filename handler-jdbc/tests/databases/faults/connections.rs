//! The only connection of a pool is not lost, whatever happened to the call that had it.

use std::time::Duration;

use autoscaler_core::{AutoScalerStateStore, Fence};
use servers::fault_proxy::Behavior;
use sql_database::SqlStateStore;

use super::{TIMEOUT, key, must_pass, parallelism, settings, state, through_proxy};
use crate::backend::{Opened, connect, migrated};

/// A pool looks at each connection that it is given back. The only one there is must not be lost for as long as that takes.
pub(super) async fn answers_stop_as_a_connection_is_given_back(opened: Opened) {
    let test = async {
        let (proxy, url) = through_proxy(&opened).await;
        let store = SqlStateStore::new(migrated(connect(&url, &settings().with_max_connections(1))));
        store.save(&key(), &state(1), &Fence::open()).await.unwrap();
        // On one thread nothing has looked at the connection yet.
        proxy.behave(Behavior::Delay(TIMEOUT * 60));
        must_pass(&store.save(&key(), &state(2), &Fence::open()).await.unwrap_err());
        proxy.behave(Behavior::Pass);
        store.save(&key(), &state(3), &Fence::open()).await.unwrap();
        assert_eq!(parallelism(&store).await, Some(3));
    };
    tokio::task::block_in_place(|| {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test);
    });
}

/// Whoever asked waits no longer, in the middle of a statement. It is nothing to give back.
pub(super) async fn a_call_that_is_cut_off_keeps_no_connection(opened: Opened) {
    let (proxy, url) = through_proxy(&opened).await;
    let store = SqlStateStore::new(migrated(connect(&url, &settings().with_max_connections(1))));
    store.save(&key(), &state(1), &Fence::open()).await.unwrap();
    // The pool is to have looked at the connection by then.
    tokio::time::sleep(Duration::from_millis(300)).await;
    // It looks again before it lends the connection, and then the transaction begins.
    proxy.behave(Behavior::HoldAfter(2));
    let save = async { store.save(&key(), &state(2), &Fence::open()).await };
    assert!(tokio::time::timeout(TIMEOUT / 4, save).await.is_err(), "it is answered");
    assert!(proxy.passed() >= 2, "it had no connection");
    // The answer is under way for longer than anybody waits, so nothing that is asked on this connection is ever answered.
    proxy.behave(Behavior::Delay(TIMEOUT * 60));
    tokio::time::sleep(Duration::from_millis(300)).await;
    proxy.behave(Behavior::Pass);
    store.save(&key(), &state(3), &Fence::open()).await.unwrap();
    assert_eq!(parallelism(&store).await, Some(3));
}
