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

/// A server that ended the talk about encryption.
pub(super) const HANDSHAKE_CUT: Phrase = Phrase::new(
    "o servidor encerrou a negociação; ele precisa oferecer TLS 1.2 ou mais novo",
    "the server ended the negotiation; it has to offer TLS 1.2 or newer",
);
/// What is wrong with a certificate.
pub(super) const UNKNOWN_AUTHORITY: Phrase = Phrase::new(
    "o certificado não é de nenhuma autoridade que se aceita aqui",
    "the certificate is of no authority that is trusted here",
);
/// See [`UNKNOWN_AUTHORITY`].
pub(super) const OTHER_HOST: Phrase = Phrase::new(
    "o certificado não traz este host entre os seus nomes (subjectAltName)",
    "the certificate does not have this host among its names (subjectAltName)",
);
/// See [`UNKNOWN_AUTHORITY`].
pub(super) const EXPIRED: Phrase = Phrase::new("o certificado venceu", "the certificate has expired");
/// See [`UNKNOWN_AUTHORITY`].
pub(super) const NOT_YET: Phrase = Phrase::new("o certificado ainda não vale", "the certificate is not valid yet");
/// See [`UNKNOWN_AUTHORITY`].
pub(super) const OLD_CERTIFICATE: Phrase = Phrase::new(
    "o certificado é da versão 1 do X.509, que não pode ser conferida: crie um da versão 3",
    "the certificate is of version 1 of X.509, which cannot be checked: make one of version 3",
);
/// See [`UNKNOWN_AUTHORITY`].
pub(super) const OF_AN_AUTHORITY: Phrase = Phrase::new(
    "o certificado é o de uma autoridade, e não o de um servidor: crie um para o servidor",
    "the certificate is an authority's and not a server's: make one for the server",
);

/// See [`OTHER_HOST`]; with the names that it has.
pub(super) fn of_hosts(names: &[String]) -> Phrase {
    if names.is_empty() {
        return OTHER_HOST;
    }
    let names = names.join(", ");
    Phrase::made(
        format!("o certificado não é deste host, e sim de {names}"),
        format!("the certificate is not for this host but for {names}"),
    )
}

/// What else may be behind a refused login.
pub(super) fn or_encryption(is_open: bool) -> Phrase {
    if is_open {
        Phrase::new(
            ", e se este usuário só pode entrar com criptografia (`db.tls`)",
            ", and whether this user may come by encryption alone (`db.tls`)",
        )
    } else {
        Phrase::default()
    }
}

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
    #[expect(
        clippy::too_many_lines,
        reason = "one short arm for each fault; a split would hide which one has no text"
    )]
    fn portuguese(&self) -> String {
        match self {
            Self::Unreachable { place, reason } => format!(
                "não foi possível chegar ao banco de dados em {place}: {}; verifique se ele está no ar e confira host, porta ou socket",
                reason.portuguese()
            ),
            Self::AccessDenied { place, code, message, is_open } => format!(
                "o banco de dados em {place} recusou o login: \"{message}\" (erro {code}); confira usuário, senha e nome do banco{}",
                or_encryption(*is_open).portuguese()
            ),
            Self::UnknownLogin { place, plugin } => format!(
                "o banco de dados em {place} pede o login por `{plugin}`, que este programa não conhece: confira o nome do usuário, pois um servidor responde assim também a um usuário desconhecido, ou deixe o usuário entrar por mysql_native_password ou caching_sha2_password (ALTER USER)"
            ),
            Self::EncryptionWanted { place, code, message } => format!(
                "o banco de dados em {place} só aceita conexões criptografadas (\"{message}\", erro {code}): informe `db.tls` como required, ou como verify com a autoridade do servidor em `db.ca`"
            ),
            Self::NoEncryption { place } => format!(
                "o banco de dados em {place} não oferece criptografia, e `db.tls` a pede: dê um certificado ao servidor (ssl_cert e ssl_key), ou informe `db.tls` como preferred ou off"
            ),
            Self::Encryption { place, reason } => format!(
                "a criptografia do banco de dados em {place} foi recusada: {}; confira o certificado do servidor, `db.host`, `db.ca` e o relógio desta máquina",
                reason.portuguese()
            ),
            Self::Authorities { path, reason } => format!(
                "não foi possível ler o arquivo de autoridades certificadoras {} ({}): confira `db.ca`",
                path.display(),
                reason.portuguese()
            ),
            Self::NoAuthorities => "esta máquina não tem autoridades certificadoras pelas quais conferir o banco de dados: informe a do servidor em `db.ca`, ou instale o pacote ca-certificates".to_owned(),
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
