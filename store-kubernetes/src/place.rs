//! Where a job's state is: which ConfigMap, and what it belongs to.

use autoscaler_core::JobKey;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use kubernetes_api::{Kind, ResourceRef, is_name};
use sha2::{Digest, Sha256};

/// The ConfigMap of a job.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Place {
    /// None: the namespace of the autoscaler.
    pub(crate) namespace: Option<String>,
    pub(crate) name: String,
    /// That of the job's resource; none of a job that is no resource.
    pub(crate) uid: Option<String>,
    /// The resource that the state goes with, where its name is known.
    pub(crate) owner: Option<OwnerReference>,
}

impl Place {
    /// Of a resource, beside it; of any other job by a hash of its key.
    pub(crate) fn of(job: &JobKey) -> Self {
        Self::of_resource(job).unwrap_or_else(|| {
            let hash = Sha256::digest(job.as_str());
            let hash: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
            Self { namespace: None, name: format!("flink-autoscaler-job-{hash}"), uid: None, owner: None }
        })
    }

    fn of_resource(job: &JobKey) -> Option<Self> {
        let resource = ResourceRef::of_key(job)?;
        let ResourceRef { kind, namespace, name, uid, .. } = &resource;
        // Of a name without room in the key there is a hash.
        let part = name.strip_prefix('~').unwrap_or(name);
        if !is_name(namespace) || !is_name(part) {
            return None;
        }
        // An owner that is not there has its dependents deleted, so one whose name is not known can't be named.
        let owner = (!resource.is_name_hashed()).then(|| OwnerReference {
            api_version: Kind::API_VERSION.to_owned(),
            kind: kind.name().to_owned(),
            name: name.clone(),
            uid: uid.clone(),
            // To block its deletion would need a right on its finalizers.
            ..OwnerReference::default()
        });
        let name = format!("flink-autoscaler-{}-{part}", kind.short());
        Some(Self { namespace: Some(namespace.clone()), name, uid: Some(uid.clone()), owner })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_s_state_is_beside_it() {
        let place = Place::of(&JobKey::new("sj/prod/orders/0a-1b"));
        assert_eq!((place.namespace.as_deref(), place.name.as_str()), (Some("prod"), "flink-autoscaler-sj-orders"));
        let owner = place.owner.unwrap();
        assert_eq!(
            (owner.kind.as_str(), owner.name.as_str(), owner.uid.as_str()),
            ("FlinkSessionJob", "orders", "0a-1b")
        );
        assert_eq!(owner.block_owner_deletion, None);
    }

    #[test]
    fn a_resource_whose_name_is_not_known_is_no_owner() {
        let name = "a".repeat(250);
        let (kind, namespace, uid) = (Kind::FlinkSessionJob, "prod".to_owned(), "0a-1b".to_owned());
        let place = Place::of(&ResourceRef { kind, namespace, name, uid, reset_nonce: None }.key());
        assert_eq!((place.namespace.as_deref(), place.uid.as_deref()), (Some("prod"), Some("0a-1b")));
        assert!(place.owner.is_none() && is_name(&place.name) && place.name.len() < 64, "{}", place.name);
    }

    #[test]
    fn any_other_key_has_a_name_that_the_api_server_takes() {
        for key in ["", "fd/../x/u", "fd/a/B/u", "fd/a/b", "𝄞", "fd/a/b/", "ab".repeat(400).as_str()] {
            let place = Place::of(&JobKey::new(key));
            assert_eq!((place.namespace, place.owner), (None, None), "{key}");
            assert!(is_name(&place.name) && place.name.len() < 64, "{}", place.name);
        }
        assert_ne!(Place::of(&JobKey::new("Job")), Place::of(&JobKey::new("job")));
    }
}
