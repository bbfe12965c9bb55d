//! Why a transaction did not reach its end, in Portuguese; the English stands beside each error.

use std::path::Path;

use super::{CommitError, SessionError, TransactionError};
use crate::data::{HangingRows, Naming, PlannedRow};
use crate::migrate::SchemaFacts;
use crate::model::{Bilingual, Phrase};
use crate::stage::bases::{BasesNotice, KnownPoint};

/// A row that is written, for `--debug`.
pub(super) fn row(row: &PlannedRow) -> Phrase {
    let PlannedRow {
        table,
        acao,
        linha,
        colunas,
    } = row;
    let columns = colunas.join(", ");
    Phrase::made(
        format!("{acao} {table}: {} {columns}", linha.portuguese()),
        format!("{acao} {table}: {linha} {columns}"),
    )
}

/// Who holds a lock when nobody says.
pub(super) const ANOTHER_PROCESS: Phrase = Phrase::new("outro processo", "another process");
/// See [`ANOTHER_PROCESS`].
pub(super) const ANOTHER_SERVER: Phrase = Phrase::new(
    "em outro servidor deste banco de dados",
    "on another server of this database",
);
/// What a commit left open cannot be asked of.
pub(super) const OPERATIONS_GONE: Phrase = Phrase::new(
    "a tabela gestor_plugins_operacoes não existe mais",
    "the table gestor_plugins_operacoes is gone",
);

/// Who holds the database's lock.
pub(super) fn database_connection(id: u64, facts: Option<(&str, &str)>) -> Phrase {
    match facts {
        Some((host, since)) => Phrase::made(
            format!("conexão {id} do banco de dados, de {host}, ativa por último em {since}"),
            format!("database connection {id} from {host}, last active {since}"),
        ),
        None => Phrase::made(
            format!("conexão {id} do banco de dados"),
            format!("database connection {id}"),
        ),
    }
}

/// Whose an interrupted run is: the database of this name, of another server or time where the name is this one's.
pub(super) fn owner_of_run(name: &str, is_same_name: bool) -> Phrase {
    let (pt, en) = if is_same_name {
        (
            " de outro servidor ou de outra época",
            " of another server or another time",
        )
    } else {
        ("", "")
    };
    Phrase::made(format!("{name:?}{pt}"), format!("{name:?}{en}"))
}

/// Values of the site and of the package wait for a decision.
pub(super) fn conflicts(count: usize) -> Phrase {
    Phrase::made(
        format!(
            "{count} conflito(s) entre o que o site alterou e o que o pacote traz: fica o que o site tem, e o que o pacote traz espera uma decisão"
        ),
        format!(
            "{count} conflict(s) between what the site changed and what the package brings: what the site has stays, and what the package brings waits for a decision"
        ),
    )
}

/// The runner undid fewer migrations than it was asked to.
pub(super) const NOT_ALL_UNDONE: Phrase = Phrase::new(
    "o executor de migrações não as desfez",
    "the migration runner did not undo them",
);
/// The runner says that a migration cannot be undone.
pub(super) const NO_WAY_BACK: Phrase = Phrase::new(
    "não tem um down() que faça algo sem começar por recusar (throw, exit, return), nem um change() que só cria",
    "it has no down() that does something and does not begin by refusing (throw, exit, return), nor a change() that only creates",
);
/// Nobody can undo migrations.
pub(super) const NO_RUNNER: Phrase = Phrase::new(
    "a chamada não informou o callable `migracoes`",
    "the call gave no `migracoes` callable",
);

/// Nothing can undo what took something away.
pub(super) fn took_away(facts: &SchemaFacts) -> Phrase {
    let columns = facts.removed_columns.iter();
    let columns = columns.map(|column| format!("{}.{}", column.tabela, column.coluna));
    let gone: Vec<String> = facts.removed_tables.iter().cloned().chain(columns).collect();
    let gone = gone.join(", ");
    Phrase::made(
        format!("ela removeu {gone}, e o conteúdo não volta"),
        format!("it took {gone} away, and the content does not come back"),
    )
}

/// The files of migrations stand in no kept package.
pub(super) fn files_not_kept(version: Option<&str>) -> Phrase {
    let version = version.unwrap_or("-");
    Phrase::made(
        format!("o arquivo dela não está em nenhum pacote guardado (nem no da versão {version}, que a aplicou)"),
        format!("its file is in no kept package (nor in that of version {version}, which applied it)"),
    )
}

/// A package with migrations to undo is not kept any more.
pub(super) fn not_kept(version: Option<&str>) -> Phrase {
    let version = version.unwrap_or("-");
    Phrase::made(
        format!("o pacote da versão {version}, que tem os arquivos delas, não está mais guardado"),
        format!("the package of version {version}, which has their files, is not kept any more"),
    )
}

/// Migrations that could not be undone are not undone any more.
pub(super) fn given_up(names: &[String], reason: &Phrase) -> Phrase {
    let names = names.join(", ");
    Phrase::made(
        format!(
            "{names} não pôde ser desfeita ({}), e isso não é mais tentado: só é removido o que se sabe que ela criou, ela conta como não aplicada, e o que mais ela mudou fica",
            reason.portuguese()
        ),
        format!(
            "{names} could not be undone ({reason}), and that is not tried any more: only what it is known to have made is dropped, it counts as not applied, and what else it changed stays"
        ),
    )
}

/// A run was killed before it had taken away all of the schema.
pub(super) const WAS_INTERRUPTED: Phrase = Phrase::new("a operação foi interrompida", "the operation was interrupted");

/// Copies that may be another database's.
pub(super) fn copies_stay(folder: &Path) -> Phrase {
    let folder = folder.display();
    Phrase::made(
        format!(
            "{folder}: as cópias de linhas e tabelas (esquema-…, adotados-…, orfaos-…) ficam, porque outros bancos de dados usam o plugin e nada nelas diz de qual são"
        ),
        format!(
            "{folder}: copies of rows and tables (esquema-…, adotados-…, orfaos-…) stay, because other databases use the plugin and nothing in them says whose they are"
        ),
    )
}

/// Files that are named in one text.
const NAMED: usize = 20;

/// What is kept, and would go, were it not that another database may need it.
pub(super) fn stays_for_others(slug: &str, names: &[String]) -> Phrase {
    let count = names.len();
    let mut shown = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if count > NAMED {
        shown.push_str(", …");
    }
    Phrase::made(
        format!(
            "{count} arquivo(s) guardado(s) do plugin {slug} ficam, porque outro banco de dados desta pasta pode precisar deles: {shown}. A poda desse banco de dados os remove quando for a hora; se ele não existe mais, remova-os à mão"
        ),
        format!(
            "{count} kept file(s) of plugin {slug} stay, because another database of this folder may need them: {shown}. Pruning with that database removes them when their time has come; if it is gone for good, remove them by hand"
        ),
    )
}

/// Digits of an identity that tell databases apart.
const DIGITS: usize = 12;

/// A database of the list.
pub(super) fn base(name: &str, domains: &[String], identity: &str) -> Phrase {
    let digits: String = identity.chars().take(DIGITS).collect();
    if domains.is_empty() {
        return Phrase::made(
            format!("{name} (identidade {digits})"),
            format!("{name} (identity {digits})"),
        );
    }
    let domains = domains.join(", ");
    Phrase::made(
        format!("{name} (domínio {domains}, identidade {digits})"),
        format!("{name} (domain {domains}, identity {digits})"),
    )
}

/// Several of them.
pub(super) fn listed_bases(bases: impl Iterator<Item = Phrase>) -> Phrase {
    let bases: Vec<Phrase> = bases.collect();
    if bases.is_empty() {
        return Phrase::new("nenhum", "none");
    }
    let joined = |text: &dyn Fn(&Phrase) -> String| bases.iter().map(text).collect::<Vec<_>>().join("; ");
    Phrase::made(joined(&|base| base.portuguese()), joined(&|base| base.to_string()))
}

/// This database is from another day.
pub(super) fn restored(slug: &str, newer: &KnownPoint, counter: u64) -> Phrase {
    let version = newer.versao.as_deref().unwrap_or("-");
    let known = newer.contador;
    Phrase::made(
        format!(
            "banco restaurado de cópia antiga: os arquivos do plugin {slug} são da versão {version} (operação {known} segundo backups/plugins/bases.json), e este banco de dados parou na operação {counter}: um dump foi restaurado, ou o servidor perdeu as últimas confirmações. O banco vale: `--verify --reparar` repõe os arquivos da versão dele; `--verify --assumir-arvore` traz o banco ao pacote mais novo"
        ),
        format!(
            "a database of another day: the files of plugin {slug} are of version {version} (operation {known}, says backups/plugins/bases.json), and this database stopped at operation {counter}: a dump was restored, or the server lost its last commits. The database counts: `--verify --reparar` puts the files of its version back; `--verify --assumir-arvore` brings the database to the newer package"
        ),
    )
}

/// A list that stands there does not count.
pub(super) fn notice(notice: &BasesNotice) -> Phrase {
    match notice {
        BasesNotice::OtherFolder { path } => {
            let path = path.display();
            Phrase::made(
                format!(
                    "{path} fala de outra pasta plugins/ (esta é uma cópia, ou mudou de volume): a lista dos bancos de dados que a usam recomeça, e cada banco volta a ela com a próxima operação dele"
                ),
                format!(
                    "{path} tells of another folder plugins/ (this one is a copy, or came to another volume): the list of the databases that use it begins anew, and each comes back to it with its next operation"
                ),
            )
        }
        BasesNotice::Damaged { path, reason } => {
            let path = path.display();
            Phrase::made(
                format!(
                    "{path} não é uma lista nossa ({}): não vale, e será guardada como bases.json.recusado; cada banco de dados volta à lista com a próxima operação dele, e até lá ninguém é avisado de que também usa estes arquivos",
                    reason.portuguese()
                ),
                format!(
                    "{path} is no list of ours ({reason}): it does not count, and will be kept as bases.json.recusado; each database comes back to the list with its next operation, and until then nobody is told that it uses these files too"
                ),
            )
        }
        BasesNotice::Distrusted(fault) => Phrase::made(
            format!(
                "a lista dos bancos de dados que usam estes arquivos não vale: {}",
                fault.portuguese()
            ),
            format!("the list of the databases that use these files does not count: {fault}"),
        ),
    }
}

/// The list could not be written.
pub(super) fn not_noted(path: &Path, fault: &TransactionError) -> Phrase {
    let path = path.display();
    Phrase::made(
        format!(
            "a operação foi feita, mas {path} não pôde ser atualizado ({}): outros bancos de dados que usam estes arquivos não sabem dela até a próxima",
            fault.portuguese()
        ),
        format!(
            "the operation is done, but {path} could not be updated ({fault}): other databases that use these files do not know of it until the next one"
        ),
    )
}

/// The lock file could not be written.
pub(super) fn lock_not_written(path: &Path, fault: &TransactionError) -> Phrase {
    let path = path.display();
    Phrase::made(
        format!(
            "a operação foi feita, mas {path} não pôde ser escrito ({}): ele conta o que havia antes; a próxima operação, ou plugin_recover, o escreve",
            fault.portuguese()
        ),
        format!(
            "the operation is done, but {path} could not be written ({fault}): it tells what was there before; the next operation writes it, or plugin_recover"
        ),
    )
}

/// Rows of a plugin that goes stay.
pub(super) fn staying(count: usize) -> Phrase {
    Phrase::made(
        format!("{count} linha(s) do plugin ficam: o relatório diz quais, e por quê, em `restantes`"),
        format!("{count} row(s) of the plugin stay: the report says which, and why, in `restantes`"),
    )
}

/// Rows of others name what goes.
pub(super) fn naming(found: &[Naming]) -> Phrase {
    let shown = |found: &Naming| format!("{} `{}.{}`", found.rows, found.table, found.column);
    let shown = found.iter().map(shown).collect::<Vec<_>>().join(", ");
    Phrase::made(
        format!("linhas do site ainda nomeiam o que sai com o plugin (`referencias` diz o quê): {shown}"),
        format!("rows of the site still name what goes with the plugin (`referencias` says what): {shown}"),
    )
}

/// An archive that a later version has made.
pub(super) fn newer_archive(found: u32, known: u32) -> Phrase {
    Phrase::made(
        format!("o formato {found} é de uma versão mais nova desta biblioteca (esta conhece até {known})"),
        format!("format {found} is of a newer version of this library (this one knows up to {known})"),
    )
}

/// Rows of others that go along, or lose what they refer to.
pub(super) fn goes_along(rows: &HangingRows) -> Phrase {
    Phrase::made(
        format!("vai junto, e fica no arquivo: {}", rows.portuguese()),
        format!("goes along, and stands in the archive: {rows}"),
    )
}

/// Users whose profiles go.
pub(super) fn without_profile(profiles: &str) -> Phrase {
    Phrase::made(
        format!("há usuários que ficam sem perfil ({profiles})"),
        format!("there are users who are left without a profile ({profiles})"),
    )
}

impl Bilingual for TransactionError {
    fn portuguese(&self) -> String {
        match self {
            Self::Session(fault) => fault.portuguese(),
            Self::Archive(fault) => fault.portuguese(),
            Self::Data(fault) => fault.portuguese(),
            Self::Migrate(fault) => fault.portuguese(),
            Self::Scripts(fault) => fault.portuguese(),
            Self::Stage(fault) => fault.portuguese(),
            Self::Files(fault) => fault.portuguese(),
            Self::Database(fault) => fault.portuguese(),
            Self::Registry(fault) => fault.portuguese(),
            Self::Ledger(fault) => fault.portuguese(),
            Self::History(fault) => fault.portuguese(),
            Self::Observe(fault) => fault.portuguese(),
            Self::Trust(fault) => fault.portuguese(),
            Self::Commit(fault) => fault.portuguese(),
            Self::Interrupted(fault) => fault.portuguese(),
            Self::Cancelled(stop) => stop.portuguese(),
            Self::Internal(said) => said.portuguese(),
        }
    }
}

impl Bilingual for SessionError {
    fn portuguese(&self) -> String {
        match self {
            Self::NoDatabase => {
                "falta o parâmetro `db`: informe host ou socket, nome, usuario e senha do banco de dados do gestor"
                    .to_owned()
            }
            Self::NoGestor { root } => format!(
                "{} não é um gestor: não tem config.php; informe em `raiz` a pasta onde está o config.php",
                root.display()
            ),
            Self::Busy { slug, holder } => format!(
                "outra operação no plugin {slug} está em andamento ({}): espere ela terminar e tente de novo, ou dê-lhe tempo com `espera_lock`",
                holder.portuguese()
            ),
            Self::Stopped => "cancelado durante a espera pela trava do plugin".to_owned(),
            Self::Files(fault) => fault.portuguese(),
            Self::Premises(fault) => fault.portuguese(),
            Self::Database(fault) => fault.portuguese(),
        }
    }
}

impl Bilingual for CommitError {
    fn portuguese(&self) -> String {
        match self {
            Self::Refused { source } => format!(
                "o banco de dados não confirmou, nada foi alterado: {}",
                source.portuguese()
            ),
            Self::Unknown { reason } => format!(
                "a conexão caiu enquanto o banco de dados confirmava, e não é possível perguntar a ele ({}): nada foi decidido; inicie o banco de dados e instale de novo, ou chame plugin_recover",
                reason.portuguese()
            ),
        }
    }
}
