//! The gestor that a call is about, and how it is reached. Checks shapes; looks at nothing.

use std::path::PathBuf;

use super::parameter::{GESTOR_VERSION, KEYS, LOCK_WAIT, PHP_VERSION, TRUST};
use super::setting::absolute_folder;
use super::{CallError, DatabaseSettings, Given, Limits, Reach, Retention, Settings, SignatureRules, Statistics};
use crate::model::{GestorRoot, Lang, Secret};

/// What every operation knows of the gestor that it works on.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// Its folder.
    pub root: GestorRoot,
    /// Its database, where the call names one.
    pub database: Option<DatabaseSettings>,
    /// Its version, for `compatibility`.
    pub gestor_version: Option<String>,
    /// The version of the PHP that it runs on, where one does.
    pub php_version: Option<String>,
    /// Language of everything that is told.
    pub lang: Lang,
    /// Seconds for which a lock is waited for.
    pub lock_wait: u64,
    /// Limits of archives.
    pub limits: Limits,
    /// Where paths of the call may lead.
    pub reach: Reach,
    /// How much of what is kept stays.
    pub retention: Retention,
    /// What no package may hold, where the machine says so.
    pub blacklist: Option<Vec<String>>,
    /// The folder of roots, keys and rules by which packages are believed, where somebody said one.
    pub trust: Option<PathBuf>,
    /// Keys of its credentials, where somebody gave them: then those of the trust folder do not count.
    pub keys: Option<Secret>,
    /// How strictly signatures of packages are looked at.
    pub signature: SignatureRules,
    /// Whether each month's operations are counted in a file.
    pub statistics: Statistics,
}

impl Site {
    /// Reads it. A lock is waited for as long as `patience` says where nobody says anything.
    pub fn read(given: &Given, settings: &Settings, patience: u64) -> Result<Self, CallError> {
        let version = |parameter| {
            if given.takes(parameter) {
                given.text(parameter)
            } else {
                Ok(None)
            }
        };
        let lock_wait = if given.takes(&LOCK_WAIT) {
            given.lock_wait(settings, patience)?
        } else {
            patience
        };
        let trust = if given.takes(&TRUST) { given.path(&TRUST)? } else { None };
        let trust = trust.map(|path| absolute_folder(TRUST.name, path)).transpose()?;
        let trust = trust.or_else(|| settings.trust.clone());
        let keys = if given.takes(&KEYS) { given.text(&KEYS)? } else { None };
        Ok(Self {
            root: given.root()?,
            database: given.database()?,
            gestor_version: version(&GESTOR_VERSION)?,
            php_version: version(&PHP_VERSION)?.or_else(|| settings.php_version.clone()),
            lang: given.lang(settings)?,
            lock_wait,
            limits: settings.limits,
            reach: settings.reach.clone(),
            retention: settings.retention,
            blacklist: settings.blacklist.clone(),
            trust,
            keys: keys.map(Secret::new).or_else(|| settings.keys.clone()),
            signature: SignatureRules::read(given, settings)?,
            statistics: settings.statistics,
        })
    }
}
