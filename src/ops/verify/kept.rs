//! The packages that are kept of a plugin: each must be what its checksum says, and that of what is installed be there.

use serde_json::{Value, json};

use super::PluginOverview;
use crate::base::fs::open_to_read;
use crate::base::hash::sha256_reader;
use crate::model::{GestorRoot, Slug};
use crate::ops::Error;
use crate::stage::kept;

/// Compares. `is_found`: the package of what is installed was found by its SHA-256.
pub(super) fn look(
    root: &GestorRoot,
    slug: &Slug,
    known: &PluginOverview,
    is_found: bool,
) -> Result<Vec<Value>, Error> {
    let mut faults = Vec::new();
    if !is_found {
        faults.push(json!({"versao": known.version(), "motivo": "ausente"}));
    }
    for package in kept::list(root, slug)? {
        let name = package.path.file_name().unwrap_or_default().to_string_lossy();
        let opened = open_to_read(&package.path, u64::MAX);
        let hashed = opened.ok().and_then(|file| sha256_reader(file).ok());
        let fault = match (hashed, &package.sha256) {
            (None, _) => "ilegivel",
            (Some(_), None) => "sem_checksum",
            (Some((found, _)), Some(wanted)) if found.to_string() != *wanted => "alterado",
            _ => continue,
        };
        faults.push(json!({"versao": package.version, "arquivo": name, "motivo": fault}));
    }
    Ok(faults)
}
