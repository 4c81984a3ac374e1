//! The older `flink-conf.yaml`: lines of `key: value`, as Flink 1.x reads them.

use super::content::FileContent;

/// Reads the lines; `#` begins a comment. A line that is no option is left out with a remark, as Flink does, which names
/// only its number: it may hold a secret.
pub(super) fn read(text: &str) -> FileContent {
    let mut content = FileContent::default();
    for (index, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let number = index + 1;
        match line.split_once(": ").map(|(key, value)| (key.trim(), value.trim())) {
            Some((key, value)) if !key.is_empty() && !value.is_empty() => {
                content.entries.push((key.to_owned(), value.to_owned()));
            }
            _ if line.starts_with("---") || line.starts_with("...") => {}
            _ if line.ends_with(':') => content.remarks.push(format!("line {number} has no effect: there is no value")),
            _ => content.remarks.push(format!("line {number} has no effect: expected 'key: value', with a space")),
        }
    }
    content
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read() {
        let text = "# a comment\nrest.port: 8082\njob.autoscaler.metrics.window: 5 min # short\n\nrest.port: 8083";
        let expected = [("rest.port", "8082"), ("job.autoscaler.metrics.window", "5 min"), ("rest.port", "8083")];
        let content = read(text);
        assert_eq!(content.entries, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
        assert!(content.remarks.is_empty());
    }

    #[test]
    fn odd_lines_are_left_out_and_said_without_their_content() {
        let content = read("---\na.key:\nb.tab:\tsecret\nsecret\nc: 1\n: secret\n");
        assert_eq!(content.entries, [("c".to_owned(), "1".to_owned())]);
        let remarks = content.remarks.join("\n");
        assert_eq!(content.remarks.len(), 4, "{remarks}");
        assert!(remarks.contains("line 2 has no effect: there is no value"), "{remarks}");
        assert!(remarks.contains("line 3 has no effect: expected 'key: value'"), "{remarks}");
        assert!(!remarks.contains("secret"), "{remarks}");
    }
}
