//! The token that requests must carry.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use autoscaler_core::ErrorChain;
use axum::http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use crate::error::HttpError;

/// The variable that holds a token.
const VARIABLE: &str = "FLINK_AUTOSCALER_HTTP_TOKEN";
/// The largest token that is read.
const MAX_BYTES: u64 = 4096;
/// The shortest that is taken: a token that can be guessed is none.
const MIN_LETTERS: usize = 16;
/// How often a file is looked at again, at most.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Whose requests are answered.
#[derive(Debug)]
pub(crate) struct Token {
    file: Option<PathBuf>,
    known: Mutex<Known>,
}

#[derive(Debug)]
struct Known {
    token: SecretString,
    read_at: Instant,
    /// Why the file could not be read when it was looked at last.
    problem: Option<String>,
}

impl Token {
    /// The token of the file, else of the variable; none where neither is set.
    pub(crate) fn open(file: Option<PathBuf>) -> Result<Option<Self>, HttpError> {
        let token = match &file {
            Some(path) => read(path).map_err(|problem| HttpError::Token { problem })?,
            None => match std::env::var(VARIABLE) {
                Ok(text) => {
                    usable(&text).map_err(|problem| HttpError::Token { problem: format!("{VARIABLE} {problem}") })?
                }
                Err(std::env::VarError::NotPresent) => return Ok(None),
                Err(_) => return Err(HttpError::Token { problem: format!("{VARIABLE} is no text") }),
            },
        };
        Ok(Some(Self { file, known: Mutex::new(Known { token, read_at: Instant::now(), problem: None }) }))
    }

    /// What a request that carries it has in its head.
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut value = HeaderValue::from_str(&format!("Bearer {}", known.token.expose_secret())).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// Whether this is the token. The file is looked at again first, so that one that was taken back opens nothing.
    pub(crate) fn is(&self, given: &str) -> bool {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(path) = &self.file
            && known.read_at.elapsed() >= LOOK_AGAIN
        {
            known.look(path);
        }
        is_same(&known.token, given)
    }
}

impl Known {
    /// Reads the file again. One that can't be read, as while it is being replaced, takes nothing back; that is said once.
    fn look(&mut self, path: &Path) {
        self.read_at = Instant::now();
        let problem = match read(path) {
            Ok(token) => {
                self.token = token;
                None
            }
            Err(problem) => Some(problem),
        };
        if let Some(problem) = &problem
            && self.problem.as_ref() != Some(problem)
        {
            tracing::warn!("the HTTP endpoint goes on with the token it had: {problem}");
        }
        self.problem = problem;
    }
}

/// In a time that does not tell how much of it was right.
fn is_same(token: &SecretString, given: &str) -> bool {
    token.expose_secret().as_bytes().ct_eq(given.as_bytes()).into()
}

fn read(path: &Path) -> Result<SecretString, String> {
    // The path is not shown: it may be the token itself, in the wrong place.
    let text = small_file::read_text(path, MAX_BYTES)
        .map_err(|error| format!("the file can't be used: {}", ErrorChain(&error)))?;
    usable(&text).map_err(|problem| format!("the file {problem}"))
}

fn usable(text: &str) -> Result<SecretString, String> {
    let token = text.trim();
    if u64::try_from(text.len()).is_ok_and(|bytes| bytes > MAX_BYTES) {
        return Err(format!("holds more than {MAX_BYTES} bytes"));
    }
    if token.len() < MIN_LETTERS || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(format!(
            "holds no token: expected {MIN_LETTERS} letters, digits and signs or more, without spaces"
        ));
    }
    Ok(SecretString::from(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_guessed_is_no_token() {
        for text in ["", "short", "with a space in its middle", "Umlaute-äöü-äöü-äöü"] {
            let problem = usable(text).unwrap_err();
            assert!(problem.contains("16 letters") && !problem.contains("space in"), "{problem}");
        }
        assert!(is_same(&usable(" 0123456789abcdef\n").unwrap(), "0123456789abcdef"));
    }

    #[test]
    fn a_token_that_was_taken_back_opens_nothing_though_nobody_has_used_the_new_one() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("token");
        std::fs::write(&path, "0123456789abcdef").unwrap();
        let token = Token::open(Some(path.clone())).unwrap().unwrap();
        let later = || {
            let mut known = token.known.lock().unwrap();
            known.read_at = known.read_at.checked_sub(LOOK_AGAIN).unwrap();
        };
        assert!(token.is("0123456789abcdef"));
        std::fs::write(&path, "fedcba9876543210").unwrap();
        later();
        assert!(!token.is("0123456789abcdef") && token.is("fedcba9876543210"));
        // While it is replaced there may be none.
        std::fs::remove_file(&path).unwrap();
        later();
        assert!(token.is("fedcba9876543210"));
    }
}
