//! What is known of a cluster beside its name: in each of its log lines, as of then.

use std::sync::Arc;

use autoscaler_core::options::Configuration;
use autoscaler_core::{ErrorKind, Labels};
use autoscaler_runtime::{Configurations, ControlLoop, LogObserver};
use testkit::fakes::ListTrouble;
use testkit::logged::Logged;
use tokio_util::sync::CancellationToken;

use crate::support::{SHORT_WINDOWS, World, key, pace};

fn attempt(number: u32) -> Labels {
    Labels::new([("queue", "root.stream".to_owned()), ("attempt", number.to_string())])
}

#[tokio::test(start_paused = true)]
async fn each_log_line_about_a_cluster_has_its_labels() {
    let logged = Logged::default();
    let lines = logged.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_max_level(tracing::Level::DEBUG);
    let _logging = tracing::subscriber::set_default(subscriber.with_writer(move || lines.clone()).finish());
    let world = World::new();
    world.cluster.add_job(1, 1.4, SHORT_WINDOWS);
    world.cluster.set_labels(attempt(1));
    let ports = world.ports().with_observer(Arc::new(LogObserver::default()));
    let configurations = Arc::new(Configurations::new(Configuration::new()));
    let realizer = Arc::new(world.cluster.clone());
    let control_loop = ControlLoop::new(world.cluster.as_cluster(), realizer, ports, configurations, pace());
    let stop = CancellationToken::new();
    let running = tokio::spawn(control_loop.run(stop.clone()));

    world.scaled_to(1, 2).await;
    world.rounds(1).await;
    let until_now = logged.take();
    for expected in ["watching the job", "outcome=\"scaled\"", "vertex_name="] {
        assert!(until_now.contains(expected), "{expected} in {until_now}");
    }
    all_have("queue=root.stream attempt=1", &until_now);

    world.cluster.set_labels(attempt(2));
    world.cluster.set_list_trouble(ListTrouble::Fails(ErrorKind::Unavailable));
    world.rounds(2).await;
    world.cluster.set_list_trouble(None);
    world.cluster.remove_job(1);
    world.observer.until("the job is gone", || !world.observer.gone().is_empty()).await;
    stop.cancel();
    running.await.unwrap();
    let since = logged.take();
    for expected in ["can't list the cluster's jobs", "can be listed again", "the job is gone"] {
        assert!(since.contains(expected), "{expected} in {since}");
    }
    assert!(!world.is_stored(1).await, "{}", key(1));
    all_have("queue=root.stream attempt=2", &since);
}

fn all_have(labels: &str, lines: &str) {
    let about_it = lines.lines().filter(|line| line.contains(" cluster=")).collect::<Vec<_>>();
    assert!(!about_it.is_empty(), "{lines}");
    for line in about_it {
        assert!(line.contains(&format!("cluster{{labels=\"{labels}\"}}:")), "{line}");
    }
}
