//! What went wrong outside, and what kind of thing that is.

use std::error::Error;
use std::fmt;

/// What kind of failure it is: what a caller goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// It can't be reached, or is not working: try again later.
    Unavailable,
    /// It did not answer in time: try again later.
    Timeout,
    /// It understood and said no.
    Refused,
    /// We are not allowed to.
    Denied,
    /// What was asked about is not there.
    NotFound,
    /// Somebody else changed or holds it.
    Conflict,
    /// An answer or a value is over its bound.
    TooLarge,
    /// An answer or a value makes no sense.
    Invalid,
    /// It can't do that at all.
    Unsupported,
}

impl ErrorKind {
    /// Whether the same call may succeed later although nobody changes anything.
    pub fn is_transient(self) -> bool {
        matches!(self, Self::Unavailable | Self::Timeout | Self::Conflict)
    }

    /// Its name, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unavailable => "unavailable",
            Self::Timeout => "timeout",
            Self::Refused => "refused",
            Self::Denied => "denied",
            Self::NotFound => "not found",
            Self::Conflict => "conflict",
            Self::TooLarge => "too large",
            Self::Invalid => "invalid",
            Self::Unsupported => "unsupported",
        }
    }
}

/// An outside thing that did not do what it was asked for.
///
/// `Display` names what was tried and on what, and leaves the source out; [`PortError::chain`] shows both.
#[derive(Debug)]
pub struct PortError {
    kind: ErrorKind,
    message: String,
    context: Vec<(&'static str, String)>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl PortError {
    /// An error that says `message`: lower case, no full stop.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), context: Vec::new(), source: None }
    }

    /// With a thing it is about, such as `endpoint` or `job`.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.context.push((name, value.into()));
        self
    }

    /// With what led to it.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Whether the same call may succeed later although nobody changes anything.
    pub fn is_transient(&self) -> bool {
        self.kind.is_transient()
    }

    /// The things it is about.
    pub fn context(&self) -> &[(&'static str, String)] {
        &self.context
    }

    /// The error with everything that led to it, on one line.
    pub fn chain(&self) -> ErrorChain<'_> {
        ErrorChain(self)
    }
}

impl fmt::Display for PortError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        for (index, (name, value)) in self.context.iter().enumerate() {
            let separator = if index == 0 { " (" } else { ", " };
            write!(f, "{separator}{name}: {value}")?;
        }
        if self.context.is_empty() { Ok(()) } else { f.write_str(")") }
    }
}

impl Error for PortError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

/// Shows an error and its sources, separated by colons. A source that only repeats what was shown is left out.
#[derive(Debug)]
pub struct ErrorChain<'a>(pub &'a (dyn Error + 'static));

impl fmt::Display for ErrorChain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.0.to_string();
        f.write_str(&shown)?;
        let mut next = self.0.source();
        while let Some(error) = next {
            let text = error.to_string();
            if !shown.contains(&text) {
                write!(f, ": {text}")?;
                shown = text;
            }
            next = error.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_shows_each_cause_once() {
        let cause = std::io::Error::other("connection refused");
        let error = PortError::new(ErrorKind::Unavailable, "the jobs can't be listed")
            .with("endpoint", "http://localhost:8081/jobs/overview")
            .with("cluster", "a")
            .caused_by(cause);
        assert_eq!(
            error.to_string(),
            "the jobs can't be listed (endpoint: http://localhost:8081/jobs/overview, cluster: a)"
        );
        assert_eq!(error.chain().to_string(), format!("{error}: connection refused"));
        let outer = PortError::new(ErrorKind::Timeout, "x: connection refused").caused_by(error);
        assert_eq!(outer.chain().to_string().matches("connection refused").count(), 2);
    }
}
