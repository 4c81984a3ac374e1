//! The elements of a JSON array, one by one as it arrives.

use memchr::memchr2;

/// The longest element that is read; a metric's name has a few hundred bytes.
const LONGEST: usize = 64 << 10;

/// Cuts a JSON array into its elements. Whether they are JSON is for whoever reads them to find out.
#[derive(Debug, Default)]
pub(super) struct Elements {
    /// What has arrived of the element under way.
    element: Vec<u8>,
    /// How many brackets are open: one of the array, more within an element.
    depth: usize,
    in_string: bool,
    is_escaped: bool,
    has_ended: bool,
}

impl Elements {
    /// Takes what arrives next, and hands on each element that is whole.
    ///
    /// # Errors
    /// It is no array, or an element is too long, or what `each` says.
    pub(super) fn feed(
        &mut self,
        bytes: &[u8],
        mut each: impl FnMut(&[u8]) -> Result<(), String>,
    ) -> Result<(), String> {
        let mut rest = bytes;
        while !rest.is_empty() {
            if self.in_string && !self.is_escaped {
                // Nearly all of an answer is the inside of strings.
                let (inside, behind) = rest.split_at(memchr2(b'"', b'\\', rest).unwrap_or(rest.len()));
                self.push(inside)?;
                rest = behind;
            }
            if let Some((byte, behind)) = rest.split_first() {
                self.take(*byte, &mut each)?;
                rest = behind;
            }
        }
        Ok(())
    }

    fn take(&mut self, byte: u8, each: &mut impl FnMut(&[u8]) -> Result<(), String>) -> Result<(), String> {
        if self.in_string {
            match byte {
                _ if self.is_escaped => self.is_escaped = false,
                b'\\' => self.is_escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return self.push(&[byte]);
        }
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => return Ok(()),
            b'[' if self.depth == 0 && !self.has_ended => {
                self.depth = 1;
                return Ok(());
            }
            b'<' if self.depth == 0 => {
                return Err("it is a web page; is this the address of Flink's REST API?".to_owned());
            }
            _ if self.depth == 0 => return Err("expected an array and nothing else".to_owned()),
            b',' | b']' if self.depth == 1 => {
                let is_whole = if self.element.is_empty() { Ok(()) } else { each(&self.element) };
                self.element.clear();
                if byte == b']' {
                    (self.depth, self.has_ended) = (0, true);
                }
                return is_whole;
            }
            b'[' | b'{' => self.depth += 1,
            b']' | b'}' => self.depth -= 1,
            b'"' => self.in_string = true,
            _ => {}
        }
        self.push(&[byte])
    }

    fn push(&mut self, bytes: &[u8]) -> Result<(), String> {
        if self.element.len() + bytes.len() > LONGEST {
            return Err(format!("an element is longer than {LONGEST} bytes"));
        }
        self.element.extend_from_slice(bytes);
        Ok(())
    }

    /// Takes note that nothing more arrives.
    ///
    /// # Errors
    /// The array has not ended.
    pub(super) fn end(&self) -> Result<(), String> {
        match (self.has_ended, self.depth) {
            (true, _) => Ok(()),
            (false, 0) => Err("it is empty".to_owned()),
            (false, _) => Err("it ends in the middle".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The elements of a text that arrives in pieces of this many bytes.
    fn elements(text: &str, piece: usize) -> Result<Vec<String>, String> {
        let (mut elements, mut found) = (Elements::default(), Vec::new());
        for bytes in text.as_bytes().chunks(piece) {
            elements.feed(bytes, |element| {
                found.push(String::from_utf8(element.to_vec()).unwrap());
                Ok(())
            })?;
        }
        elements.end()?;
        Ok(found)
    }

    #[test]
    fn elements_come_whole_in_whatever_pieces_they_arrive() {
        let text = r#" [ {"id":"a, [b]"}, {"id" : "c\"]}\\", "more":[1,{}]},"é ,", 7 ] "#;
        for piece in 1..text.len() {
            let found = elements(text, piece).unwrap();
            assert_eq!(found, [r#"{"id":"a, [b]"}"#, r#"{"id":"c\"]}\\","more":[1,{}]}"#, r#""é ,""#, "7"]);
        }
        assert_eq!(elements(" [ ] ", 1), Ok(Vec::new()));
    }

    #[test]
    fn what_is_no_array_is_refused() {
        for (text, expected) in [
            ("", "it is empty"),
            ("[{\"id\":", "it ends in the middle"),
            ("{}", "expected an array"),
            ("[] []", "expected an array"),
            ("<html>", "it is a web page"),
        ] {
            assert!(elements(text, 3).unwrap_err().starts_with(expected), "{text}");
        }
        assert!(elements(&format!("[\"{}\"]", "x".repeat(LONGEST)), 100).unwrap_err().contains("longer than"));
    }
}
