//! What is on the screen, and what keys do.

use anyhow::Result;
use autoscaler::autoscaler_core::ErrorChain;
use ratatui::Frame;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::{Constraint, Layout};
use ratatui::text::{Line, Span};
use ratatui::widgets::TableState;

use super::fetch::{Place, Told};
use super::look::Look;
use super::sort::Sort;
use super::{fleet, job};
use crate::cli::asked::answers::Job;
use crate::cli::say::one_line;

/// What a key asks for.
#[derive(Debug, PartialEq)]
pub(super) enum Wish {
    Nothing,
    /// To see a job, or all of them.
    See(Option<Place>),
    End,
}

/// What is on the screen.
#[derive(Debug)]
pub(super) struct Screen {
    url: String,
    told: Told,
    /// Why what is shown is not what is.
    stale: Option<String>,
    sort: Sort,
    /// What names, ids and keys contain.
    search: String,
    is_typing: bool,
    /// The line of the fleet that the cursor is on.
    fleet: TableState,
    /// The job that is looked at, with the line of its vertices that the cursor is on.
    place: Option<(Place, TableState)>,
}

impl Screen {
    pub(super) fn new(url: String, told: Told) -> Self {
        let fleet = TableState::new().with_selected(0);
        Self {
            url,
            told,
            stale: None,
            sort: Sort::default(),
            search: String::new(),
            is_typing: false,
            fleet,
            place: None,
        }
    }

    /// Takes in what the process told.
    pub(super) fn take_in(&mut self, told: Result<Told>) {
        match told {
            Ok(told) => (self.told, self.stale) = (told, None),
            Err(error) => self.stale = Some(ErrorChain(error.as_ref()).to_string()),
        }
    }

    /// The jobs that are searched for, in order.
    fn jobs(&self) -> Vec<&Job> {
        found(&self.told.jobs, &self.search, self.sort)
    }

    /// What a key does.
    pub(super) fn press(&mut self, key: KeyEvent) -> Wish {
        if key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL) {
            return Wish::End;
        }
        if self.is_typing {
            self.type_in(key.code);
            return Wish::Nothing;
        }
        match key.code {
            KeyCode::Char('q') => return Wish::End,
            KeyCode::Up | KeyCode::Char('k') => self.cursor().scroll_up_by(1),
            KeyCode::Down | KeyCode::Char('j') => self.cursor().scroll_down_by(1),
            KeyCode::PageUp => self.cursor().scroll_up_by(10),
            KeyCode::PageDown => self.cursor().scroll_down_by(10),
            KeyCode::Home => self.cursor().select_first(),
            KeyCode::End => self.cursor().select_last(),
            KeyCode::Esc if self.place.take().is_some() => return Wish::See(None),
            KeyCode::Esc => self.search.clear(),
            KeyCode::Enter if self.place.is_none() => return self.enter(),
            KeyCode::Char('s') if self.place.is_none() => self.sort = self.sort.next(),
            KeyCode::Char('/') if self.place.is_none() => self.is_typing = true,
            _ => {}
        }
        Wish::Nothing
    }

    fn type_in(&mut self, key: KeyCode) {
        match key {
            KeyCode::Char(letter) => self.search.push(letter),
            KeyCode::Backspace => drop(self.search.pop()),
            KeyCode::Esc => {
                self.search.clear();
                self.is_typing = false;
            }
            KeyCode::Enter => self.is_typing = false,
            _ => {}
        }
        self.fleet.select_first();
    }

    fn enter(&mut self) -> Wish {
        let chosen = self.fleet.selected().and_then(|line| {
            let jobs = self.jobs();
            jobs.get(line).map(|job| (job.cluster.clone(), job.key.clone()))
        });
        self.place = chosen.clone().map(|place| (place, TableState::new().with_selected(0)));
        chosen.map_or(Wish::Nothing, |place| Wish::See(Some(place)))
    }

    fn cursor(&mut self) -> &mut TableState {
        self.place.as_mut().map_or(&mut self.fleet, |(_, vertices)| vertices)
    }

    pub(super) fn draw(&mut self, frame: &mut Frame<'_>, look: Look) {
        let [head, body, foot] =
            Layout::vertical([Constraint::Length(1), Constraint::Fill(1), Constraint::Length(1)]).areas(frame.area());
        frame.render_widget(self.head(look), head);
        frame.render_widget(self.foot(look), foot);
        let Some((place, mut vertices)) = self.place.take() else {
            let jobs = found(&self.told.jobs, &self.search, self.sort);
            return fleet::draw(&jobs, &self.search, &mut self.fleet, frame, body, look);
        };
        // What was told last may be of another job.
        let whole = self.told.whole.as_ref().filter(|whole| whole.job.cluster == place.0 && whole.job.key == place.1);
        match whole {
            Some(whole) => job::draw(whole, &mut vertices, frame, body, look),
            None => frame.render_widget("asking, or it has ended …", body),
        }
        self.place = Some((place, vertices));
    }

    fn head(&self, look: Look) -> Line<'static> {
        let readiness = &self.told.readiness;
        let (jobs, clusters) = (self.told.jobs.len(), self.told.clusters.clusters.len());
        let mut line = Line::from(vec![
            Span::styled("flink-autoscaler", look.title()),
            Span::raw(format!(" {} · {} · {clusters} clusters · {jobs} jobs · ", self.url, one_line(&readiness.role))),
        ]);
        line.push_span(match (&self.stale, readiness.ready) {
            (Some(why), _) => Span::styled(format!("not live: {}", one_line(why)), look.bad()),
            (None, true) => Span::styled("ready", look.good()),
            (None, false) => Span::styled(one_line(&readiness.missing.join("; ")), look.warn()),
        });
        line
    }

    fn foot(&self, look: Look) -> Line<'static> {
        let text = match (&self.place, self.is_typing) {
            (Some(_), _) => "↑↓ vertex · esc back · q quit".to_owned(),
            (None, true) => format!("/{}▏ enter done · esc all", one_line(&self.search)),
            (None, false) => format!("↑↓ job · enter open · / search · s sorted by {} · q quit", self.sort.name()),
        };
        Line::styled(text, look.dim())
    }
}

/// The jobs whose name, id or key has a text, in order.
fn found<'a>(jobs: &'a [Job], text: &str, sort: Sort) -> Vec<&'a Job> {
    let wanted = text.to_lowercase();
    let has = |text: &str| text.to_lowercase().contains(&wanted);
    let mut found: Vec<&Job> = jobs.iter().filter(|job| has(&job.name) || has(&job.id) || has(&job.key)).collect();
    sort.order(&mut found);
    found
}

#[cfg(test)]
mod tests;
