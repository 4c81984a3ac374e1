//! Colours, where they are wanted.

use ratatui::style::{Color, Modifier, Style};

/// How things look.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    has_colours: bool,
}

impl Look {
    /// Without colours where the user wants none (<https://no-color.org>).
    pub(super) fn of_environment() -> Self {
        Self { has_colours: std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()) }
    }

    #[cfg(test)]
    pub(super) const PLAIN: Self = Self { has_colours: false };
    #[cfg(test)]
    pub(super) const COLOURED: Self = Self { has_colours: true };

    fn colour(self, colour: Color) -> Style {
        if self.has_colours { Style::new().fg(colour) } else { Style::new() }
    }

    pub(super) fn good(self) -> Style {
        self.colour(Color::Green)
    }

    pub(super) fn bad(self) -> Style {
        self.colour(Color::Red)
    }

    pub(super) fn warn(self) -> Style {
        self.colour(Color::Yellow)
    }

    pub(super) fn idle(self) -> Style {
        self.colour(Color::Blue)
    }

    pub(super) fn dim(self) -> Style {
        self.colour(Color::DarkGray)
    }

    pub(super) fn title(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// The line that the cursor is on.
    pub(super) fn chosen(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }
}
