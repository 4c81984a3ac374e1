//! A value, and whether it is what is stored.

/// How a value differs from what is stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Change {
    /// It does not.
    #[default]
    Unchanged,
    /// It is to be stored.
    Changed,
    /// What is stored is to be taken away.
    Removed,
}

/// A part of a job's state that knows whether it has to be stored.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tracked<T> {
    value: T,
    /// Whether the value is one that is stored or will be, and not the default or one that is in memory only.
    is_storable: bool,
    change: Change,
}

impl<T: Clone + Default> Tracked<T> {
    /// A value as it was loaded.
    pub fn loaded(value: T) -> Self {
        Self { value, is_storable: true, change: Change::Unchanged }
    }

    /// The value; the type's default where nothing is stored.
    pub fn get(&self) -> &T {
        &self.value
    }

    /// The value as a store has it, or is to have it; none where there is nothing to store.
    pub fn stored(&self) -> Option<&T> {
        self.is_storable.then_some(&self.value)
    }

    /// How the value differs from what is stored.
    pub fn change(&self) -> Change {
        self.change
    }

    /// The value, to be changed and then stored.
    pub fn edit(&mut self) -> &mut T {
        self.is_storable = true;
        self.change = Change::Changed;
        &mut self.value
    }

    /// Puts another value in its place, to be stored.
    pub fn set(&mut self, value: T) {
        *self.edit() = value;
    }

    /// Takes the value away, and what is stored with it.
    pub fn remove(&mut self) {
        self.value = T::default();
        self.remove_stored();
    }

    /// Has what is stored brought to what is here with the next save, whatever is there.
    pub fn touch(&mut self) {
        self.change = if self.is_storable { Change::Changed } else { Change::Removed };
    }

    /// Takes note that what is stored is as it is here.
    pub fn mark_stored(&mut self) {
        self.change = Change::Unchanged;
    }

    /// Takes away what is stored, and keeps the value in memory until it is changed or the process ends.
    pub(super) fn remove_stored(&mut self) {
        if self.is_storable {
            self.is_storable = false;
            self.change = Change::Removed;
        }
    }

    pub(super) fn forget(&mut self) {
        self.remove();
    }

    /// Takes over a change of `other`, as stored: what a store on the heap does to save.
    pub(super) fn take_change_of(&mut self, other: &Self) {
        match other.change {
            Change::Unchanged => {}
            Change::Changed => *self = Self::loaded(other.value.clone()),
            Change::Removed => *self = Self::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_one_until_it_is_stored() {
        let mut tracked = Tracked::<i32>::default();
        tracked.remove();
        assert_eq!((tracked.change(), tracked.stored()), (Change::Unchanged, None), "nothing was there to remove");
        tracked.set(7);
        assert_eq!((tracked.change(), tracked.stored()), (Change::Changed, Some(&7)));
        tracked.mark_stored();
        assert_eq!((tracked.change(), tracked.stored()), (Change::Unchanged, Some(&7)));
        tracked.remove();
        assert_eq!((tracked.change(), tracked.get(), tracked.stored()), (Change::Removed, &0, None));
    }

    #[test]
    fn what_is_in_memory_only_is_not_stored_by_a_touch() {
        let mut tracked = Tracked::loaded(7);
        tracked.remove_stored();
        tracked.mark_stored();
        assert_eq!((tracked.get(), tracked.stored()), (&7, None));
        tracked.touch();
        assert_eq!(tracked.change(), Change::Removed);
    }
}
