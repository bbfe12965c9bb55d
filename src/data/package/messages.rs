//! What is wrong with data, and what an operator should know of it, in Portuguese; the English stands beside each value.
//! A server's and a parser's own words stay as they are.

use super::conflict::{Conflict, ConflictReason, Notice};
use super::data_file::DataFileError;
use super::error::{DataError, RefusedRow, SHOWN, tables_text};
use super::fault::{Fault, FaultKind, RowPlace};
use super::hanging::{HangingFate, HangingRows};
use crate::base::fs::system_words;
use crate::base::letters::LONGEST_NAME;
use crate::base::listed::Listed;
use crate::model::{Bilingual, Lang, TableName};

impl Bilingual for DataError {
    fn portuguese(&self) -> String {
        match self {
            Self::Faults(faults) => list(faults),
            Self::Conflicts(conflicts) => list(conflicts),
            Self::RowRefused(row) => row.portuguese(),
            Self::TableRefused { table, why, fault } => format!(
                "o banco de dados recusou uma linha de `{table}`{}: {}",
                why.portuguese(),
                fault.portuguese()
            ),
            Self::NoPrimaryKey { table } => format!(
                "a tabela `{table}` não tem chave primária, nem índice UNIQUE, nem coluna `id`, então não há como distinguir as linhas dela: acrescente um deles em uma migração"
            ),
            Self::ProfileInUse { profiles } => format!(
                "há usuários com perfis deste plugin ({}): dê outros a eles, ou informe `forcar` (`--forcar`), e eles ficam sem perfil",
                profiles.join("; ")
            ),
            Self::RowsHang { hanging } => format!(
                "há linhas de outros que dependem, por chaves estrangeiras, de linhas que sairiam, e nada foi alterado: {}. {}",
                hanging.iter().map(Bilingual::portuguese).collect::<Vec<_>>().join("; "),
                if hanging.iter().all(|rows| rows.fate.is_kept()) {
                    "Mova ou apague essas linhas, ou informe `forcar` (`--forcar`): aí elas também ficam no arquivo, e voltam com o plugin"
                } else {
                    "Mova ou apague essas linhas, ou mude essas chaves estrangeiras"
                }
            ),
            Self::TablesGone { tables } => format!(
                "há linhas que não podem voltar, porque as tabelas delas não existem mais: {}. Crie-as de novo, ou informe `conflitos=pular` (`--conflitos=pular`), que deixa as linhas no arquivo",
                tables_text(tables)
            ),
            Self::NotTransactional { tables } => format!(
                "sairiam linhas de tabelas cujo mecanismo não tem transações, e uma falha não poderia ser desfeita: {}. Dê outro a elas (`ALTER TABLE … ENGINE=InnoDB`) e repita a mesma chamada",
                tables_text(tables)
            ),
            Self::KeysTaken { rows } => format!(
                "há linhas que não podem voltar, porque as chaves delas são de outras agora: {}. Mude essas, ou informe `conflitos=pular` (`--conflitos=pular`), que as deixa como estão",
                rows.join("; ")
            ),
            Self::RowsUnfit { rows } => format!(
                "há linhas que não podem voltar, porque as tabelas não aceitam o que elas têm: {}. Altere essas tabelas, ou informe `conflitos=pular` (`--conflitos=pular`), que deixa as linhas no arquivo",
                rows.iter().map(Bilingual::portuguese).collect::<Vec<_>>().join("; ")
            ),
            Self::ChangedMeanwhile { table } => {
                format!("a tabela `{table}` foi alterada por outro programa enquanto era lida: repita a mesma chamada")
            }
            Self::GestorFile { path, source } => {
                format!("não foi possível ler {}: {}", path.display(), system_words(source))
            }
            Self::Rows(source) => format!(
                "não foi possível guardar as linhas do pacote em disco: {}",
                system_words(source)
            ),
            Self::Export(source) => {
                format!("não foi possível gravar as linhas exportadas: {}", system_words(source))
            }
            Self::Database(fault) => fault.portuguese(),
            Self::Cancelled(stop) => stop.portuguese(),
        }
    }
}

impl Bilingual for HangingRows {
    fn portuguese(&self) -> String {
        let Self { table, key, rows, fate } = self;
        let what = match fate {
            HangingFate::Deleted => "o banco de dados as apaga também",
            HangingFate::Emptied => "o banco de dados esvazia aquilo a que elas se referem",
            HangingFate::Forbid => "elas o proíbem",
            HangingFate::Unkept => {
                "o banco de dados as apagaria ou esvaziaria, e não há como guardá-las: a tabela é de outro banco de dados, ou nada distingue as linhas dela"
            }
        };
        format!("`{table}`, chave estrangeira `{key}`, {rows} linhas: {what}")
    }
}

fn list<T: Bilingual>(items: &Listed<T>) -> String {
    let mut text: Vec<String> = items.iter().take(SHOWN).map(Bilingual::portuguese).collect();
    if items.count() > SHOWN {
        text.push(format!("e mais {}", items.count() - SHOWN));
    }
    text.join("; ")
}

impl Bilingual for RefusedRow {
    fn portuguese(&self) -> String {
        let Self {
            source_file,
            place,
            table,
            column,
            circle,
            fault,
        } = self;
        let column = column.as_ref();
        let column = column.map_or_else(String::new, |(name, value)| format!(", coluna `{name}` = {value:?}"));
        format!(
            "{source_file}, {}: o banco de dados recusou a linha de `{table}`{column}: {}{}",
            place.portuguese(),
            fault.portuguese(),
            circle_text(circle)
        )
    }
}

fn circle_text(circle: &[TableName]) -> String {
    let Some(first) = circle.first() else {
        return String::new();
    };
    let names: Vec<String> = circle.iter().chain([first]).map(|table| format!("`{table}`")).collect();
    format!(
        "; as tabelas se referem umas às outras em círculo ({}), então nenhuma ordem de gravação serve para todas as linhas: deixe NULL a referência de uma delas",
        names.join(" → ")
    )
}

impl Bilingual for DataFileError {
    fn portuguese(&self) -> String {
        match self {
            Self::Fault(fault) => fault.portuguese(),
            Self::Unreadable(source) => format!("não foi possível lê-lo: {}", system_words(source)),
            Self::Stopped => "a leitura foi interrompida".to_owned(),
        }
    }
}

impl Bilingual for RowPlace {
    fn portuguese(&self) -> String {
        let Self { number, key } = self;
        if key.is_empty() {
            format!("linha {number}")
        } else {
            format!("linha {number} ({key})")
        }
    }
}

impl Bilingual for Fault {
    fn portuguese(&self) -> String {
        let row = self.row.as_ref().map(|row| format!(", {}", row.portuguese()));
        let row = row.unwrap_or_default();
        format!("{}{row}: {}", self.source, self.kind.portuguese())
    }
}

impl Bilingual for FaultKind {
    fn portuguese(&self) -> String {
        match self {
            Self::InvalidTable { name } => format!(
                "o nome do arquivo dá o nome de tabela {name:?}; dê-lhe o nome `<Tabela>Data.json` com letras de a a z, números e `_`"
            ),
            Self::ForbiddenTable { table } => {
                format!("a tabela `{table}` é do próprio site e nenhum pacote pode gravar nela: remova o arquivo")
            }
            Self::NotJson { line, column, reason } => format!(
                "não é JSON válido na linha {line}, coluna {column}: {}",
                reason.portuguese()
            ),
            Self::WrongShape { line, column, expected } => format!(
                "linha {line}, coluna {column}: era esperado {}; um arquivo de dados é uma lista de objetos",
                expected.portuguese()
            ),
            Self::TooManyRows { limit } => format!(
                "mais linhas do que um pacote pode trazer, restavam {limit} para este arquivo: divida o pacote ou aumente o limite `linhas`"
            ),
            Self::TooManyColumns { line, limit } => format!(
                "linha {line}: as linhas citam mais de {limit} colunas diferentes: escreva uma lista de linhas para uma tabela só ou aumente o limite `colunas`"
            ),
            Self::NameTooLong { line, name } => format!(
                "linha {line}: {name:?} tem mais de {LONGEST_NAME} caracteres, e nenhuma coluna tem esse nome: corrija-o ou remova-o"
            ),
            Self::RowTooLong { line, limit } => {
                format!("linha {line}: a linha tem mais de {limit} bytes: encurte-a ou aumente o limite `bytes_texto`")
            }
            Self::TooManyFiles { found, limit } => format!(
                "{found} arquivos de dados, e são permitidos {limit}: junte as linhas de uma tabela em um só arquivo ou aumente o limite `tabelas`"
            ),
            Self::MissingKey { table, column } => {
                format!("falta `{column}`: é por ele que se encontram as linhas de `{table}`, dê-lhe um valor")
            }
            Self::MissingColumn { table, column } => {
                format!("a coluna `{column}` de `{table}` não tem valor padrão e não pode ser NULL: dê-lhe um valor")
            }
            Self::Misfit {
                table,
                column,
                value,
                expected,
            } => format!(
                "coluna `{column}` de `{table}`: {value:?} não cabe, era esperado {}",
                expected.portuguese()
            ),
            Self::TooLong { table, bytes, limit } => format!(
                "a linha de `{table}` ocupa {bytes} bytes, mais que o max_allowed_packet do servidor ({limit}): encurte-a ou aumente essa configuração"
            ),
        }
    }
}

impl Bilingual for Conflict {
    fn portuguese(&self) -> String {
        let Self {
            source,
            place,
            table,
            reason,
        } = self;
        format!(
            "{source}, {}: conflito em `{table}`: {}",
            place.portuguese(),
            reason.portuguese()
        )
    }
}

impl Bilingual for ConflictReason {
    fn portuguese(&self) -> String {
        match self {
            Self::Core => "uma linha do próprio gestor tem esta chave e outro conteúdo (adocao=sempre a adota, conflitos=pular a deixa como está)".to_owned(),
            Self::Unowned => "uma linha sem dono tem esta chave, e adocao=nunca está em uso".to_owned(),
            Self::Project => {
                "uma linha do projeto do site tem esta chave; essas linhas nunca são adotadas".to_owned()
            }
            Self::Ambiguous { candidates } => format!(
                "várias linhas correspondem (chaves primárias {}): remova todas menos uma",
                joined(candidates)
            ),
            Self::Unique { index, owner, identity } => format!(
                "o índice UNIQUE `{index}` já tem este valor na linha {identity} (dono: {})",
                owner.portuguese()
            ),
            Self::Followed { index, identity, foreign_key } => format!(
                "ela ficaria com o valor que a linha {identity} deixa no índice UNIQUE `{index}`, e a chave estrangeira {foreign_key} esvaziaria as linhas que se referem a ela: dê a essa chave ON UPDATE CASCADE, ou retire-a"
            ),
            Self::Shared => {
                "a tabela não tem coluna de dono e esta linha, que é diferente, não foi instalada por este plugin".to_owned()
            }
            Self::BothChanged { columns } => format!(
                "um usuário e o pacote alteraram os dois {} (fusao=minha mantém o valor do usuário, fusao=pacote fica com o do pacote)",
                columns.join(", ")
            ),
            Self::Duplicate { first } => {
                format!("o pacote tem a mesma chave duas vezes, primeiro em {}", first.portuguese())
            }
        }
    }
}

fn joined(candidates: &[crate::model::Phrase]) -> String {
    let texts: Vec<String> = candidates.iter().map(|candidate| candidate.text(Lang::PtBr)).collect();
    texts.join(", ")
}

impl Bilingual for Notice {
    #[expect(clippy::too_many_lines, reason = "one short arm for each notice")]
    fn portuguese(&self) -> String {
        match self {
            Self::UnknownTable { table, rows } => {
                format!("a tabela `{table}` não existe: {rows} linhas do pacote foram ignoradas")
            }
            Self::View { table, rows } => format!(
                "`{table}` é uma view: {rows} linhas do pacote foram ignoradas; dê ao arquivo de dados o nome da tabela por trás dela"
            ),
            Self::UnknownColumn { table, column, rows } => {
                format!("a tabela `{table}` não tem a coluna `{column}`: ela foi ignorada em {rows} linhas")
            }
            Self::UndecidedColumn { table, column, rows } => {
                format!("`{table}`.`{column}` não cabe a um pacote decidir: foi ignorada em {rows} linhas; tire-a dele")
            }
            Self::SeveralOwnRows {
                table,
                place,
                candidates,
            } => format!(
                "`{table}`, {}: este plugin tem várias linhas assim (chaves primárias {}); vale a primeira",
                place.portuguese(),
                joined(candidates)
            ),
            Self::Blank { table, source, place } => format!(
                "{source}, {}: sem conteúdo, por isso nenhuma linha de `{table}` é criada",
                place.portuguese()
            ),
            Self::ManagerUser { place } => format!(
                "usuarios, {}: o pacote acrescenta um usuário com `gestor` = 1",
                place.portuguese()
            ),
            Self::PathTaken { path, place, other } => {
                format!(
                    "paginas, {}: o caminho {path:?} já é o da página {other:?}",
                    place.portuguese()
                )
            }
            Self::RenamedRecord {
                record,
                id,
                table,
                column,
                rows,
            } => format!(
                "um usuário deu outro `id` ao registro {id:?} de `{record}`, e {rows} linhas de `{table}` do pacote ainda o chamam assim em `{column}`: devolva o `id` ao registro ou altere essas linhas"
            ),
            Self::ProjectRow { table, place } => format!(
                "`{table}`, {}: a linha é do projeto do site e fica como está",
                place.portuguese()
            ),
            Self::Held { table, by, rows } => format!(
                "{rows} linhas de `{table}` que o pacote não traz mais ficam: linhas de `{by}` se referem a elas"
            ),
            Self::Damage { table, gone, of } => format!(
                "{gone} das {of} linhas deste plugin em `{table}` tinham sumido: isso foi tomado como dano, e elas foram inseridas de novo"
            ),
            Self::NotTransactional { table } => {
                format!("a tabela `{table}` não tem transações: o que for gravado nela não é desfeito em caso de falha")
            }
            Self::Skipped(conflict) => format!("deixada como está: {}", conflict.portuguese()),
            Self::Contracts { reason } => {
                format!("o schema-metadata.json do gestor não é usado: {}", reason.portuguese())
            }
            Self::PathsNotChecked => {
                "os caminhos das novas páginas não foram comparados com os de outras páginas: há páginas demais"
                    .to_owned()
            }
        }
    }
}
