//! Who approves.

use std::fmt;
use std::net::IpAddr;

/// Letters of a name that are kept.
const LETTERS: usize = 64;

/// Who approves: what they call themselves, which nobody checks, and where they ask from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Approver {
    name: Option<String>,
    address: Option<IpAddr>,
}

impl Approver {
    /// Somebody at an address, where that is known.
    pub fn at(address: Option<IpAddr>) -> Self {
        Self { name: None, address }
    }

    /// With a name, unless that is empty. Of a long one the beginning is kept, and nothing that moves a cursor.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        let shown = |letter: &char| !letter.is_control();
        let name: String = name.trim().chars().filter(shown).take(LETTERS).collect();
        if !name.is_empty() {
            self.name = Some(name);
        }
        self
    }
}

impl fmt::Display for Approver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name.as_deref().unwrap_or("somebody"))?;
        self.address.map_or(Ok(()), |address| write!(f, " at {address}"))
    }
}
