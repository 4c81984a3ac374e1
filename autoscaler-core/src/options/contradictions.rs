//! Options of a job's policies that can be used each by itself, and of which one takes away what another is for.

use super::configuration::Configuration;
use super::policy::PolicyChoice;
use super::remark::OptionRemark;
use super::table::JobOptionValues;
use super::validate::row;

/// Keys behind `job.autoscaler.`, of which the first that is set is complained of, and what is wrong with it.
type Found = (&'static [&'static str], String);

/// What is set and has no effect beside what else is set.
pub(super) fn contradictions(configuration: &Configuration, options: &JobOptionValues) -> Vec<OptionRemark> {
    let is_responsive = [Some(options.policy), options.policy_shadow].contains(&Some(PolicyChoice::Responsive));
    let mut found = vec![same_shadow(options)];
    if is_responsive {
        found.extend([high_below_target(options), unused_evaluators(options)]);
    }
    let remark = |(keys, text): Found| {
        let key = keys.iter().find_map(|key| row(key).key_set_in(configuration))?.to_owned();
        Some(OptionRemark { text: format!("option {key} {text}"), key })
    };
    found.into_iter().flatten().filter_map(remark).collect()
}

fn same_shadow(options: &JobOptionValues) -> Option<Found> {
    let text = "has no effect: it names the policy that decides; name the other one, or leave it out".to_owned();
    (options.policy_shadow == Some(options.policy)).then_some((&["policy.shadow"], text))
}

/// The policy then takes the target for both.
fn high_below_target(options: &JobOptionValues) -> Option<Found> {
    let high = options.responsive_utilization_high;
    let target = options.responsive_utilization_target.unwrap_or(options.utilization_target);
    let text = format!(
        "goes with a responsive.utilization.high ({high}) below the utilization that is sized for ({target}): {target} counts \
         for both; make responsive.utilization.high the larger one"
    );
    let keys = &["responsive.utilization.high", "responsive.utilization.target", "utilization.target"];
    (high < target).then_some((keys, text))
}

fn unused_evaluators(options: &JobOptionValues) -> Option<Found> {
    let text =
        "has no effect on the policy responsive, which does not evaluate the metric window; leave it out, or have \
                the policy reference decide"
            .to_owned();
    (!options.custom_evaluators.is_empty()).then_some((&["metrics.custom-evaluators"], text))
}

#[cfg(test)]
mod tests {
    use crate::options::JobOptions;
    use rstest::rstest;

    #[rstest]
    #[case(&[("policy.shadow", "reference")], "job.autoscaler.policy.shadow has no effect: it names the policy that decides")]
    #[case(&[("policy", "responsive"), ("policy.shadow", "Responsive")], "job.autoscaler.policy.shadow has no effect")]
    #[case(&[("policy", "responsive"), ("responsive.utilization.high", "0.6")], "responsive.utilization.high (0.6) below the utilization that is sized for (0.7)")]
    #[case(&[("policy.shadow", "responsive"), ("utilization.target", "0.95")], "option job.autoscaler.utilization.target goes with a responsive.utilization.high (0.92)")]
    #[case(&[("policy", "responsive"), ("metrics.custom-evaluators", "mine")], "metrics.custom-evaluators has no effect on the policy responsive")]
    fn are_said(#[case] options: &[(&str, &str)], #[case] expected: &str) {
        let said = said(options);
        assert!(said.len() == 1 && said[0].contains(expected), "{said:?}");
    }

    #[rstest]
    #[case(&[("policy.shadow", "responsive")])]
    #[case(&[("responsive.utilization.high", "0.6"), ("metrics.custom-evaluators", "mine")])] // the reference decides
    fn are_not_said_where_there_are_none(#[case] options: &[(&str, &str)]) {
        assert_eq!(said(options), [""; 0]);
    }

    fn said(options: &[(&str, &str)]) -> Vec<String> {
        let entries = options.iter().map(|(key, value)| (format!("job.autoscaler.{key}"), (*value).to_owned()));
        let options = JobOptions::from_configuration(&entries.collect()).unwrap();
        options.remarks.into_iter().map(|remark| remark.text).collect()
    }
}
