//! A stand-in for Kubernetes' API server: objects of every kind with resource versions, as far as clients that get, list,
//! create, replace, merge and delete can tell; and the faults that a real one can't be made to have. It is no socket but a
//! service that a client is made of.

// Chooses the version of its types.
use k8s_openapi as _;

mod objects;
mod request;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{Request, Response, StatusCode, header};
use serde_json::{Value, json};

use objects::Objects;
use request::Asked;

/// Bytes of a request, at most, as etcd takes them.
const LARGEST: usize = 3 << 20;

/// An API server; clones are the same one.
#[derive(Clone, Debug, Default)]
pub struct ApiStandIn {
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug, Default)]
struct Shared {
    objects: Objects,
    /// What requests of a method to a resource are answered next: a code, and after how many seconds to try again.
    next: BTreeMap<(String, String), VecDeque<(u16, u32)>>,
    /// The method and resource of which the next request is done, and its answer gets lost.
    lost: Option<(String, String)>,
    /// Namespaces that are being deleted.
    ending: Vec<String>,
    /// Verbs on resources that nobody may, such as `patch events`.
    denied: Vec<String>,
    /// Method and path of each request.
    log: Vec<String>,
}

impl ApiStandIn {
    /// One without objects. Every namespace exists.
    pub fn new() -> Self {
        Self::default()
    }

    /// A client of it, whose own namespace is `default`.
    pub fn client(&self) -> kube::Client {
        kube::Client::new(Router::new().fallback(answer).with_state(self.clone()), "default")
    }

    /// The next request of a method to a resource is answered with this code, and changes nothing. More than one call: one
    /// after the other.
    pub fn answer_next(&self, method: &str, resource: &str, code: u16) {
        self.answer_next_after(method, resource, code, 0);
    }

    /// The same; the answer says after how many seconds it is to be tried again.
    pub fn answer_next_after(&self, method: &str, resource: &str, code: u16, seconds: u32) {
        let of_it = (method.to_owned(), resource.to_owned());
        self.locked().next.entry(of_it).or_default().push_back((code, seconds));
    }

    /// The next request of a method to a resource is done, and answered as if the server had failed.
    pub fn lose_next_answer(&self, method: &str, resource: &str) {
        self.locked().lost = Some((method.to_owned(), resource.to_owned()));
    }

    /// From now on the namespace is being deleted: nothing can be created in it.
    pub fn end_namespace(&self, namespace: &str) {
        self.locked().ending.push(namespace.to_owned());
    }

    /// What was to be answered is not.
    pub fn answer_as_usual(&self) {
        self.locked().next.clear();
    }

    /// Nobody may do this from now on: a verb and a resource, such as `patch events`.
    pub fn deny(&self, right: &str) {
        self.locked().denied.push(right.to_owned());
    }

    /// Everybody may do everything again.
    pub fn allow_all(&self) {
        self.locked().denied.clear();
    }

    /// Method and path of each request since this was called last.
    pub fn take_log(&self) -> Vec<String> {
        std::mem::take(&mut self.locked().log)
    }

    /// The objects of a resource, such as `configmaps`, in the order they were created.
    pub fn objects(&self, resource: &str) -> Vec<Value> {
        self.locked().objects.all(resource)
    }

    /// Puts an object there as somebody else would.
    pub fn put(&self, resource: &str, namespace: &str, object: Value) {
        self.locked().objects.put(resource, namespace, object);
    }

    /// Takes an object away, as when its time is over.
    pub fn delete(&self, resource: &str, namespace: &str, name: &str) {
        self.locked().objects.delete(resource, namespace, name);
    }

    fn locked(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    fn answer(&mut self, asked: &Asked) -> Result<Value, Refusal> {
        self.log.push(asked.line.clone());
        if asked.resource == "selfsubjectaccessreviews" {
            return Ok(self.reviewed(&asked.body));
        }
        if let Some((code, seconds)) = self.next.get_mut(&asked.key()).and_then(VecDeque::pop_front) {
            return Err(refusal(code, "as it was told to".to_owned(), json!({"retryAfterSeconds": seconds})));
        }
        let right = format!("{} {}", asked.verb(), asked.resource);
        if self.denied.contains(&right) {
            return Err(refusal(403, format!("nobody may {right}"), Value::Null));
        }
        let is_ending = asked.namespace.as_ref().is_some_and(|namespace| self.ending.contains(namespace));
        if is_ending && asked.verb() == "create" {
            let message = "unable to create new content in the namespace because it is being terminated".to_owned();
            return Err(refusal(403, message, json!({"causes": [{"reason": "NamespaceTerminating"}]})));
        }
        let answer = self.objects.answer(asked);
        if self.lost.take_if(|lost| *lost == asked.key()).is_some() {
            return Err(refusal(500, "the answer got lost".to_owned(), Value::Null));
        }
        answer
    }

    fn reviewed(&self, review: &Value) -> Value {
        let attributes = &review["spec"]["resourceAttributes"];
        let text = |name: &str| attributes[name].as_str().unwrap_or_default().to_owned();
        let is_denied = self.denied.contains(&format!("{} {}", text("verb"), text("resource")));
        let mut answer = review.clone();
        answer["status"] = json!({"allowed": !is_denied});
        answer
    }
}

/// Why a request was not done.
#[derive(Debug)]
struct Refusal {
    code: u16,
    reason: &'static str,
    message: String,
    details: Value,
}

fn refusal(code: u16, message: String, details: Value) -> Refusal {
    Refusal { code, reason: request::reason(code), message, details }
}

async fn answer(State(server): State<ApiStandIn>, request: Request<Body>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, LARGEST).await.unwrap();
    let (code, body) = match Asked::of(&head, &body).and_then(|asked| server.locked().answer(&asked)) {
        Ok(body) => (200, body),
        Err(Refusal { code, reason, message, details }) => {
            let status = json!({
                "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "message": message,
                "details": details,
            });
            (code, status)
        }
    };
    // Others get at it while an answer is on its way.
    tokio::task::yield_now().await;
    Response::builder()
        .status(StatusCode::from_u16(code).unwrap())
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()))
        .unwrap()
}
