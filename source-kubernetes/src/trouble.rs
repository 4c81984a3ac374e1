//! What stands in the way of something that is tried again and again.

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
        match self.becomes(Some(why)) {
            (true, Some(why)) => tracing::warn!("{why}; it is tried again and again"),
            (_, why) => tracing::debug!("{} (again)", why.unwrap_or_default()),
        }
    }

    /// It was done; `what` that is.
    pub(crate) fn ends(&mut self, what: impl FnOnce() -> String) {
        if self.becomes(None).0 {
            tracing::info!("{}", what());
        }
    }

    /// Whether that is new, and what it is.
    fn becomes(&mut self, now: Option<String>) -> (bool, Option<&str>) {
        let is_new = self.0 != now;
        self.0 = now;
        (is_new, self.0.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_news_when_it_begins_changes_and_ends() {
        let mut trouble = Trouble::default();
        let news = [Some("a"), Some("a"), Some("b"), Some("b"), None, None, Some("b")]
            .map(|now| trouble.becomes(now.map(str::to_owned)).0);
        assert_eq!(news, [true, false, true, false, true, false, true]);
        assert_eq!(trouble.text(), Some("b"));
    }
}
