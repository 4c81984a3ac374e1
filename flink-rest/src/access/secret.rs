//! Where secrets come from.

use std::fmt;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::file::AccessFile;
use super::problem::AccessProblem;

/// A password, a token or the value of a header.
#[derive(Clone)]
pub struct Secret(Source);

#[derive(Clone)]
enum Source {
    Text { text: SecretString, what: Arc<str> },
    File(AccessFile),
}

/// Where it comes from, never what it is.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Source::Text { what, .. } => write!(f, "Secret of {what}"),
            Source::File(file) => write!(f, "Secret of {file:?}"),
        }
    }
}

impl Secret {
    /// The secret itself; `what` it is, for errors.
    pub fn text(text: impl Into<SecretString>, what: &str) -> Self {
        Self(Source::Text { text: text.into(), what: what.into() })
    }

    /// What a file holds, line breaks at its end left out.
    pub fn file(file: AccessFile) -> Self {
        Self(Source::File(file))
    }

    pub(super) fn is_file(&self) -> bool {
        matches!(self.0, Source::File(_))
    }

    pub(super) fn problem(&self, problem: &str) -> AccessProblem {
        match &self.0 {
            Source::Text { what, .. } => AccessProblem::new(&**what, problem),
            Source::File(file) => file.problem(problem),
        }
    }

    /// The secret as it is now.
    pub(super) fn read(&self) -> Result<SecretString, AccessProblem> {
        match &self.0 {
            Source::Text { text, .. } => {
                if text.expose_secret().is_empty() {
                    return Err(self.problem("is empty"));
                }
                Ok(text.clone())
            }
            Source::File(file) => {
                let text = String::from_utf8(file.read()?).map_err(|_| file.problem("is no text"))?;
                Ok(SecretString::from(text.trim_end_matches(['\r', '\n'])))
            }
        }
    }
}

/// Shorter passwords are in any text.
const SHORTEST: usize = 3;

/// Whether a text with this in it can be told by it.
pub(super) fn is_telling(secret: &SecretString) -> bool {
    secret.expose_secret().len() >= SHORTEST
}

/// Whether a text holds the password in a URL, as it is written or as it is meant.
pub fn repeats_password(url: &Url, said: &str) -> bool {
    url_secrets(url).iter().any(|secret| said.contains(secret.expose_secret()))
}

/// The password in a URL, as it is written and as it is meant.
pub(crate) fn url_secrets(url: &Url) -> Vec<SecretString> {
    let written = url.password().unwrap_or_default();
    let pair = format!("x={}", written.replace('+', "%2B"));
    let meant =
        url::form_urlencoded::parse(pair.as_bytes()).next().map_or(String::new(), |(_, meant)| meant.into_owned());
    [written.to_owned(), meant].into_iter().map(SecretString::from).filter(is_telling).collect()
}
