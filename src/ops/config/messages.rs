//! What is told of settings, in both languages.

use crate::model::Phrase;

/// What stands in a variable is no value of its type.
pub(super) fn no_value(kind: &str) -> Phrase {
    Phrase::made(
        format!("o que está na variável não é um valor do tipo {kind}"),
        format!("what stands in the variable is no value of the type {kind}"),
    )
}

/// A secret stands in its variable as a text.
pub(super) const IN_CLEAR: Phrase = Phrase::new(
    "ali está um texto, de antes de a configuração ser um segredo: grave o segredo de novo, e o texto sai dali",
    "a text stands there, from before the setting was a secret: save the secret again, and the text goes",
);
/// A setting that was a secret.
pub(super) const NO_TEXT: Phrase = Phrase::new(
    "a configuração era um segredo, e o valor dele não é mostrado: grave um valor novo",
    "the setting was a secret, whose value is not shown: save a new value",
);

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
