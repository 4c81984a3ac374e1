//! Options: one table from which the parser, the validation, the help and the typo hints come.

mod alignment;
mod configuration;
mod excluded;
mod job;
mod plugin;
mod spec;
mod standalone;
mod validate;
pub mod value;

pub use alignment::{AdjustMode, AlignmentChoice, ParallelismAlignmentMode};
pub use configuration::{Configuration, Origin};
pub use excluded::{ExcludedPeriod, InvalidPeriod};
pub use job::JobOptions;
pub use plugin::{Parameters, PluginChoice};
pub use spec::{InvalidOption, OptionSpec, nearest_key};
pub use standalone::{EventHandlerType, EventHandlerTypes, MigrateMode, StandaloneOptions, StateStoreType};
pub use value::MetricAggregator;
