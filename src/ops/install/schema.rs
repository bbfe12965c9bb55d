//! Migrations whose undoing an earlier operation did not end, and that the package brings: they count as applied where what
//! they made is there (SPEC 2 §3). Where it is not, nothing is begun.

use super::Installation;
use super::before::Before;
use crate::history;
use crate::log::{Message, Reporter};
use crate::migrate::{self, Contraction, KnownMigrations, Migration, MigrationRecord, Missing, Pending};
use crate::ops::{Error, PluginRefusal, messages};
use crate::package::{Inspected, texts_by_version};
use crate::registry;
use crate::transaction::Context;

impl Installation<'_> {
    /// Looks whether what is left of earlier operations and the package contradict each other.
    ///
    /// # Errors
    /// [`PluginRefusal::HalfUndone`].
    pub(super) fn admit_schema(&self, cx: &mut Context<'_>, before: &Before, package: &Inspected) -> Result<(), Error> {
        let state = before.known.state.as_ref();
        let pending = Pending::read(state.and_then(|state| state.pending.as_deref()));
        if pending.steps.is_empty() {
            return Ok(());
        }
        let database = &mut cx.session.database;
        let texts = texts_by_version(&package.tree, &package.contents)?;
        let applied = registry::applied_migrations(database, self.slug)?;
        let told = history::told_migrations(database, self.slug)?;
        let records: Vec<(u64, MigrationRecord)> = told
            .iter()
            .map(|told| (told.id, MigrationRecord::read(&told.text)))
            .collect();
        let expected = migrate::expected(&KnownMigrations {
            records: &records,
            applied: applied.as_ref(),
            texts: &texts,
        });
        let missing = expected.missing(&migrate::read_schema(database)?);
        if !missing.is_empty() {
            return Err(PluginRefusal::HalfUndone {
                slug: self.slug.to_string(),
                missing: missing.iter().map(Missing::shown).collect::<Vec<_>>().join(", "),
            }
            .into());
        }
        let undone = pending.steps.iter().filter_map(|step| match &step.what {
            Contraction::Undo(undo) => Some(&undo.migracoes),
            _ => None,
        });
        let back = undone.flatten().filter(|known| {
            let is_applied = applied.as_ref().is_none_or(|applied| applied.contains(&known.versao));
            is_applied && texts.contains_key(&known.versao)
        });
        let names: Vec<String> = back.map(Migration::shown).collect();
        if !names.is_empty() {
            self.narrator
                .message(Message::Warning(messages::taken_as_applied(&names)));
        }
        Ok(())
    }
}
