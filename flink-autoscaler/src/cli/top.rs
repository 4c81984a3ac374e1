//! `flink-autoscaler top`: the fleet and a job of a running process in the terminal, live.

mod fetch;
mod fleet;
mod job;
mod look;
mod number;
mod screen;
mod sort;
mod terminal;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio_util::sync::CancellationToken;

use super::asked::{self, Client};
use super::check::duration;
use super::program::{Program, block_on};
use super::run::stop_on_signals;
use super::say;
use fetch::Fetching;
use look::Look;
use screen::{Screen, Wish};
use terminal::Keys;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Only the jobs of this cluster.
    #[arg(long)]
    cluster: Option<String>,
    /// Time between two questions to the process.
    #[arg(long, value_name = "TIME", default_value = "2 s", value_parser = duration)]
    interval: Duration,
    #[command(flatten)]
    process: asked::Process,
}

/// Shows it until that is ended.
pub(super) fn run(program: &Program, arguments: &Arguments) -> ExitCode {
    let ended = arguments.process.client(program).and_then(|client| block_on(watch(client, arguments)));
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say::failure(&error);
            ExitCode::FAILURE
        }
    }
}

async fn watch(client: Client, arguments: &Arguments) -> Result<()> {
    let (url, look) = (client.shown(), Look::of_environment());
    let stop = CancellationToken::new();
    stop_on_signals(stop.clone())?;
    let mut fetching = Fetching::begin(client, arguments.cluster.clone(), arguments.interval);
    // Nothing is drawn over before there is something to draw: who can't be asked is said on a screen as it was.
    let Some(first) = stop.run_until_cancelled(fetching.next()).await else { return Ok(()) };
    let mut screen = Screen::new(url, first?);
    let mut shown =
        ratatui::try_init().context("there is no terminal to draw on; `flink-autoscaler status` needs none")?;
    let ended = show(&mut shown, &mut screen, look, &mut fetching, &stop).await;
    ratatui::try_restore().context("the terminal can't be put back: `reset` does")?;
    ended
}

async fn show(
    terminal: &mut ratatui::DefaultTerminal,
    screen: &mut Screen,
    look: Look,
    fetching: &mut Fetching,
    stop: &CancellationToken,
) -> Result<()> {
    let mut keys = Keys::listen();
    loop {
        terminal.draw(|frame| screen.draw(frame, look)).context("can't draw")?;
        let wish = tokio::select! {
            biased;
            () = stop.cancelled() => return Ok(()),
            key = keys.next() => key?.map_or(Wish::Nothing, |key| screen.press(key)),
            fetched = fetching.next() => {
                screen.take_in(fetched);
                Wish::Nothing
            }
        };
        match wish {
            Wish::Nothing => {}
            Wish::See(job) => fetching.look_at(job),
            Wish::End => return Ok(()),
        }
    }
}
