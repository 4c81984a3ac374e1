//! The table of options: what each key is called, was called, holds and means.

use std::borrow::Cow;
use std::time::Duration;

use super::configuration::Configuration;
use super::invalid::InvalidOption;
use super::shown::{Shown, shown_key, shown_value};
use super::value::OptionValue;

/// What stands for a name in the key of a row that each of several things may have.
const NAME: &str = "<name>";

/// One row of the option table.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct OptionSpec {
    /// The key, or a pattern with `<name>` and `<parameter>` in it.
    pub key: &'static str,
    /// Other keys it is read from where `key` is not set, strongest first.
    pub alternatives: &'static [&'static str],
    /// The default's text; none if there is no default.
    pub default: Option<&'static str>,
    /// What it does, in a sentence.
    pub doc: &'static str,
    /// How much of a value that can't be used messages show.
    pub shown: Shown,
    /// Least and largest value, both allowed: numbers as they are, durations in seconds, sizes in bytes.
    pub range: Option<(f64, f64)>,
    /// Whether less than a second is hardly meant.
    pub is_in_seconds: bool,
    /// Whether it holds a map, which may be spread over keys that begin with its own (`key.a: 1`).
    pub is_map: bool,
    expected: &'static str,
    measure: fn(&str) -> Option<Option<f64>>,
    bound: fn(f64) -> String,
}

impl OptionSpec {
    /// A row for values of type `T`, of which messages show what the type says.
    pub const fn new<T: OptionValue>(
        key: &'static str,
        alternatives: &'static [&'static str],
        default: Option<&'static str>,
        doc: &'static str,
    ) -> Self {
        Self {
            key,
            alternatives,
            default,
            doc,
            shown: T::SHOWN,
            range: None,
            is_in_seconds: false,
            is_map: T::IS_MAP,
            expected: T::EXPECTED,
            measure: measure::<T>,
            bound: T::bound,
        }
    }

    /// Holds a secret: messages show nothing of it.
    #[must_use]
    pub const fn secret(mut self) -> Self {
        self.shown = Shown::Nothing;
        self
    }

    /// Holds no secret, whatever its type: messages show it.
    #[must_use]
    pub const fn plain(mut self) -> Self {
        self.shown = Shown::Whole;
        self
    }

    /// With a least and a largest value.
    #[must_use]
    pub const fn within(mut self, low: f64, high: f64) -> Self {
        self.range = Some((low, high));
        self
    }

    /// With a least value.
    #[must_use]
    pub const fn at_least(self, low: f64) -> Self {
        self.within(low, f64::INFINITY)
    }

    /// A duration of which less than a second is hardly meant.
    #[must_use]
    pub const fn seconds(mut self) -> Self {
        self.is_in_seconds = true;
        self
    }

    /// Whether messages show nothing of its value.
    pub fn is_secret(&self) -> bool {
        self.shown == Shown::Nothing
    }

    /// What is allowed, in words.
    pub fn allowed(&self) -> String {
        let (expected, bound) = (self.expected, self.bound);
        match self.range {
            None => expected.to_owned(),
            Some((low, f64::INFINITY)) => format!("{expected}, {} or more", bound(low)),
            Some((low, high)) => format!("{expected} from {} to {}", bound(low), bound(high)),
        }
    }

    /// The key under which `configuration` holds this option's text: its own, or the strongest alternative set.
    pub fn key_set_in(&self, configuration: &Configuration) -> Option<&'static str> {
        std::iter::once(&self.key).chain(self.alternatives).find(|key| configuration.get(key).is_some()).copied()
    }

    /// Whether a key is this option's, the keys that a map is spread over included. `<name>` stands for any name without
    /// a dot.
    pub fn is_key(&self, key: &str) -> bool {
        self.alternatives.contains(&key) || self.rest_of(key).is_some()
    }

    /// What follows in `key` behind this option's: nothing, or a dot and the key of an entry in its map.
    fn rest_of<'k>(&self, key: &'k str) -> Option<&'k str> {
        let rest = match self.key.split_once(NAME) {
            None => key.strip_prefix(self.key)?,
            Some((head, tail)) => {
                let named = key.strip_prefix(head)?;
                let name = named.find('.').filter(|end| *end > 0)?;
                named[name..].strip_prefix(tail)?
            }
        };
        (rest.is_empty() || (self.is_map && rest.len() > 1 && rest.starts_with('.'))).then_some(rest)
    }

    /// This option's key for the thing of a name.
    pub fn named_key(&self, name: &str) -> String {
        self.key.replacen(NAME, name, 1)
    }

    /// This option's key with the name in it that `key` has at that place, where it has one.
    pub(super) fn key_like(&self, key: &str) -> Cow<'static, str> {
        let named = self.key.split_once(NAME).and_then(|(head, _)| key.strip_prefix(head)?.split_once('.'));
        match named {
            Some((name, _)) if !name.is_empty() => Cow::Owned(self.named_key(name)),
            _ => Cow::Borrowed(self.key),
        }
    }

    /// The option's value: what is set, else the default; `None` where neither is. The range is not checked.
    ///
    /// # Errors
    /// The text set is not of the option's type; the message names key, value, origin and what is allowed.
    pub fn read<T: OptionValue>(&self, configuration: &Configuration) -> Result<Option<T>, InvalidOption> {
        let value = self.read_at(configuration, self.key_set_in(configuration).unwrap_or(self.key))?;
        Ok(value.or_else(|| self.default.and_then(T::read)))
    }

    /// What is set for the thing of a name. The range is not checked.
    ///
    /// # Errors
    /// The text set is not of the option's type; the message names key, value, origin and what is allowed.
    pub fn read_named<T: OptionValue>(
        &self,
        configuration: &Configuration,
        name: &str,
    ) -> Result<Option<T>, InvalidOption> {
        self.read_at(configuration, &self.named_key(name))
    }

    fn read_at<T: OptionValue>(&self, configuration: &Configuration, key: &str) -> Result<Option<T>, InvalidOption> {
        match configuration.get(key) {
            Some(text) => T::read(text).map(Some).ok_or_else(|| self.invalid_at(configuration, key, &self.allowed())),
            None if self.is_map => Ok(configuration.map(key)?.and_then(T::of_entries)),
            None => Ok(None),
        }
    }

    /// Whether the text that is set is of the option's type and in its range; of a key with `<name>` in it, every text
    /// that is set.
    ///
    /// # Errors
    /// It is not; the message names key, value, origin and what is allowed.
    pub fn check(&self, configuration: &Configuration) -> Result<(), InvalidOption> {
        if self.key.contains(NAME) {
            let mut keys = configuration.iter().filter(|(key, _)| self.rest_of(key) == Some(""));
            return keys.try_for_each(|(key, _)| self.check_at(configuration, key));
        }
        self.key_set_in(configuration).map_or(Ok(()), |key| self.check_at(configuration, key))
    }

    fn check_at(&self, configuration: &Configuration, key: &str) -> Result<(), InvalidOption> {
        let Some(text) = configuration.get(key) else { return Ok(()) };
        match ((self.measure)(text), self.range) {
            (None, _) => Err(self.invalid_at(configuration, key, &self.allowed())),
            (Some(Some(value)), Some((low, high))) if !(low..=high).contains(&value) => {
                Err(self.invalid_at(configuration, key, &self.allowed()))
            }
            _ => Ok(()),
        }
    }

    /// That this option can't be used as it is set: key, value and origin, and what would be allowed.
    pub fn invalid(&self, configuration: &Configuration, allowed: &str) -> InvalidOption {
        self.invalid_at(configuration, self.key_set_in(configuration).unwrap_or(self.key), allowed)
    }

    fn invalid_at(&self, configuration: &Configuration, key: &str, allowed: &str) -> InvalidOption {
        InvalidOption::new(key, format_args!("has {}: expected {allowed}", self.told_at(configuration, Some(key))))
    }

    /// Value and origin of this option as messages name them: `the value '7' (from the command line)`.
    pub fn told(&self, configuration: &Configuration) -> String {
        self.told_at(configuration, self.key_set_in(configuration))
    }

    fn told_at(&self, configuration: &Configuration, key: Option<&str>) -> String {
        let text = key.and_then(|key| configuration.get(key)).or(self.default).unwrap_or_default();
        let value = shown_value(text, self.shown, self.expected);
        match key.and_then(|key| configuration.origin(key)) {
            Some(origin) => format!("{value} (from {origin})"),
            None => format!("{value} (the default)"),
        }
    }

    /// What is hardly meant although it can be used: a duration below a second.
    pub fn doubt(&self, configuration: &Configuration) -> Option<String> {
        let key = self.key_set_in(configuration).filter(|_| self.is_in_seconds)?;
        let text = configuration.get(key)?;
        let seconds = (self.measure)(text)??;
        if seconds <= 0.0 || seconds >= 1.0 {
            return None;
        }
        let hint = match text.trim().bytes().all(|b| b.is_ascii_digit()) {
            true => format!(": a number without a unit counts milliseconds; write '{} s' for seconds", text.trim()),
            false => String::new(),
        };
        let duration = Duration::from_secs_f64(seconds);
        Some(format!("option {key} has {}, which is no more than {duration:?}{hint}", self.told(configuration)))
    }
}

fn measure<T: OptionValue>(text: &str) -> Option<Option<f64>> {
    T::read(text).map(|value| value.magnitude())
}

/// The known key that `unknown` most looks like, where one is close.
pub fn nearest_key<'a>(unknown: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|key| (strsim::damerau_levenshtein(unknown, key), key))
        .min()
        .filter(|(distance, key)| *distance <= key.len() / 4)
        .map(|(_, key)| key)
}

/// What is said of a key that is not known.
pub(super) fn unknown_key<'a>(key: &str, known: impl Iterator<Item = &'a str>) -> String {
    let shown = shown_key(key);
    match nearest_key(key.strip_prefix("kubernetes.operator.").unwrap_or(key), known) {
        Some(nearest) => format!("option {shown} is not known and has no effect; did you mean {nearest}?"),
        None => format!("option {shown} is not known and has no effect"),
    }
}
