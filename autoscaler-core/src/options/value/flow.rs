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
    entries(text, |reader| reader.scalar(&[',']))
}

/// The same of a map whose values may be lists, which stay as they are written.
pub(in crate::options) fn map_with_lists(text: &str) -> Option<BTreeMap<String, String>> {
    entries(text, |reader| match reader.rest.trim_start().starts_with('[') {
        true => reader.bracketed().map(str::to_owned),
        false => reader.scalar(&[',']),
    })
}

/// The maps of `[{…}, {…}]`, whose values may be lists.
pub(in crate::options) fn maps(text: &str) -> Option<Vec<BTreeMap<String, String>>> {
    let mut reader = Reader::between(text, '[', ']')?;
    let mut maps = Vec::new();
    while !reader.is_at_end() {
        maps.push(map_with_lists(reader.bracketed()?)?);
        reader.separator()?;
    }
    Some(maps)
}

fn entries(text: &str, value: impl Fn(&mut Reader<'_>) -> Option<String>) -> Option<BTreeMap<String, String>> {
    let mut reader = Reader::between(text, '{', '}')?;
    let mut entries = BTreeMap::new();
    while !reader.is_at_end() {
        let key = reader.scalar(&[':', ','])?;
        reader.rest = reader.rest.strip_prefix(':')?;
        let value = value(&mut reader)?;
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

    /// A list or map, with its brackets; what stays is what follows it.
    fn bracketed(&mut self) -> Option<&'a str> {
        self.rest = self.rest.trim_start();
        let (whole, mut rest) = (self.rest, self.rest);
        let (mut depth, mut before) = (0_usize, ' ');
        while let Some(c) = rest.chars().next() {
            rest = &rest[c.len_utf8()..];
            // Within a word a quote is an apostrophe.
            let may_quote = matches!(before, '[' | '{' | ',' | ':');
            match c {
                '[' | '{' => depth += 1,
                ']' | '}' => depth = depth.checked_sub(1)?,
                '\'' if may_quote => rest = single_quoted(rest)?.1,
                '"' if may_quote => rest = double_quoted(rest)?.1,
                _ => {}
            }
            if depth == 0 {
                self.rest = rest;
                return Some(&whole[..whole.len() - rest.len()]);
            }
            if !c.is_whitespace() {
                before = c;
            }
        }
        None
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
