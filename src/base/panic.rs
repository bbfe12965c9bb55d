//! Panics that are caught, and what they say.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::model::Phrase;

/// Does something that must not take its caller along: a panic becomes its text. What the work was changing must be undone
/// or thrown away by the caller.
///
/// # Errors
/// The text of a panic.
pub fn caught<T>(work: impl FnOnce() -> T) -> Result<T, Phrase> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| text(payload.as_ref()))
}

/// A bug in us, by the words of its panic.
pub fn text(payload: &(dyn Any + Send)) -> Phrase {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
    internal(text.as_deref().unwrap_or("?"))
}

/// A bug in us.
pub fn internal(text: &str) -> Phrase {
    Phrase::made(format!("erro interno: {text}"), format!("internal error: {text}"))
}
