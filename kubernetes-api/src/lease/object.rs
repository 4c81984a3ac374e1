//! A Lease as it is stored, and as it is to be.

use std::time::Duration;

use autoscaler_core::{LeaseTerms, LeaseToken};
use k8s_openapi::api::coordination::v1::{Lease as LeaseObject, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use k8s_openapi::jiff::{SignedDuration, Timestamp};
use kube::api::ObjectMeta;

/// Holds the token: `leaseTransitions` has 32 bits and begins anew with the object, and what was written under a token
/// outlives it.
const TOKEN: &str = "flink-autoscaler/token";
/// How long a Lease lasts that does not say so, as other programs take it.
const DEFAULT_DURATION: Duration = Duration::from_secs(15);

/// A Lease that is there.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) object: LeaseObject,
    /// Empty: nobody.
    pub(super) holder: String,
    pub(super) token: LeaseToken,
    pub(super) duration: Duration,
    /// When it was renewed last by its holder's clock, in microseconds since the epoch.
    pub(super) renewed: i64,
}

impl Found {
    pub(super) fn of(object: LeaseObject) -> Self {
        let spec = object.spec.as_ref();
        let token = object.metadata.annotations.as_ref().and_then(|all| all.get(TOKEN));
        let seconds = spec.and_then(|spec| spec.lease_duration_seconds).and_then(|seconds| u64::try_from(seconds).ok());
        Self {
            holder: spec.and_then(|spec| spec.holder_identity.clone()).unwrap_or_default(),
            token: LeaseToken(token.and_then(|text| text.parse().ok()).unwrap_or_default()),
            duration: seconds.map_or(DEFAULT_DURATION, Duration::from_secs),
            renewed: spec.and_then(|spec| spec.renew_time.as_ref()).map_or(0, |time| time.0.as_microsecond()),
            object,
        }
    }

    pub(super) fn is_free(&self) -> bool {
        self.holder.is_empty()
    }

    pub(super) fn renewal(&self) -> (LeaseToken, i64) {
        (self.token, self.renewed)
    }

    /// Now, but in any case later than it was renewed last: others go by the change, whatever our clock says.
    fn later(&self) -> Timestamp {
        let last = Timestamp::from_microsecond(self.renewed).unwrap_or_default();
        let next = last.checked_add(SignedDuration::from_micros(1)).unwrap_or(last);
        Timestamp::now().max(next)
    }

    /// The same, renewed.
    pub(super) fn renewed(&self) -> LeaseObject {
        self.with(|spec| spec.renew_time = Some(MicroTime(self.later())))
    }

    /// The same, held by nobody.
    pub(super) fn released(&self) -> LeaseObject {
        self.with(|spec| {
            spec.holder_identity = Some(String::new());
            spec.renew_time = Some(MicroTime(self.later()));
        })
    }

    fn with(&self, change: impl FnOnce(&mut LeaseSpec)) -> LeaseObject {
        let mut object = self.object.clone();
        change(object.spec.get_or_insert_default());
        object
    }
}

/// A Lease taken on these terms in place of what was found. A token is beyond all that were given out before, those of a
/// Lease that was deleted, or that somebody took in another place by mistake, among them: at least the milliseconds since
/// the epoch.
pub(super) fn taken(name: &str, found: Option<&Found>, terms: &LeaseTerms) -> LeaseObject {
    let now = found.map_or_else(Timestamp::now, Found::later);
    let mut object = found.map(|found| found.object.clone()).unwrap_or_default();
    let first = now.as_millisecond();
    let last = found.map_or(0, |found| found.token.0);
    let token = last.saturating_add(1).max(first);
    let ObjectMeta { name: object_name, annotations, labels, .. } = &mut object.metadata;
    *object_name = Some(name.to_owned());
    annotations.get_or_insert_default().insert(TOKEN.to_owned(), token.to_string());
    labels.get_or_insert_default().insert("app.kubernetes.io/managed-by".to_owned(), "flink-autoscaler".to_owned());
    let spec = object.spec.get_or_insert_default();
    spec.holder_identity = Some(terms.holder.clone());
    // Whole seconds, one at least; for others it never ends before it does for its holder.
    let seconds = terms.duration.as_millis().div_ceil(1000).max(1);
    spec.lease_duration_seconds = Some(i32::try_from(seconds).unwrap_or(i32::MAX));
    spec.acquire_time = Some(MicroTime(now));
    spec.renew_time = Some(MicroTime(now));
    spec.lease_transitions = Some(spec.lease_transitions.map_or(0, |count| count.saturating_add(1)));
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms() -> LeaseTerms {
        LeaseTerms::new("me", Duration::from_millis(1500))
    }

    #[test]
    fn tokens_grow_and_never_come_back() {
        let before = Timestamp::now().as_millisecond();
        let first = Found::of(taken("run", None, &terms()));
        assert!(first.token.0 >= before, "one that was deleted gave out smaller ones");
        let second = Found::of(taken("run", Some(&first), &terms()));
        assert!(second.token > first.token);
        assert_eq!(second.object.spec.as_ref().unwrap().lease_transitions, Some(1));
        assert_eq!(second.duration, Duration::from_secs(2), "whole seconds, and no shorter");
    }

    #[test]
    fn a_lease_of_long_ago_goes_on_beyond_one_that_was_made_meanwhile() {
        let mut old = taken("run", None, &terms());
        old.metadata.annotations.get_or_insert_default().insert(TOKEN.to_owned(), "1700000000000".to_owned());
        let elsewhere = Found::of(taken("run", None, &terms()));
        let again = Found::of(taken("run", Some(&Found::of(old)), &terms()));
        assert!(again.token >= elsewhere.token, "what was written under the other token could not be written again");
    }

    #[test]
    fn each_renewal_differs_though_the_clock_was_set_back() {
        let mut object = taken("run", None, &terms());
        let ahead = Timestamp::now().checked_add(SignedDuration::from_hours(1)).unwrap();
        object.spec.get_or_insert_default().renew_time = Some(MicroTime(ahead));
        let found = Found::of(object);
        let renewed = Found::of(found.renewed());
        assert!(renewed.renewed > found.renewed && renewed.token == found.token);
    }

    #[test]
    fn one_made_by_hand_can_be_taken() {
        let found = Found::of(LeaseObject::default());
        assert!(found.is_free());
        assert!(Found::of(taken("run", Some(&found), &terms())).token.0 > 1_000_000);
    }
}
