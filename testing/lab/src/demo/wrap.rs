//! Text cut to a width.

/// Lines of at most `width` characters, broken between words where that can be. The first keeps its spaces in front, later
/// ones begin with `indent`.
pub(crate) fn wrap(text: &str, width: usize, indent: &str) -> Vec<String> {
    let (mut lines, mut words) = (Vec::new(), 0);
    let mut line = text[..text.len() - text.trim_start().len()].to_owned();
    for word in text.split_whitespace() {
        if words > 0 && length(&line) + 1 + length(word) > width {
            lines.push(std::mem::replace(&mut line, indent.to_owned()));
            words = 0;
        }
        if words > 0 {
            line.push(' ');
        }
        line.push_str(word);
        words += 1;
    }
    lines.push(line);
    lines.into_iter().map(|line| cut(&line, width)).collect()
}

/// One line of at most `width` characters.
pub(crate) fn cut(line: &str, width: usize) -> String {
    if length(line) <= width {
        return line.to_owned();
    }
    line.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

fn length(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrap("so that it fits", 9, "  "), ["so that", "  it fits"]);
        assert_eq!(wrap("  shorter  still", 9, "    "), ["  shorter", "    still"]);
    }

    #[test]
    fn no_line_is_longer_than_the_width() {
        assert_eq!(wrap("a taskmanager.memory b", 10, "  "), ["a", "  taskman…", "  b"]);
        assert_eq!(cut("grüße aus", 5), "grüß…");
    }
}
