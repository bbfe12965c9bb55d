//! The paths that a call names lie where PHP lets the script read and write (`open_basedir`). Looked at before anything
//! else: a refused call reads nothing, and writes no log either. Files that are looked for below the gestor are checked
//! where they are found (`source`).

use std::path::Path;

use super::caller::Outcome;
use super::definition::Request;
use crate::base::fs::is_within;
use crate::config::parameter::{ROOT, TRUST};
use crate::config::{CallError, DatabaseSettings, Reach, Settings};
use crate::model::GestorRoot;
use crate::ops::Error;
use crate::outcome::Report;

/// Refuses a call that names a path outside.
pub(super) fn check(request: &dyn Request, settings: &Settings) -> Result<(), Error> {
    let (site, reach) = (request.site(), &settings.reach);
    allow(reach, ROOT.name, site.root.as_path())?;
    // The administrator's own is read wherever it stands.
    if let Some(trust) = site
        .trust
        .as_ref()
        .filter(|trust| settings.trust.as_ref() != Some(trust))
    {
        allow(reach, TRUST.name, trust)?;
    }
    for (key, path) in request.paths() {
        allow(reach, key, path)?;
    }
    let database = site.database.as_ref();
    database.map_or(Ok(()), |database| allow_database(reach, database))
}

fn allow_database(reach: &Reach, database: &DatabaseSettings) -> Result<(), Error> {
    if let Some(authorities) = &database.ca {
        allow(reach, "db.ca", authorities)?;
    }
    match database
        .socket
        .as_ref()
        .filter(|socket| !reach.sockets.contains(socket))
    {
        Some(socket) => allow(reach, "db.socket", socket),
        None => Ok(()),
    }
}

pub(super) fn allow(reach: &Reach, key: &'static str, path: &Path) -> Result<(), Error> {
    match &reach.folders {
        Some(folders) if !is_within(folders, path) => Err(Error::Call(CallError::Outside {
            key,
            path: path.to_owned(),
            allowed: reach.text(),
        })),
        _ => Ok(()),
    }
}

/// Refuses a gestor whose real path, or the real path of one of its own folders, lies outside: links may have changed
/// since the call's path was looked at, and a folder of the gestor may be one. Below these no link is followed.
pub(super) fn check_settled(root: &GestorRoot, reach: &Reach) -> Result<(), Error> {
    allow(reach, ROOT.name, root.as_path())?;
    let tops = [root.plugins(), root.temp(), root.logs(), root.backups()];
    tops.iter().try_for_each(|top| allow(reach, ROOT.name, top))
}

/// The end of a refused call.
pub(super) fn refused(request: &dyn Request, fault: &Error) -> Outcome {
    let lang = request.site().lang;
    let mut report = Report::new(request.slug().unwrap_or_default());
    report.erros = fault.messages(lang);
    report.finish(fault.exit_code());
    Outcome::of(&report, lang)
}
