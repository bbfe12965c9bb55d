//! What an installation may do, decided from facts alone: which parts it has, and whether a version may replace
//! another. No I/O.

use crate::config::InstallParameters;
use crate::model::Version;

/// The parts of an installation that a call wants (SPEC §5, "Leaving parts out").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parts {
    /// Run migrations.
    pub(super) migrations: bool,
    /// Write rows.
    pub(super) rows: bool,
}

/// Switches that exclude each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` and `{1}` exclude each other: give one of them")]
pub struct Contradiction(pub(super) &'static str, pub(super) &'static str);

#[cfg(test)]
impl Contradiction {
    /// Two switches for tests of texts.
    pub(crate) fn sample() -> Self {
        Self("s11", "s12")
    }
}

impl Parts {
    /// Reads the switches of a call.
    pub(super) fn of(call: &InstallParameters) -> Result<Self, Contradiction> {
        let wanted = [
            (
                "only_migrations",
                call.parts.only_migrations,
                "only_resources",
                call.parts.only_resources,
            ),
            (
                "only_migrations",
                call.parts.only_migrations,
                "no_migrations",
                call.parts.no_migrations,
            ),
            (
                "only_resources",
                call.parts.only_resources,
                "no_resources",
                call.parts.no_resources,
            ),
        ];
        if let Some((one, _, other, _)) = wanted.into_iter().find(|(_, one, _, other)| *one && *other) {
            return Err(Contradiction(one, other));
        }
        Ok(Self {
            migrations: !call.parts.no_migrations && !call.parts.only_resources,
            rows: !call.parts.no_resources && !call.parts.only_migrations,
        })
    }

    /// Whether nothing is left out. Only then is the package's checksum recorded, so that the next plain call does
    /// the rest of an incomplete one.
    pub(super) fn are_complete(self) -> bool {
        self.migrations && self.rows
    }
}

/// Why a version may not be installed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VersionRefusal {
    /// Older than the installed one.
    #[error("version {package} is older than the installed {installed}: pass `forcar` (`--forcar`) to go back to it")]
    Older {
        /// Of the package.
        package: Version,
        /// Installed.
        installed: Version,
    },
    /// The manifest excludes this gestor.
    #[error(
        "version {package} asks for a gestor {wanted}, this one is {gestor}: update the gestor, or pass `forcar` (`--forcar`)"
    )]
    Incompatible {
        /// Of the package.
        package: Version,
        /// What the manifest says.
        wanted: String,
        /// Version of this gestor.
        gestor: String,
    },
}

/// What a version check looks at.
#[derive(Debug, Clone)]
pub(super) struct VersionFacts {
    /// Of the package.
    pub(super) package: Version,
    /// Installed, where one is.
    pub(super) installed: Option<Version>,
    /// What the manifest asks for and the gestor's version, when the manifest excludes it.
    pub(super) excluded: Option<(String, String)>,
    /// `forcar`
    pub(super) force: bool,
    /// `reprocessar`
    pub(super) reprocess: bool,
}

/// Decides whether a version may be installed; what passes only by `forcar`, or because it is the installed version
/// again, is given back as a warning.
pub(super) fn admit_version(facts: VersionFacts) -> Result<Vec<VersionRefusal>, VersionRefusal> {
    let VersionFacts {
        package,
        installed,
        excluded,
        force,
        reprocess,
    } = facts;
    let mut warnings = Vec::new();
    if let Some(installed) = installed.filter(|installed| package < *installed) {
        let older = VersionRefusal::Older { package, installed };
        if !force {
            return Err(older);
        }
        warnings.push(older);
    }
    if let Some((wanted, gestor)) = excluded {
        let incompatible = VersionRefusal::Incompatible {
            package,
            wanted,
            gestor,
        };
        let is_again = reprocess && installed == Some(package);
        if !force && !is_again {
            return Err(incompatible);
        }
        warnings.push(incompatible);
    }
    Ok(warnings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Argument, Settings};

    fn call(flags: &[&str]) -> InstallParameters {
        let mut entries = vec![("raiz".to_owned(), Argument::Bytes(b"/g".to_vec()))];
        entries.extend(flags.iter().map(|flag| ((*flag).to_owned(), Argument::Bool(true))));
        InstallParameters::read(Argument::Map(entries), &Settings::default()).unwrap()
    }

    #[test]
    fn switches_choose_parts() {
        for (flags, migrations, rows) in [
            (&[][..], true, true),
            (&["no_migrations"], false, true),
            (&["no_resources"], true, false),
            (&["only_migrations"], true, false),
            (&["only_resources"], false, true),
            (&["no_migrations", "no_resources"], false, false),
            (&["only_migrations", "no_resources"], true, false),
        ] {
            assert_eq!(
                Parts::of(&call(flags)).unwrap(),
                Parts { migrations, rows },
                "{flags:?}"
            );
        }
        for flags in [
            ["only_migrations", "only_resources"],
            ["only_migrations", "no_migrations"],
            ["only_resources", "no_resources"],
        ] {
            assert!(Parts::of(&call(&flags)).is_err(), "{flags:?}");
        }
    }

    #[test]
    fn older_and_incompatible_versions_need_force() {
        let version = |text: &str| text.parse::<Version>().unwrap();
        let facts = |package: &str, installed: &str, excluded: bool, force, reprocess| VersionFacts {
            package: version(package),
            installed: (!installed.is_empty()).then(|| version(installed)),
            excluded: excluded.then(|| ("3.x".to_owned(), "2.9.43".to_owned())),
            force,
            reprocess,
        };
        for (given, warnings) in [
            (facts("1.0.0", "", false, false, false), Some(0)),
            (facts("1.9.0", "1.10.0", false, false, false), None),
            (facts("1.9.0", "1.10.0", false, true, false), Some(1)),
            (facts("1.10.0", "1.10.0", false, false, true), Some(0)),
            (facts("1.0.0", "", true, false, false), None),
            (facts("1.0.0", "", true, true, false), Some(1)),
            (facts("1.0.0", "1.0.0", true, false, true), Some(1)),
            (facts("1.0.0", "1.0.0", true, false, false), None),
            (facts("0.9.0", "1.0.0", true, true, true), Some(2)),
        ] {
            let shown = format!("{given:?}");
            assert_eq!(admit_version(given).ok().map(|made| made.len()), warnings, "{shown}");
        }
    }
}
