//! Which rule aligns parallelism with key groups or source partitions.

use super::configuration::Configuration;
use super::plugin::{ALIGNMENT_MODE, PluginChoice};

/// How parallelism is aligned (algorithm 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParallelismAlignmentMode {
    /// The first parallelism that divides evenly or lowers the load of the fullest subtask.
    Balanced,
    /// Only parallelisms that divide evenly.
    EvenlySpread,
    /// No alignment.
    Off,
}

/// The older option's modes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdjustMode {
    /// Only parallelisms that divide evenly.
    EvenlySpread,
    /// Parallelisms that divide evenly or lower the load of the fullest subtask.
    MaximizeUtilisation,
}

crate::named_values!(AdjustMode, "EVENLY_SPREAD or MAXIMIZE_UTILISATION",
    "EVENLY_SPREAD" => Self::EvenlySpread, "MAXIMIZE_UTILISATION" => Self::MaximizeUtilisation);

/// The rule in force.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AlignmentChoice {
    /// By `scaling.parallelism-alignment.mode`.
    Mode(ParallelismAlignmentMode),
    /// By `scaling.parallelism-alignment.mode`, which names a mode of the user's own; BALANCED with a warning where no
    /// such mode is registered.
    Custom(PluginChoice),
    /// By the older `scaling.key-group.partitions.adjust.mode`, the newer key not being set.
    Adjust(AdjustMode),
}

impl AlignmentChoice {
    pub(super) fn new(configuration: &Configuration, mode: &str, adjust: AdjustMode) -> Self {
        let is_set = |key: &str| {
            configuration.get(key).is_some() || configuration.get(&format!("kubernetes.operator.{key}")).is_some()
        };
        if !is_set("job.autoscaler.scaling.parallelism-alignment.mode")
            && is_set("job.autoscaler.scaling.key-group.partitions.adjust.mode")
        {
            return Self::Adjust(adjust);
        }
        match mode.to_ascii_uppercase().as_str() {
            "BALANCED" => Self::Mode(ParallelismAlignmentMode::Balanced),
            "EVENLY_SPREAD" => Self::Mode(ParallelismAlignmentMode::EvenlySpread),
            "OFF" => Self::Mode(ParallelismAlignmentMode::Off),
            _ => Self::Custom(PluginChoice::named(configuration, ALIGNMENT_MODE, mode)),
        }
    }

    /// The built-in mode in force where no custom one is.
    pub fn built_in_name(&self) -> &'static str {
        match self {
            Self::Mode(ParallelismAlignmentMode::Balanced) | Self::Custom(_) => "BALANCED",
            Self::Mode(ParallelismAlignmentMode::EvenlySpread) | Self::Adjust(AdjustMode::EvenlySpread) => {
                "EVENLY_SPREAD"
            }
            Self::Mode(ParallelismAlignmentMode::Off) => "OFF",
            Self::Adjust(AdjustMode::MaximizeUtilisation) => "MAXIMIZE_UTILISATION",
        }
    }
}
