//! What stays of the migrations of a run that was killed before it committed (SPEC §9): nothing undoes them, so it is told.
//! Reads only.

use super::{Context, TransactionError, schema_phrases};
use crate::log::Message;
use crate::migrate::{self, BegunMigrations, LeftOfMigrations};
use crate::model::Slug;
use crate::registry;
use crate::stage;

/// Says what stays; that it cannot be found out is told as well.
pub(super) fn tell(cx: &mut Context<'_>, slug: &Slug) {
    match find(cx, slug) {
        Ok(left) if left.is_empty() => {}
        Ok(left) => cx
            .reporter
            .message(Message::Warning(schema_phrases::left_of_migrations(&left))),
        Err(fault) => cx.reporter.message(Message::warning(&fault)),
    }
}

fn find(cx: &mut Context<'_>, slug: &Slug) -> Result<LeftOfMigrations, TransactionError> {
    let Some(bytes) = stage::begun::read(cx.site.root, slug)? else {
        return Ok(LeftOfMigrations::default());
    };
    let begun: BegunMigrations = serde_json::from_slice(&bytes).unwrap_or_default();
    if begun.log.is_empty() {
        return Ok(LeftOfMigrations::default());
    }
    let database = &mut cx.session.database;
    let applied = registry::logged(database, &begun.log)?;
    Ok(begun.left(&migrate::read_schema(database)?, applied.as_ref()))
}
