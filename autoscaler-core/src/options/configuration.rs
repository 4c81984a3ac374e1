//! A flat map of option texts, each with where it came from.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Where an option's text came from; messages about it say so.
#[derive(Clone, Debug, PartialEq, Eq)]
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
