//! What is said of updates that come by themselves besides their sentences, in both languages.

use crate::model::{Phrase, Slug};

/// Files that are gone could not be put back.
pub(super) fn not_put_back(slug: &Slug, why: &str) -> Phrase {
    Phrase::made(
        format!("{slug}: os arquivos dele faltam neste servidor, e não deu para repô-los: {why}"),
        format!("{slug}: its files are gone on this server, and could not be put back: {why}"),
    )
}

/// Nobody could be told.
pub(super) fn notice_unsent(why: &str) -> Phrase {
    Phrase::made(
        format!("o aviso para `aviso_url` não pôde ser enviado: {why}"),
        format!("the notice to `aviso_url` could not be sent: {why}"),
    )
}

/// What counts for a plugin from now on.
pub(super) fn policy_set(slug: &Slug, mode: &str) -> Phrase {
    Phrase::made(
        format!("{slug}: a política de atualizações é `{mode}`"),
        format!("{slug}: the policy of updates is `{mode}`"),
    )
}
