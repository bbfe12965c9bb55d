//! What is wrong with the plugin's row and our own tables, in Portuguese; the English stands beside each error.

use super::RegistryError;
use crate::model::{Bilingual, Phrase};

/// A column that holds something else.
pub(super) const A_TEXT: Phrase = Phrase::new("era esperado um texto", "expected text");
/// See [`A_TEXT`].
pub(super) const A_NUMBER: Phrase = Phrase::new("era esperado um número", "expected a number");
/// See [`A_TEXT`].
pub(super) const AN_IDENTITY: Phrase = Phrase::new(
    "eram esperados um ID, um número e o nome do banco",
    "expected an id, a number and the database's name",
);
/// See [`A_TEXT`].
pub(super) const AN_IDENTITY_KEY: Phrase = Phrase::new("era esperada uma chave primária", "expected a primary key");
/// See [`A_TEXT`].
pub(super) const BYTES_16: Phrase = Phrase::new("eram esperados 16 bytes", "expected 16 bytes");
/// See [`A_TEXT`].
pub(super) const BYTES_8: Phrase = Phrase::new("eram esperados 8 bytes", "expected 8 bytes");
/// A value of ours that somebody changed.
pub(super) const NOT_OURS: Phrase = Phrase::new(
    "o valor não está como o gestor-plugins o gravou",
    "it is not as gestor-plugins wrote it",
);

/// A word of ours that is none.
pub(super) fn word(found: &str) -> Phrase {
    Phrase::made(format!("o valor é {found:?}"), format!("found {found:?}"))
}

/// A row of ours that is gone.
pub(super) const ROW_GONE: Phrase = Phrase::new(
    "a linha não estava lá depois de criada",
    "its row was not there after it was made",
);

impl Bilingual for RegistryError {
    fn portuguese(&self) -> String {
        match self {
            Self::NoTable { database } => format!(
                "o banco de dados {database:?} não tem a tabela `plugins`: confira o nome do banco nas configurações do gestor, ou rode as migrações do próprio gestor"
            ),
            Self::Database(fault) => format!("a linha do plugin: {}", fault.portuguese()),
            Self::Unreadable { table, column, reason } => {
                format!("tabela `{table}`, coluna `{column}`: {}", reason.portuguese())
            }
            Self::NewerSchema {
                database,
                wanted,
                known,
            } => format!(
                "as tabelas gestor_plugins_* do banco de dados {database:?} pedem o esquema {wanted} ou mais novo, e esta versão do gestor-plugins conhece o {known}: atualize o gestor-plugins (extensão e arquivos) para a versão que as gravou"
            ),
            Self::NoRight { database, sql, source } => format!(
                "o gestor-plugins precisa de tabelas próprias, e o usuário do banco de dados {database:?} não pode criá-las ({}). Rode isto uma vez, nesse banco, com um usuário que possa, e tente de novo: {sql};",
                source.portuguese()
            ),
            Self::SchemaBusy { seconds } => format!(
                "outra conexão segura a trava `gestor_plugins:esquema:…` deste banco de dados há {seconds} segundos: veja os processos do servidor e tente de novo"
            ),
            Self::StateGone { slug } => format!(
                "o plugin {slug} não tem mais linha em `gestor_plugins_estado`: algo a removeu durante a operação (um script do plugin?). `--verify --reparar` o registra de novo"
            ),
            Self::Stopped => "cancelado durante a espera pelas tabelas do gestor-plugins".to_owned(),
            Self::Random(fault) => fault.portuguese(),
        }
    }
}
