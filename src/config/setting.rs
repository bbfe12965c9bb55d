//! How each setting of the machine is read and shown. Their names stand in the table of parameters; what is wrong with a
//! value, with the words.

use std::path::PathBuf;

use super::address::address;
use super::choices::{lang, lang_word, yes_or_no};
use super::retention::versions;
use super::{
    Adoption, AuditLevel, Bases, CallError, Conflicts, Fusion, Orphans, Pruning, Scripts, Settings, SignatureLevel,
    Statistics, messages,
};
use crate::model::Phrase;

/// GitHub's API.
pub const DEFAULT_GITHUB_API: &str = "https://api.github.com";

/// GitHub's pages.
pub const DEFAULT_GITHUB_WEB: &str = "https://github.com";

/// Names refused in an archive where nobody says others.
pub const DEFAULT_BLACKLIST: [&str; 3] = [".env*", ".git/", ".htpasswd"];

/// Seconds without a byte after which a download stops.
pub const DEFAULT_HTTP_IDLE: u64 = 30;

/// Seconds after which a download stops in any case.
pub const DEFAULT_HTTP_TOTAL: u64 = 900;

/// What is said for no folder.
const NO_FOLDER: &str = "none";

/// A setting of the machine.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// It protects the machine: only its administrator says it, never a script, `.user.ini` or `.htaccess`.
    pub is_of_the_machine: bool,
    /// Reads it; the name is for the fault.
    pub(super) read: fn(&mut Settings, &str, &str) -> Result<(), CallError>,
    /// The value that counts, for people to read.
    pub(super) show: fn(&Settings) -> String,
}

const fn of_anybody(
    read: fn(&mut Settings, &str, &str) -> Result<(), CallError>,
    show: fn(&Settings) -> String,
) -> Setting {
    Setting {
        is_of_the_machine: false,
        read,
        show,
    }
}

const fn of_the_machine(
    read: fn(&mut Settings, &str, &str) -> Result<(), CallError>,
    show: fn(&Settings) -> String,
) -> Setting {
    Setting {
        is_of_the_machine: true,
        read,
        show,
    }
}

/// Gives a field the folder that was said; one word stands for none.
fn put_folder(field: &mut Option<PathBuf>, name: &str, value: &str) -> Result<(), CallError> {
    let folder = (value != NO_FOLDER).then(|| absolute_folder(name, PathBuf::from(value)));
    put(field, folder.transpose())
}

fn shown_folder(folder: Option<&PathBuf>) -> String {
    folder.map_or_else(|| NO_FOLDER.to_owned(), |path| path.display().to_string())
}

/// Gives a field what was read.
fn put<T>(field: &mut T, read: Result<T, CallError>) -> Result<(), CallError> {
    *field = read?;
    Ok(())
}

pub(super) const ADOPTION: Setting = of_anybody(
    |settings, name, value| put(&mut settings.policy.adoption, Adoption::from_word(name, value)),
    |settings| settings.policy.adoption.word().to_owned(),
);
pub(super) const CONFLICTS: Setting = of_anybody(
    |settings, name, value| put(&mut settings.policy.conflicts, Conflicts::from_word(name, value)),
    |settings| settings.policy.conflicts.word().to_owned(),
);
pub(super) const ORPHANS: Setting = of_anybody(
    |settings, name, value| put(&mut settings.policy.orphans, Orphans::from_word(name, value)),
    |settings| settings.policy.orphans.word().to_owned(),
);
pub(super) const FUSION: Setting = of_anybody(
    |settings, name, value| put(&mut settings.fusion, Fusion::from_word(name, value)),
    |settings| settings.fusion.word().to_owned(),
);
pub(super) const BASES: Setting = of_anybody(
    |settings, name, value| put(&mut settings.bases, Bases::from_word(name, value)),
    |settings| settings.bases.word().to_owned(),
);
pub(super) const INDEX: Setting = of_anybody(
    |settings, name, value| put_folder(&mut settings.index, name, value),
    |settings| shown_folder(settings.index.as_ref()),
);
pub(super) const TRUST: Setting = of_the_machine(
    |settings, name, value| put_folder(&mut settings.trust, name, value),
    |settings| shown_folder(settings.trust.as_ref()),
);
pub(super) const SIGNATURE: Setting = of_the_machine(
    |settings, name, value| {
        put(
            &mut settings.signature,
            SignatureLevel::from_word(name, value).map(Some),
        )
    },
    |settings| settings.signature.unwrap_or_default().word().to_owned(),
);
pub(super) const AUDIT: Setting = of_the_machine(
    |settings, name, value| put(&mut settings.audit.level, AuditLevel::from_word(name, value)),
    |settings| settings.audit.level.word().to_owned(),
);
pub(super) const AUDIT_DAYS: Setting = of_the_machine(
    |settings, name, value| put(&mut settings.audit.days, number(name, value)),
    |settings| settings.audit.days.to_string(),
);
pub(super) const AUDIT_MEBIBYTES: Setting = of_the_machine(
    |settings, name, value| put(&mut settings.audit.mebibytes, number(name, value)),
    |settings| settings.audit.mebibytes.to_string(),
);
pub(super) const SCRIPTS: Setting = of_the_machine(
    |settings, name, value| put(&mut settings.scripts, Scripts::from_word(name, value)),
    |settings| settings.scripts.word().to_owned(),
);
pub(super) const PHP: Setting = of_the_machine(
    |settings, _, value| {
        settings.php = Some(PathBuf::from(value));
        Ok(())
    },
    |settings| {
        let program = settings.php.as_ref().or(settings.own_php.as_ref());
        program.map_or_else(|| "php".to_owned(), |path| path.display().to_string())
    },
);
pub(super) const LANG: Setting = of_anybody(
    |settings, name, value| put(&mut settings.lang, lang(name, value)),
    |settings| lang_word(settings.lang).to_owned(),
);
pub(super) const LOCK_WAIT: Setting = of_anybody(
    |settings, name, value| put(&mut settings.lock_wait, number(name, value).map(Some)),
    |settings| settings.lock_wait.unwrap_or(0).to_string(),
);
pub(super) const HTTP_IDLE: Setting = of_anybody(
    |settings, name, value| put(&mut settings.http_idle, seconds(name, value)),
    |settings| shown_seconds(settings.http_idle, DEFAULT_HTTP_IDLE),
);
pub(super) const HTTP_TOTAL: Setting = of_anybody(
    |settings, name, value| put(&mut settings.http_total, seconds(name, value)),
    |settings| shown_seconds(settings.http_total, DEFAULT_HTTP_TOTAL),
);
pub(super) const KEEP_VERSIONS: Setting = of_anybody(
    |settings, name, value| put(&mut settings.retention.versions, versions(name, value)),
    |settings| settings.retention.versions.to_string(),
);
pub(super) const KEEP_BACKUPS: Setting = of_anybody(
    |settings, name, value| put(&mut settings.retention.backups, number(name, value)),
    |settings| settings.retention.backups.to_string(),
);
pub(super) const KEEP_DAYS: Setting = of_anybody(
    |settings, name, value| put(&mut settings.retention.days, number(name, value)),
    |settings| settings.retention.days.to_string(),
);
pub(super) const KEEP_BYTES: Setting = of_anybody(
    |settings, name, value| put(&mut settings.retention.bytes, number(name, value)),
    |settings| settings.retention.bytes.to_string(),
);
pub(super) const KEEP_REMOVED: Setting = of_anybody(
    |settings, name, value| put(&mut settings.retention.removed_days, number(name, value)),
    |settings| settings.retention.removed_days.to_string(),
);
pub(super) const HISTORY_ROWS: Setting = of_anybody(
    |settings, name, value| put(&mut settings.retention.history_rows, number(name, value)),
    |settings| settings.retention.history_rows.to_string(),
);
pub(super) const HISTORY_DAYS: Setting = of_anybody(
    |settings, name, value| put(&mut settings.retention.history_days, number(name, value)),
    |settings| settings.retention.history_days.to_string(),
);
pub(super) const PRUNING: Setting = of_anybody(
    |settings, name, value| put(&mut settings.retention.pruning, Pruning::from_word(name, value)),
    |settings| settings.retention.pruning.word().to_owned(),
);
pub(super) const STATISTICS: Setting = of_anybody(
    |settings, name, value| put(&mut settings.statistics, Statistics::from_word(name, value)),
    |settings| settings.statistics.word().to_owned(),
);
pub(super) const LOG_LEVEL: Setting = of_anybody(
    |settings, name, value| put(&mut settings.debug, debug(name, value)),
    |settings| (if settings.debug { "debug" } else { "info" }).to_owned(),
);
pub(super) const REPAIR_AFTER: Setting = of_anybody(
    |settings, name, value| {
        put(
            &mut settings.leaves_updated,
            yes_or_no(name, value).map(|repairs| !repairs),
        )
    },
    |settings| (if settings.leaves_updated { "nao" } else { "sim" }).to_owned(),
);
pub(super) const BLACKLIST: Setting = of_the_machine(
    |settings, _, value| {
        settings.blacklist = Some(value.split(',').map(|name| name.trim().to_owned()).collect());
        Ok(())
    },
    |settings| {
        let built_in = || DEFAULT_BLACKLIST.map(str::to_owned).to_vec();
        settings.blacklist.clone().unwrap_or_else(built_in).join(",")
    },
);
pub(super) const GITHUB_API: Setting = of_the_machine(
    |settings, name, value| put(&mut settings.github_api, address(name, value).map(Some)),
    |settings| {
        settings
            .github_api
            .clone()
            .unwrap_or_else(|| DEFAULT_GITHUB_API.to_owned())
    },
);
pub(super) const GITHUB_WEB: Setting = of_the_machine(
    |settings, name, value| put(&mut settings.github_web, address(name, value).map(Some)),
    |settings| {
        settings
            .github_web
            .clone()
            .unwrap_or_else(|| DEFAULT_GITHUB_WEB.to_owned())
    },
);
pub(super) const CA_FILE: Setting = of_the_machine(
    |settings, _, value| {
        settings.ca_file = Some(PathBuf::from(value));
        Ok(())
    },
    |settings| {
        let file = settings.ca_file.as_ref();
        file.map_or_else(|| "none".to_owned(), |path| path.display().to_string())
    },
);

fn shown_seconds(value: u64, default: u64) -> String {
    (if value == 0 { default } else { value }).to_string()
}

/// A folder of packages; a path from here is none, for the web server and a shell stand elsewhere.
pub(super) fn absolute_folder(name: &str, path: PathBuf) -> Result<PathBuf, CallError> {
    if path.is_absolute() {
        return Ok(path);
    }
    Err(CallError::WrongValue {
        key: name.to_owned(),
        found: path.display().to_string().chars().take(80).collect(),
        allowed: messages::ABSOLUTE_FOLDER,
    })
}

/// Reads `log_level`.
fn debug(name: &str, value: &str) -> Result<bool, CallError> {
    match value {
        "debug" => Ok(true),
        "info" => Ok(false),
        other => Err(CallError::WrongValue {
            key: name.to_owned(),
            found: other.chars().take(80).collect(),
            allowed: Phrase::of_others("info, debug"),
        }),
    }
}

/// A time in which something can happen.
fn seconds(name: &str, value: &str) -> Result<u64, CallError> {
    let read = value.parse::<u64>().ok().filter(|seconds| *seconds > 0);
    read.ok_or_else(|| CallError::WrongValue {
        key: name.to_owned(),
        found: value.chars().take(80).collect(),
        allowed: messages::ONE_OR_MORE,
    })
}

/// A whole number.
pub(super) fn number(name: &str, value: &str) -> Result<u64, CallError> {
    value.parse().map_err(|_| CallError::WrongValue {
        key: name.to_owned(),
        found: value.chars().take(80).collect(),
        allowed: messages::ZERO_OR_MORE,
    })
}
