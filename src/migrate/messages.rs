//! Why migrations did not run, in Portuguese; the English stands beside each error. A runner's own words stay.

use super::MigrateError;
use crate::model::{Bilingual, Phrase};

/// A migration of which the runner says too little.
pub(super) const NO_VERSION: Phrase = Phrase::new("uma migração sem `versao`", "a migration without `versao`");

/// The runner did not answer what was asked.
pub(super) fn answered(found: &Phrase) -> Phrase {
    Phrase::made(
        format!(
            "o executor de migrações respondeu {}; ele deve responder um array com `migracoes`, uma lista de arrays com `versao` e `nome`",
            found.portuguese()
        ),
        format!(
            "the migration runner answered {found}; it must answer an array with `migracoes`, a list of arrays with `versao` and `nome`"
        ),
    )
}

impl Bilingual for MigrateError {
    fn portuguese(&self) -> String {
        match self {
            Self::NoRunner { folder } => format!(
                "o pacote tem migrações em {} e a chamada não informou o callable `migracoes`: informe um, ou use `no_migrations`",
                folder.display()
            ),
            Self::Failed { reason, applied: _ } => format!("as migrações falharam: {}", reason.portuguese()),
            Self::NotUndone { reason, left } => format!(
                "a operação foi feita e vale, mas falta fazer no esquema: {left} ({}). Isso está em `pendencias` (`--list`); corrija a causa e chame plugin_recover (`--recover`), ou será tentado de novo depois da próxima operação; se uma migração não pode mesmo ser desfeita, `--recover --forcar` só remove o que se sabe que ela criou",
                reason.portuguese()
            ),
            Self::Ended => "uma migração foi encerrada enquanto rodava, porque o fim foi pedido de novo: o que ela já tinha feito pode estar no banco de dados; as que já tinham sido aplicadas antes dela ficam registradas e não serão repetidas".to_owned(),
            Self::CallerGone => "quem chamou terminou enquanto as migrações rodavam".to_owned(),
        }
    }
}
