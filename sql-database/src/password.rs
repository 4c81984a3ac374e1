//! A password in a file, which may be replaced while the process runs.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use secrecy::{ExposeSecret, SecretString};
use small_file::SmallFileError;

/// Bytes of a password at most.
const LONGEST: u64 = 64 << 10;

/// A file with a password, and the password as it was read last. A clone notices changes for itself.
#[derive(Debug)]
pub struct PasswordFile {
    path: PathBuf,
    last: Mutex<SecretString>,
}

impl Clone for PasswordFile {
    fn clone(&self) -> Self {
        Self { path: self.path.clone(), last: Mutex::new(self.password()) }
    }
}

impl PasswordFile {
    /// Reads the file.
    ///
    /// # Errors
    /// It can't be read, is no regular file, no text or too large.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, SmallFileError> {
        let path = path.into();
        let last = Mutex::new(read(&path)?);
        Ok(Self { path, last })
    }

    /// The password as it was read last.
    pub fn password(&self) -> SecretString {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the file again: the password, if it is another one than before. A file that can't be read has not changed.
    pub fn changed(&self) -> Option<SecretString> {
        let now = read(&self.path).ok()?;
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.expose_secret() == now.expose_secret() {
            return None;
        }
        *last = now.clone();
        Some(now)
    }
}

fn read(path: &Path) -> Result<SecretString, SmallFileError> {
    let text = small_file::read_text(path, LONGEST)?;
    Ok(SecretString::from(text.trim_end_matches(['\r', '\n']).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_of_a_file_is_a_password() {
        let directory = tempfile::tempdir().unwrap();
        let large = directory.path().join("large");
        std::fs::write(&large, "p".repeat(usize::try_from(LONGEST).unwrap() + 1)).unwrap();
        assert_eq!(PasswordFile::open(&large).unwrap_err().to_string(), "it is larger than 65536 bytes");
    }

    #[test]
    fn a_change_is_noticed_once_and_never_shown() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("password");
        std::fs::write(&path, "first\r\n").unwrap();
        let file = PasswordFile::open(&path).unwrap();
        let another = file.clone();
        assert_eq!(file.password().expose_secret(), "first");
        assert!(file.changed().is_none());
        std::fs::write(&path, "second\n").unwrap();
        assert_eq!(file.changed().unwrap().expose_secret(), "second");
        assert!(file.changed().is_none());
        assert_eq!(another.changed().unwrap().expose_secret(), "second");
        std::fs::remove_file(&path).unwrap();
        assert!(file.changed().is_none(), "as it is while it is replaced");
        assert_eq!(file.password().expose_secret(), "second");
        assert!(!format!("{file:?}").contains("second"));
    }
}
