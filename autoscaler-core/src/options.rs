//! Options: one table from which the parser, the validation, the help and the typo hints come.

mod aggregator;
mod alignment;
mod configuration;
mod contradictions;
mod declare;
mod excluded;
mod idea;
mod invalid;
mod job;
mod named;
mod plugin;
mod policy;
mod remark;
mod rule_texts;
mod schedule;
mod shown;
mod spec;
mod table;
mod validate;
pub mod value;

pub use aggregator::MetricAggregator;
pub use alignment::{AdjustMode, AlignmentChoice, ParallelismAlignmentMode};
pub use configuration::{Configuration, Origin};
pub use excluded::{ExcludedPeriod, InvalidPeriod};
#[doc(hidden)]
pub use idea::Idea;
pub use invalid::InvalidOption;
pub use job::JobOptions;
pub use plugin::{Parameters, PluginChoice};
pub use policy::PolicyChoice;
pub use remark::{OptionRemark, process_remarks};
pub use rule_texts::RuleTexts;
pub use schedule::{InvalidRule, ScheduleRule};
pub use shown::{Shown, is_harmless, shown_key, shown_value};
pub use spec::{OptionSpec, nearest_key};
pub use table::JobOptionValues;
