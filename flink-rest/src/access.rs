//! How a cluster is reached: how it is known, how it knows us, and by which way.

mod file;
mod headers;
mod problem;
mod proxy;
mod secret;

use std::borrow::Cow;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

pub use file::AccessFile;
pub use proxy::ProxyChoice;
pub use secret::{Secret, repeats_password};

pub(crate) use problem::AccessProblem;
pub(crate) use secret::url_secrets;

/// Requests to a cluster that are under way at once, where nothing else is set: more than those of all jobs that wait for
/// slow answers can be at the default parallelism, so that these don't hold up the others.
pub(crate) const MAX_REQUESTS: usize = 500;

/// What the keys of options begin with that say how Flink clusters are reached.
pub(crate) const PREFIX: &str = "autoscaler.standalone.fetcher.flink-cluster.";

/// How a cluster is reached. By default: its certificate is verified by those that the system trusts, nothing is shown to
/// it, and no proxy is used, whatever environment variables say.
///
/// Files are looked at again each second, and when a request is refused: what has changed in them is used from then on. While
/// they can't be used, what they held before is, which is said once.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClusterAccess {
    /// Certificates (PEM) that its own must be signed by, instead of those that the system trusts.
    pub ca_file: Option<AccessFile>,
    /// The certificate (PEM, its chain behind it) that is shown to it, and its private key (PEM, not encrypted).
    pub client_certificate: Option<(AccessFile, AccessFile)>,
    /// What the `Authorization` header of each request holds.
    pub credentials: Option<Credentials>,
    /// Further headers of each request: name and value.
    pub headers: Vec<(String, Secret)>,
    /// The proxy by whose way it is reached.
    pub proxy: ProxyChoice,
    /// Requests that are under way at once, at most. The others wait, against their own deadlines.
    pub max_requests: usize,
    /// What the keys of the options begin with that it came of.
    pub(crate) prefix: Cow<'static, str>,
}

/// Who we are.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Credentials {
    /// A user with a password: `Authorization: Basic …`.
    Basic {
        /// The user.
        username: SecretString,
        /// The password.
        password: Secret,
    },
    /// A token: `Authorization: Bearer …`.
    Bearer(Secret),
}

impl Default for ClusterAccess {
    fn default() -> Self {
        Self {
            ca_file: None,
            client_certificate: None,
            credentials: None,
            headers: Vec::new(),
            proxy: ProxyChoice::None,
            max_requests: MAX_REQUESTS,
            prefix: Cow::Borrowed(PREFIX),
        }
    }
}

/// What files and variables hold at one time.
pub(crate) struct Material {
    pub(crate) ca: Option<Vec<u8>>,
    /// The certificate and its key.
    pub(crate) identity: Option<(Vec<u8>, Vec<u8>)>,
    pub(crate) headers: HeaderMap,
    /// User and password, which reqwest makes a header of.
    pub(crate) basic: Option<(SecretString, SecretString)>,
    /// What must not be repeated from what servers say.
    pub(crate) secrets: Vec<SecretString>,
}

impl ClusterAccess {
    /// The option with this last part, of those that it came of. Another's, such as Flink's for a ResourceManager, would
    /// change nothing, and show credentials to whom they are not for.
    pub(crate) fn key(&self, last: &str) -> String {
        format!("{}{last}", self.prefix)
    }

    /// Whether there is a file that may change.
    pub(crate) fn has_files(&self) -> bool {
        self.ca_file.is_some() || self.client_certificate.is_some() || self.secrets().any(Secret::is_file)
    }

    fn secrets(&self) -> impl Iterator<Item = &Secret> {
        let credentials = self.credentials.iter().map(|credentials| match credentials {
            Credentials::Basic { password, .. } => password,
            Credentials::Bearer(token) => token,
        });
        credentials.chain(self.headers.iter().map(|(_, value)| value))
    }

    /// Reads everything.
    ///
    /// # Errors
    /// A file or a variable can't be read, or can't be what it is for.
    pub(crate) fn read(&self) -> Result<Material, AccessProblem> {
        let mut material = Material {
            ca: self.ca_file.as_ref().map(AccessFile::read).transpose()?,
            identity: match &self.client_certificate {
                Some((certificate, key)) => Some((certificate.read()?, key.read()?)),
                None => None,
            },
            headers: HeaderMap::new(),
            basic: None,
            secrets: Vec::new(),
        };
        for (name, value) in &self.headers {
            let header = headers::name(name)?;
            if header == AUTHORIZATION && self.credentials.is_some() {
                return Err(AccessProblem::new(
                    "the header Authorization",
                    "is set by the credentials: it can't be among the custom headers as well",
                ));
            }
            material.add_header(header, "", value)?;
        }
        match &self.credentials {
            Some(Credentials::Basic { username, password }) => {
                let read = password.read()?;
                material.secrets.push(read.clone());
                material.basic = Some((username.clone(), read));
            }
            Some(Credentials::Bearer(token)) => material.add_header(AUTHORIZATION, "Bearer ", token)?,
            None => {}
        }
        material.secrets.extend(self.proxy.secrets());
        material.secrets.retain(secret::is_telling);
        Ok(material)
    }
}

impl Material {
    fn add_header(&mut self, name: HeaderName, prefix: &str, secret: &Secret) -> Result<(), AccessProblem> {
        let text = secret.read()?;
        let value = HeaderValue::from_str(&format!("{prefix}{}", text.expose_secret()));
        let mut value =
            value.map_err(|_| secret.problem("holds what no HTTP header can: line breaks or control characters"))?;
        value.set_sensitive(true);
        self.headers.insert(name, value);
        self.secrets.push(text);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
