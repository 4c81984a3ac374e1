//! The path of a line.

use std::fmt::Write;

/// The `d` of a path, with a tenth of a pixel.
#[derive(Debug, Default)]
pub(crate) struct Path {
    text: String,
    is_begun: bool,
}

impl Path {
    /// A line to a place; the beginning of one after a gap.
    pub(crate) fn to(&mut self, x: f64, y: f64) {
        let command = if self.is_begun { 'L' } else { 'M' };
        // A text takes whatever is written.
        let _written = write!(self.text, "{command}{x:.1} {y:.1}");
        self.is_begun = true;
    }

    /// Level as far as a place, then up or down to it.
    pub(super) fn step(&mut self, x: f64, y: f64) {
        if self.is_begun {
            let _written = write!(self.text, "H{x:.1}V{y:.1}");
        } else {
            self.to(x, y);
        }
    }

    /// What comes next does not follow from what was.
    pub(super) fn gap(&mut self) {
        self.is_begun = false;
    }

    pub(crate) fn text(self) -> String {
        self.text
    }

    /// With a line back to its beginning.
    pub(super) fn closed(mut self) -> String {
        if self.is_begun {
            self.text.push('Z');
        }
        self.text
    }
}
