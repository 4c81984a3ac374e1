//! Which policy decides.

/// A policy that options can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyChoice {
    /// The Java autoscaler's.
    Reference,
    /// Ours.
    Responsive,
}

crate::named_values!(
    PolicyChoice, "reference or responsive",
    "REFERENCE" => Self::Reference, "RESPONSIVE" => Self::Responsive
);
