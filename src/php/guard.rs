//! The boundary that no panic and no Rust error crosses: every function of the extension runs inside [`enter`].

use std::panic::{AssertUnwindSafe, catch_unwind};

use ext_php_rs::types::Zval;
use ext_php_rs::zend::{ExecuteData, run_handler};

use super::errors::Failure;

/// Runs the body of a function. A failure becomes an exception, a panic PHP's `Error`; a bailout (fatal error, time
/// limit) drops what stands in a `BailoutGuard` and goes on.
pub(super) fn enter(
    call: &mut ExecuteData,
    returned: &mut Zval,
    body: impl FnOnce(&ExecuteData) -> Result<Zval, Failure>,
) {
    run_handler(AssertUnwindSafe(|| match body(call) {
        Ok(value) => *returned = value,
        Err(failure) => failure.throw(),
    }));
}

/// Runs a hook of the engine, which can neither fail nor throw.
pub(super) fn quiet(body: impl FnOnce()) -> i32 {
    let _ = catch_unwind(AssertUnwindSafe(body));
    0
}

/// A panic is reported by the operation that it ended, not on the standard error of a web server.
pub(super) fn silence_panics() {
    std::panic::set_hook(Box::new(|panic| tracing::error!(%panic, "panic")));
}
