//! Several names as one value.

use autoscaler_core::options::value::OptionValue;

/// One or more names, separated by commas or semicolons, in brackets or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names(pub Vec<String>);

impl OptionValue for Names {
    const EXPECTED: &'static str = "one or more names, such as logging,jdbc";

    fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
        let mut names: Vec<String> = Vec::new();
        for name in inner.split([',', ';']) {
            let name = name.trim().trim_matches(['\'', '"']).trim().to_ascii_uppercase();
            if name.is_empty() {
                return None;
            }
            if !names.contains(&name) {
                names.push(name);
            }
        }
        Some(Self(names))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_every_spelling() {
        let read = |text| Names::read(text).map(|names| names.0.join(" "));
        for text in
            ["logging,jdbc", "LOGGING; Jdbc", "[logging, jdbc]", "['logging', \"jdbc\"]", "logging,jdbc,logging"]
        {
            assert_eq!(read(text).as_deref(), Some("LOGGING JDBC"), "{text}");
        }
        assert_eq!((read(""), read("logging,,jdbc")), (None, None));
    }
}
