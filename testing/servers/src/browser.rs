//! Chromium without a screen, driven over WebDriver: Debian's packages `chromium` and `chromium-driver`.

mod web_driver;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use crate::axe;
use crate::process::target_directory;
use web_driver::WebDriver;

/// A driver that starts later than this does not start.
const START_WITHIN: Duration = Duration::from_secs(60);
/// Nothing that is waited for takes longer on a machine that works.
const PATIENCE: Duration = Duration::from_secs(120);
/// Keys, as WebDriver names them.
const TABULATOR: char = '\u{e004}';
const ENTER: char = '\u{e007}';
/// Places of a page that the tabulator stops at, at most.
const MOST_STOPS: usize = 200;
/// Between two looks at a page that is waited for.
const PAUSE: Duration = Duration::from_millis(100);

/// Which colours the user prefers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Scheme {
    /// Its name, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// A browser with one page; ended when dropped.
#[derive(Debug)]
pub struct Browser {
    /// Drives the page; dropped before the driver ends.
    page: WebDriver,
    _driver: Driver,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts one whose user prefers some colours.
    ///
    /// # Errors
    /// There is no Chromium, or it does not start.
    pub async fn start(scheme: Scheme) -> Result<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut command = Command::new("chromedriver");
        command.arg(format!("--port={port}")).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let missing = "there is no chromedriver; on Debian or Ubuntu: apt-get install -y chromium chromium-driver";
        let driver = Driver { process: command.spawn().context(missing)?, port };
        let profile = tempfile::tempdir()?;
        let preferred = if scheme == Scheme::Dark { 0 } else { 1 };
        let arguments = [
            "--headless=new".to_owned(),
            // It is shown pages of ours alone, and tests may run as root.
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--hide-scrollbars".to_owned(),
            format!("--blink-settings=preferredColorScheme={preferred}"),
            format!("--user-data-dir={}", profile.path().display()),
        ];
        let capabilities = json!({ "browserName": "chrome", "goog:chromeOptions": { "args": arguments } });
        let (url, deadline) = (format!("http://127.0.0.1:{port}"), Instant::now() + START_WITHIN);
        let page = loop {
            match WebDriver::begin(&url, capabilities.clone()).await {
                Ok(page) => break page,
                Err(error) if Instant::now() > deadline => bail!("chromium does not start: {error}"),
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        };
        Ok(Self { page, _driver: driver, _profile: profile })
    }

    /// Loads a page.
    ///
    /// # Errors
    /// It can't be had.
    pub async fn goto(&self, url: &str) -> Result<()> {
        self.page.goto(url).await
    }

    /// Follows the link with a text, in a script: the page may be drawn anew between two commands of the browser's.
    ///
    /// # Errors
    /// There is no such link.
    pub async fn follow(&self, text: &str) -> Result<()> {
        let link = format!("[...document.links].find((link) => link.textContent.trim() === {text:?})");
        self.run(&format!("{link}.click()")).await.map(drop)
    }

    /// Clicks what a selector of CSS finds.
    ///
    /// # Errors
    /// There is no such element, or it can't be clicked.
    pub async fn click(&self, selector: &str) -> Result<()> {
        self.page.click(selector).await
    }

    /// Goes on with the tabulator until what has the focus is called so, and presses enter.
    ///
    /// # Errors
    /// Nothing that can have the focus is called so, or what has it can't be told from what has not.
    pub async fn enter(&self, name: &str) -> Result<()> {
        // Behind the last place comes the page itself, then the first.
        let looked_at = "const element = document.activeElement;
            if (element === document.body) return ['', true];
            return [element.textContent.trim(), element.closest('svg') !== null || getComputedStyle(element).outlineStyle !== 'none']";
        for _ in 0..MOST_STOPS {
            self.page.press(TABULATOR).await?;
            let found = self.run(looked_at).await?;
            ensure!(found[1] == true, "what has the focus is not marked: {}", found[0]);
            if found[0] == name {
                return self.page.press(ENTER).await;
            }
        }
        bail!("the keyboard does not come to {name}")
    }

    /// Waits until the page's text has all of these.
    ///
    /// # Errors
    /// It never has.
    pub async fn until_shown(&self, texts: &[&str]) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let shown = self.run("return document.body.textContent").await?;
            let shown = shown.as_str().unwrap_or_default();
            let missing: Vec<_> = texts.iter().filter(|text| !shown.contains(*text)).collect();
            if missing.is_empty() {
                return Ok(());
            }
            ensure!(Instant::now() < deadline, "never shown: {missing:?}; there is:\n{shown}");
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Waits until a selector of CSS finds something.
    ///
    /// # Errors
    /// It never does.
    pub async fn until_there(&self, selector: &str) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        let script = format!("return document.querySelector({}) !== null", json!(selector));
        while self.run(&script).await? != true {
            ensure!(Instant::now() < deadline, "never there: {selector}");
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    /// Makes the page so many pixels wide, and high.
    ///
    /// # Errors
    /// The browser is gone.
    pub async fn resize(&self, width: u32, height: u32) -> Result<()> {
        self.page.resize(width, height).await
    }

    /// What a script answers.
    ///
    /// # Errors
    /// The script fails.
    pub async fn run(&self, script: &str) -> Result<Value> {
        self.page.run(script, false).await
    }

    /// Whether everybody can use the page, and nothing of it is cut off at its side.
    ///
    /// # Errors
    /// What is wrong with which part of it.
    pub async fn check(&self) -> Result<()> {
        self.page.run(&axe::script()?, false).await?;
        let run = "const done = arguments[arguments.length - 1];
            axe.run(document).then(
                (found) => done(found.violations.map(({ id, help, nodes }) =>
                    `${id}: ${help}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 200) + ' ' + (node.failureSummary ?? '')).join(' | ')}`)),
                (error) => done([String(error)]));";
        let found = self.page.run(run, true).await?;
        let found: Vec<&str> = found.as_array().context("axe says nothing")?.iter().filter_map(Value::as_str).collect();
        ensure!(found.is_empty(), "axe-core: {}", found.join("\n"));
        let beyond = self.run("return document.documentElement.scrollWidth - window.innerWidth").await?;
        ensure!(beyond.as_i64().is_some_and(|pixels| pixels <= 0), "{beyond} pixels wider than the window");
        Ok(())
    }

    /// Keeps a picture of the page, all of it, as `target/screenshots/NAME.png`.
    ///
    /// # Errors
    /// It can't be taken or written.
    pub async fn keep(&self, name: &str) -> Result<PathBuf> {
        let folder = target_directory(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).join("screenshots");
        std::fs::create_dir_all(&folder)?;
        let path = folder.join(format!("{name}.png"));
        std::fs::write(&path, self.page.screenshot().await?)?;
        Ok(path)
    }
}

/// The program that drives the browser.
#[derive(Debug)]
struct Driver {
    process: Child,
    port: u16,
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Asked to shut down it ends the browser, too; killed it would leave that behind.
        let asked = TcpStream::connect(("127.0.0.1", self.port)).and_then(|mut driver| {
            driver.write_all(b"GET /shutdown HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
            driver.read_to_end(&mut Vec::new())
        });
        if asked.is_err() {
            let _ended = self.process.kill();
        }
        let _status = self.process.wait();
    }
}
