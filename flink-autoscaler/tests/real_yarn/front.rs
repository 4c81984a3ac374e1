//! What stands before the ResourceManager and its proxy: it sees what goes by the proxy, and hides where one application's JobManager
//! is, as a network does that does not lead there.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use servers::proxy::{Passed, RecordingProxy};

/// Where nobody is.
const NOWHERE: &str = "127.0.0.1:1";

pub(crate) struct Front {
    proxy: RecordingProxy,
    hidden: Arc<Mutex<String>>,
}

impl Front {
    pub(crate) async fn before(url: &str) -> Self {
        let hidden = Arc::<Mutex<String>>::default();
        let hides = Arc::clone(&hidden);
        let proxy = RecordingProxy::changing(url, move |path, answer| {
            path.starts_with("/ws/").then(|| hiding(&hides.lock().unwrap(), answer)).flatten()
        });
        Self { proxy: proxy.await, hidden }
    }

    /// Has this application, and no other, be reachable by the proxy alone.
    pub(crate) fn hide(&self, application: &Value) {
        *self.hidden.lock().unwrap() = application["id"].as_str().unwrap().to_owned();
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.proxy.port())
    }

    /// What was asked of an application by the proxy and was answered with success.
    fn passed(&self, application: &Value) -> Vec<Passed> {
        let way = format!("/proxy/{}/", application["id"].as_str().unwrap());
        self.proxy.passed().into_iter().filter(|asked| asked.path.starts_with(&way) && asked.status == 200).collect()
    }

    /// Questions about an application that were answered.
    pub(crate) fn questions(&self, application: &Value) -> usize {
        self.passed(application).iter().filter(|asked| asked.method == "GET").count()
    }

    /// What an application was rescaled to by the proxy, in order.
    pub(crate) fn rescaled(&self, application: &Value) -> Vec<String> {
        self.passed(application).into_iter().filter(|asked| asked.method == "PUT").map(|asked| asked.body).collect()
    }
}

fn hiding(hidden: &str, answer: &str) -> Option<String> {
    let mut answer: Value = serde_json::from_str(answer).ok()?;
    let applications = answer["apps"]["app"].as_array_mut()?;
    for application in applications.iter_mut().filter(|application| application["id"] == hidden) {
        application["amRPCAddress"] = json!(NOWHERE);
    }
    Some(answer.to_string())
}
