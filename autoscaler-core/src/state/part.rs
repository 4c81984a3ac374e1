//! One part of a job's state: its value, and whether that is what is stored.

/// A value that knows whether it has to be stored.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Part<T> {
    value: T,
    present: bool,
    changed: bool,
}

impl<T: Clone + Default + PartialEq> Part<T> {
    /// A value as it was loaded.
    pub fn loaded(value: T) -> Self {
        Self { value, present: true, changed: false }
    }

    /// The value; the type's default where nothing is stored.
    pub fn get(&self) -> &T {
        &self.value
    }

    /// The value where there is one.
    pub fn stored(&self) -> Option<&T> {
        self.present.then_some(&self.value)
    }

    /// Whether the value differs from what is stored.
    pub fn is_changed(&self) -> bool {
        self.changed
    }

    /// The value, to be changed and then stored.
    pub fn edit(&mut self) -> &mut T {
        self.present = true;
        self.changed = true;
        &mut self.value
    }

    /// Puts another value in its place, to be stored.
    pub fn set(&mut self, value: T) {
        *self.edit() = value;
    }

    /// Takes the value away, and what is stored with it.
    pub fn remove(&mut self) {
        if self.present {
            *self = Self { value: T::default(), present: false, changed: true };
        }
    }

    /// Takes away what is stored, and keeps the value in memory until it is changed or the process ends.
    pub(super) fn remove_stored(&mut self) {
        if self.present {
            self.present = false;
            self.changed = true;
        }
    }

    pub(super) fn take_change_of(&mut self, other: &Self) {
        if other.changed {
            let value = if other.present { other.value.clone() } else { T::default() };
            *self = Self { value, present: other.present, changed: false };
        }
    }

    /// Has a value that is there stored as it is.
    pub(super) fn touch(&mut self) {
        self.changed = true;
    }

    pub(super) fn mark_stored(&mut self) {
        self.changed = false;
    }

    /// The value, for what does not count as a change.
    pub(super) fn get_mut_unchanged(&mut self) -> &mut T {
        &mut self.value
    }
}
