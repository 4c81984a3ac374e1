//! Names of custom headers.

use reqwest::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, TRANSFER_ENCODING};

use super::problem::AccessProblem;

/// Headers that are the client's own business.
const OURS: [HeaderName; 4] = [CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING];

/// The name of a header. One that is none is not shown: it may be a secret in the wrong place.
pub(super) fn name(text: &str) -> Result<HeaderName, AccessProblem> {
    let name = HeaderName::from_bytes(text.trim().as_bytes())
        .map_err(|_| AccessProblem::new("the name of a custom header", "is none: expected letters, digits and '-'"))?;
    if OURS.contains(&name) {
        return Err(AccessProblem::new(format!("the header {name}"), "can't be among the custom headers"));
    }
    Ok(name)
}
