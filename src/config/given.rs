//! Takes the parameters of a call apart: by name, each with the type that it should have.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use zeroize::Zeroize;

use super::choices::lang;
use super::parameter::{ADOPTION, BASES, CONFLICTS, DATABASE, FUSION, LANG, LOCK_WAIT, MIGRATIONS, ORPHANS, ROOT};
use super::{
    Adoption, Argument, Bases, CallError, Conflicts, DatabaseSettings, Fusion, Orphans, Parameter, RowPolicy, Settings,
    messages,
};
use crate::model::{GestorRoot, Lang, Phrase};

pub(super) fn path(bytes: Vec<u8>) -> PathBuf {
    PathBuf::from(OsString::from_vec(bytes))
}

/// What a call gives: its values are taken out one by one, and one that the operation does not take is refused.
#[derive(Debug)]
pub struct Given {
    entries: Vec<(String, Argument)>,
    takes: &'static [Parameter],
}

impl Given {
    /// What was given to an operation that takes these.
    pub fn new(argument: Argument, takes: &'static [Parameter]) -> Result<Self, CallError> {
        let entries = match argument {
            Argument::Map(entries) => entries,
            other => other.named().ok_or_else(|| CallError::WrongType {
                key: "params".to_owned(),
                expected: "array",
                found: other.type_name(),
            })?,
        };
        let is_taken = |key: &str| takes.iter().any(|parameter| parameter.name == key);
        match entries.iter().find(|(key, _)| !is_taken(key)) {
            Some((key, _)) => Err(CallError::UnknownKey {
                key: key.clone(),
                known: takes.iter().map(|one| one.name).collect::<Vec<_>>().join(", "),
            }),
            None => Ok(Self { entries, takes }),
        }
    }

    /// All that was given.
    pub fn entries(&self) -> &[(String, Argument)] {
        &self.entries
    }

    /// Whether the operation takes a parameter.
    pub fn takes(&self, parameter: &Parameter) -> bool {
        self.takes.iter().any(|taken| taken.is(parameter))
    }

    /// One value.
    pub fn value(&self, parameter: &Parameter) -> &Argument {
        debug_assert!(self.takes(parameter), "{} is read but not taken", parameter.name);
        self.entries
            .iter()
            .find(|(found, _)| found == parameter.name)
            .map_or(&Argument::Null, |(_, value)| value)
    }

    /// A text that is not empty.
    pub fn text(&self, parameter: &Parameter) -> Result<Option<String>, CallError> {
        let text = self.value(parameter).text(parameter.name)?;
        Ok(text.filter(|text| !text.is_empty()))
    }

    /// A text without which the call says nothing.
    pub(super) fn wanted_text(&self, parameter: &Parameter, hint: Phrase) -> Result<String, CallError> {
        let key = parameter.name;
        self.text(parameter)?.ok_or(CallError::Missing { key, hint })
    }

    /// The same of a path.
    pub(super) fn wanted_path(&self, parameter: &Parameter, hint: Phrase) -> Result<PathBuf, CallError> {
        let key = parameter.name;
        self.path(parameter)?.ok_or(CallError::Missing { key, hint })
    }

    /// A text that says what is meant: where it is given it is not empty, as a script's variable is that was never set.
    pub fn meant(&self, parameter: &Parameter, allowed: Phrase) -> Result<Option<String>, CallError> {
        match self.value(parameter).text(parameter.name)? {
            Some(text) if text.trim().is_empty() => Err(CallError::WrongValue {
                key: parameter.name.to_owned(),
                found: text,
                allowed,
            }),
            text => Ok(text),
        }
    }

    /// A path that is not empty.
    pub fn path(&self, parameter: &Parameter) -> Result<Option<PathBuf>, CallError> {
        let bytes = self.value(parameter).bytes(parameter.name)?;
        Ok(bytes.filter(|bytes| !bytes.is_empty()).map(path))
    }

    /// Overwrites what was given of these.
    pub fn forget(&mut self, parameters: &[Parameter]) {
        let is_secret = |key: &str| parameters.iter().any(|parameter| parameter.name == key);
        for (key, value) in &mut self.entries {
            if let (true, Argument::Bytes(bytes)) = (is_secret(key), value) {
                bytes.zeroize();
            }
        }
    }

    /// Yes or no.
    pub fn flag(&self, parameter: &Parameter) -> Result<bool, CallError> {
        self.value(parameter).flag(parameter.name)
    }

    /// A whole number.
    pub fn count(&self, parameter: &Parameter) -> Result<Option<u64>, CallError> {
        self.value(parameter).count(parameter.name)
    }

    /// One of a few words.
    pub fn choice<T>(
        &self,
        parameter: &Parameter,
        read: fn(&str, &str) -> Result<T, CallError>,
        default: T,
    ) -> Result<T, CallError> {
        self.text(parameter)?
            .map_or(Ok(default), |value| read(parameter.name, &value))
    }

    /// What is done about rows that are not simply the plugin's own.
    pub fn row_policy(&self, settings: &Settings) -> Result<RowPolicy, CallError> {
        Ok(RowPolicy {
            adoption: self.choice(&ADOPTION, Adoption::from_word, settings.policy.adoption)?,
            conflicts: self.choice(&CONFLICTS, Conflicts::from_word, settings.policy.conflicts)?,
            orphans: self.choice(&ORPHANS, Orphans::from_word, settings.policy.orphans)?,
        })
    }

    /// What becomes of values that both a user and the package changed.
    pub fn fusion(&self, settings: &Settings) -> Result<Fusion, CallError> {
        self.choice(&FUSION, Fusion::from_word, settings.fusion)
    }

    /// What becomes of files that other databases use too.
    pub fn bases(&self, settings: &Settings) -> Result<Bases, CallError> {
        self.choice(&BASES, Bases::of_call, settings.bases.clone())
    }

    /// The same of a call for several plugins, which strikes out nothing.
    pub fn lasting_bases(&self, settings: &Settings) -> Result<Bases, CallError> {
        self.choice(&BASES, Bases::from_word, settings.bases.clone())
    }

    /// Whether the caller runs migrations.
    pub fn can_migrate(&self) -> Result<bool, CallError> {
        match self.value(&MIGRATIONS) {
            Argument::Null | Argument::Bool(false) => Ok(false),
            Argument::Callable | Argument::Bool(true) => Ok(true),
            other => Err(CallError::WrongType {
                key: MIGRATIONS.name.to_owned(),
                expected: "callable",
                found: other.type_name(),
            }),
        }
    }

    pub(super) fn database(&self) -> Result<Option<DatabaseSettings>, CallError> {
        DatabaseSettings::read(self.value(&DATABASE))
    }

    pub(super) fn lang(&self, settings: &Settings) -> Result<Lang, CallError> {
        self.choice(&LANG, lang, settings.lang)
    }

    pub(super) fn lock_wait(&self, settings: &Settings, default: u64) -> Result<u64, CallError> {
        Ok(self.count(&LOCK_WAIT)?.or(settings.lock_wait).unwrap_or(default))
    }

    pub(super) fn root(&self) -> Result<GestorRoot, CallError> {
        self.wanted_path(&ROOT, messages::ROOT).map(GestorRoot::new)
    }
}
