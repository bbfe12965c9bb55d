//! What is told of what goes from the schema with a plugin of which nothing is to be left, in both languages.

use crate::model::{Bilingual as _, Phrase};

/// A migration that cannot be undone, of a plugin of which nothing is to be left.
pub(super) fn only_dropped(migration: &str, why: &Phrase) -> Phrase {
    Phrase::made(
        format!(
            "a migração {migration} não pode ser desfeita ({}): só é removido o que se sabe que ela criou",
            why.portuguese()
        ),
        format!("migration {migration} cannot be undone ({why}): only what it is known to have made is dropped"),
    )
}

/// What the migrations of a plugin made, and another one uses.
pub(super) fn stays_for(name: &str, user: &str) -> Phrase {
    Phrase::made(
        format!("{name} fica: o plugin {user} também usa"),
        format!("{name} stays: plugin {user} uses it as well"),
    )
}

/// What a purge takes of the schema besides, in a dry run.
pub(super) fn would_drop(names: &[String]) -> Phrase {
    let names = names.join(", ");
    Phrase::made(
        format!("do banco de dados sairia, com tudo o que há nisso: {names}"),
        format!("of the database would go, with all that stands in it: {names}"),
    )
}
