//! Takes the parameters of a call apart: by key, each with the type that it should have.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use super::choices::lang;
use super::{
    Adoption, Argument, Bases, CallError, Conflicts, DatabaseSettings, Orphans, RowPolicy, Settings, messages,
};
use crate::model::{GestorRoot, Lang};

pub(super) fn path(bytes: Vec<u8>) -> PathBuf {
    PathBuf::from(OsString::from_vec(bytes))
}

/// Takes the values of a call out of it one by one; what is left over is unknown.
pub(super) struct Call {
    entries: Vec<(String, Argument)>,
    known: &'static [&'static str],
}

impl Call {
    pub(super) fn new(argument: Argument, known: &'static [&'static str]) -> Result<Self, CallError> {
        let entries = match argument {
            Argument::Map(entries) => entries,
            other => other.named().ok_or_else(|| CallError::WrongType {
                key: "params".to_owned(),
                expected: "array",
                found: other.type_name(),
            })?,
        };
        match entries.iter().find(|(key, _)| !known.contains(&key.as_str())) {
            Some((key, _)) => Err(CallError::UnknownKey {
                key: key.clone(),
                known: known.join(", "),
            }),
            None => Ok(Self { entries, known }),
        }
    }

    /// All that was given.
    pub(super) fn entries(&self) -> &[(String, Argument)] {
        &self.entries
    }

    pub(super) fn value(&self, key: &str) -> &Argument {
        debug_assert!(self.known.contains(&key), "{key} is read but not known");
        self.entries
            .iter()
            .find(|(found, _)| found == key)
            .map_or(&Argument::Null, |(_, value)| value)
    }

    pub(super) fn text(&self, key: &str) -> Result<Option<String>, CallError> {
        Ok(self.value(key).text(key)?.filter(|text| !text.is_empty()))
    }

    pub(super) fn path(&self, key: &str) -> Result<Option<PathBuf>, CallError> {
        Ok(self.value(key).bytes(key)?.filter(|bytes| !bytes.is_empty()).map(path))
    }

    pub(super) fn flag(&self, key: &str) -> Result<bool, CallError> {
        self.value(key).flag(key)
    }

    pub(super) fn choice<T>(
        &self,
        key: &str,
        read: fn(&str) -> Result<T, CallError>,
        default: T,
    ) -> Result<T, CallError> {
        self.text(key)?.map_or(Ok(default), |value| read(&value))
    }

    pub(super) fn row_policy(&self, settings: &Settings) -> Result<RowPolicy, CallError> {
        Ok(RowPolicy {
            adoption: self.choice("adocao", Adoption::from_word, settings.adoption)?,
            conflicts: self.choice("conflitos", Conflicts::from_word, settings.conflicts)?,
            orphans: self.choice("orfaos", Orphans::from_word, settings.orphans)?,
        })
    }

    pub(super) fn bases(&self, settings: &Settings) -> Result<Bases, CallError> {
        self.choice("bases", Bases::of_call, settings.bases.clone())
    }

    /// The same of a call for several plugins, which strikes out nothing.
    pub(super) fn lasting_bases(&self, settings: &Settings) -> Result<Bases, CallError> {
        self.choice("bases", Bases::from_word, settings.bases.clone())
    }

    pub(super) fn database(&self) -> Result<Option<DatabaseSettings>, CallError> {
        DatabaseSettings::read(self.value("db"))
    }

    pub(super) fn lang(&self, settings: &Settings) -> Result<Lang, CallError> {
        self.choice("lang", lang, settings.lang)
    }

    pub(super) fn lock_wait(&self, settings: &Settings, default: u64) -> Result<u64, CallError> {
        let key = "espera_lock";
        Ok(self.value(key).count(key)?.or(settings.lock_wait).unwrap_or(default))
    }

    pub(super) fn root(&self) -> Result<GestorRoot, CallError> {
        let hint = messages::ROOT;
        self.path("raiz")?
            .map(GestorRoot::new)
            .ok_or(CallError::Missing { key: "raiz", hint })
    }
}
