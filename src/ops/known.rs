//! What is recorded of a plugin before an operation on it, and whether that is still so: the point that is installed, and
//! whether another installer was here since (SPEC 2 §1, §16).

use crate::base::db::Database;
use crate::history::{self, StoredEntry};
use crate::model::Slug;
use crate::ops::{Error, RemovalRefusal};
use crate::registry::{self, Installed, State};
use crate::transaction::Outside;

/// What is recorded of a plugin.
pub(super) struct RecordedPlugin {
    pub(super) state: Option<State>,
    pub(super) point: Option<StoredEntry>,
    pub(super) standing: RecordState,
}

/// What the plugin's row in `plugins` and our record say together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RecordState {
    /// We recorded nothing: it is new, or of a release that did not.
    Unrecorded,
    /// The row says what we recorded.
    Ours,
    /// The row was deleted and made anew by hand; what we recorded stands.
    Replaced,
    /// The row says something else.
    External,
}

impl RecordedPlugin {
    /// Reads it. Makes nothing.
    pub(super) fn read(database: &mut Database, slug: &Slug, installed: &Installed) -> Result<Self, Error> {
        let state = registry::read_state(database, slug)?;
        let point = match state.as_ref().and_then(|state| state.point) {
            Some(point) => history::entry(database, point)?,
            None => None,
        };
        let recorded = point
            .as_ref()
            .map(|point| (point.versao_para.as_deref(), point.checksum.as_deref()));
        let found = (installed.version.as_deref(), installed.checksum.as_deref());
        Ok(Self {
            standing: judge(recorded, found),
            state,
            point,
        })
    }

    /// A plugin that is paused is enabled or uninstalled, and else left alone.
    ///
    /// # Errors
    /// [`RemovalRefusal::Paused`].
    pub(super) fn refuse_paused(&self, slug: &Slug) -> Result<(), Error> {
        if self.is_paused() {
            let slug = slug.to_string();
            return Err(RemovalRefusal::Paused { slug }.into());
        }
        Ok(())
    }

    /// It is paused.
    pub(super) fn is_paused(&self) -> bool {
        self.state.as_ref().is_some_and(State::is_paused)
    }

    /// Something is installed. `installed`: the plugin's row.
    pub(super) fn is_installed(&self, installed: &Installed) -> bool {
        is_installed(self.state.as_ref(), installed.version.as_deref())
    }

    /// What another installer has installed, where it was one.
    pub(super) fn external(&self, installed: &Installed) -> Option<Outside> {
        (self.standing == RecordState::External).then(|| Outside {
            version: installed.version.clone(),
            checksum: installed.checksum.clone(),
        })
    }

    /// SHA-256 of what is installed. Of what was installed in part only the history knows it.
    pub(super) fn checksum(&self, installed: &Installed) -> Option<String> {
        let recorded = self.point.as_ref().and_then(|point| point.checksum.clone());
        installed.checksum.clone().or(recorded)
    }

    /// The version that is installed, also where the plugin's row was made anew.
    pub(super) fn version(&self, installed: &Installed) -> Option<String> {
        let recorded = self.point.as_ref().and_then(|point| point.versao_para.clone());
        installed.version.clone().or(recorded)
    }
}

/// Installed is what our own table says; where it says nothing, what the row in `plugins` says. `version`: that of the row.
pub(super) fn is_installed(state: Option<&State>, version: Option<&str>) -> bool {
    match state {
        Some(state) if !state.is_untouched() => state.point.is_some(),
        _ => version.is_some(),
    }
}

/// Decides. `recorded`, `found`: version and SHA-256; an installation that left a part out has no SHA-256 in its row.
fn judge(recorded: Option<(Option<&str>, Option<&str>)>, found: (Option<&str>, Option<&str>)) -> RecordState {
    let Some((version, checksum)) = recorded else {
        return RecordState::Unrecorded;
    };
    match found {
        (None, None) => RecordState::Replaced,
        (found, _) if found != version => RecordState::External,
        (_, Some(found)) if Some(found) != checksum => RecordState::External,
        _ => RecordState::Ours,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_installer_is_known_by_version_or_package() {
        let point = Some((Some("1.0.0"), Some("a")));
        for (recorded, found, expected) in [
            (None, (Some("1.0.0"), Some("a")), RecordState::Unrecorded),
            (None, (None, None), RecordState::Unrecorded),
            (point, (Some("1.0.0"), Some("a")), RecordState::Ours),
            (point, (Some("1.0.0"), None), RecordState::Ours),
            (point, (None, None), RecordState::Replaced),
            (point, (Some("1.0.0"), Some("b")), RecordState::External),
            (point, (Some("1.0.1"), None), RecordState::External),
            (point, (None, Some("a")), RecordState::External),
        ] {
            assert_eq!(judge(recorded, found), expected, "{recorded:?} {found:?}");
        }
    }
}
