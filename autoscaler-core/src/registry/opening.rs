//! What backends have while they are opened.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use crate::options::Configuration;
use crate::ports::Lease;

/// A value of each type, for what several backends of one family share.
#[derive(Default)]
pub struct Extensions(HashMap<TypeId, Box<dyn Any + Send + Sync>>);

impl Extensions {
    /// The value of a type, made where there is none yet.
    pub fn get_or_default<T: Default + Send + Sync + 'static>(&mut self) -> &mut T {
        let value = self.0.entry(TypeId::of::<T>()).or_insert_with(|| Box::<T>::default());
        match value.downcast_mut() {
            Some(value) => value,
            None => unreachable!("kept under its own type's id"),
        }
    }
}

impl fmt::Debug for Extensions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Extensions").field("len", &self.0.len()).finish()
    }
}

/// What a backend opens itself with.
#[derive(Debug)]
#[non_exhaustive]
pub struct Opening<'a> {
    /// The process's options.
    pub configuration: &'a Configuration,
    /// Shared with the other backends of the process.
    pub extensions: &'a mut Extensions,
    /// What somebody should know about the options: parts that have no effect, say. Shown once.
    pub remarks: Vec<String>,
}

impl<'a> Opening<'a> {
    /// With these options.
    pub fn new(configuration: &'a Configuration, extensions: &'a mut Extensions) -> Self {
        Self { configuration, extensions, remarks: Vec::new() }
    }
}

/// A backend that was opened.
#[derive(Debug)]
#[non_exhaustive]
pub struct Opened<T: ?Sized> {
    /// The backend.
    pub port: Arc<T>,
    /// What must be held while the process acts on what the backend keeps; none where nobody else can get at it.
    pub lease: Option<Arc<dyn Lease>>,
}

impl<T: ?Sized> Opened<T> {
    /// A backend that nobody else can get at.
    pub fn new(port: Arc<T>) -> Self {
        Self { port, lease: None }
    }

    /// With a lease to be held.
    #[must_use]
    pub fn with_lease(mut self, lease: Arc<dyn Lease>) -> Self {
        self.lease = Some(lease);
        self
    }
}
