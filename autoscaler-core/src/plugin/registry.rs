//! Plugins by the names they are registered under.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use super::{AlignmentMode, CustomEvaluator, CustomExecutor, PluginResult, ResourceCheck};
use crate::options::{PluginChoice, is_harmless};

/// The plugins there are.
#[derive(Clone, Debug, Default)]
pub struct Plugins {
    evaluators: BTreeMap<String, Arc<dyn CustomEvaluator>>,
    alignment_modes: BTreeMap<String, Arc<dyn AlignmentMode>>,
    executors: BTreeMap<String, Arc<dyn CustomExecutor>>,
    resource_check: Option<Arc<dyn ResourceCheck>>,
}

impl Plugins {
    /// No plugins.
    pub fn new() -> Self {
        Self::default()
    }

    /// Registers a custom evaluator under a name, replacing one that was there.
    #[must_use]
    pub fn register_evaluator(mut self, class: impl Into<String>, evaluator: impl CustomEvaluator) -> Self {
        self.evaluators.insert(class.into(), Arc::new(evaluator));
        self
    }

    /// Registers an alignment mode under a name, replacing one that was there.
    #[must_use]
    pub fn register_alignment_mode(mut self, class: impl Into<String>, mode: impl AlignmentMode) -> Self {
        self.alignment_modes.insert(class.into(), Arc::new(mode));
        self
    }

    /// Registers a custom executor under a name, replacing one that was there.
    #[must_use]
    pub fn register_executor(mut self, class: impl Into<String>, executor: impl CustomExecutor) -> Self {
        self.executors.insert(class.into(), Arc::new(executor));
        self
    }

    /// Has a check asked before every scaling. Without one, everything can be scheduled.
    #[must_use]
    pub fn check_resources(mut self, check: impl ResourceCheck) -> Self {
        self.resource_check = Some(Arc::new(check));
        self
    }

    /// Has a check asked, unless there is one.
    pub(crate) fn check_resources_by(&mut self, check: Arc<dyn ResourceCheck>) {
        self.resource_check.get_or_insert(check);
    }

    pub(crate) fn resource_check(&self) -> Option<&dyn ResourceCheck> {
        self.resource_check.as_deref()
    }

    /// The evaluators chosen, in ascending priority. What is not registered is told in `warnings`.
    pub(crate) fn evaluators<'a>(
        &'a self,
        chosen: &'a [PluginChoice],
        warnings: &mut Vec<String>,
    ) -> Vec<Picked<'a, dyn CustomEvaluator>> {
        let mut picked = pick(&self.evaluators, chosen, "custom evaluator", warnings);
        picked.sort_by_key(|picked| picked.plugin.priority());
        picked
    }

    /// The executors chosen, in ascending priority. What is not registered is told in `warnings`.
    pub(crate) fn executors<'a>(
        &'a self,
        chosen: &'a [PluginChoice],
        warnings: &mut Vec<String>,
    ) -> Vec<Picked<'a, dyn CustomExecutor>> {
        let mut picked = pick(&self.executors, chosen, "custom executor", warnings);
        picked.sort_by_key(|picked| picked.plugin.priority());
        picked
    }

    /// The alignment mode chosen, if it is registered.
    pub(crate) fn alignment_mode<'a>(
        &'a self,
        chosen: &'a PluginChoice,
        warnings: &mut Vec<String>,
    ) -> Option<Picked<'a, dyn AlignmentMode>> {
        pick(&self.alignment_modes, std::slice::from_ref(chosen), "alignment mode", warnings).pop()
    }
}

/// A plugin with what the options say of it.
#[derive(Debug)]
pub(crate) struct Picked<'a, P: ?Sized> {
    pub(crate) choice: &'a PluginChoice,
    pub(crate) plugin: &'a P,
}

impl<P: ?Sized> Picked<'_, P> {
    /// Calls the plugin; an error or a panic is the text of a warning.
    pub(crate) fn call<T>(&self, call: impl FnOnce(&P) -> PluginResult<T>) -> Result<T, String> {
        let failed = |why: &dyn Display| format!("plugin {} ({}) failed: {why}", self.choice.name, self.choice.class);
        match std::panic::catch_unwind(AssertUnwindSafe(|| call(self.plugin))) {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(failed(&error)),
            Err(_) => Err(failed(&"it panicked")),
        }
    }
}

/// A name as messages show it: one of a class, or what can hardly be a secret.
fn shown_name(name: &str) -> Option<&str> {
    let is_class = name.contains('.') && name.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, '.' | '$'));
    (is_class || is_harmless(name, "")).then_some(name)
}

fn pick<'a, P: ?Sized>(
    registered: &'a BTreeMap<String, Arc<P>>,
    chosen: &'a [PluginChoice],
    kind: &str,
    warnings: &mut Vec<String>,
) -> Vec<Picked<'a, P>> {
    let mut picked = Vec::with_capacity(chosen.len());
    for (choice, number) in chosen.iter().zip(1..) {
        match registered.get(&choice.class) {
            Some(plugin) => picked.push(Picked { choice, plugin: plugin.as_ref() }),
            None => {
                let there: Vec<&str> = registered.keys().map(String::as_str).collect();
                let there = if there.is_empty() { "none".to_owned() } else { there.join(", ") };
                let (name, class) = (shown_name(&choice.name), shown_name(&choice.class));
                let what = match (name, class) {
                    (Some(name), Some(class)) => format!("{kind} {name} names {class}, which"),
                    _ => format!("{kind} {number} of those listed (not shown: it may be a password) names what"),
                };
                warnings.push(format!("{what} this build does not have: it has {there}"));
            }
        }
    }
    picked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_that_is_not_there_is_named_unless_it_may_be_a_secret() {
        let told = |name: &str, class: &str| {
            let choice = PluginChoice { name: name.to_owned(), class: class.to_owned(), parameters: BTreeMap::new() };
            let mut warnings = Vec::new();
            assert!(Plugins::new().evaluators(&[choice], &mut warnings).is_empty());
            warnings.remove(0)
        };
        assert_eq!(
            told("mine", "com.acme.Mine"),
            "custom evaluator mine names com.acme.Mine, which this build does not have: it has none"
        );
        let hidden = told("hunter2", "hunter2");
        assert!(hidden.starts_with("custom evaluator 1 of those listed") && !hidden.contains("hunter2"), "{hidden}");
    }
}
