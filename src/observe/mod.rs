//! What is remembered of what was done, for whoever asks later.
//!
//! [`audit`]: the log of operations, refusals and uses of credentials, of which can be shown that nothing of it was changed.

pub mod audit;
