//! Faults of the database in Portuguese; the English stands beside each error. A server's own words stay as they are.

use super::DbError;
use crate::base::fs::system_words;
use crate::model::{Bilingual, Phrase};

/// A connection that ended without a word.
pub(super) const WAS_CLOSED: Phrase = Phrase::new("ela foi fechada", "it was closed");
/// A table whose name no statement of ours says.
pub(super) const A_TABLE: Phrase = Phrase::new("uma tabela", "a table");
/// The server tells nothing of itself.
pub(super) const NO_FACTS: Phrase = Phrase::new("o servidor não diz o que ele é", "the server does not say what it is");
/// A socket that cannot be named to the client.
pub(super) const SOCKET_NOT_UTF8: Phrase = Phrase::new(
    "o caminho do socket não está em UTF-8",
    "the socket's path is not UTF-8",
);

/// The server was silent while it was connected to.
pub(super) fn no_answer(seconds: u64) -> Phrase {
    Phrase::made(
        format!("nenhuma resposta em {seconds} segundos"),
        format!("no answer within {seconds} seconds"),
    )
}

/// The client itself failed.
pub(super) fn client_failed(text: &str) -> Phrase {
    Phrase::made(
        format!("o cliente falhou: {text}"),
        format!("the client failed: {text}"),
    )
}

/// A fault in a statement of ours.
pub(super) fn wrong_places(sql: &str) -> Phrase {
    Phrase::made(
        format!("um comando nosso tem outros lugares que não os dos valores: {sql}"),
        format!("a statement of ours has other places than values: {sql}"),
    )
}

impl Bilingual for DbError {
    fn portuguese(&self) -> String {
        match self {
            Self::Unreachable { place, reason } => format!(
                "não foi possível chegar ao banco de dados em {place}: {}; verifique se ele está no ar e confira host, porta ou socket",
                reason.portuguese()
            ),
            Self::AccessDenied { place, code, message } => format!(
                "o banco de dados em {place} recusou o login: \"{message}\" (erro {code}); confira usuário, senha e nome do banco"
            ),
            Self::UnknownLogin { place, plugin } => format!(
                "o banco de dados em {place} pede o login por `{plugin}`, que este programa não conhece: deixe o usuário entrar por mysql_native_password ou caching_sha2_password (ALTER USER)"
            ),
            Self::Lost { reason } => {
                format!("a conexão com o banco de dados caiu: {}", reason.portuguese())
            }
            Self::Deadlock => {
                "o banco de dados encerrou a transação por causa de um deadlock: repita a mesma chamada".to_owned()
            }
            Self::RecordChanged => {
                "o banco de dados encerrou a transação porque outro programa alterou uma linha nesse meio-tempo: repita a mesma chamada".to_owned()
            }
            Self::TransactionEnded => {
                "o banco de dados já tinha encerrado a transação antes da confirmação, e nada dela ficou: repita a mesma chamada".to_owned()
            }
            Self::LockWait { table } => format!(
                "uma linha de {} ficou travada por outra transação por tempo demais: veja qual com SHOW FULL PROCESSLIST, encerre-a ou espere por ela, e repita a mesma chamada",
                table.portuguese()
            ),
            Self::Interrupted { code, message } => format!(
                "o banco de dados encerrou um comando antes do fim: \"{message}\" (erro {code}); alguém o encerrou (KILL QUERY), ou foi o limite de tempo do servidor para comandos: aumente-o, ou repita a mesma chamada"
            ),
            Self::PacketTooLarge { limit } => format!(
                "um comando é maior que o max_allowed_packet do servidor ({limit} bytes): aumente essa configuração"
            ),
            Self::Refused { code, state, message } => {
                format!("o banco de dados recusou um comando: \"{message}\" (erro {code}, SQLSTATE {state})")
            }
            Self::Protocol { reason } => format!(
                "o banco de dados deu uma resposta que não foi entendida: {}",
                reason.portuguese()
            ),
            Self::Runtime(source) => format!(
                "não foi possível preparar a conexão com o banco de dados: {}",
                system_words(source)
            ),
        }
    }
}
