//! What a file imports: its `use` declarations and the paths it spells out.

use std::collections::BTreeSet;

use crate::tidy::rust::{Token, tokens};

/// A path as the file spells it, without braces.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Path {
    pub(super) segments: Vec<String>,
    /// What the file calls it; `*` for everything in it, none for a path in an expression.
    pub(super) alias: Option<String>,
    /// How many modules written out in the file are around it.
    pub(super) depth: usize,
    pub(super) line: usize,
}

/// A file as far as imports go.
#[derive(Debug, Default)]
pub(super) struct Imports {
    pub(super) paths: Vec<Path>,
    /// Names of items.
    pub(super) defined: BTreeSet<String>,
}

const ITEMS: &[&str] = &["struct", "enum", "union", "trait", "fn", "const", "static", "type"];

impl Imports {
    pub(super) fn read(text: &str) -> Self {
        let tokens = tokens(text);
        let mut imports = Self::default();
        // At which depth of braces each module written out began.
        let (mut braces, mut modules) = (0usize, Vec::new());
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let next = |steps: usize| tokens.get(at + steps).map_or("", |token| token.text);
            match token.text {
                "{" => braces += 1,
                "}" => {
                    braces = braces.saturating_sub(1);
                    modules.pop_if(|begun| *begun == braces);
                }
                "mod" if next(2) == "{" => modules.push(braces),
                "use" => {
                    let mut tree = Tree { tokens: &tokens, at: at + 1, depth: modules.len(), found: Vec::new() };
                    tree.read(&[]);
                    at = tree.at;
                    imports.paths.append(&mut tree.found);
                    continue;
                }
                "crate" | "super" | "self" if next(1) == "::" => {
                    let (segments, end) = spelled(&tokens, at);
                    imports.paths.push(Path { segments, alias: None, depth: modules.len(), line: token.line });
                    at = end;
                    continue;
                }
                item if ITEMS.contains(&item) => {
                    imports.defined.insert(next(1).to_owned());
                }
                "macro_rules" => {
                    imports.defined.insert(next(2).to_owned());
                }
                _ => {}
            }
            at += 1;
        }
        imports
    }
}

/// A path in an expression or a type: words with `::` between.
fn spelled(tokens: &[Token<'_>], from: usize) -> (Vec<String>, usize) {
    let mut segments = vec![tokens[from].text.to_owned()];
    let mut at = from + 1;
    while let [sign, word, ..] = &tokens[at..] {
        if sign.text != "::" || !word.is_word() {
            break;
        }
        segments.push(word.text.to_owned());
        at += 2;
    }
    (segments, at)
}

/// Reads what follows `use`.
struct Tree<'a> {
    tokens: &'a [Token<'a>],
    at: usize,
    depth: usize,
    found: Vec<Path>,
}

impl Tree<'_> {
    fn text(&self) -> &str {
        self.tokens.get(self.at).map_or(";", |token| token.text)
    }

    /// One branch, up to the comma, brace or semicolon behind it.
    fn read(&mut self, before: &[String]) {
        let mut segments = before.to_vec();
        let line = self.tokens.get(self.at).map_or(0, |token| token.line);
        let mut alias = None;
        loop {
            match self.text() {
                "{" => {
                    self.at += 1;
                    while !matches!(self.text(), "}" | ";") {
                        self.read(&segments);
                        if self.text() == "," {
                            self.at += 1;
                        }
                    }
                    self.at += 1;
                    return;
                }
                "," | "}" | ";" => break,
                "::" => {}
                "as" => {
                    self.at += 1;
                    alias = Some(self.text().to_owned());
                }
                "*" => alias = Some("*".to_owned()),
                // `{self}` is the module before the brace.
                "self" if !before.is_empty() => {}
                word => segments.push(word.to_owned()),
            }
            self.at += 1;
        }
        let alias = alias.or_else(|| segments.last().cloned());
        self.found.push(Path { segments, alias, depth: self.depth, line });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str) -> Vec<String> {
        let shown = |path: &Path| format!("{} as {}", path.segments.join("::"), path.alias.as_deref().unwrap_or("-"));
        Imports::read(text).paths.iter().map(shown).collect()
    }

    #[test]
    fn branches_are_told_apart() {
        assert_eq!(
            paths("pub(crate) use a::{self, b::C, d::{E as F, g::*}};\nuse h;"),
            ["a as a", "a::b::C as C", "a::d::E as F", "a::d::g as *", "h as h"]
        );
    }

    #[test]
    fn paths_in_expressions_count() {
        assert_eq!(paths("fn f() -> crate::a::B { super::c::d(self.e) }"), ["crate::a::B as -", "super::c::d as -"]);
    }

    #[test]
    fn modules_written_out_are_counted() {
        let imports = Imports::read("mod a { mod b { use super::X; } use super::Y; } use super::Z; struct X;");
        assert_eq!(imports.paths.iter().map(|path| path.depth).collect::<Vec<_>>(), [2, 1, 0]);
        assert!(imports.defined.contains("X"));
    }
}
