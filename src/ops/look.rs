//! What all operations have in common that look at installed plugins: a connection without locks, and a report. They make
//! nothing, recover nothing, and say what waits.

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::{Map, Value, json};

use super::caller::{Caller, Outcome};
use super::definition::{Effect, request};
use super::known::{RecordedPlugin, is_installed};
use super::messages;
use super::reporter::{OperationReporter, milliseconds};
use crate::base::clock::Clock;
use crate::base::db::Database;
use crate::base::fs::is_folder;
use crate::config::{DatabaseSettings, LookParameters, Settings};
use crate::data::TableRows;
use crate::history::StoredEntry;
use crate::log::{Message, Reporter};
use crate::manifest;
use crate::model::{GestorRoot, Slug, Version};
use crate::ops::Error;
use crate::outcome::ExitCode;
use crate::package::{KeptPackages, RowReading};
use crate::registry::{self, Installed, Listed, State};
use crate::stage;
use crate::transaction::{SessionError, Sharing, check_root, tell_waiting};

/// A call that only looks, and what answers it.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) call: LookParameters,
    pub(super) answer: fn(&LookParameters, &Settings, &Caller, &dyn Clock) -> Outcome,
}

request!(Look.call, Look::look, |_| Effect::Looks);

impl Look {
    fn look(&self, settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
        (self.answer)(&self.call, settings, caller, clock)
    }
}

/// A connection that holds no lock.
pub(super) fn connect(root: &GestorRoot, settings: Option<&DatabaseSettings>) -> Result<Database, Error> {
    check_root(root)?;
    let settings = settings.ok_or(SessionError::NoDatabase)?;
    Ok(Database::connect(settings)?)
}

/// What is known of a plugin.
pub(super) struct PluginOverview {
    /// Its row in `plugins`.
    pub(super) installed: Option<Installed>,
    /// What our own table says of it.
    pub(super) state: Option<State>,
    /// What is installed, as the history tells it.
    pub(super) point: Option<StoredEntry>,
}

impl PluginOverview {
    /// Reads it, and says what waits to be recovered.
    pub(super) fn read(
        database: &mut Database,
        root: &GestorRoot,
        slug: &Slug,
        reporter: &OperationReporter<'_>,
    ) -> Result<Self, Error> {
        tell_waiting(root, slug, reporter)?;
        let installed = registry::read(database, slug)?;
        let recorded = RecordedPlugin::read(database, slug, &installed.clone().unwrap_or_default())?;
        Ok(Self {
            installed,
            state: recorded.state,
            point: recorded.point,
        })
    }

    /// Something is installed.
    pub(super) fn is_installed(&self) -> bool {
        let row = self.installed.as_ref();
        is_installed(self.state.as_ref(), row.and_then(|row| row.version.as_deref()))
    }

    /// It is paused.
    pub(super) fn is_paused(&self) -> bool {
        self.state.as_ref().is_some_and(State::is_paused)
    }

    /// Any table knows the plugin.
    pub(super) fn is_known(&self) -> bool {
        self.installed.is_some() || self.state.is_some()
    }

    /// How often something was done with it.
    pub(super) fn counter(&self) -> u64 {
        self.state.as_ref().map_or(0, |state| state.counter)
    }

    /// The installed version, also where the row in `plugins` was made anew.
    pub(super) fn version(&self) -> Option<&str> {
        let row = self.installed.as_ref().and_then(|row| row.version.as_deref());
        row.or_else(|| self.point.as_ref()?.versao_para.as_deref())
    }

    /// SHA-256 of the installed package. Of what was installed in part only the history knows it.
    pub(super) fn sha256(&self) -> Option<&str> {
        let row = self.installed.as_ref().and_then(|row| row.checksum.as_deref());
        row.or_else(|| self.point.as_ref()?.checksum.as_deref())
    }
}

/// The rows of a kept package, for what has to know what a package brought.
pub(super) fn kept_rows(
    kept: &KeptPackages<'_>,
    (version, sha256): (&str, Option<&str>),
    reporter: &OperationReporter<'_>,
) -> Result<Option<Vec<TableRows>>, Error> {
    let Some(package) = kept.open(Some(version), sha256)? else {
        return Ok(None);
    };
    let reading = RowReading {
        limits: kept.limits,
        spill: None,
        watch: &|rows| reporter.reading(rows),
    };
    Ok(Some(package.read_rows(&reading)?.tables))
}

/// The plugins of a database, by name, each under the name by which we know it: one that the admin page renamed keeps
/// its own, and one whose record it deleted is there all the same.
pub(super) fn plugins(database: &mut Database) -> Result<Vec<(Slug, Listed)>, Error> {
    let (rows, states) = (registry::list(database)?, registry::read_states(database)?);
    let mut found = BTreeMap::new();
    for row in rows {
        let name = row
            .state(&states)
            .map_or(row.slug.as_str(), |state| state.slug.as_str());
        // A record of the admin page may have a name that no plugin can have.
        if let Ok(slug) = Slug::normalize(name) {
            found.entry(slug.to_string()).or_insert((slug, row));
        }
    }
    let is_ours = |state: &&State| state.point.is_some() || state.is_paused();
    for state in states.iter().filter(is_ours) {
        if let Ok(slug) = Slug::normalize(&state.slug) {
            found.entry(slug.to_string()).or_insert((slug, Listed::default()));
        }
    }
    Ok(found.into_values().collect())
}

/// In what tree, record and our own table disagree. What explains another tree is told in place of what follows from it:
/// the database is from another day (`banco_restaurado`), or another database of this tree went on (`atrasada`).
pub(super) fn contradictions(sharing: &Sharing, root: &GestorRoot, slug: &Slug, known: &PluginOverview) -> Vec<String> {
    let mut found: Vec<&str> = match explanation(sharing, root, slug, known) {
        Some(explanation) => vec![explanation],
        None => of_tree(root, slug, known),
    };
    if known.is_installed() {
        match &known.installed {
            None => found.push("registro"),
            Some(row) if row.id.as_deref().is_some_and(|id| id != slug.as_str()) => found.push("id"),
            Some(_) => {}
        }
    }
    found.extend(of_admin_page(known));
    if known.is_paused() && sharing.others(slug).is_empty() && is_folder(&root.installed(slug)) {
        found.push("arquivos");
    }
    found.into_iter().map(str::to_owned).collect()
}

/// What the buttons of the admin page say, which write past us: eye and bin set only the record's `status`.
fn of_admin_page(known: &PluginOverview) -> Option<&'static str> {
    let shown = known.installed.as_ref().and_then(|row| row.shown.as_deref());
    match shown? {
        "D" if known.is_installed() || known.is_paused() => Some("apagado"),
        "I" if known.is_installed() => Some("inativo"),
        "A" if known.is_paused() => Some("ativo"),
        _ => None,
    }
}

/// Says what can be done about what the admin page says.
pub(super) fn offer(contradictions: &[String], slug: &Slug, reporter: &OperationReporter<'_>) {
    for found in contradictions {
        if let Some(offer) = messages::admin_page(found, slug.as_str()) {
            reporter.message(Message::Warning(offer));
        }
    }
}

/// Why the tree is another one, where the list of its databases says it.
fn explanation(sharing: &Sharing, root: &GestorRoot, slug: &Slug, known: &PluginOverview) -> Option<&'static str> {
    if sharing.restored(slug, known.counter()).is_some() {
        return Some("banco_restaurado");
    }
    let tree = stage::installed_package(root, slug)?.to_string();
    let recorded = known.installed.as_ref()?.checksum.as_ref()?;
    let others = sharing.others(slug);
    let is_theirs = others.iter().any(|other| other.sha256.as_ref() == Some(&tree));
    (tree != *recorded && is_theirs).then_some("atrasada")
}

/// In what the tree is not what the row in `plugins` says.
fn of_tree(root: &GestorRoot, slug: &Slug, known: &PluginOverview) -> Vec<&'static str> {
    let Some(row) = &known.installed else {
        return Vec::new();
    };
    let tree = stage::installed_package(root, slug).map(|digest| digest.to_string());
    let version = version_of_tree(root, slug);
    let differs = |tree: Option<String>, row: &Option<String>| tree.is_some() && row.is_some() && tree != *row;
    let mut found = Vec::new();
    if differs(tree, &row.checksum) {
        found.push("pacote");
    }
    if differs(version, &row.version) {
        found.push("versao");
    }
    found
}

fn version_of_tree(root: &GestorRoot, slug: &Slug) -> Option<String> {
    let text = stage::installed_text(root, slug, manifest::FILE_NAME)?;
    let manifest: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()?;
    let version = manifest.get("version").or_else(|| manifest.get("versao"))?.as_str()?;
    // As the row has it.
    Some(version.parse::<Version>().ok()?.to_string())
}

/// The report: code and label, what was found, warnings and errors.
pub(super) fn answer(
    mut found: Map<String, Value>,
    ended: Result<(), Error>,
    reporter: &OperationReporter<'_>,
    started: Instant,
) -> Outcome {
    let (code, errors) = match ended {
        Ok(()) => (ExitCode::Ok, Vec::new()),
        Err(fault) => (fault.exit_code(), fault.messages(reporter.lang())),
    };
    let mut report = Map::new();
    report.insert("codigo".to_owned(), code.number().into());
    report.insert("rotulo".to_owned(), code.label().into());
    report.append(&mut found);
    report.insert("avisos".to_owned(), reporter.warnings().into());
    report.insert("erros".to_owned(), errors.into());
    report.insert(
        "duracao_ms".to_owned(),
        json!({"concluir": milliseconds(started.elapsed())}),
    );
    if let Some(fault) = reporter.log_fault() {
        report.insert("log_falhou".to_owned(), fault.into());
    }
    Outcome::new(code, Value::Object(report), reporter.lang())
}

/// One entry of a report.
pub(super) fn one(key: &str, value: impl Into<Value>) -> Map<String, Value> {
    Map::from_iter([(key.to_owned(), value.into())])
}
