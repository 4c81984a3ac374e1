//! Which values messages show. A password may stand at any option, as values get mixed up: only what can hardly be one
//! is shown.

/// How much of an option's value messages show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shown {
    /// All of it: the option holds no secret.
    Whole,
    /// What has the shape of a value that is only mistyped: see [`is_harmless`].
    Harmless,
    /// Nothing.
    Nothing,
}

/// Characters of a value that is shown in full, at most.
const LONGEST: usize = 200;
/// Characters of a number, at most.
const LONGEST_NUMBER: usize = 20;
/// Words of a value that is shown, at most.
const WORDS_AT_MOST: usize = 2;
/// Letters of a word that may be anything, at most: too few for a secret.
const ANY_WORD: usize = 5;
/// Units, and what people write for true and false.
const WORDS: [&str; 15] = [
    "enable",
    "enabled",
    "disable",
    "disabled",
    "default",
    "second",
    "seconds",
    "minute",
    "minutes",
    "millis",
    "milliseconds",
    "Infinity",
    "bytes",
    "kibibytes",
    "mebibytes",
];

/// Whether a text is a number of at most 20 characters, up to two words, or a number and up to two words behind it. A
/// word has at most five letters, is a unit, or looks like one of `names`, which are separated by whatever is no letter.
pub fn is_harmless(text: &str, names: &str) -> bool {
    let text = text.trim();
    let signs = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '+' | '-' | '_' | '%');
    let word_at = text.find(|c| !signs(c)).unwrap_or(text.len());
    let (number, word) = (&text[..word_at], text[word_at..].trim_start());
    let mut words = word.split_whitespace();
    number.len() <= LONGEST_NUMBER
        && words.clone().count() <= WORDS_AT_MOST
        && words.all(|word| is_harmless_word(word, names))
}

fn is_harmless_word(word: &str, names: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphabetic() || matches!(c, 'µ' | '_' | '%');
    if !word.chars().all(is_letter) {
        return false;
    }
    let looks_like = |name: &str| {
        let (name, word) = (name.to_ascii_lowercase(), word.to_ascii_lowercase());
        strsim::damerau_levenshtein(&name, &word) * 4 <= name.len()
    };
    let mut names = names.split(|c| !is_letter(c)).filter(|name| !name.is_empty());
    word.len() <= ANY_WORD || WORDS.iter().any(|known| known.eq_ignore_ascii_case(word)) || names.any(looks_like)
}

impl Shown {
    /// Whether this text may be shown. What looks like one of `names` counts as harmless.
    pub fn allows(self, text: &str, names: &str) -> bool {
        match self {
            Self::Whole => true,
            Self::Harmless => is_harmless(text, names),
            Self::Nothing => false,
        }
    }
}

/// A value as messages name it: `the value 'x'`, or what can be said of one that is not shown. What looks like one of
/// `names` counts as harmless.
pub fn shown_value(text: &str, shown: Shown, names: &str) -> String {
    if shown.allows(text, names) || text.is_empty() {
        let cut: String = text.chars().take(LONGEST).collect();
        return format!("the value '{cut}'");
    }
    format!("a value of {} characters, not shown as it may be a password", text.chars().count())
}

/// A key as messages show it: up to what can't be part of one, as where the space between a key and its value is missing.
pub fn shown_key(key: &str) -> String {
    const LONGEST_KEY: usize = 120;
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let end = key.find(|c| !is_part(c)).unwrap_or(key.len()).min(LONGEST_KEY);
    if end == key.len() { key.to_owned() } else { format!("{}…", &key[..end]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_hardly_be_a_secret_is_shown() {
        for text in [
            "7",
            "-1",
            "0.4f",
            "NaN",
            "99999999999",
            "15 min",
            "10 seconds",
            "yes",
            "high",
            "maxx",
            "",
            "3 weeks",
            "60 %",
            "a while",
        ] {
            assert!(is_harmless(text, "AVG, MAX or MIN"), "{text}");
        }
        assert!(is_harmless("postgre", "JDBC, POSTGRES"));
        for text in ["hunter2", "s3cr3t", "correct horse", "postgres://me:pw@db/x", "12ab34cd", "secret", "4711/0815"] {
            assert!(!is_harmless(text, "AVG, MAX or MIN"), "{text}");
        }
        assert!(!is_harmless("123456789012345678901", ""), "longer than any number");
    }

    #[test]
    fn a_key_ends_where_it_can_be_none() {
        assert_eq!(shown_key("autoscaler.standalone.jdbc.url"), "autoscaler.standalone.jdbc.url");
        assert_eq!(shown_key("autoscaler.jdbc.url:postgres://me:pw@x"), "autoscaler.jdbc.url…");
        assert_eq!(shown_key("é"), "…");
    }
}
