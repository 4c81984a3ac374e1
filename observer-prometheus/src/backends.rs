//! What is asked of others: Flink's REST API, the state store, event handlers.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use autoscaler_core::ports::{Call, Called, EventQueue};
use autoscaler_core::{ClusterName, ErrorKind};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::SECONDS;
use crate::labels::{OfHandler, OfHandlerCall, OfKind, OfOperation, OfRequest};
use crate::per_cluster::PerCluster;

/// Calls and queues of all backends.
#[derive(Debug)]
pub(crate) struct BackendCalls {
    requests: PerCluster<OfRequest, Histogram>,
    request_failures: PerCluster<OfKind<OfRequest>, Counter>,
    store: Family<OfOperation, Histogram>,
    store_failures: Family<OfKind<OfOperation>, Counter>,
    handlers: Family<OfHandlerCall, Histogram>,
    handler_failures: Family<OfKind<OfHandlerCall>, Counter>,
    waiting: Family<OfHandler, Gauge>,
    lost: Family<OfHandler, Counter>,
}

fn histograms<L: Clone + std::hash::Hash + Eq>() -> Family<L, Histogram> {
    Family::new_with_constructor(|| Histogram::new(SECONDS))
}

impl BackendCalls {
    pub(crate) fn new(registry: &mut Registry) -> Self {
        let calls = Self {
            requests: PerCluster::of_seconds(),
            request_failures: PerCluster::default(),
            store: histograms(),
            store_failures: Family::default(),
            handlers: histograms(),
            handler_failures: Family::default(),
            waiting: Family::default(),
            lost: Family::default(),
        };
        let help = "How long requests to the cluster's REST API took, those that failed included";
        registry.register_with_unit("rest_request_duration", help, Unit::Seconds, calls.requests.family());
        let help = "Requests to the cluster's REST API that failed, by the kind of failure";
        registry.register("rest_request_failures", help, calls.request_failures.family());
        let help = "How long the state store took, calls that failed included";
        registry.register_with_unit("store_call_duration", help, Unit::Seconds, calls.store.clone());
        let help = "Calls of the state store that failed, by the kind of failure";
        registry.register("store_call_failures", help, calls.store_failures.clone());
        let help = "How long event handlers took, calls that failed included";
        registry.register_with_unit("event_handler_call_duration", help, Unit::Seconds, calls.handlers.clone());
        let help = "Calls of event handlers that failed, by the kind of failure";
        registry.register("event_handler_call_failures", help, calls.handler_failures.clone());
        registry.register("events_waiting", "Events that wait to be written", calls.waiting.clone());
        let help = "Events that were lost: too many waited, or they can't be stored";
        registry.register("events_lost", help, calls.lost.clone());
        calls
    }

    pub(crate) fn ended(&self, call: &Call<'_>) {
        match call.called {
            Called::Cluster { cluster, method, endpoint } => {
                let of = OfRequest { cluster: cluster.to_string(), method, endpoint };
                self.requests.of(&of).observe(call.took.as_secs_f64());
                if let Some(kind) = call.failure.map(ErrorKind::name) {
                    self.request_failures.of(&OfKind { of, kind }).inc();
                }
            }
            Called::Store { operation } => count(&self.store, &self.store_failures, OfOperation { operation }, call),
            Called::EventHandler { handler, operation } => {
                count(&self.handlers, &self.handler_failures, OfHandlerCall { handler, operation }, call);
            }
            // A kind of backend that is newer than this.
            _ => {}
        }
    }

    /// Takes away what is of no cluster among these.
    pub(crate) fn keep(&self, clusters: &BTreeSet<ClusterName>) {
        self.requests.keep(clusters);
        self.request_failures.keep(clusters);
    }

    pub(crate) fn queue_changed(&self, handler: &'static str, queue: EventQueue) {
        let labels = OfHandler { handler };
        self.waiting.get_or_create(&labels).set(i64::try_from(queue.waiting).unwrap_or(i64::MAX));
        // An event that was written after all is lost no more.
        self.lost.get_or_create(&labels).inner().fetch_max(queue.lost, Ordering::Relaxed);
    }
}

fn count<L: Clone + std::hash::Hash + Eq>(
    durations: &Family<L, Histogram>,
    failures: &Family<OfKind<L>, Counter>,
    labels: L,
    call: &Call<'_>,
) {
    durations.get_or_create(&labels).observe(call.took.as_secs_f64());
    if let Some(kind) = call.failure.map(ErrorKind::name) {
        failures.get_or_create(&OfKind { of: labels, kind }).inc();
    }
}
