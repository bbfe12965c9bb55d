//! What is told of rows that come back out of an archive.

use crate::model::{Bilingual as _, Phrase};

/// A table to which rows do not come back.
pub(super) fn table_gone(table: &str) -> Phrase {
    Phrase::made(
        format!("a tabela `{table}` não existe mais: as linhas dela ficam no arquivo `removido-…zip`"),
        format!("table `{table}` is not there any more: its rows stay in `removido-…zip`"),
    )
}

/// A column whose values do not come back.
pub(super) fn column_gone(table: &str, column: &str, rows: usize) -> Phrase {
    Phrase::made(
        format!(
            "a tabela `{table}` não tem mais a coluna `{column}`: os valores dela em {rows} linhas ficam no arquivo `removido-…zip`"
        ),
        format!("table `{table}` has no column `{column}` any more: its values of {rows} rows stay in `removido-…zip`"),
    )
}

/// A column that the server makes itself now, and makes another of.
pub(super) fn column_computed(table: &str, column: &str, rows: usize) -> Phrase {
    Phrase::made(
        format!(
            "a coluna `{column}` da tabela `{table}` é calculada agora: os valores que {rows} linhas tinham nela ficam no arquivo `removido-…zip`"
        ),
        format!(
            "column `{column}` of table `{table}` is computed now: the values that {rows} rows had there stay in `removido-…zip`"
        ),
    )
}

/// A row that its table does not take.
pub(super) fn unfit(table: &str, key: &str, why: &Phrase) -> Phrase {
    Phrase::made(
        format!(
            "`{table}` {key}: a linha não volta, porque a tabela não aceita o que ela tem ({}); ela fica no arquivo `removido-…zip`",
            why.portuguese()
        ),
        format!(
            "`{table}` {key}: the row does not come back, because the table does not take what it holds ({why}); it stays in `removido-…zip`"
        ),
    )
}

/// A row that comes back with another primary key.
pub(super) fn renumbered(table: &str, key: &str) -> Phrase {
    Phrase::made(
        format!(
            "`{table}` {key}: outra linha tem agora a chave primária desta, e ela volta com outra: o que se refere a ela pelo número, sem chave estrangeira, se refere à outra linha"
        ),
        format!(
            "`{table}` {key}: another row has its primary key now, and it comes back with another one: what refers to it by number, without a foreign key, refers to that other row"
        ),
    )
}

/// A row that does not come back.
pub(super) fn key_taken(table: &str, key: &str) -> Phrase {
    Phrase::made(
        format!(
            "`{table}` {key}: a linha não volta, porque a chave dela é de outra; ela fica no arquivo `removido-…zip`"
        ),
        format!(
            "`{table}` {key}: the row does not come back, because another has its key; it stays in `removido-…zip`"
        ),
    )
}

/// Rows of an archive are what a package is merged with.
pub(super) fn taken_back(rows: u64) -> Phrase {
    Phrase::made(
        format!("{rows} linhas do arquivo da desinstalação voltaram antes das do pacote"),
        format!("{rows} rows of the uninstallation's archive came back before those of the package"),
    )
}
