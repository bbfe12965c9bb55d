//! A plugin that is paused: nothing of it is to be there but the archive out of which it comes back.

use serde_json::{Value, json};

use super::PluginOverview;
use crate::model::{GestorRoot, Slug};
use crate::ops::Error;
use crate::stage::removed;
use crate::transaction::Removed;

/// The archive, where it cannot be read to its end.
pub(super) fn look(root: &GestorRoot, slug: &Slug, known: &PluginOverview) -> Result<Vec<Value>, Error> {
    let name = known.state.as_ref().and_then(|state| state.removed_archive.clone());
    let fault = |fault: &str| vec![json!({"versao": null, "arquivo": name, "motivo": fault})];
    let found = match &name {
        Some(name) => removed::open(root, slug, name)?,
        None => None,
    };
    let Some((path, file)) = found else {
        return Ok(fault("ausente"));
    };
    let read = Removed::read(path, file).and_then(|mut archive| Ok(archive.verify()?));
    Ok(if read.is_ok() { Vec::new() } else { fault("ilegivel") })
}
