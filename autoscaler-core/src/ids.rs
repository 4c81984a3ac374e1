//! What identifies clusters, jobs and vertices.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// The key a job's state and events are stored under. For a standalone autoscaler it is the job id in hex.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobKey(Arc<str>);

impl JobKey {
    /// A key from any text.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The key's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for JobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of a Flink cluster, as logs, events and views show it. Unique within a process.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClusterName(Arc<str>);

impl ClusterName {
    /// A name from any text.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The name's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClusterName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that should have been 32 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is not a Flink id: expected 32 hexadecimal digits")]
pub struct InvalidId {
    text: String,
}

fn parse_hex_id(text: &str) -> Result<u128, InvalidId> {
    let invalid = || InvalidId { text: text.chars().take(64).collect() };
    if text.len() != 32 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(invalid());
    }
    u128::from_str_radix(text, 16).map_err(|_| invalid())
}

macro_rules! hex_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(u128);

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                parse_hex_id(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:032x}", self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

hex_id! {
    /// Flink's id of a job: 128 bits, shown as 32 hexadecimal digits.
    JobId
}

hex_id! {
    /// Flink's id of a job vertex: 128 bits, shown as 32 hexadecimal digits.
    VertexId
}

impl VertexId {
    /// The four 32-bit words of the id, exclusive-ored: Flink's hash code of it.
    pub(crate) fn folded(self) -> u32 {
        self.0
            .to_be_bytes()
            .chunks_exact(4)
            .fold(0, |hash, word| hash ^ word.iter().fold(0, |value, byte| value << 8 | u32::from(*byte)))
    }
}
