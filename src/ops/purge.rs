//! What is taken away of the schema with a plugin of which nothing is to be left (SPEC 2 §6): its migrations are undone, then
//! what they are known to have made and is still there is dropped, and last the log of them.

use std::collections::BTreeSet;

use super::reporter::OperationReporter;
use crate::base::db::Database;
use crate::log::{Message, Reporter};
use crate::migrate::{self, Contraction, Made, Migration, Shown};
use crate::model::Slug;
use crate::ops::{Error, RemovalRefusal, purge_messages};
use crate::package::KeptPackages;
use crate::registry;
use crate::transaction::{Context, Irreversible, Life, Neighbours, applied_after, made_by, migration_log, way_back};

/// What is taken away.
#[derive(Default)]
pub(super) struct Purge {
    /// In the order in which it is done after the commit.
    pub(super) steps: Vec<Contraction>,
    /// What must not stand there in the end.
    wanted: Made,
}

impl Purge {
    /// Of a plugin. `current`: version and SHA-256 of what is installed. `gone`: plugins that go with it, and before it.
    ///
    /// # Errors
    /// [`RemovalRefusal::OwnTables`] where nobody recorded what its migrations made.
    pub(super) fn of(
        cx: &mut Context<'_>,
        kept: &KeptPackages<'_>,
        (current, gone): ((Option<&str>, Option<&str>), &[Slug]),
        reporter: &OperationReporter<'_>,
    ) -> Result<Self, Error> {
        let slug = kept.slug;
        let logs = standing_logs(&mut cx.session.database, slug)?;
        if Life::read(&mut cx.session.database, slug)?.is_untold()
            && let Some(table) = telling(&mut cx.session.database, &logs)?
        {
            let slug = slug.to_string();
            return Err(RemovalRefusal::OwnTables { slug, table }.into());
        }
        let wanted = alone(cx, (kept, gone), reporter)?;
        let groups = applied_after(&mut cx.session.database, slug, None, &BTreeSet::new())?;
        let (undo, blocked) = way_back(cx, kept, groups, current)?;
        for Irreversible { migration, reason } in &blocked {
            reporter.message(Message::Warning(purge_messages::only_dropped(migration, reason)));
        }
        let is_blocked = |migration: &Migration| blocked.iter().any(|found| found.migration == migration.shown());
        let whole = undo.into_iter().filter(|undo| !undo.migracoes.iter().any(is_blocked));
        let mut steps: Vec<Contraction> = whole.map(Contraction::Undo).collect();
        steps.extend(wanted.drops());
        steps.extend(logs.into_iter().map(|tabela| Contraction::DropTable { tabela }));
        Ok(Self { steps, wanted })
    }

    /// What would be done of it, for a dry run: the migrations that would be undone, by their names, and what would be dropped
    /// with all that stands in it.
    pub(super) fn shown(&self) -> (Vec<String>, Vec<String>) {
        let is_undone = |step: &&Contraction| matches!(step, Contraction::Undo(_));
        let (undone, dropped): (Vec<_>, Vec<_>) = self.steps.iter().partition(is_undone);
        let names = |steps: Vec<&Contraction>| steps.into_iter().flat_map(Contraction::shown).collect();
        (names(undone), names(dropped))
    }

    /// What of it stands there still, by its names; that nobody may drop what only came while the migrations ran, too.
    pub(super) fn left(&self, database: &mut Database) -> Result<Vec<String>, Error> {
        let wanted = &self.wanted;
        if *wanted == Made::default() {
            return Ok(Vec::new());
        }
        let schema = migrate::read_schema(database)?;
        let tables = wanted.tables.iter().filter(|table| schema.tables.contains_key(*table));
        let columns = wanted
            .columns
            .iter()
            .filter(|column| schema.has_column(&column.tabela, &column.coluna));
        let objects = wanted.objects.iter().filter(|object| schema.objects.contains(object));
        let others = wanted.others.iter().filter(|other| {
            let is_object = schema.objects.iter().any(|object| object.shown() == **other);
            let is_column = other
                .split_once('.')
                .is_some_and(|(table, column)| schema.has_column(table, column));
            schema.tables.contains_key(*other) || is_object || is_column
        });
        let shown = columns.map(Shown::shown).chain(objects.map(Shown::shown));
        Ok(tables.cloned().chain(shown).chain(others.cloned()).collect())
    }
}

/// The tables in which its migrations are logged, of those that stand.
pub(super) fn standing_logs(database: &mut Database, slug: &Slug) -> Result<Vec<String>, Error> {
    let log = migration_log(database, slug)?;
    Ok(registry::standing_logs(database, &log)?)
}

/// The first of these logs that tells of a migration. An empty one was left by a first installation that failed.
fn telling(database: &mut Database, logs: &[String]) -> Result<Option<String>, Error> {
    for table in logs {
        if registry::logged(database, table)?.is_some_and(|versions| !versions.is_empty()) {
            return Ok(Some(table.clone()));
        }
    }
    Ok(None)
}

/// What its migrations made and no other plugin uses; what others use is told, and stays.
fn alone(
    cx: &mut Context<'_>,
    (kept, gone): (&KeptPackages<'_>, &[Slug]),
    reporter: &OperationReporter<'_>,
) -> Result<Made, Error> {
    let database = &mut cx.session.database;
    let mut made = made_by(database, kept.slug)?;
    let of_columns = made.columns.iter().map(|column| &column.tabela);
    let of_others = made
        .others
        .iter()
        .map(|other| other.split_once('.').map_or(other.as_str(), |(table, _)| table));
    let tables: Vec<String> = made
        .tables
        .iter()
        .chain(of_columns)
        .cloned()
        .chain(of_others.map(str::to_owned))
        .collect();
    let neighbours = Neighbours::read(database, kept.slug, &tables)?.without(gone);
    let stays = |name: String, user: Option<&str>| {
        if let Some(user) = user {
            reporter.message(Message::Warning(purge_messages::stays_for(&name, user)));
        }
        user.is_none()
    };
    made.tables
        .retain(|table| stays(table.clone(), neighbours.of_table(table)));
    made.columns
        .retain(|column| stays(column.shown(), neighbours.of_column(column)));
    made.objects
        .retain(|object| stays(object.shown(), neighbours.of_object(object)));
    made.others.retain(|other| neighbours.of_other(other).is_none());
    Ok(made)
}
