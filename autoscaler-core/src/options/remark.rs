//! What somebody should know about options that can be used.

use super::configuration::Configuration;
use super::spec::{OptionSpec, unknown_key};

/// Something to know about an option that is set: it has no effect, or is hardly meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionRemark {
    /// The key.
    pub key: String,
    /// What is wrong with it, and what to do about it.
    pub text: String,
}

/// Remarks about the options of a process, whose rows these are: keys that are not known, values that are hardly meant.
pub fn process_remarks(rows: &[&OptionSpec], configuration: &Configuration) -> Vec<String> {
    let is_known = |key: &str| rows.iter().any(|row| row.is_key(key));
    let ours = configuration.iter().map(|(key, _)| key).filter(|key| key.starts_with("autoscaler."));
    let unknown = ours.filter(|key| !is_known(key)).map(|key| {
        let like: Vec<_> = rows.iter().map(|row| row.key_like(key)).collect();
        unknown_key(key, like.iter().map(AsRef::as_ref))
    });
    unknown.chain(rows.iter().filter_map(|row| row.doubt(configuration))).collect()
}
