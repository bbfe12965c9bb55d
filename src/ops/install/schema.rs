//! Migrations whose undoing an earlier operation did not end, and that the package brings: they count as applied where what
//! they made is there (SPEC 2 §3). Where it is not, nothing is begun.

use super::Installation;
use super::before::Before;
use crate::log::{Message, Reporter};
use crate::migrate::{Contraction, Migration, Missing, Pending};
use crate::ops::{Error, PluginRefusal, made, messages};
use crate::package::Inspected;
use crate::transaction::{Context, applied_migrations};

impl Installation<'_> {
    /// Looks whether what is left of earlier operations and the package contradict each other.
    ///
    /// # Errors
    /// [`PluginRefusal::HalfUndone`]; [`crate::ops::RemovalRefusal::SchemaLost`] where it is not installed.
    pub(super) fn admit_schema(&self, cx: &mut Context<'_>, before: &Before, package: &Inspected) -> Result<(), Error> {
        if !package.located.contents().has_migrations() {
            return Ok(());
        }
        let state = before.known.state.as_ref();
        let pending = Pending::read(state.and_then(|state| state.pending.as_deref()));
        let database = &mut cx.session.database;
        let texts = || package.located.texts_by_version();
        if pending.steps.is_empty() {
            // One that comes anew finds what it left; without their log its migrations run anew.
            let is_new =
                !before.known.is_installed(&before.installed) && applied_migrations(database, self.slug)?.is_some();
            return if is_new {
                made::admit(database, self.slug, Some(texts()?), false)
            } else {
                Ok(())
            };
        }
        let texts = texts()?;
        let missing = made::missing(database, self.slug, Some(texts.clone()))?;
        if !missing.is_empty() {
            return Err(PluginRefusal::HalfUndone {
                slug: self.slug.to_string(),
                missing: missing.iter().map(Missing::shown).collect::<Vec<_>>().join(", "),
            }
            .into());
        }
        let applied = applied_migrations(database, self.slug)?;
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
            self.reporter
                .message(Message::Warning(messages::taken_as_applied(&names)));
        }
        Ok(())
    }
}
