//! The report of this request's last operation, for `plugin_report()`.

use std::cell::RefCell;

use serde_json::Value;

use gestor_plugins::ops::Outcome;

thread_local! {
    static LAST_REPORT: RefCell<Option<Value>> = const { RefCell::new(None) };
}

/// Keeps the report of an operation that ended.
pub(super) fn keep(outcome: Outcome) {
    LAST_REPORT.with_borrow_mut(|report| *report = Some(outcome.report));
}

/// Looks at it.
pub(super) fn read<T>(look: impl FnOnce(Option<&Value>) -> T) -> T {
    LAST_REPORT.with_borrow(|report| look(report.as_ref()))
}

/// A request begins or ends: nothing of another one is left.
pub(super) fn forget() {
    LAST_REPORT.with_borrow_mut(|report| *report = None);
}
