//! What can be wrong with the base, in Portuguese; the English stands beside each error.

use super::{FormatFault, LedgerError, Unreadable};
use crate::base::fs::system_words;
use crate::model::Bilingual;

impl Bilingual for LedgerError {
    fn portuguese(&self) -> String {
        match self {
            Self::Database(fault) => format!("a base do plugin (gestor_plugins_base): {}", fault.portuguese()),
            Self::Foreign { column, found } => format!(
                "a tabela `gestor_plugins_base` não está como o gestor-plugins a criou: a coluna `{column}` tem {found}"
            ),
            Self::Compress { table, source } => {
                format!("a base de `{table}` não pôde ser comprimida: {}", system_words(source))
            }
        }
    }
}

impl Bilingual for Unreadable {
    fn portuguese(&self) -> String {
        let Self { table, fault } = self;
        format!(
            "o que o pacote trouxe por último a `{table}` não pode ser lido de gestor_plugins_base ({}): as linhas são atualizadas como se ninguém as tivesse alterado",
            fault.portuguese()
        )
    }
}

impl Bilingual for FormatFault {
    fn portuguese(&self) -> String {
        match self {
            Self::Deflate => "os bytes não podem ser descomprimidos".to_owned(),
            Self::Magic => "ela não começa como uma parte de uma base".to_owned(),
            Self::Newer { found, known } => {
                format!("o formato {found} é mais novo que o que esta versão do gestor-plugins conhece ({known})")
            }
            Self::Length => "ela está cortada ou tem bytes a mais".to_owned(),
            Self::Content { what } => format!("ela tem o que não pode existir ({what})"),
            Self::Parts { what } => format!("suas partes não combinam ({what})"),
        }
    }
}
