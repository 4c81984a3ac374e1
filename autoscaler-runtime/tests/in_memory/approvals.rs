//! Scalings that are proposed, and carried out only if somebody approves them.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use autoscaler_core::ClusterName;
use autoscaler_runtime::{ApprovalRefused, Approver, Proposal};
use testkit::fakes::JobTrouble;
use testkit::job::CLUSTER;

use crate::support::{Running, World, key, pace};

const PROPOSING: &[(&str, &str)] = &[
    ("job.autoscaler.enabled", "true"),
    ("job.autoscaler.scaling.enabled", "false"),
    ("job.autoscaler.stabilization.interval", "0 s"),
    ("job.autoscaler.metrics.window", "30 s"),
    ("job.autoscaler.utilization.max", "0.8"),
];

/// More than it takes to carry something out, or not to.
const A_FEW: usize = 6;

fn me() -> Approver {
    Approver::at(Some(IpAddr::V4(Ipv4Addr::LOCALHOST))).named("me")
}

impl World {
    fn proposal(&self) -> Option<Proposal> {
        self.approvals.proposal(&ClusterName::new(CLUSTER), &key(1))
    }

    fn approve(&self, id: &str) -> Result<Proposal, ApprovalRefused> {
        self.approvals.approve(&ClusterName::new(CLUSTER), &key(1), id, me())
    }

    /// A job that is proposed to be scaled from 1 to 2, by a loop that runs.
    async fn proposing() -> (Self, Running, Proposal) {
        let world = Self::new();
        world.cluster.add_job(1, 1.4, PROPOSING);
        let running = world.start(pace());
        let proposal = world.proposed().await;
        (world, running, proposal)
    }

    async fn proposed(&self) -> Proposal {
        self.observer.until("a scaling is proposed", || self.proposal().is_some()).await;
        self.proposal().unwrap()
    }

    /// What is told of approvals.
    fn told(&self) -> Vec<(String, String)> {
        let of_approvals = |(reason, _): &(String, String)| reason.contains("Approv");
        self.handler.events(&key(1)).into_iter().filter(of_approvals).collect()
    }

    /// Waits until an approval is refused for a reason, with the job as it was.
    async fn refused(&self, why: &str) {
        self.observer.until("the approval is refused", || !self.told().is_empty()).await;
        let told = self.told();
        assert!(
            told[0].0 == "ApprovalRefused" && told[0].1.contains("me at 127.0.0.1") && told[0].1.contains(why),
            "{told:?}"
        );
        assert!(told.len() == 1 && self.cluster.rescaled().is_empty(), "{told:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_approved_is_carried_out_once_and_what_is_not_is_not() {
    let (world, running, proposal) = World::proposing().await;
    let changes: Vec<_> = proposal.vertices.iter().map(|change| (change.from, change.to)).collect();
    assert_eq!(changes, [(1, 2)]);
    assert!(proposal.vertices[0].why.contains("at 70 % utilization"), "{proposal:?}");
    world.rounds(A_FEW).await;
    assert_eq!(world.proposal().unwrap(), proposal, "it stays the same as long as it is decided");
    assert!(world.cluster.rescaled().is_empty());
    let approved = world.approve(&proposal.id).unwrap();
    assert_eq!(approved.approved, Some(me()));
    assert_eq!(world.approve(&proposal.id), Err(ApprovalRefused::Already { by: me() }));
    world.scaled_to(1, 2).await;
    world.rounds(A_FEW).await;
    assert_eq!((world.cluster.rescaled(), world.proposal()), (vec![(1, 2)], None));
    assert_eq!(world.approve(&proposal.id), Err(ApprovalRefused::NothingProposed));
    let events = world.handler.events(&key(1));
    let has = |reason: &str, text: &str| events.iter().any(|(of, message)| of == reason && message.contains(text));
    assert!(has("ScalingReport", "Scaling execution enabled"), "{events:?}");
    assert!(has("ScalingApproved", "approved by me at 127.0.0.1") && has("ScalingApproved", "1 -> 2"), "{events:?}");
    assert!(has("ApprovalRefused", "me at 127.0.0.1 has approved it before"), "{events:?}");
    // What comes next is proposed anew.
    world.cluster.change(1, |job| job.load = 2.6);
    let next = world.proposed().await;
    world.rounds(A_FEW).await;
    assert_eq!(world.cluster.rescaled(), [(1, 2)]);
    assert_ne!(next.id, proposal.id);
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_was_not_seen_is_not_carried_out() {
    let (world, running, _) = World::proposing().await;
    assert_eq!(world.approve("another"), Err(ApprovalRefused::Another));
    world.refused("is not what is proposed for the job any more").await;
    world.rounds(A_FEW).await;
    assert!(world.cluster.rescaled().is_empty());
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn another_recommendation_since_is_not_carried_out() {
    let (world, running, proposal) = World::proposing().await;
    world.approve(&proposal.id).unwrap();
    world.cluster.change(1, |job| job.options.push(("job.autoscaler.utilization.target".to_owned(), "0.3".to_owned())));
    world.refused("another scaling is proposed since").await;
    assert_ne!(world.proposed().await.id, proposal.id);
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_job_that_restarted_or_was_rescaled_since_is_not_scaled() {
    for parallelism in [1, 3] {
        let (world, running, proposal) = World::proposing().await;
        world.approve(&proposal.id).unwrap();
        let now = autoscaler_runtime::Clock::now(world.clock.as_ref());
        world.cluster.change(1, |job| (job.parallelism, job.running_since) = (parallelism, now));
        world.refused("the job has restarted since").await;
        assert_eq!(world.cluster.parallelism(1), parallelism);
        running.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_proposal_expires_and_is_made_anew() {
    let (world, running, proposal) = World::proposing().await;
    tokio::time::sleep(Duration::from_secs(16 * 60)).await;
    world.rounds(1).await;
    let next = world.proposed().await;
    assert!(next.id != proposal.id && next.since >= proposal.until, "{next:?}");
    assert_eq!(world.approve(&proposal.id), Err(ApprovalRefused::Another));
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn an_approval_waits_for_a_job_that_can_not_be_observed_until_it_expires() {
    let (world, running, proposal) = World::proposing().await;
    world.cluster.set_trouble(1, JobTrouble::ObservationFails);
    world.approve(&proposal.id).unwrap();
    world.rounds(A_FEW).await;
    assert!(world.told().is_empty());
    tokio::time::sleep(Duration::from_secs(16 * 60)).await;
    world.refused("has expired").await;
    world.cluster.set_trouble(1, None);
    world.rounds(A_FEW).await;
    assert!(world.cluster.rescaled().is_empty());
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_can_not_be_stored_is_not_carried_out_and_tried_again() {
    let (world, running, proposal) = World::proposing().await;
    world.store.fail_saves(true);
    world.approve(&proposal.id).unwrap();
    world.rounds(A_FEW).await;
    assert!(world.told().is_empty() && world.cluster.rescaled().is_empty(), "{:?}", world.told());
    world.store.fail_saves(false);
    world.scaled_to(1, 2).await;
    assert_eq!(world.handler.count(&key(1), "ScalingApproved"), 1);
    running.stop().await;
}
