//! Which ConfigMap an option means.

use std::fmt;
use std::str::FromStr;

use autoscaler_core::options::value::OptionValue;
use kubernetes_api::is_name;

/// A ConfigMap: `NAMESPACE/NAME`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigMapName {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl fmt::Display for ConfigMapName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

impl FromStr for ConfigMapName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::read(text).ok_or_else(|| format!("expected {}", Self::EXPECTED))
    }
}

impl OptionValue for ConfigMapName {
    const EXPECTED: &'static str = "NAMESPACE/NAME of a ConfigMap";

    fn read(text: &str) -> Option<Self> {
        let (namespace, name) = text.trim().split_once('/')?;
        let is_named = is_name(namespace) && !namespace.contains('.') && is_name(name);
        is_named.then(|| Self { namespace: namespace.to_owned(), name: name.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("flink/flink-operator-config", true)]
    #[case(" flink/a.b ", true)]
    #[case("flink-operator-config", false)]
    #[case("flink/", false)]
    #[case("a.b/c", false)]
    #[case("a/b/c", false)]
    #[case("a/B", false)]
    fn both_names_are_needed(#[case] text: &str, #[case] is_read: bool) {
        let read = text.parse::<ConfigMapName>();
        assert_eq!(read.as_ref().ok().map(ToString::to_string), is_read.then(|| text.trim().to_owned()));
    }
}
