#![doc = include_str!("../README.md")]

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Why a file can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SmallFileError {
    /// It is not there, or may not be read.
    #[error("it can't be read")]
    Unreadable(#[source] io::Error),
    /// It is a directory, a pipe or a device.
    #[error("it is no regular file")]
    NotRegular,
    /// It is larger than a file of its kind may be.
    #[error("it is larger than {0} bytes")]
    TooLarge(u64),
    /// It is no text.
    #[error("it is no text in UTF-8")]
    NotText,
}

impl SmallFileError {
    /// Whether there is nothing at the path.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Unreadable(error) if error.kind() == io::ErrorKind::NotFound)
    }
}

/// What is in a file, of `largest` bytes at most.
///
/// # Errors
/// It can't be read, is no regular file or too large.
pub fn read(path: &Path, largest: u64) -> Result<Vec<u8>, SmallFileError> {
    // Opening a pipe would wait for whoever writes into it, so what it is comes first.
    if !path.metadata().map_err(SmallFileError::Unreadable)?.is_file() {
        return Err(SmallFileError::NotRegular);
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(SmallFileError::Unreadable)?;
    file.take(largest.saturating_add(1)).read_to_end(&mut bytes).map_err(SmallFileError::Unreadable)?;
    match u64::try_from(bytes.len()).is_ok_and(|length| length <= largest) {
        true => Ok(bytes),
        false => Err(SmallFileError::TooLarge(largest)),
    }
}

/// The text in a file, of `largest` bytes at most.
///
/// # Errors
/// As [`read`], or it is no text.
pub fn read_text(path: &Path, largest: u64) -> Result<String, SmallFileError> {
    String::from_utf8(read(path, largest)?).map_err(|_| SmallFileError::NotText)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn nothing_is_waited_for_or_read_for_ever() {
        let directory = tempfile::tempdir().unwrap();
        let pipe = directory.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let link = directory.path().join("link");
        std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
        for path in [&pipe, &link, Path::new("/dev/zero"), directory.path()] {
            assert!(matches!(read(path, 9), Err(SmallFileError::NotRegular)), "{path:?}");
        }
    }

    #[test]
    fn a_file_is_read_whole_or_not_at_all() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        assert!(read(&path, 9).unwrap_err().is_missing());
        std::fs::write(&path, "123456789").unwrap();
        assert_eq!(read_text(&path, 9).unwrap(), "123456789");
        assert!(matches!(read(&path, 8), Err(SmallFileError::TooLarge(8))));
        std::fs::write(&path, [0xff, 0xfe]).unwrap();
        assert!(matches!(read_text(&path, 9), Err(SmallFileError::NotText)));
    }
}
