//! As what an operation is counted. Pure.

use crate::history::Action;
use crate::observe::Event;

/// As what an operation is counted that succeeds; some are not.
pub(super) fn success_of(action: Action) -> Option<Event> {
    match action {
        Action::Install => Some(Event::InstallSuccess),
        Action::Update | Action::Reprocess => Some(Event::UpdateChanged),
        Action::Rollback => Some(Event::RollbackExec),
        Action::Uninstall => Some(Event::Uninstall),
        Action::Synchronize
        | Action::Restore
        | Action::Disable
        | Action::Enable
        | Action::Resolve
        | Action::Repair
        | Action::External => None,
    }
}
