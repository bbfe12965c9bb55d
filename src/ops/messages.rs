//! Why an operation did not do its work, in Portuguese; the English stands beside each error. Also the words of refusals
//! that are no errors of a room.

use super::conversation::StartError;
use super::mark::Refusal;
use super::{CommitError, Contradiction, InterruptedError, NotADataFile, SessionError, VersionRefusal};
use crate::Error;
use crate::archive::ArchiveError;
use crate::base::fs::system_words;
use crate::data::PlannedRow;
use crate::manifest::ManifestError;
use crate::model::{Bilingual, Lang, Phrase};

/// Who holds a lock when nobody says.
pub(super) const ANOTHER_PROCESS: Phrase = Phrase::new("outro processo", "another process");
/// See [`ANOTHER_PROCESS`].
pub(super) const ANOTHER_SERVER: Phrase = Phrase::new(
    "em outro servidor deste banco de dados",
    "on another server of this database",
);
/// What is to be given for `pasta`.
pub(super) const DATA_FOLDER: Phrase = Phrase::new(
    "uma pasta existente com arquivos *Data.json",
    "an existing folder with *Data.json files",
);
/// Why migrations failed whose caller is gone.
pub(super) const SCRIPT_ENDED: Phrase = Phrase::new(
    "o script terminou enquanto uma migração rodava (exit, erro fatal ou limite de tempo)",
    "the script ended while a migration was running (exit, fatal error or time limit)",
);
/// What a child is told that goes on with its parent's operation.
pub(super) const FORKED: Phrase = Phrase::new(
    "este processo foi bifurcado (fork) enquanto a operação rodava: a operação é do processo pai",
    "this process was forked while the operation ran: the operation belongs to its parent",
);
/// What a thread says that says nothing.
pub(super) const NO_WORD: Phrase = Phrase::new(
    "a thread da operação terminou sem resposta",
    "the operation's thread ended without a word",
);
/// A callback that does not know what it was asked.
pub(super) const OTHER_ANSWER: Phrase = Phrase::new(
    "quem chamou respondeu outra coisa a um pedido de migrações",
    "the caller answered a call for migrations with something else",
);
/// An operation that was given up before its first event.
pub const NOT_BEGUN: Phrase = Phrase::new("a operação não tinha começado", "the operation had not begun");
/// A runner that is not there.
pub const NO_CALLABLE: Phrase = Phrase::new(
    "a chamada não informou o callable `migracoes`",
    "the call gave no `migracoes` callable",
);
/// A runner that said nothing.
pub const RAN_NONE: Phrase = Phrase::new("quem chamou não rodou migrações", "the caller ran no migrations");
/// A fault of the boundary itself.
pub const SERVING_FAILED: Phrase = Phrase::new(
    "erro interno ao atender a operação",
    "internal error while serving the operation",
);

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

/// What a commit left open cannot be asked of.
pub(super) const OPERATIONS_GONE: Phrase = Phrase::new(
    "a tabela gestor_plugins_operacoes não existe mais",
    "the table gestor_plugins_operacoes is gone",
);

/// A thread of an installation that ended.
pub(super) const WORKER_ENDED: Phrase = Phrase::new(
    "erro interno: uma thread de trabalho terminou sem resposta",
    "internal error: a working thread ended without a word",
);

/// A bug in us, by the words of its panic.
pub(super) fn internal(text: &str) -> Phrase {
    Phrase::made(format!("erro interno: {text}"), format!("internal error: {text}"))
}

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

impl Error {
    /// The texts that a person reads, one a fault.
    pub fn messages(&self, lang: Lang) -> Vec<String> {
        match self {
            Self::Manifest(fault @ ManifestError::Faults { .. }) => fault.messages(lang),
            Self::Data(fault) => fault.lines(lang),
            Self::Contents { data, resources } => {
                let data = data.iter().map(|fault| fault.text(lang));
                data.chain(resources.iter().flat_map(|fault| fault.messages(lang)))
                    .collect()
            }
            other => vec![other.text(lang)],
        }
    }
}

impl Bilingual for Error {
    fn portuguese(&self) -> String {
        match self {
            Self::Call(fault) => fault.portuguese(),
            Self::Slug(fault) => fault.portuguese(),
            Self::Switches(fault) => fault.portuguese(),
            Self::Session(fault) => fault.portuguese(),
            Self::Source(fault) => fault.portuguese(),
            Self::Archive(fault) => fault.portuguese(),
            // A damaged archive speaks through the reader of one of its files.
            Self::Manifest(ManifestError::Unreadable { path, source }) => {
                ManifestError::unreadable(path, &ArchiveError::words_of(source))
            }
            Self::Manifest(fault) => fault.portuguese(),
            Self::Version(fault) => fault.portuguese(),
            Self::Contents { .. } => self.messages(Lang::PtBr).join("; "),
            Self::Data(fault) => fault.portuguese(),
            Self::Migrate(fault) => fault.portuguese(),
            Self::Stage(fault) => fault.portuguese(),
            Self::Files(fault) => fault.portuguese(),
            Self::Database(fault) => fault.portuguese(),
            Self::Registry(fault) => fault.portuguese(),
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

/// What to do with an interrupted run that nobody can end any more.
fn last_resort(journal: &str) -> String {
    format!(
        "confira plugins/<id>, tire {journal} do gestor (não apague nada: ali pode estar a única cópia da pasta anterior) e instale com `reprocessar`"
    )
}

impl Bilingual for InterruptedError {
    fn portuguese(&self) -> String {
        match self {
            Self::OtherDatabase {
                begun,
                owner,
                domain,
                here,
                journal,
            } => {
                let domain = domain.as_ref().map(|domain| format!(" (domínio {domain})"));
                format!(
                    "uma execução interrompida deste plugin, iniciada em {begun}, é do banco de dados {}, e esta chamada veio com {here:?}: nada foi decidido nem tocado. Rode plugin_recover, ou instale de novo, com as configurações daquele banco{}; só se ele não existir mais, {}",
                    owner.portuguese(),
                    domain.unwrap_or_default(),
                    last_resort(journal)
                )
            }
            Self::TablesGone { begun, here, journal } => format!(
                "uma execução interrompida deste plugin, iniciada em {begun}, depende do que diz o banco de dados {here:?}, e as tabelas gestor_plugins_* que diriam isso não existem mais: nada foi decidido nem tocado. Restaure-as de um dump daquela época; se não houver um, {}",
                last_resort(journal)
            ),
            Self::Unknown { begun, here, journal } => format!(
                "uma execução interrompida deste plugin, iniciada em {begun} por uma versão anterior, não diz que banco de dados usou, e nada em {here:?} mostra que foi este: nada foi decidido nem tocado. Se há outros domínios, rode plugin_recover com as configurações deles; senão, {}",
                last_resort(journal)
            ),
        }
    }
}

impl Bilingual for Contradiction {
    fn portuguese(&self) -> String {
        let Self(one, other) = self;
        format!("`{one}` e `{other}` se excluem: informe só um deles")
    }
}

impl Bilingual for VersionRefusal {
    fn portuguese(&self) -> String {
        match self {
            Self::Older { package, installed } => format!(
                "a versão {package} é mais antiga que a instalada {installed}: informe `forcar` (`--forcar`) para voltar a ela"
            ),
            Self::Incompatible {
                package,
                wanted,
                gestor,
            } => format!(
                "a versão {package} pede um gestor {wanted}, e este é {gestor}: atualize o gestor, ou informe `forcar` (`--forcar`)"
            ),
        }
    }
}

impl Bilingual for Refusal {
    fn portuguese(&self) -> String {
        match self {
            Self::Unknown { slug } => format!(
                "o plugin {slug} não é conhecido aqui: a tabela `plugins` não tem linha dele; instale-o, ou confira o nome"
            ),
            Self::Transition { slug, from, to } => {
                format!("o plugin {slug} está com o status {from}, do qual não pode passar para {to}")
            }
        }
    }
}

impl Bilingual for NotADataFile {
    fn portuguese(&self) -> String {
        let file = &self.file;
        format!(
            "{file:?} não é um arquivo de dados: o nome deve ser `<Tabela>Data.json`, com letras, números e `_` antes de `Data.json`"
        )
    }
}

impl Bilingual for StartError {
    fn portuguese(&self) -> String {
        match self {
            Self::Nested => {
                "já há uma operação em andamento nesta thread: um callback não pode iniciar outra".to_owned()
            }
            Self::Thread(source) => format!(
                "não foi possível iniciar a thread da operação ({}): a conta ou a máquina tem processos demais; encerre alguns ou aumente o limite (ulimit -u, pids.max)",
                system_words(source)
            ),
        }
    }
}
