//! Panics that are caught, and what they say.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Does something that must not take its caller along: a panic becomes its text. What the work was changing must be undone
/// or thrown away by the caller.
///
/// # Errors
/// The text of a panic.
pub fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| text(payload.as_ref()))
}

/// Text of a panic's payload.
pub fn text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
    format!("internal error: {}", text.unwrap_or_else(|| "unknown".to_owned()))
}
