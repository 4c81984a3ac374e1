//! Why an approval does not count.

use super::approver::Approver;

/// Why an approval does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApprovalRefused {
    /// Nothing is proposed for the job.
    #[error(
        "nothing is proposed for the job: it is as it should be, is not decided on at the moment, or is scaled without being asked \
         (job.autoscaler.scaling.enabled)"
    )]
    NothingProposed,
    /// Another scaling is proposed.
    #[error("what was approved is not what is proposed for the job any more: look at what is")]
    Another,
    /// It was not approved, or not carried out, in time.
    #[error("what was approved has expired (autoscaler.standalone.approval.expires-after): look at what is proposed")]
    Expired,
    /// Somebody approved it before.
    #[error("{by} has approved it before: the job's next cycle carries it out")]
    Already {
        /// Who.
        by: Approver,
    },
}
