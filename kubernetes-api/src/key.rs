//! Which resource a job is.

use std::fmt;

use autoscaler_core::JobKey;
use sha2::{Digest, Sha256};

/// Characters that SQL stores have room for.
const MAX_KEY: usize = 191;

/// The kinds of the Flink Kubernetes Operator whose jobs are scaled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A cluster, with its one job or none.
    FlinkDeployment,
    /// A job on the cluster of a FlinkDeployment that has none of its own.
    FlinkSessionJob,
}

impl Kind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::FlinkDeployment, Self::FlinkSessionJob];
    /// `group/version` of both.
    pub const API_VERSION: &'static str = "flink.apache.org/v1beta1";

    /// As `kind:` names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::FlinkDeployment => "FlinkDeployment",
            Self::FlinkSessionJob => "FlinkSessionJob",
        }
    }

    /// As keys name it.
    pub fn short(self) -> &'static str {
        match self {
            Self::FlinkDeployment => "fd",
            Self::FlinkSessionJob => "sj",
        }
    }

    /// What requests for this kind are made with.
    pub fn api_resource(self) -> kube::core::ApiResource {
        let plural = match self {
            Self::FlinkDeployment => "flinkdeployments",
            Self::FlinkSessionJob => "flinksessionjobs",
        };
        let kind = kube::core::GroupVersionKind::gvk("flink.apache.org", "v1beta1", self.name());
        kube::core::ApiResource::from_gvk_with_plural(&kind, plural)
    }
}

/// One resource: another of the same name that comes after it has another uid.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResourceRef {
    /// Its kind.
    pub kind: Kind,
    /// Its namespace.
    pub namespace: String,
    /// Its name. Of a reference read from a key `~` and a hash, where the key has no room for the name.
    pub name: String,
    /// Its uid.
    pub uid: String,
    /// Its `job.autoscalerResetNonce`, changed by its user to have what is known of the job forgotten: with another one it is
    /// another job.
    pub reset_nonce: Option<i64>,
}

impl ResourceRef {
    /// The key of the job's state and events: `fd/NAMESPACE/NAME/UID` or `sj/…`, with a reset nonce `…/UID/NONCE`, at most 191
    /// characters.
    pub fn key(&self) -> JobKey {
        let nonce = self.reset_nonce.map_or_else(String::new, |nonce| format!("/{nonce}"));
        let with = |name: &str| format!("{}/{}/{name}/{}{nonce}", self.kind.short(), self.namespace, self.uid);
        let key = with(&self.name);
        if key.len() <= MAX_KEY {
            return JobKey::new(key);
        }
        let hash = Sha256::digest(self.name.as_bytes());
        let hex: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        JobKey::new(with(&format!("~{hex}")))
    }

    /// The resource of a key that [`key`](Self::key) made; none for keys of other jobs.
    pub fn of_key(key: &JobKey) -> Option<Self> {
        let mut parts = key.as_str().split('/');
        let (kind, namespace, name, uid) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let kind = Kind::ALL.into_iter().find(|known| known.short() == kind)?;
        let nonce = parts.next();
        let reset_nonce = nonce.and_then(|text| text.parse().ok().filter(|nonce: &i64| nonce.to_string() == text));
        let is_whole =
            parts.next().is_none() && nonce.is_some() == reset_nonce.is_some() && ![namespace, name, uid].contains(&"");
        let [namespace, name, uid] = [namespace, name, uid].map(str::to_owned);
        is_whole.then_some(Self { kind, namespace, name, uid, reset_nonce })
    }

    /// The ConfigMap of the operator's own autoscaler, of which a FlinkDeployment and a FlinkSessionJob of one name have the same.
    pub fn operators_config_map(&self) -> String {
        format!("autoscaler-{}", self.name)
    }

    /// Whether `name` only stands for the name.
    pub fn is_name_hashed(&self) -> bool {
        self.name.starts_with('~')
    }
}

/// `FlinkDeployment orders/checkout`.
impl fmt::Display for ResourceRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}/{}", self.kind.name(), self.namespace, self.name)
    }
}

/// Whether a text can be the name of an object or a namespace: what else is in a key must not get into a path.
pub fn is_name(text: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let has_ends = text.bytes().next().is_some_and(is_inner) && text.bytes().next_back().is_some_and(is_inner);
    has_ends && text.bytes().all(|byte| is_inner(byte) || byte == b'-' || byte == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_back() {
        let uid = "11111111-2222-3333-4444-555555555555";
        let of = |name: &str| ResourceRef {
            kind: Kind::FlinkSessionJob,
            namespace: "n".repeat(63),
            name: name.to_owned(),
            uid: uid.to_owned(),
            reset_nonce: None,
        };
        let short = of("checkout");
        assert_eq!(short.key().as_str(), format!("sj/{}/checkout/{uid}", "n".repeat(63)));
        assert_eq!(ResourceRef::of_key(&short.key()), Some(short));
        let long = of(&"a".repeat(253));
        assert!(long.key().as_str().len() <= MAX_KEY);
        let read = ResourceRef::of_key(&long.key()).unwrap();
        assert!(read.is_name_hashed());
        assert_eq!(read.key(), long.key());
        assert_ne!(of(&"b".repeat(253)).key(), long.key());
        for nonce in [7, -3, i64::MIN] {
            let reset = ResourceRef { reset_nonce: Some(nonce), ..of(&"a".repeat(253)) };
            assert!(reset.key() != long.key() && reset.key().as_str().len() <= MAX_KEY);
            assert_eq!(ResourceRef::of_key(&reset.key()).unwrap().reset_nonce, Some(nonce));
        }
    }

    #[rstest::rstest]
    #[case("00000000000000000000000000000001")]
    #[case("xx/a/b/c")]
    #[case("fd/a/b")]
    #[case("fd/a//c")]
    #[case("fd/a/b/c/d")]
    #[case("fd/a/b/c/07")]
    #[case("fd/a/b/c/")]
    #[case("fd/a/b/c/1/2")]
    fn other_keys_are_of_no_resource(#[case] key: &str) {
        assert_eq!(ResourceRef::of_key(&JobKey::new(key)), None);
    }
}
