//! The rules of a schedule as they are written, before anything is made of them.

use std::collections::BTreeMap;

use super::shown::Shown;
use super::value::{OptionValue, map_with_lists, maps};

/// The entries of each rule; a value that is a list stays as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleTexts(pub(super) Vec<BTreeMap<String, String>>);

impl OptionValue for RuleTexts {
    const EXPECTED: &'static str =
        "a list of rules in YAML, such as [{name: market open, period: 8:30-17:30, min-parallelism: 8}]";
    const SHOWN: Shown = Shown::Nothing;

    fn read(text: &str) -> Option<Self> {
        if text.trim_start().starts_with('[') {
            return maps(text).map(Self);
        }
        // A list as `config.yaml` is read into.
        let rules = Vec::<String>::read(text)?;
        rules.iter().map(|rule| map_with_lists(rule)).collect::<Option<_>>().map(Self)
    }
}
