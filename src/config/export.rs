//! Parameters of `plugin_export` (SPEC 2 §10). Checks shapes; what a set is made of is decided in `ops`.

use std::path::PathBuf;

use super::parameter::{DATABASE, GESTOR_VERSION, LANG, ROOT, SET};
use super::{Argument, CallError, Given, Parameter, Settings, Site, messages};

/// Parameters of `plugin_export`.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportParameters {
    /// The file that is written.
    pub file: PathBuf,
    /// The gestor.
    pub site: Site,
}

impl ExportParameters {
    /// What it takes.
    pub const TAKES: &'static [Parameter] = &[SET, ROOT, DATABASE, GESTOR_VERSION, LANG];

    /// Reads a call.
    pub fn read(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        let given = Given::new(argument, Self::TAKES)?;
        Ok(Self {
            file: given.wanted_path(&SET, messages::SET_FILE)?,
            site: Site::read(&given, settings, 0)?,
        })
    }
}
