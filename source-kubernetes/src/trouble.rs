//! What stands in the way of something that is tried again and again.

use std::time::Duration;

const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// Said when it begins, when it is another, and when it ends; not each time.
#[derive(Debug, Default)]
pub(crate) struct Trouble(Option<String>);

impl Trouble {
    /// What it is; none while all is well.
    pub(crate) fn text(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// It could not be done, and why.
    pub(crate) fn stands(&mut self, why: String) {
        if self.becomes(Some(why.clone())) {
            tracing::warn!("{why}; it is tried again and again");
        } else {
            tracing::debug!("{why} (again)");
        }
    }

    /// It was done; `what` that is.
    pub(crate) fn ends(&mut self, what: impl FnOnce() -> String) {
        if self.becomes(None) {
            tracing::info!("{}", what());
        }
    }

    /// Whether that is new.
    fn becomes(&mut self, now: Option<String>) -> bool {
        std::mem::replace(&mut self.0, now) != self.0
    }
}

/// How long it is left alone each time; longer and longer.
#[derive(Debug)]
pub(crate) struct Pause(Duration);

impl Default for Pause {
    fn default() -> Self {
        Self(Duration::from_secs(1))
    }
}

impl Pause {
    /// The next one.
    pub(crate) fn next(&mut self) -> Duration {
        let longer = (self.0 * 2).min(LONGEST_PAUSE);
        std::mem::replace(&mut self.0, longer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_news_when_it_begins_changes_and_ends() {
        let mut trouble = Trouble::default();
        let news = [Some("a"), Some("a"), Some("b"), Some("b"), None, None, Some("b")]
            .map(|now| trouble.becomes(now.map(str::to_owned)));
        assert_eq!(news, [true, false, true, false, true, false, true]);
        assert_eq!(trouble.text(), Some("b"));
    }

    #[test]
    fn pauses_grow_up_to_a_bound() {
        let mut pause = Pause::default();
        assert_eq!([(); 6].map(|()| pause.next().as_secs()), [1, 2, 4, 8, 15, 15]);
    }
}
