//! Why a function of the C library refuses, in Portuguese; the English stands beside each variant.

use super::Refusal;
use crate::model::Bilingual;

impl Bilingual for Refusal {
    fn portuguese(&self) -> String {
        match self {
            Self::Null(what) => format!("{what} é NULL"),
            Self::Utf8(what) => format!("{what} não está em UTF-8"),
            Self::Json { what, fault } => format!("{what} não é JSON: \"{fault}\""),
            Self::Operation => "`operacao` do pedido deve ser install, sync, recover, mark, list, history, conflicts, resolve, verify, diff, update_all, uninstall, restore, disable, enable ou rollback".to_owned(),
            Self::NoQuestion => "o último evento não espera resposta, ou já a recebeu".to_owned(),
            Self::Answer => "a resposta deve ser {\"resposta\":\"continuar\"}, {\"resposta\":\"cancelar\"}, ou um objeto com `migracoes`".to_owned(),
            Self::Table(fault) => fault.portuguese(),
            Self::Call(fault) => fault.portuguese(),
            Self::Start(fault) => fault.portuguese(),
            Self::Panic => "erro interno na biblioteca C".to_owned(),
        }
    }
}
