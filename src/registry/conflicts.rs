//! `gestor_plugins_conflitos`: what waits for a decision. One row a field, or a whole row of a table; a later value takes
//! the place of the one that waits.

use super::row_text::{Inserts, Literal, identity_bytes, identity_of, rows, value};
use super::{RegistryError, messages};
use crate::base::db::{Database, Row, push_binary, push_text};
use crate::ledger::{MergeConflict, MergeReason, PrimaryKey, RowDigest, RowKey, Waiting};
use crate::model::{Phrase, Slug};

const TABLE: &str = "gestor_plugins_conflitos";

const COLUMNS: &str = "id, tabela, chave, identidade, linha, coluna, motivo, meu, pacote, nulo, companheira, versao, historico, \
     resolvido_em IS NOT NULL, escolha";

/// A conflict as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownConflict {
    /// Its number.
    pub id: u64,
    /// The table.
    pub table: String,
    /// The row's key.
    pub key: RowKey,
    /// Its primary key; empty where there is no row.
    pub identity: PrimaryKey,
    /// Its key in words.
    pub shown: String,
    /// The column; empty for the whole row.
    pub column: String,
    /// Why.
    pub reason: MergeReason,
    /// The digest of what the table had.
    pub mine: RowDigest,
    /// What the package brings.
    pub theirs: Waiting,
    /// The column in which the package's value waits.
    pub companion: Option<String>,
    /// The package's version.
    pub version: Option<String>,
    /// The operation that found it.
    pub history: u64,
    /// Nobody has decided yet.
    pub is_open: bool,
    /// What was decided.
    pub choice: Option<String>,
}

/// How a conflict ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// The user's value stays.
    Mine,
    /// The package's was written.
    Package,
    /// A third value was written.
    Value,
    /// It ended by itself: both sides are the same, or one is gone.
    Gone,
}

impl Closing {
    /// The word that is stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::Mine => "minha",
            Self::Package => "pacote",
            Self::Value => "valor",
            Self::Gone => "extinto",
        }
    }
}

/// The conflicts of a plugin, decided ones too, by number; none where our table is not there.
pub fn read_conflicts(database: &mut Database, slug: &Slug) -> Result<Vec<KnownConflict>, RegistryError> {
    let mut statement = format!("SELECT {COLUMNS} FROM {TABLE} WHERE slug=").into_bytes();
    push_text(&mut statement, slug.as_str().as_bytes());
    statement.extend_from_slice(b" ORDER BY id");
    rows(database, &statement)?.into_iter().map(conflict).collect()
}

fn conflict(mut row: Row) -> Result<KnownConflict, RegistryError> {
    let unreadable = |column: &'static str, reason: Phrase| RegistryError::Unreadable {
        table: TABLE,
        column,
        reason,
    };
    let (key, identity): (Vec<u8>, Vec<u8>) = (
        value(&mut row, 2, (TABLE, "chave"))?,
        value(&mut row, 3, (TABLE, "identidade"))?,
    );
    let (word, mine): (String, Vec<u8>) = (
        value(&mut row, 6, (TABLE, "motivo"))?,
        value(&mut row, 7, (TABLE, "meu"))?,
    );
    let (theirs, is_null): (Option<String>, u8) = (
        value(&mut row, 8, (TABLE, "pacote"))?,
        value(&mut row, 9, (TABLE, "nulo"))?,
    );
    let is_resolved: u8 = value(&mut row, 13, (TABLE, "resolvido_em"))?;
    Ok(KnownConflict {
        id: value(&mut row, 0, (TABLE, "id"))?,
        table: value(&mut row, 1, (TABLE, "tabela"))?,
        key: RowKey(key.try_into().map_err(|_| unreadable("chave", messages::BYTES_16))?),
        identity: identity_of(&identity).ok_or_else(|| unreadable("identidade", messages::AN_IDENTITY_KEY))?,
        shown: value(&mut row, 4, (TABLE, "linha"))?,
        column: value(&mut row, 5, (TABLE, "coluna"))?,
        reason: MergeReason::from_word(&word).ok_or_else(|| unreadable("motivo", messages::word(&word)))?,
        mine: RowDigest(mine.try_into().map_err(|_| unreadable("meu", messages::BYTES_8))?),
        theirs: match theirs {
            _ if is_null != 0 => Waiting::Null,
            Some(text) => Waiting::Text(text),
            None => Waiting::Elsewhere,
        },
        companion: value(&mut row, 10, (TABLE, "companheira"))?,
        version: value(&mut row, 11, (TABLE, "versao"))?,
        history: value(&mut row, 12, (TABLE, "historico"))?,
        is_open: is_resolved == 0,
        choice: value(&mut row, 14, (TABLE, "escolha"))?,
    })
}

/// Records conflicts inside the operation's transaction. One that is there already takes the new value, and is open again;
/// one that is open keeps the number of the operation since which it is.
pub fn record_conflicts<'c>(
    database: &mut Database,
    slug: &Slug,
    (version, history): (&str, u64),
    conflicts: impl IntoIterator<Item = &'c MergeConflict>,
) -> Result<(), RegistryError> {
    let mut inserts = Inserts::new(
        "INSERT INTO gestor_plugins_conflitos (slug, tabela, chave, identidade, linha, coluna, motivo, meu, pacote, nulo, \
         companheira, versao, historico, criado_em) VALUES ",
        " ON DUPLICATE KEY UPDATE historico=IF(resolvido_em IS NULL AND motivo=VALUES(motivo), historico, \
         VALUES(historico)), identidade=VALUES(identidade), linha=VALUES(linha), motivo=VALUES(motivo), \
         meu=VALUES(meu), pacote=VALUES(pacote), nulo=VALUES(nulo), companheira=VALUES(companheira), \
         versao=VALUES(versao), criado_em=VALUES(criado_em), resolvido_em=NULL, escolha=NULL",
    );
    for conflict in conflicts {
        let shown: String = conflict.shown.chars().take(255).collect();
        let theirs = match &conflict.theirs {
            Waiting::Text(text) => Literal::Text(text),
            Waiting::Null | Waiting::Elsewhere => Literal::Null,
        };
        let row = [
            Literal::Text(slug.as_str()),
            Literal::Text(conflict.table.as_str()),
            Literal::Bytes(&conflict.key.0),
            Literal::Bytes(&identity_bytes(&conflict.identity)),
            Literal::Text(&shown),
            Literal::Text(&conflict.column),
            Literal::Text(conflict.reason.word()),
            Literal::Bytes(&conflict.mine.0),
            theirs,
            Literal::Number(u64::from(conflict.theirs == Waiting::Null)),
            conflict.companion.as_deref().into(),
            Literal::Text(version),
            Literal::Number(history),
            Literal::Now,
        ];
        inserts.put(database, &row)?;
    }
    Ok(inserts.send(database)?)
}

/// Closes open conflicts of these rows and columns (empty: the whole row's).
pub fn close_conflicts<'c>(
    database: &mut Database,
    slug: &Slug,
    closing: Closing,
    conflicts: impl IntoIterator<Item = (&'c str, &'c RowKey, &'c str)>,
) -> Result<u64, RegistryError> {
    let mut closed = 0;
    for (table, key, column) in conflicts {
        let mut statement = b"UPDATE gestor_plugins_conflitos SET resolvido_em=UTC_TIMESTAMP(), escolha=".to_vec();
        push_text(&mut statement, closing.word().as_bytes());
        for (name, text) in [
            (" WHERE slug=", slug.as_str()),
            (" AND tabela=", table),
            (" AND coluna=", column),
        ] {
            statement.extend_from_slice(name.as_bytes());
            push_text(&mut statement, text.as_bytes());
        }
        statement.extend_from_slice(b" AND chave=");
        push_binary(&mut statement, &key.0);
        statement.extend_from_slice(b" AND resolvido_em IS NULL");
        closed += database.execute(statement)?.rows;
    }
    Ok(closed)
}
