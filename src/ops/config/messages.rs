//! What is told of settings, in both languages.

use crate::model::Phrase;

/// What stands in a variable is no value of its type.
pub(super) fn no_value(kind: &str) -> Phrase {
    Phrase::made(
        format!("o que está na variável não é um valor do tipo {kind}"),
        format!("what stands in the variable is no value of the type {kind}"),
    )
}

/// Values that the schema does not take.
pub(super) fn not_fitting(ids: &str) -> Phrase {
    Phrase::made(
        format!("o esquema não aceita o que está guardado em: {ids}; continua guardado, e por enquanto vale o padrão"),
        format!("the schema does not take what is kept in: {ids}; it is kept, and the default counts meanwhile"),
    )
}

/// Settings were saved.
pub(super) fn saved(ids: &str, languages: &str) -> Phrase {
    Phrase::made(
        format!("configurações gravadas ({languages}): {ids}"),
        format!("settings saved ({languages}): {ids}"),
    )
}

/// Nothing was different.
pub(super) const UNCHANGED: Phrase = Phrase::new(
    "as configurações já eram essas: nada foi gravado",
    "the settings were these already: nothing was saved",
);
