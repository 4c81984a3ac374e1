//! A flat map of option texts, each with where it came from.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::invalid::InvalidOption;
use super::shown::{Shown, shown_value};
use super::value::OptionValue;

/// Where an option's text came from; messages about it say so.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// A configuration file, by path.
    File(Arc<str>),
    /// The command line.
    Flag,
    /// The job's own configuration.
    Job,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "file {path}"),
            Self::Flag => f.write_str("the command line"),
            Self::Job => f.write_str("the job's configuration"),
        }
    }
}

/// Option texts by key. Later layers replace earlier ones.
#[derive(Clone, Default, PartialEq)]
pub struct Configuration {
    entries: BTreeMap<String, (String, Origin)>,
}

impl Configuration {
    /// An empty configuration.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `key`, replacing what was there.
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<String>, origin: Origin) {
        self.entries.insert(key.into(), (value.into(), origin));
    }

    /// Lays `over` on top: its keys win.
    pub fn merge(&mut self, over: &Self) {
        for (key, entry) in &over.entries {
            self.entries.insert(key.clone(), entry.clone());
        }
    }

    /// Takes `key` away.
    pub fn remove(&mut self, key: &str) {
        self.entries.remove(key);
    }

    /// The text of `key`.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.entries.get(key).map(|(value, _)| value.as_str())
    }

    /// The map that `key` holds: as its own text, or spread over keys that begin with it (`key.a: 1`); `None` where it
    /// is not set.
    ///
    /// # Errors
    /// Its text is no map; the message names key, origin and what is allowed.
    pub fn map(&self, key: &str) -> Result<Option<BTreeMap<String, String>>, InvalidOption> {
        if let Some(text) = self.get(key) {
            let map = BTreeMap::read(text).ok_or_else(|| {
                let expected = <BTreeMap<String, String> as OptionValue>::EXPECTED;
                let value = shown_value(text, Shown::Harmless, "");
                let origin = self.origin(key).unwrap_or(&Origin::Job);
                InvalidOption::new(key, format_args!("has {value} (from {origin}): expected {expected}"))
            });
            return map.map(Some);
        }
        let prefix = format!("{key}.");
        let entries = self.entries.range(prefix.clone()..).take_while(|(entry, _)| entry.starts_with(&prefix));
        let map: BTreeMap<String, String> =
            entries.map(|(entry, (value, _))| (entry[prefix.len()..].to_owned(), value.clone())).collect();
        Ok((!map.is_empty()).then_some(map))
    }

    /// Where the text of `key` came from.
    pub fn origin(&self, key: &str) -> Option<&Origin> {
        self.entries.get(key).map(|(_, origin)| origin)
    }

    /// All keys with their texts, in order of key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().map(|(key, (value, _))| (key.as_str(), value.as_str()))
    }
}

/// Keys only: values may be secrets.
impl fmt::Debug for Configuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.entries.keys()).finish()
    }
}

impl FromIterator<(String, String)> for Configuration {
    /// The entries as a job's own configuration.
    fn from_iter<T: IntoIterator<Item = (String, String)>>(entries: T) -> Self {
        Self { entries: entries.into_iter().map(|(key, value)| (key, (value, Origin::Job))).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_may_be_spread_over_keys() {
        let read = |entries: &[(&str, &str)]| {
            let entries = entries.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
            entries.collect::<Configuration>().map("m")
        };
        let expected = BTreeMap::from([("a".to_owned(), "1".to_owned()), ("b.c".to_owned(), "2".to_owned())]);
        assert_eq!(read(&[("m", "{a: 1, b.c: 2}")]).unwrap(), Some(expected.clone()));
        assert_eq!(read(&[("m.a", "1"), ("m.b.c", "2"), ("n", "3"), ("ma", "4")]).unwrap(), Some(expected));
        assert_eq!(read(&[("n.a", "1")]).unwrap(), None);
        let error = read(&[("m", "{a}")]).unwrap_err().to_string();
        assert!(
            error.starts_with("option m has a value of 3 characters, not shown as it may be a password (from the job's configuration): expected a map"),
            "{error}"
        );
    }
}
