//! Lists and maps of scalars in YAML's flow style, as Flink shows them since it reads `config.yaml`: `[a, 'b']`,
//! `{a: '1', b: 2}`.

use std::collections::BTreeMap;

/// The entries of `[…]`; none if the text is no flow list of scalars.
pub(super) fn list(text: &str) -> Option<Vec<String>> {
    let mut reader = Reader::between(text, '[', ']')?;
    let mut entries = Vec::new();
    while !reader.is_at_end() {
        entries.push(reader.scalar(&[','])?);
        reader.separator()?;
    }
    Some(entries)
}

/// The entries of `{…}`; none if the text is no flow map of scalars, or has a key twice.
pub(super) fn map(text: &str) -> Option<BTreeMap<String, String>> {
    let mut reader = Reader::between(text, '{', '}')?;
    let mut entries = BTreeMap::new();
    while !reader.is_at_end() {
        let key = reader.scalar(&[':', ','])?;
        reader.rest = reader.rest.strip_prefix(':')?;
        let value = reader.scalar(&[','])?;
        reader.separator()?;
        if entries.insert(key, value).is_some() {
            return None;
        }
    }
    Some(entries)
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn between(text: &'a str, open: char, close: char) -> Option<Self> {
        Some(Self { rest: text.trim().strip_prefix(open)?.strip_suffix(close)? })
    }

    fn is_at_end(&mut self) -> bool {
        self.rest = self.rest.trim_start();
        self.rest.is_empty()
    }

    /// A comma, or the end.
    fn separator(&mut self) -> Option<()> {
        if self.is_at_end() {
            return Some(());
        }
        self.rest = self.rest.strip_prefix(',')?;
        Some(())
    }

    /// A scalar, quoted or up to one of `ends`; what stays is what follows it.
    fn scalar(&mut self, ends: &[char]) -> Option<String> {
        self.rest = self.rest.trim_start();
        let (scalar, rest) = match self.rest.chars().next()? {
            '\'' => single_quoted(&self.rest[1..])?,
            '"' => double_quoted(&self.rest[1..])?,
            '[' | '{' | '&' | '*' | '!' => return None,
            _ => {
                let end = self.rest.find(ends).unwrap_or(self.rest.len());
                (self.rest[..end].trim().to_owned(), &self.rest[end..])
            }
        };
        self.rest = rest.trim_start();
        Some(scalar)
    }
}

/// Up to the closing quote, and what follows; a quote within is doubled.
fn single_quoted(text: &str) -> Option<(String, &str)> {
    super::quoted(text, '\'')
}

/// Up to the closing quote, and what follows; escapes begin with a backslash.
fn double_quoted(text: &str) -> Option<(String, &str)> {
    let mut scalar = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((scalar, &text[at + 1..])),
            '\\' => scalar.push(match chars.next()?.1 {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                '0' => '\0',
                c @ ('"' | '\\' | '/' | ' ') => c,
                _ => return None,
            }),
            c => scalar.push(c),
        }
    }
    None
}
