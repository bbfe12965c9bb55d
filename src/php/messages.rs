//! What the extension itself has to say, in both languages.

use gestor_plugins::model::Phrase;

/// A runner that PHP does not call.
pub(super) const NOT_CALLED: Phrase = Phrase::new(
    "não foi possível chamar o callable `migracoes`",
    "the `migracoes` callable could not be called",
);
/// A script that ended in its runner.
pub(super) const SCRIPT_ENDED: Phrase = Phrase::new(
    "o script terminou dentro do callable `migracoes`",
    "the script ended inside the `migracoes` callable",
);

/// How deep arrays may be.
pub(super) fn levels(depth: usize) -> Phrase {
    Phrase::made(format!("no máximo {depth} níveis"), format!("at most {depth} levels"))
}
