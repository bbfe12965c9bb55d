//! What all operations have in common that look at installed plugins: a connection without locks, and a report. They make
//! nothing, recover nothing, and say what waits.

use std::time::Instant;

use serde_json::{Map, Value, json};

use super::conversation::Outcome;
use super::reporter::{Narrator, milliseconds};
use crate::base::db::Database;
use crate::config::DatabaseSettings;
use crate::model::{GestorRoot, Slug};
use crate::ops::Error;
use crate::outcome::ExitCode;
use crate::registry::{self, Installed, State};
use crate::stage;
use crate::transaction::{SessionError, Sharing, check_root, tell_waiting};

/// A connection that holds no lock.
pub(super) fn connect(root: &GestorRoot, settings: Option<&DatabaseSettings>) -> Result<Database, Error> {
    check_root(root)?;
    let settings = settings.ok_or(SessionError::NoDatabase)?;
    Ok(Database::connect(settings)?)
}

/// What is known of a plugin.
pub(super) struct Known {
    /// Its row in `plugins`.
    pub(super) installed: Option<Installed>,
    /// What our own table says of it.
    pub(super) state: Option<State>,
}

impl Known {
    /// Reads it, and says what waits to be recovered.
    pub(super) fn read(
        database: &mut Database,
        root: &GestorRoot,
        slug: &Slug,
        narrator: &Narrator<'_>,
    ) -> Result<Self, Error> {
        tell_waiting(root, slug, narrator)?;
        Ok(Self {
            installed: registry::read(database, slug)?,
            state: registry::read_state(database, slug)?,
        })
    }

    /// Installed is what our own table says; where it says nothing, what the row in `plugins` says.
    pub(super) fn is_installed(&self) -> bool {
        match &self.state {
            Some(state) => state.point.is_some(),
            None => self.installed.as_ref().is_some_and(|row| row.version.is_some()),
        }
    }

    /// How often something was done with it.
    pub(super) fn counter(&self) -> u64 {
        self.state.as_ref().map_or(0, |state| state.counter)
    }

    /// The installed version.
    pub(super) fn version(&self) -> Option<&str> {
        self.installed.as_ref()?.version.as_deref()
    }
}

/// In what tree and database disagree: the database is from another day (`banco_restaurado`), another database of this
/// tree went on (`atrasada`), or nobody knows why (`pacote`).
pub(super) fn contradictions(sharing: &Sharing, root: &GestorRoot, slug: &Slug, known: &Known) -> Vec<String> {
    if sharing.restored(slug, known.counter()).is_some() {
        return vec!["banco_restaurado".to_owned()];
    }
    let tree = stage::installed_package(root, slug).map(|digest| digest.to_string());
    let row = known.installed.as_ref().and_then(|row| row.checksum.clone());
    match (tree, row) {
        (Some(tree), Some(row)) if tree != row => {
            let others = sharing.others(slug);
            let is_explained = others.iter().any(|other| other.sha256.as_ref() == Some(&tree));
            vec![(if is_explained { "atrasada" } else { "pacote" }).to_owned()]
        }
        _ => Vec::new(),
    }
}

/// The report: code and label, what was found, warnings and errors.
pub(super) fn answer(
    mut found: Map<String, Value>,
    ended: Result<(), Error>,
    narrator: &Narrator<'_>,
    started: Instant,
) -> Outcome {
    let (code, errors) = match ended {
        Ok(()) => (ExitCode::Ok, Vec::new()),
        Err(fault) => (fault.exit_code(), fault.messages(narrator.lang())),
    };
    let mut report = Map::new();
    report.insert("codigo".to_owned(), code.number().into());
    report.insert("rotulo".to_owned(), code.label().into());
    report.append(&mut found);
    report.insert("avisos".to_owned(), narrator.warnings().into());
    report.insert("erros".to_owned(), errors.into());
    report.insert(
        "duracao_ms".to_owned(),
        json!({"concluir": milliseconds(started.elapsed())}),
    );
    if let Some(fault) = narrator.log_fault() {
        report.insert("log_falhou".to_owned(), fault.into());
    }
    Outcome::new(code, Value::Object(report), narrator.lang())
}

/// One entry of a report.
pub(super) fn one(key: &str, value: impl Into<Value>) -> Map<String, Value> {
    Map::from_iter([(key.to_owned(), value.into())])
}
