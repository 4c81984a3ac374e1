//! Which applications are looked at.

use crate::application::Application;
use crate::options::YarnSourceOptions;

/// What an application must be like.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    types: Vec<String>,
    tags: Vec<String>,
    queues: Vec<String>,
    users: Vec<String>,
    names: Vec<String>,
}

impl Filter {
    pub(crate) fn of(options: &YarnSourceOptions) -> Self {
        let lower = |texts: &[String]| texts.iter().map(|text| text.trim().to_lowercase()).collect();
        let same = |texts: &Option<Vec<String>>| texts.iter().flatten().map(|text| text.trim().to_owned()).collect();
        Self {
            types: lower(&options.application_types),
            tags: lower(options.application_tags.as_deref().unwrap_or_default()),
            queues: same(&options.queues),
            users: same(&options.users),
            names: same(&options.application_names),
        }
    }

    /// Whether an application is looked at.
    pub(crate) fn takes(&self, application: &Application) -> bool {
        let is_one_of = |wanted: &[String], found: &Option<String>| {
            wanted.is_empty() || found.as_ref().is_some_and(|found| wanted.contains(found))
        };
        let kind = application.application_type.as_ref().map(|kind| kind.to_lowercase());
        let tags = application.application_tags.as_deref().unwrap_or_default().to_lowercase();
        let queue = application.queue.as_deref().unwrap_or_default();
        let is_queue = |wanted: &String| {
            // Schedulers tell full names, or the last part alone.
            let (longer, shorter) =
                if wanted.len() > queue.len() { (wanted.as_str(), queue) } else { (queue, wanted.as_str()) };
            !shorter.is_empty() && (longer == shorter || longer.ends_with(&format!(".{shorter}")))
        };
        is_one_of(&self.types, &kind)
            && (self.tags.is_empty() || tags.split(',').any(|tag| self.tags.iter().any(|wanted| wanted == tag.trim())))
            && (self.queues.is_empty() || self.queues.iter().any(is_queue))
            && is_one_of(&self.users, &application.user)
            && is_one_of(&self.names, &application.name)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[rstest::rstest]
    #[case(Filter::default(), true)]
    #[case(Filter { types: vec!["apache flink".into()], ..Filter::default() }, true)]
    #[case(Filter { types: vec!["spark".into()], ..Filter::default() }, false)]
    #[case(Filter { tags: vec!["x".into(), "team-a".into()], ..Filter::default() }, true)]
    #[case(Filter { tags: vec!["team".into()], ..Filter::default() }, false)]
    #[case(Filter { queues: vec!["root.stream".into()], ..Filter::default() }, true)]
    #[case(Filter { queues: vec!["stream".into()], ..Filter::default() }, true)]
    #[case(Filter { queues: vec!["ream".into()], ..Filter::default() }, false)]
    #[case(Filter { users: vec!["etl".into()], names: vec!["orders".into()], ..Filter::default() }, true)]
    #[case(Filter { users: vec!["etl".into()], names: vec!["order".into()], ..Filter::default() }, false)]
    fn an_application_must_be_all_that_is_asked_for(#[case] filter: Filter, #[case] expected: bool) {
        let application = json!({"id": "application_1_0001", "state": "RUNNING", "user": "etl", "name": "orders",
            "queue": "root.stream", "applicationType": "Apache Flink", "applicationTags": "autoscale,team-a"});
        assert_eq!(filter.takes(&serde_json::from_value(application).unwrap()), expected);
    }
}
