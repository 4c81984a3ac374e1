//! What is typed.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use ratatui::crossterm::event::{self, Event, KeyEvent, KeyEventKind};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// How long the terminal is asked at once; within it the thread that asks notices that nobody wants to know any more.
const LISTEN: Duration = Duration::from_millis(100);

/// Keys as they are pressed.
#[derive(Debug)]
pub(super) struct Keys(UnboundedReceiver<std::io::Result<Event>>);

impl Keys {
    /// Begins to listen, on a thread of its own: asking a terminal waits.
    pub(super) fn listen() -> Self {
        let (sender, receiver) = unbounded_channel();
        std::thread::spawn(move || listen(&sender));
        Self(receiver)
    }

    /// The next key; none where something else happened, such as another size, after which all is drawn again.
    pub(super) async fn next(&mut self) -> Result<Option<KeyEvent>> {
        match self.0.recv().await {
            Some(Ok(Event::Key(key))) if key.kind != KeyEventKind::Release => Ok(Some(key)),
            Some(Ok(_)) => Ok(None),
            Some(Err(error)) => Err(error).context("the terminal can't be read"),
            None => bail!("the terminal is gone"),
        }
    }
}

fn listen(sender: &UnboundedSender<std::io::Result<Event>>) {
    while !sender.is_closed() {
        let event = match event::poll(LISTEN) {
            Ok(false) => continue,
            Ok(true) => event::read(),
            Err(error) => Err(error),
        };
        let is_broken = event.is_err();
        if sender.send(event).is_err() || is_broken {
            return;
        }
    }
}
