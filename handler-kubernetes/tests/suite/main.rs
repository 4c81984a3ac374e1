//! The contract of an event handler, held before a stand-in for the API server.

#![expect(clippy::unwrap_used, reason = "a test")]

mod log;

use std::sync::Arc;

use log::{KEEPS, Log};
use servers::api_standin::ApiStandIn;
use testkit::handler::EventLog;

fn main() {
    testkit::suite::run(testkit::handler::trials("kubernetes", KEEPS, || async {
        let other = ApiStandIn::new();
        other.deny("create events");
        let (client, nobody) = (ApiStandIn::new().client(), other.client());
        (Arc::new(Log { client, namespace: "prod".to_owned(), nobody }) as Arc<dyn EventLog>, ())
    }));
}
