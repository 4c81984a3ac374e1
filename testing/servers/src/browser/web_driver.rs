//! The few requests of WebDriver (<https://www.w3.org/TR/webdriver2/>) that tests make.

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::Method;
use serde_json::{Value, json};

use crate::plain_http;

/// The key of a reference to an element, which the standard gives.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A session with a driver, which has one window.
#[derive(Debug)]
pub(super) struct WebDriver {
    http: reqwest::Client,
    /// The address of the session.
    session: String,
}

impl WebDriver {
    /// Begins a session with the driver at a URL.
    pub(super) async fn begin(driver: &str, capabilities: Value) -> Result<Self> {
        let mut web_driver = Self { http: plain_http::client(), session: format!("{driver}/session") };
        let asked = json!({ "capabilities": { "alwaysMatch": capabilities } });
        let begun = web_driver.ask(Method::POST, "", asked).await?;
        let id = begun["sessionId"].as_str().context("the driver gives the session no id")?;
        web_driver.session = format!("{driver}/session/{id}");
        Ok(web_driver)
    }

    pub(super) async fn goto(&self, url: &str) -> Result<()> {
        self.ask(Method::POST, "/url", json!({ "url": url })).await.map(drop)
    }

    pub(super) async fn resize(&self, width: u32, height: u32) -> Result<()> {
        self.ask(Method::POST, "/window/rect", json!({ "width": width, "height": height })).await.map(drop)
    }

    /// What a script answers: at once, or, where it is asynchronous, what it hands to the last of its arguments.
    pub(super) async fn run(&self, script: &str, is_asynchronous: bool) -> Result<Value> {
        let how = if is_asynchronous { "/execute/async" } else { "/execute/sync" };
        self.ask(Method::POST, how, json!({ "script": script, "args": [] })).await
    }

    /// Clicks the first element that a selector of CSS finds.
    pub(super) async fn click(&self, selector: &str) -> Result<()> {
        let found = self.ask(Method::POST, "/element", json!({ "using": "css selector", "value": selector })).await?;
        let id = found[ELEMENT].as_str().context("the driver gives the element no id")?;
        self.ask(Method::POST, &format!("/element/{id}/click"), json!({})).await.map(drop)
    }

    /// Presses a key and lets it go; a character stands for each, as the standard gives.
    pub(super) async fn press(&self, key: char) -> Result<()> {
        let strokes = ["keyDown", "keyUp"].map(|stroke| json!({ "type": stroke, "value": key.to_string() }));
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": strokes });
        self.ask(Method::POST, "/actions", json!({ "actions": [keyboard] })).await.map(drop)
    }

    /// A picture of what the window shows, as PNG.
    pub(super) async fn screenshot(&self) -> Result<Vec<u8>> {
        let picture = self.ask(Method::GET, "/screenshot", Value::Null).await?;
        Ok(BASE64_STANDARD.decode(picture.as_str().context("there is no picture")?)?)
    }

    #[expect(clippy::disallowed_methods, reason = "the driver is ours")]
    async fn ask(&self, method: Method, path: &str, body: Value) -> Result<Value> {
        let mut request = self.http.request(method, format!("{}{path}", self.session));
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request.send().await?;
        let status = answer.status();
        let mut told: Value = answer.json().await?;
        if !status.is_success() {
            bail!("{path}: {}", told["value"]["message"].as_str().unwrap_or("the driver refuses it"));
        }
        Ok(told["value"].take())
    }
}
