//! What the readers of both formats find.

/// What a file holds, and what is odd about it.
#[derive(Debug, Default, PartialEq)]
pub(super) struct FileContent {
    /// Keys and texts in the order of the file; of one key given twice the later counts.
    pub(super) entries: Vec<(String, String)>,
    /// Lines without effect.
    pub(super) remarks: Vec<String>,
}
