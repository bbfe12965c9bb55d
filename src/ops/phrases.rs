//! Words of operations that are no errors of their own, in both languages.

use crate::model::{Phrase, Slug};

/// What is to be given for `pasta`.
pub(super) const DATA_FOLDER: Phrase = Phrase::new(
    "uma pasta existente com arquivos *Data.json",
    "an existing folder with *Data.json files",
);
/// Why migrations failed whose caller is gone.
pub(super) const SCRIPT_ENDED: Phrase = Phrase::new(
    "o script terminou enquanto uma migração rodava (exit, erro fatal ou limite de tempo)",
    "the script ended while a migration was running (exit, fatal error or time limit)",
);
/// What a child is told that goes on with its parent's operation.
pub(super) const FORKED: Phrase = Phrase::new(
    "este processo foi bifurcado (fork) enquanto a operação rodava: a operação é do processo pai",
    "this process was forked while the operation ran: the operation belongs to its parent",
);
/// What a thread says that says nothing.
pub(super) const NO_WORD: Phrase = Phrase::new(
    "a thread da operação terminou sem resposta",
    "the operation's thread ended without a word",
);
/// A callback that does not know what it was asked.
pub(super) const OTHER_ANSWER: Phrase = Phrase::new(
    "quem chamou respondeu outra coisa a um pedido de migrações",
    "the caller answered a call for migrations with something else",
);
/// An operation that was given up before its first event.
pub const NOT_BEGUN: Phrase = Phrase::new("a operação não tinha começado", "the operation had not begun");
/// A runner that is not there.
pub const NO_CALLABLE: Phrase = Phrase::new(
    "a chamada não informou o callable `migracoes`",
    "the call gave no `migracoes` callable",
);
/// A runner that said nothing.
pub const RAN_NONE: Phrase = Phrase::new("quem chamou não rodou migrações", "the caller ran no migrations");
/// A fault of the boundary itself.
pub const SERVING_FAILED: Phrase = Phrase::new(
    "erro interno ao atender a operação",
    "internal error while serving the operation",
);

/// A plugin on which nobody works any more.
pub(super) fn was_interrupted(slug: &Slug) -> Phrase {
    Phrase::made(
        format!("plugin {slug}: uma operação foi interrompida; `--recover` (`plugin_recover`) a conclui ou desfaz"),
        format!("plugin {slug}: an operation was interrupted; `--recover` (`plugin_recover`) finishes or undoes it"),
    )
}
