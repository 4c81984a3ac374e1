//! The realizer in both modes, by the suite of its port: Flink is the stand-in, and API server and operator are played here.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use autoscaler_core::ports::ListedJob;
use autoscaler_core::{Event, JobAutoScalerContext, JobKey, PortError, Realization, ScalingRealizer};
use flink_rest::FlinkClient;
use flink_rest::wire::ResourceRequirements;
use k8s_openapi as _;
use kube::client::Body;
use kubernetes_api::{ApiClient, FlinkResource, Kind, KubernetesAccess, OVERRIDES, Resources};
use realizer_kubernetes::{KubernetesRealizer, KubernetesRealizerOptions, Mode};
use serde_json::{Value, json};
use servers::standin::{Fault, StandIn};
use testkit::realizer::World;
use testkit::{job, realizer, suite};

/// What API server and operator know, by the job's number.
#[derive(Debug)]
struct Operator {
    flink: FlinkClient,
    resources: Resources,
    objects: Mutex<HashMap<u32, Value>>,
    failing: Mutex<HashSet<u32>>,
}

fn name(job: u32) -> String {
    format!("job-{job}")
}

fn of(path: &str) -> (&str, u32) {
    let (parent, name) = path.rsplit_once('/').unwrap();
    (parent.rsplit_once('/').unwrap().1, name.rsplit_once('-').unwrap().1.parse().unwrap())
}

impl Operator {
    fn show(&self, object: &Value) {
        let object = serde_json::from_value(object.clone()).unwrap();
        self.resources.put(FlinkResource::read(Kind::FlinkDeployment, object).unwrap());
    }

    fn change(&self, job: u32, change: impl FnOnce(&mut Value)) -> Value {
        let mut objects = self.objects.lock().unwrap();
        let object = objects.get_mut(&job).unwrap();
        change(object);
        let version: u64 = object["metadata"]["resourceVersion"].as_str().unwrap().parse().unwrap();
        object["metadata"]["resourceVersion"] = (version + 1).to_string().into();
        self.show(object);
        object.clone()
    }

    async fn answer(&self, request: http::Request<Body>) -> (u16, Value) {
        let (kind, job) = of(request.uri().path());
        let job_path = format!("/jobs/{}/resource-requirements", job::id(job));
        if kind == "configmaps" {
            return (404, json!({"kind": "Status", "code": 404, "reason": "NotFound", "message": "none"}));
        }
        assert_eq!((kind, request.method().as_str()), ("flinkdeployments", "PATCH"));
        if self.failing.lock().unwrap().contains(&job) {
            return (503, json!({"kind": "Status", "code": 503, "message": "away"}));
        }
        let body: Value = serde_json::from_slice(&request.into_body().collect_bytes().await.unwrap()).unwrap();
        let text = body["spec"]["flinkConfiguration"][OVERRIDES].as_str().unwrap().to_owned();
        let mut requirements: ResourceRequirements = self.flink.get(&job_path).await.unwrap();
        for entry in text.split(',') {
            let (vertex, parallelism) = entry.split_once(':').unwrap();
            requirements.get_mut(vertex).unwrap().parallelism.upper_bound = parallelism.parse().unwrap();
        }
        self.flink.put(&job_path, &requirements).await.unwrap();
        let object = self.change(job, |object| {
            object["spec"]["flinkConfiguration"][OVERRIDES] = text.into();
            object["status"]["reconciliationStatus"]["lastReconciledSpec"] =
                json!({"spec": object["spec"]}).to_string().into();
            let generation = object["metadata"]["generation"].as_i64().unwrap() + 1;
            object["metadata"]["generation"] = generation.into();
            object["status"]["observedGeneration"] = generation.into();
        });
        (200, object)
    }
}

/// Jobs are known to the suite by Flink's ids; their keys here are those of their resources.
#[derive(Debug)]
struct ByResource(KubernetesRealizer);

fn key(job: &str) -> JobKey {
    JobKey::new(format!("fd/orders/job-{}/u", u32::from_str_radix(job, 16).unwrap_or_default()))
}

#[async_trait]
impl ScalingRealizer for ByResource {
    async fn realize(&self, job: &JobAutoScalerContext, realization: &Realization) -> Result<Vec<Event>, PortError> {
        let listed = ListedJob::new(job.id, job.name.as_ref(), job.status).with_key(key(job.key.as_str()));
        let context = JobAutoScalerContext::new(job.cluster.clone(), &listed, Arc::clone(&job.parsed));
        self.0.realize(&context, realization).await
    }

    fn forget(&self, job: &JobKey) {
        self.0.forget(&key(job.as_str()));
    }
}

#[derive(Debug)]
struct KubernetesWorld {
    mode: Mode,
    flink: StandIn,
    operator: Arc<Operator>,
    realizer: Arc<dyn ScalingRealizer>,
}

impl KubernetesWorld {
    async fn start(mode: Mode) -> Arc<dyn World> {
        let flink = StandIn::start().await;
        let client = FlinkClient::new(&flink.url(), Duration::from_secs(20)).unwrap();
        let resources = Resources::default();
        let (service, mut server) = tower_test::mock::pair::<http::Request<Body>, http::Response<Body>>();
        let operator = Arc::new(Operator {
            flink: client.clone(),
            resources: resources.clone(),
            objects: Mutex::default(),
            failing: Mutex::default(),
        });
        let playing = Arc::clone(&operator);
        tokio::spawn(async move {
            while let Some((request, send)) = server.next_request().await {
                let (code, answer) = playing.answer(request).await;
                let body = Body::from(answer.to_string().into_bytes());
                send.send_response(http::Response::builder().status(code).body(body).unwrap());
            }
        });
        let access = KubernetesAccess {
            api: ApiClient::of(kube::Client::new(service, "default")),
            resources,
            flink: Arc::new(flink_rest::cluster(client)),
        };
        let options = KubernetesRealizerOptions { mode, full_upgrades: false };
        let realizer = Arc::new(ByResource(KubernetesRealizer::new(access, options).with_first_pause(Duration::ZERO)));
        Arc::new(Self { mode, flink, operator, realizer })
    }
}

#[async_trait]
impl World for KubernetesWorld {
    fn realizer(&self) -> Arc<dyn ScalingRealizer> {
        Arc::clone(&self.realizer)
    }

    async fn add_job(&self, job: u32) {
        self.flink.add_job(job, &[], None);
        let spec = json!({
            "flinkVersion": "v1_20", "job": {}, "flinkConfiguration": {"jobmanager.scheduler": "adaptive"},
        });
        let object = json!({
            "apiVersion": "flink.apache.org/v1beta1", "kind": "FlinkDeployment", "spec": spec,
            "metadata": {"namespace": "orders", "name": name(job), "uid": "u", "resourceVersion": "1", "generation": 1},
            "status": {
                "observedGeneration": 1, "jobManagerDeploymentStatus": "READY",
                "jobStatus": {"state": "RUNNING", "jobId": job::id(job), "startTime": "7"},
                "reconciliationStatus": {"state": "DEPLOYED", "lastReconciledSpec": json!({"spec": spec}).to_string()},
            },
        });
        self.operator.show(&object);
        self.operator.objects.lock().unwrap().insert(job, object);
    }

    async fn parallelism(&self, job: u32, vertex: u32) -> i32 {
        i32::try_from(self.flink.parallelism(job, vertex)).unwrap()
    }

    async fn changes(&self, job: u32) -> usize {
        self.flink.count("PUT", job)
    }

    async fn refuse(&self, job: u32, refuse: bool) {
        match self.mode {
            Mode::Rest => self.flink.set_fault(job, refuse.then_some(Fault::NotAdaptive)),
            Mode::Spec => {
                let mode = if refuse { "standalone" } else { "native" };
                self.operator.change(job, |object| object["spec"]["mode"] = mode.into());
            }
        }
    }

    async fn fail(&self, job: u32, fail: bool) {
        match self.mode {
            Mode::Rest => self.flink.set_fault(job, fail.then_some(Fault::RequirementsFail)),
            Mode::Spec => {
                let mut failing = self.operator.failing.lock().unwrap();
                let _was = if fail { failing.insert(job) } else { failing.remove(&job) };
            }
        }
    }
}

fn main() {
    let mut trials = Vec::new();
    for (name, mode) in [("realizer-kubernetes::spec", Mode::Spec), ("realizer-kubernetes::rest", Mode::Rest)] {
        trials.extend(realizer::trials(name, move || KubernetesWorld::start(mode)));
    }
    suite::run(trials);
}
