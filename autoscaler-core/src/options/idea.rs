//! Ideas of the responsive policy, one by one.

/// An idea of the responsive policy that can be left out, to see in simulations what it is worth. No option names it.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Idea {
    /// A window of load shortens itself where the load changes.
    ChangePoints,
    /// Loads rise and fall along trends.
    Trend,
    /// What a vertex can do is remembered over rescales.
    Learning,
    /// What was not seen yet is counted with on the safe side.
    Uncertainty,
    /// A scale-up that did nothing is not tried again for a while.
    Ceilings,
    /// A vertex that gained little so far is not scaled up again before that is judged.
    Doubt,
    /// A scale-up has to help the whole job.
    WholeJob,
    /// No more is asked for than the slots there are.
    Slots,
    /// An overload has to be confirmed by something that is seen.
    Confirmation,
    /// A source held back for long hides more load.
    Hidden,
    /// Past peaks may be carried more tightly than the present load.
    Peaks,
    /// A scale-down that had to be undone makes the next one wait.
    Regret,
    /// What carries all peaks that are remembered does not wait for that.
    Safe,
    /// A cut waits for a much deeper one that is about to pay.
    Deeper,
}

impl Idea {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::ChangePoints,
        Self::Trend,
        Self::Learning,
        Self::Uncertainty,
        Self::Ceilings,
        Self::Doubt,
        Self::WholeJob,
        Self::Slots,
        Self::Confirmation,
        Self::Hidden,
        Self::Peaks,
        Self::Regret,
        Self::Safe,
        Self::Deeper,
    ];
}
