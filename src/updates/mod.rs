//! Updates that come by themselves (SPEC 3 §5): which version a plugin may have next and when, how sources are asked, and
//! whether a site is as well after an update as before. Owns the decision and its sentence, what is remembered of it, and
//! the probes; must not install anything, nor know what an index or a release is.
//!
//! Reading and writing: `rows` (what is remembered of each plugin), `sources` (what was listed, and when to ask again),
//! `probe` (pages of the site). Everything else is pure: `decide` is given what is known and the time.

mod backoff;
mod candidate;
mod decide;
mod digest;
mod error;
mod health;
mod level;
mod messages;
mod policy;
mod probe;
mod reason;
mod rows;
mod said;
mod skip;
mod sources;
mod standing;
mod watched;
mod window;

#[cfg(test)]
mod law_tests;

pub use backoff::{LONGEST_WAIT, after_failure, listing_wait, source_wait};
pub use candidate::{Candidate, newest_first};
pub use decide::{Act, Decision, Facts, News, decide};
pub use digest::{Digest, Entry, Given};
pub use error::UpdateError;
pub use health::{Pulse, Sign, compare};
pub use level::Level;
pub use policy::{Channel, Mode, Policy};
pub use probe::take_pulse;
pub use reason::Reason;
pub use rows::{Known, claim, read_all, read_one, save, save_said};
pub use said::Said;
pub use skip::Skip;
pub use sources::{Listing, forget_listings, read_listing, save_listing};
pub use standing::{Failure, Left, Standing, State};
pub use watched::{Health, Probe};
pub use window::{Window, WindowFault};
