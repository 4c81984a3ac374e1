//! Saying once what would otherwise be said every cycle.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Which complaint about what is standing, so as to make each once, and to say when it has ended.
#[derive(Debug)]
pub(crate) struct Standing<K>(Mutex<HashMap<K, Complaint>>);

#[derive(Debug)]
struct Complaint {
    text: String,
    repeats: u64,
    said: Instant,
}

/// What to do about a complaint.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Say {
    /// It is new: say it aloud.
    Aloud,
    /// It was said before, and so long ago that it may be forgotten.
    Again,
    /// It was said before.
    Quietly,
}

impl<K> Default for Standing<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash> Standing<K> {
    /// Takes a complaint about `what`.
    pub(crate) fn complain(&self, what: K, text: &str) -> Say {
        self.complain_each(Duration::MAX, what, text)
    }

    /// Takes a complaint about `what` that is worth repeating each `span`.
    pub(crate) fn complain_each(&self, span: Duration, what: K, text: &str) -> Say {
        let mut standing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match standing.get_mut(&what) {
            Some(complaint) if complaint.text == text => {
                complaint.repeats += 1;
                if complaint.said.elapsed() < span {
                    return Say::Quietly;
                }
                complaint.said = Instant::now();
                Say::Again
            }
            _ => {
                standing.insert(what, Complaint { text: text.to_owned(), repeats: 0, said: Instant::now() });
                Say::Aloud
            }
        }
    }

    /// Ends the complaint about `what`: how often it was repeated, where there was one.
    pub(crate) fn end(&self, what: &K) -> Option<u64> {
        let mut standing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        standing.remove(what).map(|complaint| complaint.repeats)
    }

    /// Forgets complaints about things that are gone.
    pub(crate) fn forget(&self, is_gone: impl Fn(&K) -> bool) {
        let mut standing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        standing.retain(|what, _| !is_gone(what));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_is_made_once_and_its_end_counted() {
        let standing = Standing::default();
        assert_eq!(standing.complain("a", "it is away"), Say::Aloud);
        assert_eq!(standing.complain("a", "it is away"), Say::Quietly);
        assert_eq!(standing.complain("a", "it refuses"), Say::Aloud, "another complaint");
        assert_eq!(standing.complain("b", "it refuses"), Say::Aloud, "about something else");
        assert_eq!(standing.complain("a", "it refuses"), Say::Quietly);
        assert_eq!((standing.end(&"a"), standing.end(&"a")), (Some(1), None));
        standing.forget(|what| *what == "b");
        assert_eq!(standing.end(&"b"), None);
    }

    #[tokio::test(start_paused = true)]
    async fn what_goes_on_for_long_is_said_again() {
        let standing = Standing::default();
        let each = Duration::from_secs(300);
        assert_eq!(standing.complain_each(each, "a", "it is away"), Say::Aloud);
        tokio::time::advance(Duration::from_secs(299)).await;
        assert_eq!(standing.complain_each(each, "a", "it is away"), Say::Quietly);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(standing.complain_each(each, "a", "it is away"), Say::Again);
        assert_eq!(standing.complain_each(each, "a", "it is away"), Say::Quietly);
        assert_eq!(standing.end(&"a"), Some(3));
    }
}
