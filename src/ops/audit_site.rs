//! The audit log of a site: where it stands, by which settings it is kept, and what of it goes into the database and into the
//! system's log.

use std::io::Write;
use std::path::Path;

use chrono::{DateTime, FixedOffset};

use super::{Error, look};
use crate::base::db::Database;
use crate::base::fs::is_within;
use crate::base::syslog;
use crate::config::{AuditRules, DatabaseSettings, Site};
use crate::model::{Bilingual, GestorRoot, Phrase};
use crate::observe::audit::table::{self, TableRow};
use crate::observe::audit::{Appended, AuditError, Limits, Log, Place};
use crate::registry::{self, Feature, RegistryError};
use crate::stage;
use crate::transaction::TransactionError;

/// Where the logs of a gestor stand.
pub(super) fn place(root: &GestorRoot) -> Result<Place, Error> {
    Ok(Place {
        top: root.backups(),
        folder: root.audit(),
        server: root.server_id(),
        owner: stage::kept_owner(root)?,
    })
}

/// Whether a path lies in the folder of the logs, where nobody else writes.
pub(super) fn holds(root: &GestorRoot, path: &Path) -> bool {
    is_within(&[root.audit()], path)
}

/// The log of this server, to be written.
pub(super) fn open(root: &GestorRoot, rules: AuditRules) -> Result<Log, Unwritten> {
    let limits = Limits {
        days: rules.days,
        bytes: rules.mebibytes.saturating_mul(1 << 20),
    };
    let place = place(root).map_err(|fault| Unwritten::Place(Box::new(fault)))?;
    Ok(Log::open(place, limits)?)
}

/// Why there is no log.
pub(super) enum Unwritten {
    /// Its place.
    Place(Box<Error>),
    /// Itself.
    Log(AuditError),
}

impl From<AuditError> for Unwritten {
    fn from(fault: AuditError) -> Self {
        Self::Log(fault)
    }
}

impl Unwritten {
    /// Why.
    pub(super) fn phrase(&self) -> Phrase {
        match self {
            Self::Place(fault) => Phrase::of(&**fault),
            Self::Log(fault) => Phrase::of(fault),
        }
    }

    /// The end of an operation that is not done without one.
    pub(super) fn refusal(self) -> Error {
        match self {
            Self::Place(fault) => *fault,
            Self::Log(fault) => Error::Unrecorded(fault),
        }
    }
}

/// Checkpoints leave the files: to the system's log, best effort, and to the database of a site, where our tables stand. What is too old
/// goes then; a database that cannot be told of it keeps it. What is told where the database does not take them; the log has them
/// all the same.
pub(super) fn spread(
    site: Option<&Site>,
    (log, appended): (&mut Log, &Appended),
    now: DateTime<FixedOffset>,
) -> Option<Phrase> {
    for point in &appended.points {
        let (server, records, root) = (&appended.server, point.size(), point.root);
        let line = format!("auditoria servidor={server} tamanho={records} raiz={root}");
        let _ = syslog::tell(Path::new(syslog::SOCKET), "gestor-plugins", &line);
    }
    if let Some(fault) = &appended.unpointed {
        return Some(not_made(&Phrase::of(fault)));
    }
    let site = site.filter(|site| site.database.is_some() && !appended.points.is_empty())?;
    match note(site, (log, appended), now) {
        // Somebody changes schemas just now: the next checkpoint comes there.
        Ok(()) | Err(Error::Transaction(TransactionError::Registry(RegistryError::Stopped))) => None,
        Err(fault) => Some(not_noted(&Phrase::of(&fault))),
    }
}

fn note(site: &Site, (log, appended): (&mut Log, &Appended), now: DateTime<FixedOffset>) -> Result<(), Error> {
    let mut database = look::connect(&site.root, site.database.as_ref())?;
    let is_known = registry::identify(&mut database)?.is_some();
    if is_known {
        registry::prepare_for(&mut database, Feature::Audit, &|| false)?;
        table::put(&mut database, &place(&site.root)?, &appended.server)?;
    }
    if let Some(purge) = log.record_purge(now)? {
        if is_known {
            table::forget_before(&mut database, &purge.server, purge.size)?;
        }
        log.remove(&purge)?;
    }
    Ok(())
}

/// What the database says of a server, where the call names one.
pub(super) fn noted(
    root: &GestorRoot,
    settings: Option<&DatabaseSettings>,
    server: &str,
) -> Result<Vec<TableRow>, Error> {
    let Some(settings) = settings else {
        return Ok(Vec::new());
    };
    let mut database: Database = look::connect(root, Some(settings))?;
    Ok(table::rows(&mut database, server)?)
}

/// What could not be recorded is told where whoever looks after the machine looks.
pub(super) fn tell_machine(text: &str) {
    let _ = writeln!(std::io::stderr(), "gestor-plugins: {}", crate::log::escape(text));
}

/// A checkpoint stands in the log alone.
fn not_noted(why: &Phrase) -> Phrase {
    Phrase::made(
        format!(
            "o ponto de controle da auditoria não foi gravado na tabela gestor_plugins_auditoria: {}",
            why.portuguese()
        ),
        format!("the checkpoint of the audit log was not written to the table gestor_plugins_auditoria: {why}"),
    )
}

/// There is no checkpoint.
fn not_made(why: &Phrase) -> Phrase {
    Phrase::made(
        format!(
            "o registro de auditoria ficou sem ponto de controle: {}",
            why.portuguese()
        ),
        format!("the audit log has no checkpoint of this: {why}"),
    )
}

/// What was done stands in no log.
pub(super) fn unrecorded(why: &Phrase) -> Phrase {
    Phrase::made(
        format!(
            "o que esta operação fez não está no registro de auditoria: {}",
            why.portuguese()
        ),
        format!("what this operation did is not in the audit log: {why}"),
    )
}
