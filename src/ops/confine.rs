//! The paths that a call names lie where PHP lets the script read and write (`open_basedir`). Looked at before anything
//! else: a refused call reads nothing, and writes no log either. Files that are looked for below the gestor are checked
//! where they are found (`source`).

use std::path::Path;

use super::conversation::{Call, Outcome};
use crate::base::fs::is_within;
use crate::config::{CallError, DatabaseSettings, Reach};
use crate::model::GestorRoot;
use crate::ops::Error;
use crate::outcome::Report;

/// Refuses a call that names a path outside.
pub(super) fn check(call: &Call, reach: &Reach) -> Result<(), Error> {
    let (root, database) = match call {
        Call::Install(call) | Call::Diff(call) => (&call.root, &call.database),
        Call::Rollback(call) => (&call.install.root, &call.install.database),
        Call::Sync(call) => (&call.root, &call.database),
        Call::Recover(call) => (&call.root, &call.database),
        Call::Mark(call) => (&call.root, &call.database),
        Call::List(call) | Call::History(call) | Call::Conflicts(call) => (&call.root, &call.database),
        Call::Resolve(call) => (&call.root, &call.database),
        Call::Uninstall(call) => (&call.root, &call.database),
        Call::Restore(call) => (&call.root, &call.database),
        Call::Verify(call) => (&call.root, &call.database),
        Call::UpdateAll(call) => (&call.root, &call.database),
    };
    allow(reach, "raiz", root.as_path())?;
    if let Call::Sync(call) = call {
        allow(reach, "pasta", &call.folder)?;
    }
    database
        .as_ref()
        .map_or(Ok(()), |database| allow_database(reach, database))
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
    allow(reach, "raiz", root.as_path())?;
    let tops = [root.plugins(), root.temp(), root.logs(), root.backups()];
    tops.iter().try_for_each(|top| allow(reach, "raiz", top))
}

/// The end of a refused call.
pub(super) fn refused(call: &Call, fault: &Error) -> Outcome {
    let slug = match call {
        Call::Install(call) | Call::Diff(call) => call.slug.as_str(),
        Call::Rollback(call) => call.install.slug.as_str(),
        Call::Sync(call) => call.slug.as_str(),
        Call::Recover(call) => call.slug.as_deref().unwrap_or_default(),
        Call::Mark(call) => call.slug.as_str(),
        Call::List(call) | Call::History(call) | Call::Conflicts(call) => call.slug.as_deref().unwrap_or_default(),
        Call::Resolve(call) => call.slug.as_str(),
        Call::Uninstall(call) => call.slug.as_str(),
        Call::Restore(call) => call.slug.as_str(),
        Call::Verify(call) => call.slug.as_str(),
        Call::UpdateAll(_) => "",
    };
    let mut report = Report::new(slug);
    report.erros = fault.messages(call.lang());
    report.finish(fault.exit_code());
    Outcome::of(&report, call.lang())
}
