//! Exit codes: the only place where their numbers stand (SPEC §4).

use serde::{Serialize, Serializer};

/// How an operation ended. Numbers are never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum ExitCode {
    /// Done, or nothing to do.
    Ok = 0,
    /// Bad parameters, file or credential not found, nested call.
    ParamsOrFile = 10,
    /// Manifest, slug, structure, shape of data files.
    Validate = 11,
    /// Backup, staging, move or permissions failed.
    Move = 12,
    /// A migration failed.
    Migrate = 13,
    /// Database unreachable, a value that does not fit, a refused row, a conflict.
    Sync = 14,
    /// Another operation on this plugin is running.
    Locked = 15,
    /// The progress callback said stop.
    Cancelled = 16,
    /// A stored credential does not open, or its key is missing.
    Credential = 17,
    /// Network, HTTP status, time-out, too large.
    Download = 20,
    /// Not a ZIP, corrupt, or refused by a safety rule.
    ZipInvalid = 21,
    /// SHA-256 differs, or is required and missing.
    Checksum = 22,
    /// A signature, of a package or of an index, does not hold or is required and missing.
    Signature = 23,
    /// What says which packages may still be believed is too old.
    Stale = 24,
    /// What a plugin needs is missing, in conflict or in a circle; or others need it.
    Dependency = 30,
    /// The manifest's `compatibility` excludes this gestor.
    Incompatible = 31,
    /// Older than the installed version.
    AlreadyInstalled = 32,
    /// What stands there is not what was installed.
    Drift = 33,
    /// There is no way there: no such version, or its package is not kept.
    Irreversible = 34,
    /// The plugin is not installed.
    NotInstalled = 35,
    /// A post-installation script failed, or was not run; the operation stands.
    Script = 36,
    /// The site was not well after an update, which was taken back.
    RolledBack = 37,
    /// A bug in us.
    Internal = 99,
}

impl ExitCode {
    /// Every code, in order.
    pub const ALL: [Self; 23] = [
        Self::Ok,
        Self::ParamsOrFile,
        Self::Validate,
        Self::Move,
        Self::Migrate,
        Self::Sync,
        Self::Locked,
        Self::Cancelled,
        Self::Credential,
        Self::Download,
        Self::ZipInvalid,
        Self::Checksum,
        Self::Signature,
        Self::Stale,
        Self::Dependency,
        Self::Incompatible,
        Self::AlreadyInstalled,
        Self::Drift,
        Self::Irreversible,
        Self::NotInstalled,
        Self::Script,
        Self::RolledBack,
        Self::Internal,
    ];

    /// Of two ends the worse one: the higher number.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        if other.number() > self.number() { other } else { self }
    }

    /// The number.
    pub fn number(self) -> i32 {
        self as i32
    }

    /// The label, which is also the suffix of the PHP constant `PLG_EXIT_*`.
    pub fn label(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::ParamsOrFile => "PARAMS_OR_FILE",
            Self::Validate => "VALIDATE",
            Self::Move => "MOVE",
            Self::Migrate => "MIGRATE",
            Self::Sync => "SYNC",
            Self::Locked => "LOCKED",
            Self::Cancelled => "CANCELLED",
            Self::Credential => "CREDENTIAL",
            Self::Download => "DOWNLOAD",
            Self::ZipInvalid => "ZIP_INVALID",
            Self::Checksum => "CHECKSUM",
            Self::Signature => "SIGNATURE",
            Self::Stale => "STALE",
            Self::Dependency => "DEPENDENCY",
            Self::Incompatible => "INCOMPATIBLE",
            Self::AlreadyInstalled => "ALREADY_INSTALLED",
            Self::Drift => "DRIFT",
            Self::Irreversible => "IRREVERSIBLE",
            Self::NotInstalled => "NOT_INSTALLED",
            Self::Script => "SCRIPT",
            Self::RolledBack => "ROLLED_BACK",
            Self::Internal => "INTERNAL",
        }
    }

    /// The label of a number; `UNKNOWN` when there is none.
    pub fn label_of(number: i64) -> &'static str {
        Self::ALL
            .iter()
            .find(|code| i64::from(code.number()) == number)
            .map_or("UNKNOWN", |code| code.label())
    }
}

impl Serialize for ExitCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i32(self.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_found_by_number() {
        assert_eq!(ExitCode::label_of(22), "CHECKSUM");
        assert_eq!(ExitCode::label_of(99), "INTERNAL");
        assert_eq!(ExitCode::label_of(1), "UNKNOWN");
        assert_eq!(ExitCode::label_of(-1), "UNKNOWN");
    }
}
