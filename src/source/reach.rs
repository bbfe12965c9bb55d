//! What PHP lets the script read.

use std::path::Path;

use super::SourceError;
use crate::base::fs::is_within;
use crate::config::{CallError, InstallParameters};

/// Whether PHP lets the script read a path (`open_basedir`), wherever links lead.
pub(super) fn allow(parameters: &InstallParameters, key: &'static str, path: &Path) -> Result<(), SourceError> {
    match &parameters.reach.folders {
        Some(folders) if !is_within(folders, path) => Err(SourceError::Outside(CallError::Outside {
            key,
            path: path.to_owned(),
            allowed: parameters.reach.text(),
        })),
        _ => Ok(()),
    }
}
