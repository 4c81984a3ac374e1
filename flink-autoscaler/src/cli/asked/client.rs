//! Requests to the endpoint of a running process, each with a bounded answer.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use autoscaler::autoscaler_core::options::Configuration;
use autoscaler::http_endpoint::{HttpOptions, ListenAddress, authorization};
use reqwest::header::{AUTHORIZATION, HeaderMap};
use reqwest::{RequestBuilder, Response, StatusCode, Url};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The largest answer that is read, bytes. A page of 1,000 jobs has less than one hundredth of it.
const MOST: usize = 64 << 20;
const WHERE: &str = "autoscaler.standalone.http.address or --url says where it is";

/// A client of one endpoint.
pub(in crate::cli) struct Client {
    http: reqwest::Client,
    base: Url,
}

impl Client {
    /// A client of the endpoint at `url`, else of the one that the options name.
    pub(in crate::cli) fn new(configuration: &Configuration, url: Option<&str>) -> Result<Self> {
        let base = match url {
            Some(url) => given(url)?,
            None => listening(configuration)?,
        };
        let mut headers = HeaderMap::new();
        if let Some(value) = authorization(configuration)? {
            headers.insert(AUTHORIZATION, value);
        }
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls(base.scheme() == "https").context("TLS can't be set up")?)
            // The token is for this server alone.
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .default_headers(headers)
            .build();
        Ok(Self { http: http.map_err(reqwest::Error::without_url).context("no HTTP client")?, base })
    }

    /// Where it is.
    pub(in crate::cli) fn shown(&self) -> String {
        self.base.as_str().trim_end_matches('/').to_owned()
    }

    /// The JSON at a path.
    pub(in crate::cli) async fn get<T: DeserializeOwned>(&self, path: &[&str], query: &[(&str, String)]) -> Result<T> {
        let mut url = self.url(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        self.answer(self.http.get(url), path).await
    }

    /// The JSON that something to be done is answered with.
    ///
    /// [`Declined`] where it is not done because of how things are.
    pub(in crate::cli) async fn post<T: DeserializeOwned>(
        &self,
        path: &[&str],
        body: &(impl Serialize + Sync),
    ) -> Result<T> {
        self.answer(self.http.post(self.url(path)).json(body), path).await
    }

    fn url(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    async fn answer<T: DeserializeOwned>(&self, request: RequestBuilder, path: &[&str]) -> Result<T> {
        let (shown, place) = (self.shown(), format!("/{}", path.join("/")));
        let answer = request.send().await.map_err(reqwest::Error::without_url);
        let answer = answer.with_context(|| format!("nobody answers at {shown}; is `run` running there? {WHERE}"))?;
        let status = answer.status();
        // What is not ready says so in the same form.
        let is_answer = status.is_success() || (status == StatusCode::SERVICE_UNAVAILABLE && path == ["readyz"]);
        let body = body(answer).await.with_context(|| format!("the answer of {shown}{place} broke off"))?;
        let none = || {
            format!(
                "the answer of {shown}{place} is none of a flink-autoscaler's: another program listens there; {WHERE}"
            )
        };
        if status == StatusCode::CONFLICT {
            return Err(serde_json::from_slice::<Declined>(&body).with_context(none)?.into());
        }
        if !is_answer {
            bail!("{}", refused(status, &shown, &place));
        }
        serde_json::from_slice(&body).with_context(none)
    }
}

/// Why something is not done, in the words of who was asked.
#[derive(Debug, Deserialize, thiserror::Error)]
#[error("{error}")]
pub(in crate::cli) struct Declined {
    error: String,
}

fn refused(status: StatusCode, shown: &str, place: &str) -> String {
    let what_to_do = match status.as_u16() {
        401 => {
            "its token is another one: set autoscaler.standalone.http.token-file or FLINK_AUTOSCALER_HTTP_TOKEN as for `run`"
        }
        403 => {
            "without a token it answers only those who ask for localhost: use --url http://localhost:PORT, or set a token"
        }
        404 if place.contains("/jobs/") => "the job has ended meanwhile",
        300..=399 => "it sends us elsewhere, where the token must not go: name the place itself with --url",
        _ => WHERE,
    };
    format!("{shown}{place} answered {}; {what_to_do}", status.as_u16())
}

async fn body(mut answer: Response) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(reqwest::Error::without_url)? {
        if bytes.len() + chunk.len() > MOST {
            bail!("it is larger than {MOST} bytes");
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// An address that was typed: nothing of what can't be used is shown, as it may hold a password.
fn given(url: &str) -> Result<Url> {
    let text = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
    let expected = "expected http://host:port or https://host/path";
    let Ok(url) = Url::parse(&text) else { bail!("--url is no URL: {expected}") };
    if !matches!(url.scheme(), "http" | "https") || url.query().is_some() || url.fragment().is_some() {
        bail!("--url can't be used: {expected}");
    }
    if !url.username().is_empty() || url.password().is_some() {
        bail!(
            "--url has a user or password in it, which the endpoint does not ask for: a token goes into the file of \
             autoscaler.standalone.http.token-file or into FLINK_AUTOSCALER_HTTP_TOKEN"
        );
    }
    Ok(url)
}

/// Where a process with these options listens, as seen from this machine.
fn listening(configuration: &Configuration) -> Result<Url> {
    let ListenAddress::At { host, port } = HttpOptions::from_configuration(configuration)?.address else {
        bail!(
            "autoscaler.standalone.http.address is off: a process with these options can't be asked; --url names another one"
        );
    };
    if port == 0 {
        bail!(
            "autoscaler.standalone.http.address has port 0, so the system chose one: the log of `run` says which; name it \
             with --url"
        );
    }
    // Listening everywhere is listening here, too.
    let host = match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.to_string(),
        Ok(IpAddr::V6(ip)) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.to_string(),
        _ => host,
    };
    let address = ListenAddress::At { host, port };
    Url::parse(&format!("http://{address}/")).context("autoscaler.standalone.http.address can't be asked")
}

/// TLS with ring, by the certificates that the system trusts; they are not read where they are not needed.
fn tls(is_needed: bool) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    if is_needed {
        return Ok(builder.with_platform_verifier()?.with_no_client_auth());
    }
    Ok(builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;
    use autoscaler::autoscaler_core::options::Origin;

    #[test]
    fn what_was_typed_is_read_and_never_shown() {
        assert_eq!(given("http://a:1/x").unwrap().as_str(), "http://a:1/x");
        assert_eq!(given("a:8090").unwrap().as_str(), "http://a:8090/");
        for odd in ["ftp://hunter2", "http://me:hunter2@a", "http://a/?token=hunter2", "http://hunter2 x", "http://"] {
            let error = given(odd).unwrap_err().to_string();
            assert!(error.contains("--url") && !error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn a_process_is_asked_where_it_listens() {
        let url = |address: &str| {
            let mut configuration = Configuration::new();
            configuration.set("autoscaler.standalone.http.address", address, Origin::Flag);
            listening(&configuration).map(|url| url.to_string()).map_err(|error| error.to_string())
        };
        assert_eq!(url("0.0.0.0:8090").unwrap(), "http://127.0.0.1:8090/");
        assert_eq!(url("[::]:8090").unwrap(), "http://[::1]:8090/");
        assert_eq!(url("scaler:80").unwrap(), "http://scaler/");
        assert!(url("off").unwrap_err().contains("is off"));
        assert!(url("127.0.0.1:0").unwrap_err().contains("port 0"));
    }
}
