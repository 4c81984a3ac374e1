//! What a policy remembers of a job.

/// A text of the policy's own, opaque to everything else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicyMemory {
    /// The policy's name: another one can't read the text.
    pub policy: String,
    /// What it remembers.
    pub text: String,
}
