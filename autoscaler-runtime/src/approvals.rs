//! Scalings that were decided and are carried out only if somebody approves them.

mod approver;
mod proposal;
mod refusal;
mod told;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use autoscaler_core::options::{Configuration, InvalidOption};
use autoscaler_core::time;
use autoscaler_core::{Changes, ClusterName, CycleReport, Event, JobAutoScalerContext, JobKey};

pub use approver::Approver;
pub use proposal::{Change, Proposal};
pub use refusal::ApprovalRefused;

use crate::clock::Clock;

/// Refusals of a job that wait for its next cycle to be told, at most.
const MOST_REFUSALS: usize = 8;

autoscaler_core::options! {
    /// The options of approvals.
    ApprovalOptions, prefix "autoscaler.standalone.approval." {
        #[doc = "Time for which a scaling that is proposed and not carried out (job.autoscaler.scaling.enabled: false) can be approved; then it is proposed anew, if it still holds."]
        expires_after: Duration = "expires-after", "15 min", &[] => at_least(1.0), seconds();
    }
}

/// What is proposed for each job, and which of it somebody approved. A proposal stays the same as long as each cycle decides
/// the same; what was approved is carried out once, by the job's next cycle if that still decides it.
#[derive(Debug)]
pub struct Approvals {
    clock: Arc<dyn Clock>,
    expires_after: Duration,
    jobs: Mutex<HashMap<(ClusterName, JobKey), OfJob>>,
}

/// What there is of a job.
#[derive(Debug, Default)]
struct OfJob {
    proposal: Option<Proposal>,
    /// What is to be told with the next cycle.
    events: Vec<Event>,
}

impl Approvals {
    /// Nothing is proposed yet.
    ///
    /// # Errors
    /// An option can't be used.
    pub fn new(configuration: &Configuration, clock: Arc<dyn Clock>) -> Result<Self, InvalidOption> {
        let expires_after = ApprovalOptions::checked(configuration)?.expires_after;
        Ok(Self { clock, expires_after, jobs: Mutex::default() })
    }

    /// What is proposed for a job, unless that has expired.
    pub fn proposal(&self, cluster: &ClusterName, job: &JobKey) -> Option<Proposal> {
        let now = self.clock.now();
        let jobs = self.locked();
        let proposal = jobs.get(&(cluster.clone(), job.clone()))?.proposal.as_ref()?;
        (now < proposal.until).then(|| proposal.clone())
    }

    /// Has a proposal carried out by the job's next cycle, if that decides the same.
    ///
    /// # Errors
    /// It is not what is proposed, or was approved before. That is told as an event, too.
    pub fn approve(
        &self,
        cluster: &ClusterName,
        job: &JobKey,
        id: &str,
        by: Approver,
    ) -> Result<Proposal, ApprovalRefused> {
        let now = self.clock.now();
        let mut jobs = self.locked();
        let Some(of_job) = jobs.get_mut(&(cluster.clone(), job.clone())) else {
            // Of a job that was never proposed for nothing is kept, however often somebody asks.
            return Err(ApprovalRefused::NothingProposed);
        };
        let approved = match &mut of_job.proposal {
            None => Err(ApprovalRefused::NothingProposed),
            Some(proposal) if now >= proposal.until => Err(ApprovalRefused::Expired),
            Some(proposal) if proposal.id != id => Err(ApprovalRefused::Another),
            Some(Proposal { approved: Some(first), .. }) => Err(ApprovalRefused::Already { by: first.clone() }),
            Some(proposal) => {
                proposal.approved = Some(by.clone());
                Ok(proposal.clone())
            }
        };
        if let Err(refused) = &approved
            && of_job.events.len() < MOST_REFUSALS
        {
            of_job.events.push(told::refused(&by, id, refused));
        }
        approved
    }

    /// What the next cycle of a job may carry out.
    pub(crate) fn approved(&self, context: &JobAutoScalerContext) -> Option<Changes> {
        let now = self.clock.now();
        let jobs = self.locked();
        let proposal = jobs.get(&(context.cluster.clone(), context.key.clone()))?.proposal.as_ref()?;
        (proposal.approved.is_some() && now < proposal.until).then(|| proposal.changes())
    }

    /// Takes in what a cycle came to, and whether that is stored: what was approved is settled, and what is proposed from now
    /// on is noted. What there is to tell of it.
    pub(crate) fn settle(&self, context: &JobAutoScalerContext, report: &CycleReport, is_stored: bool) -> Vec<Event> {
        let (now, key) = (self.clock.now(), (context.cluster.clone(), context.key.clone()));
        let proposed = report.proposed();
        let mut jobs = self.locked();
        if proposed.is_none() && !jobs.contains_key(&key) {
            return Vec::new();
        }
        let of_job = jobs.entry(key).or_default();
        let mut events = std::mem::take(&mut of_job.events);
        if let Some(proposal) = of_job.proposal.take() {
            let is_over = now >= proposal.until;
            let gone = proposal.gone(context, report, proposed.as_ref());
            match &proposal.approved {
                // What was not stored was not done, and is tried again.
                Some(by) if report.is_approved && is_stored => events.push(told::carried_out(by, &proposal)),
                Some(by) if is_over => events.push(told::refused(by, &proposal.id, &ApprovalRefused::Expired)),
                Some(by)
                    if !report.is_approved
                        && let Some(why) = &gone =>
                {
                    events.push(told::refused(by, &proposal.id, why));
                }
                None if is_over || gone.is_some() => {}
                // One that came while the cycle ran, or before one that decided nothing, waits for the next.
                _ => of_job.proposal = Some(proposal),
            }
        }
        if let Some(changes) = proposed.filter(|_| of_job.proposal.is_none()) {
            let until = time::after(now, self.expires_after);
            of_job.proposal = Some(Proposal::new(context, report, &changes, now, until));
        }
        events
    }

    /// Forgets a job.
    pub(crate) fn forget(&self, cluster: &ClusterName, job: &JobKey) {
        self.locked().remove(&(cluster.clone(), job.clone()));
    }

    /// Forgets everything: somebody else decides from now on.
    pub(crate) fn clear(&self) {
        self.locked().clear();
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<(ClusterName, JobKey), OfJob>> {
        // No call leaves the map half changed.
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
