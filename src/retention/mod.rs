//! What of everything that is kept may go (SPEC 2 §10). Pure: decides from a policy, facts and the time; whoever asks does
//! what was decided.

mod decide;
mod facts;

pub use decide::{Decision, decide};
pub use facts::{Facts, KeptArchive, KeptFile, KeptPackage, PastOperation};
