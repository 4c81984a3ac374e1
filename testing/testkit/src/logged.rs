//! What is logged while a test runs.

use std::io;
use std::sync::{Arc, Mutex};

/// What a subscriber writes its lines into; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Logged(Arc<Mutex<Vec<u8>>>);

impl Logged {
    /// What was logged since this was asked last.
    ///
    /// # Panics
    /// It is no text.
    pub fn take(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap()
    }
}

impl io::Write for Logged {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
