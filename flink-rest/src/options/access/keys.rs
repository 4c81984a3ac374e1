//! Under which keys access is set, and what is wrong with it there.

use autoscaler_core::options::InvalidOption;

use crate::access::{AccessFile, Secret};

/// The keys of options that say how somebody is reached.
pub(super) trait Keys {
    /// The key that counts, of these last parts.
    fn key(&self, end: &str) -> String;

    /// What `other` is to be set by beside `key`.
    fn beside(&self, _key: &str, other: &str) -> String {
        self.key(other)
    }

    fn lacks(&self, key: &str, other: &str) -> InvalidOption {
        InvalidOption::new(&self.key(key), format_args!("needs {} beside it", self.beside(key, other)))
    }

    fn both(&self, key: &str, other: &str) -> InvalidOption {
        let other = self.key(other);
        InvalidOption::new(&self.key(key), format_args!("and {other} say the same in two ways: leave one of them out"))
    }

    /// The secret of a file or a variable, and the key that names it.
    fn secret<'k>(
        &self,
        file: (&'k str, Option<&String>),
        variable: (&'k str, Option<&String>),
    ) -> Result<Option<(&'k str, Secret)>, InvalidOption> {
        Ok(match (file, variable) {
            ((key, Some(_)), (other, Some(_))) => return Err(self.both(key, other)),
            ((key, Some(path)), _) => Some((key, Secret::file(AccessFile::of_option(path, &self.key(key))))),
            (_, (key, Some(variable))) => {
                // Its name is not shown: it may be the secret itself, in the wrong place.
                let of = self.key(key);
                let text = std::env::var(variable.trim()).ok().filter(|text| !text.is_empty());
                let text =
                    text.ok_or_else(|| InvalidOption::new(&of, "names an environment variable that is not set"))?;
                Some((key, Secret::text(text, &format!("the variable that option {of} names"))))
            }
            _ => None,
        })
    }
}

/// All under one prefix.
pub(super) struct Under<'a>(pub(super) &'a str);

impl Keys for Under<'_> {
    fn key(&self, end: &str) -> String {
        format!("{}{end}", self.0)
    }
}
