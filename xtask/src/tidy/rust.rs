//! Just enough of Rust to look at sources: words and signs, without comments, texts and test modules.

/// A word or a sign, and its line (from 1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Token<'a> {
    pub(super) text: &'a str,
    pub(super) line: usize,
}

impl Token<'_> {
    pub(super) fn is_word(&self) -> bool {
        self.text.starts_with(is_word_char)
    }
}

/// The tokens outside of `#[cfg(test)]` items.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    without_tests(&all_tokens(text))
}

/// Every token; the texts and comments are left out, `::` is one sign.
pub(super) fn all_tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let (mut at, mut line) = (0, 1);
    while let Some(next) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = &text[at..];
        let (length, is_token) = measure(rest, next);
        if is_token {
            tokens.push(Token { text: &rest[..length], line });
        }
        line += rest[..length].matches('\n').count();
        at += length;
    }
    tokens
}

/// How long what begins here is, and whether it is a token.
fn measure(rest: &str, next: char) -> (usize, bool) {
    if rest.starts_with("//") {
        return (rest.find('\n').unwrap_or(rest.len()), false);
    }
    if rest.starts_with("/*") {
        return (block_comment(rest), false);
    }
    if let Some(length) = raw_text(rest) {
        return (length, false);
    }
    if next == '"' {
        return (quoted(rest, '"'), false);
    }
    if next == '\'' {
        return match character(rest) {
            Some(length) => (length, false),
            None => (1, false),
        };
    }
    if is_word_char(next) {
        return (rest.find(|c| !is_word_char(c)).unwrap_or(rest.len()), true);
    }
    if rest.starts_with("::") {
        return (2, true);
    }
    (next.len_utf8(), !next.is_whitespace())
}

fn is_word_char(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0usize, 0);
    while at < rest.len() {
        let here = &rest.as_bytes()[at..];
        if here.starts_with(b"/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if here.starts_with(b"*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

/// `r"…"`, `r#"…"#`, and the same with `b` or `c` before.
fn raw_text(rest: &str) -> Option<usize> {
    let start = rest.strip_prefix(['b', 'c']).unwrap_or(rest).strip_prefix('r')?;
    let fence = &start[..start.find(|c| c != '#')?];
    let body = start[fence.len()..].strip_prefix('"')?;
    let end = body.find(&format!("\"{fence}")).map_or(body.len(), |end| end + 1 + fence.len());
    Some(rest.len() - body.len() + end)
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        if !is_escaped && c == quote {
            return at + 1;
        }
        is_escaped = !is_escaped && c == '\\';
    }
    rest.len()
}

/// A character in quotes; none for a lifetime.
fn character(rest: &str) -> Option<usize> {
    let mut chars = rest.char_indices().skip(1);
    let (_, first) = chars.next()?;
    let (at, second) = chars.next()?;
    match (first, second) {
        ('\\', _) => Some(quoted(rest, '\'')),
        (_, '\'') => Some(at + 1),
        _ => None,
    }
}

fn without_tests<'a>(tokens: &[Token<'a>]) -> Vec<Token<'a>> {
    let mut kept = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let starts =
            |words: &[&str]| tokens[at..].iter().map(|token| token.text).take(words.len()).eq(words.iter().copied());
        if starts(&["#", "[", "cfg", "(", "test", ")", "]"]) {
            at = item_end(tokens, at + 7);
        } else {
            kept.push(*token);
            at += 1;
        }
    }
    kept
}

/// Behind the item that begins here: its closing brace, or its semicolon.
fn item_end(tokens: &[Token<'_>], from: usize) -> usize {
    let mut depth = 0usize;
    for (at, token) in tokens.iter().enumerate().skip(from) {
        match token.text {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth = depth.saturating_sub(1),
            _ => {}
        }
        let is_end = token.text == "}" || token.text == ";";
        if depth == 0 && is_end {
            return at + 1;
        }
    }
    tokens.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        tokens(text).iter().map(|token| token.text).collect()
    }

    #[test]
    fn comments_texts_and_characters_are_left_out() {
        assert_eq!(words("a // b\n/* c /* d */ e */ f"), ["a", "f"]);
        assert_eq!(words(r##"a "b \" c" r#"d " e"# br"f" g"##), ["a", "g"]);
        assert_eq!(words(r"x('{', '\'', 'y')"), ["x", "(", ",", ",", ")"]);
        assert_eq!(words("fn f<'a>(x: &'a str)"), ["fn", "f", "<", "a", ">", "(", "x", ":", "&", "a", "str", ")"]);
        assert_eq!(words("crate::a"), ["crate", "::", "a"]);
    }

    #[test]
    fn test_modules_are_left_out() {
        assert_eq!(words("a; #[cfg(test)] mod tests { use b::{c}; fn d() {} } e"), ["a", ";", "e"]);
        assert_eq!(words("#[cfg(test)]\nmod tests;\ne"), ["e"]);
    }

    #[test]
    fn lines_count_from_one() {
        assert_eq!(tokens("\"x\ny\"\nz"), [Token { text: "z", line: 3 }]);
    }
}
