//! `plugin_resolve`: decides conflicts, in one transaction (SPEC 2 §2, "Conflicts").

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::{Value, json};

use super::conflicts::{row_of, tables_of};
use super::conversation::{Caller, Outcome};
use super::kept_rows::KeptPackages;
use super::look::{self, Known};
use super::reporter::Narrator;
use super::sharing;
use crate::base::clock::Clock;
use crate::base::db::Database;
use crate::base::fs::random_hex;
use crate::base::panic;
use crate::config::{Choice, Chosen, Orphans, ResolveParameters, RowPolicy, Settings};
use crate::data::{self, Decided, MergeRules, Merging, Put, StandingRow, StandingTable, TableRows};
use crate::history::{self, Action, HistoryEntry};
use crate::ledger::{self, Base, Identity, MergeReason, ReadBase, RowKey, SavedReason, SavedRow, Waiting};
use crate::log::{Message, Reporter};
use crate::model::{Slug, TableName};
use crate::ops::{Error, PluginRefusal};
use crate::registry::{self, Closing, Feature, KnownConflict};
use crate::transaction::{Context, Observer, RowRules, Session, Site, log_of, settle, sharing::note};

/// Decides. The report names each conflict that was decided.
pub(super) fn resolve(call: &ResolveParameters, settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
    let started = Instant::now();
    let slug = Slug::normalize(&call.slug);
    let name = slug.as_ref().map_or_else(|_| call.slug.clone(), ToString::to_string);
    let mut narrator = Narrator::new(caller, clock, &name, call.lang);
    if crate::stage::is_gestor(&call.root) {
        narrator = narrator.with_log(log_of(&call.root, &name), false);
    }
    let mut decided = Vec::new();
    let ended = slug
        .map_err(Error::from)
        .and_then(|slug| run(call, settings, &slug, &narrator))
        .map(|done| decided = done);
    if let Err(fault) = &ended {
        narrator.message(Message::error(fault));
    }
    look::answer(look::one("resolvidos", decided), ended, &narrator, started)
}

fn run(
    call: &ResolveParameters,
    settings: &Settings,
    slug: &Slug,
    narrator: &Narrator<'_>,
) -> Result<Vec<Value>, Error> {
    // What a name that nobody knows makes: nothing. It is asked for before the lock, which makes a file.
    let mut database = look::connect(&call.root, call.database.as_ref())?;
    let meant = sharing::meant(&mut database, slug, narrator)?;
    let slug = meant.as_ref().unwrap_or(slug);
    if !Known::read(&mut database, &call.root, slug, narrator)?.is_installed() {
        return Err(PluginRefusal::NotInstalled { slug: slug.to_string() }.into());
    }
    drop(database);
    let site = Site {
        root: &call.root,
        database: call.database.as_ref(),
        lock_wait: call.lock_wait,
        waits_for_the_dead: true,
    };
    let mut session = Session::open(site, &[slug], narrator)?;
    let mut cx = Context {
        site,
        session: &mut session,
        observer: narrator,
    };
    settle(&mut cx, slug)?;
    let chosen = choose(call, slug, &mut session.database)?;
    if chosen.is_empty() {
        return Ok(Vec::new());
    }
    registry::prepare_for(&mut session.database, Feature::Records, &|| narrator.is_wanted())?;
    let kept = KeptPackages {
        root: &call.root,
        slug,
        limits: &call.limits,
        settings,
        narrator,
    };
    let operation = random_hex()?;
    session.database.begin()?;
    let ended = panic::caught(|| transact(call, &kept, (&chosen, &operation), &mut session.database));
    let ended = ended.unwrap_or_else(|text| Err(Error::Internal(text)));
    match ended {
        Ok(()) => session.database.commit()?,
        Err(fault) => {
            session.database.rollback()?;
            return Err(fault);
        }
    }
    let mut cx = Context {
        site,
        session: &mut session,
        observer: narrator,
    };
    note(&mut cx, slug, &operation, false);
    Ok(chosen.iter().map(|conflict| told(conflict, &call.choice)).collect())
}

/// The open conflicts that a call names. All is none where none is open; a number must be one.
fn choose(call: &ResolveParameters, slug: &Slug, database: &mut Database) -> Result<Vec<KnownConflict>, Error> {
    let mut open = registry::read_conflicts(database, slug)?;
    open.retain(|conflict| conflict.is_open);
    let Chosen::Numbers(numbers) = &call.conflicts else {
        return Ok(open);
    };
    for id in numbers {
        if !open.iter().any(|conflict| conflict.id == *id) {
            let (slug, id) = (slug.to_string(), *id);
            return Err(PluginRefusal::UnknownConflict { slug, id }.into());
        }
    }
    open.retain(|conflict| numbers.contains(&conflict.id));
    Ok(open)
}

fn told(conflict: &KnownConflict, choice: &Choice) -> Value {
    json!({
        "id": conflict.id, "tabela": conflict.table, "linha": conflict.shown, "coluna": conflict.column,
        "motivo": conflict.reason.word(), "escolha": choice.word(),
    })
}

fn transact(
    call: &ResolveParameters,
    kept: &KeptPackages<'_>,
    (chosen, operation): (&[KnownConflict], &str),
    database: &mut Database,
) -> Result<(), Error> {
    let now = || {
        let now = kept.narrator.clock().now().to_utc();
        now.format("%Y-%m-%d %H:%M:%S%.3f").to_string()
    };
    let began = now();
    let version = registry::read(database, kept.slug)?.and_then(|row| row.version);
    let parameters = parameters(chosen, &call.choice);
    let entry = HistoryEntry {
        operation,
        batch: None,
        slug: kept.slug.as_str(),
        action: Action::Resolve,
        from: version.as_deref(),
        to: version.as_deref(),
        checksum: None,
        source: None,
        manifest: None,
        parameters: Some(&parameters),
        server: None,
        actor: call.actor.as_deref(),
        began: &began,
    };
    let history = history::begin(database, &entry)?;
    let tables = tables_of(database, kept.root, chosen)?;
    let before = ledger::read(database, kept.slug)?;
    let mut decision = Decision {
        call,
        kept,
        history,
        tables: &tables,
        before: &before,
        packages: BTreeMap::new(),
        base: Base::new(),
    };
    for conflict in chosen {
        decision.decide(conflict, database)?;
    }
    let base = decision.base;
    ledger::write(database, kept.slug, &before, &base)?;
    if let Some(mut state) = registry::read_state(database, kept.slug)? {
        state.counter += 1;
        registry::write_state(database, &state)?;
    }
    let outcome = history::Outcome {
        code: 0,
        committed: true,
        ..history::Outcome::default()
    };
    Ok(history::complete(database, history, &outcome, &now())?)
}

/// What the history keeps of the call: no values, which may be long, and may be secrets.
fn parameters(chosen: &[KnownConflict], choice: &Choice) -> String {
    let numbers: Vec<u64> = chosen.iter().map(|conflict| conflict.id).collect();
    json!({"conflito": numbers, "escolha": choice.word()}).to_string()
}

struct Decision<'d> {
    call: &'d ResolveParameters,
    kept: &'d KeptPackages<'d>,
    /// The history's number of this operation.
    history: u64,
    tables: &'d BTreeMap<TableName, StandingTable>,
    before: &'d ReadBase,
    /// The rows of packages that were asked for.
    packages: BTreeMap<String, Vec<TableRows>>,
    /// The base of tables whose entries changed.
    base: Base,
}

impl Decision<'_> {
    fn decide(&mut self, conflict: &KnownConflict, database: &mut Database) -> Result<(), Error> {
        let tables = self.tables;
        let name = TableName::new(&conflict.table).ok();
        let found = name.and_then(|name| tables.get(&name));
        // A table or a column that is gone has nothing to decide any more.
        let column = found.and_then(|table| table.column(&conflict.column));
        let closing = match (found, column) {
            (Some(table), None) if conflict.column.is_empty() => self.row(table, conflict, database)?,
            (Some(table), Some(column)) => match row_of(database, table, conflict, true)? {
                Some(row) => self.field(table, (conflict, column), &row, database)?,
                None => Closing::Gone,
            },
            _ => Closing::Gone,
        };
        let closed = [(conflict.table.as_str(), &conflict.key, conflict.column.as_str())];
        registry::close_conflicts(database, self.kept.slug, closing, closed)?;
        Ok(())
    }

    /// A value: mine, the package's, or a third one.
    fn field(
        &self,
        table: &StandingTable,
        (conflict, column): (&KnownConflict, usize),
        row: &StandingRow,
        database: &mut Database,
    ) -> Result<Closing, Error> {
        let companion = conflict.companion.as_deref().and_then(|name| table.column(name));
        let (put, closing) = match &self.call.choice {
            Choice::Mine => (Put::Nothing, Closing::Mine),
            Choice::Value(text) => (Put::Given(text), Closing::Value),
            Choice::Package => (package_value(conflict, companion.is_some()), Closing::Package),
        };
        let base = self.before.base.get(table.name());
        let entry = base.and_then(|base| Some((base, &base.entries[base.find(&conflict.key)?])));
        let decided = Decided {
            column,
            companion,
            put,
            base: entry,
        };
        let write = table.decide(row, decided).map_err(|expected| PluginRefusal::Misfit {
            id: conflict.id,
            column: conflict.column.clone(),
            expected,
        })?;
        let written = |wanted: usize| write.values.iter().find(|(column, _)| *column == wanted);
        let mut saved = Vec::new();
        for (place, reason) in [
            (Some(column), SavedReason::Replaced),
            (companion, SavedReason::Companion),
        ] {
            // The package's value that went where it belongs is not lost.
            let is_moved = reason == SavedReason::Companion && put == Put::Companion;
            let Some((place, value)) = place.and_then(written).filter(|_| !is_moved) else {
                continue;
            };
            saved.push(SavedRow {
                table: table.name().clone(),
                key: Some(conflict.key),
                identity: conflict.identity.clone(),
                reason,
                values: vec![(table.column_name(*place).to_owned(), row[*place].clone())],
                placed: vec![(
                    table.column_name(*place).to_owned(),
                    table.value_digest(*place, value.as_deref()),
                )],
            });
        }
        registry::save(database, self.kept.slug, self.history, &saved)?;
        table.write(database, &conflict.identity, &write)?;
        Ok(closing)
    }

    /// A whole row: one that a user deleted, or that the gestor has taken over.
    fn row(
        &mut self,
        table: &StandingTable,
        conflict: &KnownConflict,
        database: &mut Database,
    ) -> Result<Closing, Error> {
        let named = || (conflict.id, conflict.table.clone(), conflict.shown.clone());
        match (&self.call.choice, conflict.reason) {
            (Choice::Mine, _) => Ok(Closing::Mine),
            (Choice::Value(_), _) => {
                let (id, table, shown) = named();
                Err(PluginRefusal::WholeRow { id, table, shown }.into())
            }
            (Choice::Package, MergeReason::Core) => {
                let (id, table, shown) = named();
                Err(PluginRefusal::CoreRow { id, table, shown }.into())
            }
            (Choice::Package, _) => {
                self.insert(table, conflict, database)?;
                Ok(Closing::Package)
            }
        }
    }

    /// Inserts a deleted row as the kept package brings it, by the rules of an installation.
    fn insert(
        &mut self,
        table: &StandingTable,
        conflict: &KnownConflict,
        database: &mut Database,
    ) -> Result<(), Error> {
        let version = conflict.version.clone().unwrap_or_default();
        let only = self.row_of_package(table, conflict, &version)?;
        let only = only.ok_or(PluginRefusal::NotInPackage {
            id: conflict.id,
            version,
        })?;
        let policy = RowPolicy {
            orphans: Orphans::Ignore,
            ..RowPolicy::default()
        };
        let (slug, narrator) = (self.kept.slug, self.kept.narrator);
        let rules = RowRules::read(slug, self.kept.root, self.call.gestor_version.as_deref(), policy)?;
        let tables = [only];
        let request = rules.request(&tables, None);
        let merging = Merging {
            base: None,
            is_rebuilt: false,
            rules: MergeRules::default(),
            history: self.history,
            standing: &[],
        };
        let mut plan = data::plan_merged(database, &request, Some(merging), narrator)?;
        plan.check(policy.conflicts)?;
        data::save_values(database, &plan, &mut |database, row| -> Result<(), Error> {
            Ok(registry::save(database, slug, self.history, [&row])?)
        })?;
        data::apply_merged(database, &plan, &request, Some(merging), narrator)?;
        let made = data::complete_base(database, &mut plan, &request)?;
        self.remember(table.name(), &conflict.key, &made);
        Ok(())
    }

    fn row_of_package(
        &mut self,
        table: &StandingTable,
        conflict: &KnownConflict,
        version: &str,
    ) -> Result<Option<TableRows>, Error> {
        if !self.packages.contains_key(version) {
            let rows = self.kept.rows(version)?.ok_or_else(|| PluginRefusal::NotKept {
                slug: self.kept.slug.to_string(),
                version: version.to_owned(),
            })?;
            self.packages.insert(version.to_owned(), rows);
        }
        let rows = self.packages.get(version).into_iter().flatten();
        for rows in rows.filter(|rows| rows.table.as_str() == conflict.table) {
            if let Some(row) = table.find_row(&rows.rows, &conflict.key)? {
                return Ok(Some(table.only(&rows.rows, row)?));
            }
        }
        Ok(None)
    }

    /// The base knows where the row stands now.
    fn remember(&mut self, table: &TableName, key: &RowKey, made: &Base) {
        let made = made.get(table).and_then(|made| Some(&made.entries[made.find(key)?]));
        let Some(known) = self.before.base.get(table) else {
            return;
        };
        let base = self.base.entry(table.clone()).or_insert_with(|| known.clone());
        if let Some((place, made)) = base.find(key).zip(made) {
            let entry = &mut base.entries[place];
            let identity: Identity = made.identity.clone();
            (entry.deleted, entry.orphan, entry.identity) = (false, false, identity);
            (entry.origin, entry.since, entry.until) = (made.origin, made.since, 0);
        }
    }
}

/// Where the package's value stands.
fn package_value(conflict: &KnownConflict, has_companion: bool) -> Put<'_> {
    match &conflict.theirs {
        Waiting::Text(text) => Put::Waiting(Some(text)),
        Waiting::Elsewhere if has_companion => Put::Companion,
        Waiting::Null | Waiting::Elsewhere => Put::Waiting(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_history_keeps_no_values() {
        let text = parameters(&[], &Choice::Value("secret".to_owned()));
        assert_eq!(text, r#"{"conflito":[],"escolha":"valor"}"#);
    }
}
