//! The contract of an event handler, held on a real API server.

#![expect(clippy::unwrap_used, reason = "a test")]

#[path = "suite/log.rs"]
mod log;

use std::sync::Arc;

use log::{KEEPS, Log};
use servers::kubernetes::{NOBODY, TestNamespace};
use testkit::handler::EventLog;

fn main() {
    testkit::suite::run(testkit::handler::trials("api server", KEEPS, || async {
        let namespace = TestNamespace::create().await;
        let nobody = namespace.server.client(Some(NOBODY)).await.unwrap();
        let log = Log { client: namespace.client().await, namespace: namespace.name.clone(), nobody };
        (Arc::new(log) as Arc<dyn EventLog>, namespace)
    }));
}
