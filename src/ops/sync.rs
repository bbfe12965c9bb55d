//! stub
use super::conversation::{Caller, Outcome};
use crate::base::clock::Clock;
use crate::config::SyncParameters;
pub(super) fn sync(_call: &SyncParameters, _caller: &Caller, _clock: &dyn Clock) -> Outcome {
    Outcome::failed(crate::outcome::ExitCode::Internal, "stub")
}
