//! What happened to plugins besides what the history tells: events, counters, what others read of them as metrics, and the
//! statistics of a month. [`audit`]: the log of operations, refusals and uses of credentials, of which can be shown that nothing
//! of it was changed.
//!
//! Owns `gestor_plugins_eventos` and `gestor_plugins_contadores`, which `store` reads and writes; the other files only decide.
//! Must not decide when something happened, nor begin or end a transaction.

pub mod audit;
mod error;
mod event;
mod messages;
mod metrics;
mod statistics;
mod store;

pub use error::ObserveError;
pub use event::{BOUNDS, Event, Happened, bucket, detail};
pub use metrics::{Counter, Metrics, PluginFacts, is_metrics};
pub use statistics::{Month, MonthOfPlugin, Noted, minor, month};
pub use store::{count, count_within, counters, is_told, purge, record, record_within};
