//! Why an operation did not do its work, in Portuguese; the English stands beside each error.

use std::path::Path;

use super::caller::StartError;
use super::mark::Refusal;
use super::{Contradiction, Error, NotADataFile, VersionRefusal};
use crate::archive::ArchiveError;
use crate::base::fs::system_words;
use crate::manifest::ManifestError;
use crate::model::{Bilingual, Dependency, Lang, Phrase, Slug};
use crate::transaction::{Irreversible, TransactionError};

impl Error {
    /// The texts that a person reads, one a fault.
    pub fn messages(&self, lang: Lang) -> Vec<String> {
        match self {
            Self::Manifest(fault @ ManifestError::Faults { .. }) => fault.messages(lang),
            Self::Transaction(TransactionError::Data(fault)) => fault.lines(lang),
            Self::Contents { data, resources } => {
                let data = data.iter().map(|fault| fault.text(lang));
                data.chain(resources.iter().flat_map(|fault| fault.messages(lang)))
                    .collect()
            }
            other => vec![other.text(lang)],
        }
    }
}

/// An archive stands there of a plugin that comes anew.
pub(super) fn can_take_back(archive: &str) -> Phrase {
    Phrase::made(
        format!(
            "o que usuários tinham alterado antes da desinstalação está em {archive}: com `recuperar=sim` (`--recuperar`) a instalação o traz de volta"
        ),
        format!(
            "what users had changed before the plugin was uninstalled is in {archive}: with `recuperar=sim` (`--recuperar`) the installation takes it back"
        ),
    )
}

/// Another installer was here since. `is_known`: the package that it installed is kept.
pub(super) fn another_installer(found: Option<&str>, recorded: Option<&str>, is_known: bool) -> Phrase {
    let (found, recorded) = (found.unwrap_or("-"), recorded.unwrap_or("-"));
    let (pt, en) = if is_known {
        (
            "o que o site alterou é reconhecido pelo pacote dele",
            "what the site changed is told by its package",
        )
    } else {
        (
            "o pacote dele não foi encontrado, por isso o que este pacote altera em relação àquela é escrito, mesmo onde o site alterou também",
            "its package was not found, so what this package changes of that one is written, also where the site changed it too",
        )
    };
    Phrase::made(
        format!("outro instalador gravou este plugin (versão {found}; a instalada aqui foi a {recorded}): {pt}"),
        format!("another installer wrote this plugin (version {found}; the one installed here was {recorded}): {en}"),
    )
}

/// What a list of packages may hold.
pub(super) const EACH_ONCE: Phrase = Phrase::new("cada plugin uma só vez", "each plugin once");

/// A need that nobody can judge, because the version of what is needed is not known here.
pub(super) fn not_judged(need: &Dependency) -> Phrase {
    let (on, range) = (&need.on, &need.range);
    Phrase::made(
        format!("o plugin precisa de {on} {range}, e a versão de {on} não é conhecida aqui: não foi verificado"),
        format!("the plugin needs {on} {range}, and the version of {on} is not known here: it was not checked"),
    )
}

/// Nobody can say what a plugin needs.
pub(super) fn needs_unread(slug: &str) -> Phrase {
    Phrase::made(
        format!(
            "não se sabe do que o plugin {slug} precisa: seu registro em `plugins` (manifest_json), seu pacote guardado e sua pasta não dizem; ele pode precisar do que muda agora. Instale-o de novo para que se saiba"
        ),
        format!(
            "nobody knows what plugin {slug} needs: its record in `plugins` (manifest_json), its kept package and its folder do not say; it may need what changes now. Install it again, so that it is known"
        ),
    )
}

/// A disk that is nearly full.
pub(super) fn nearly_full(path: &Path, percent: u64) -> Phrase {
    let path = path.display();
    Phrase::made(
        format!("o disco de {path} tem só {percent} % livres: uma atualização pode não caber; libere espaço"),
        format!("the disk of {path} has only {percent} % left: an update may not fit; free some space"),
    )
}

/// A plugin that nothing can be fetched for.
pub(super) fn no_origin(slug: &Slug) -> Phrase {
    Phrase::made(
        format!(
            "não está gravado de onde veio o plugin {slug} (origem_tipo, origem_referencia): atualize-o uma vez com `--origem_tipo=…`"
        ),
        format!(
            "it is not recorded where plugin {slug} came from (origem_tipo, origem_referencia): update it once with `--origem_tipo=…`"
        ),
    )
}

/// Hooks of plugins that no table knows.
pub(super) fn strange_hooks(plugins: &[String]) -> Phrase {
    let names = plugins.join(", ");
    Phrase::made(
        format!(
            "a tabela `hooks` tem linhas de plugins que este banco de dados não conhece ({names}): remova-as com `--repair`"
        ),
        format!(
            "table `hooks` has rows of plugins that this database does not know ({names}): remove them with `--repair`"
        ),
    )
}

/// Migrations that stay applied on a way back.
pub(super) fn schema_stays(names: &[String]) -> Phrase {
    let names = names.join(", ");
    Phrase::made(
        format!(
            "o esquema fica como está: estas migrações, aplicadas depois daquele ponto, não são desfeitas: {names}"
        ),
        format!("the schema stays as it is: these migrations, applied after that point, are not undone: {names}"),
    )
}

/// Migrations that cannot be undone, each with why.
pub(super) fn irreversible(blocked: &[Irreversible]) -> Phrase {
    let shown = |text: &dyn Fn(&Phrase) -> String| {
        let each = blocked
            .iter()
            .map(|one| format!("{} ({})", one.migration, text(&one.reason)));
        each.collect::<Vec<_>>().join("; ")
    };
    Phrase::made(
        shown(&|reason| reason.portuguese()),
        shown(&|reason| reason.to_string()),
    )
}

/// A failure that the history does not tell.
pub(super) fn history_unwritten(reason: &Phrase) -> Phrase {
    let (pt, en) = (reason.text(Lang::PtBr), reason.text(Lang::En));
    Phrase::made(
        format!("esta falha não foi gravada no histórico do plugin: {pt}"),
        format!("this failure was not written to the plugin's history: {en}"),
    )
}

/// What is offered where the admin page says something else than what is so; nothing for other contradictions.
pub(super) fn admin_page(contradiction: &str, slug: &str) -> Option<Phrase> {
    let (portuguese, english) = match contradiction {
        "inativo" => (
            format!(
                "a página de plugins mostra {slug} como inativo, e ele está instalado: `--disable --plugin={slug}` o pausa de fato, o botão de ativar da página desfaz a marca"
            ),
            format!(
                "the plugins page shows {slug} as inactive, and it is installed: `--disable --plugin={slug}` pauses it indeed, the page's own button takes the mark away"
            ),
        ),
        "ativo" => (
            format!(
                "a página de plugins mostra {slug} como ativo, e ele está pausado: `--enable --plugin={slug}` o ativa de fato"
            ),
            format!(
                "the plugins page shows {slug} as active, and it is paused: `--enable --plugin={slug}` enables it indeed"
            ),
        ),
        "apagado" => (
            format!(
                "a página de plugins mostra {slug} como excluído, e ele está aqui: `--uninstall --plugin={slug}` o desinstala de fato"
            ),
            format!(
                "the plugins page shows {slug} as deleted, and it is here: `--uninstall --plugin={slug}` uninstalls it indeed"
            ),
        ),
        _ => return None,
    };
    Some(Phrase::made(portuguese, english))
}

/// What applied migrations made is not there.
pub(super) fn schema_gone(what: &[String]) -> Phrase {
    let what = what.join(", ");
    Phrase::made(
        format!(
            "{what}: as migrações do plugin criaram isso e não está mais lá. `--verify --reparar` só refaz o registro das migrações (`phinxlog_…`); tabelas e colunas, com o que havia nelas, voltam de um dump do banco de dados (ou de backups/plugins/<id>/esquema-….jsonl.gz), ou então `--uninstall --modo=expurgar` e instalar de novo"
        ),
        format!(
            "{what}: migrations of the plugin made this, and it is not there any more. `--verify --reparar` makes only the log of migrations (`phinxlog_…`) anew; tables and columns, with what stood in them, come back from a dump of the database (or from backups/plugins/<id>/esquema-….jsonl.gz), or else `--uninstall --modo=expurgar` and install again"
        ),
    )
}

/// Something is left to be taken away of the schema.
pub(super) const SCHEMA_LEFT: Phrase = Phrase::new(
    "uma operação deixou algo por tirar do esquema (`pendencias`): `--recover` o faz, e com `--forcar` desiste das migrações que não podem ser desfeitas",
    "an operation left something to be taken away of the schema (`pendencias`): `--recover` does it, and with `--forcar` gives up migrations that cannot be undone",
);

/// Migrations whose undoing had begun are taken as applied.
pub(super) fn taken_as_applied(migrations: &[String]) -> Phrase {
    let migrations = migrations.join(", ");
    Phrase::made(
        format!(
            "{migrations}: uma operação anterior não conseguiu desfazer; este pacote as traz, e elas contam como aplicadas. As tabelas e colunas delas estão lá; o que a tentativa possa ter apagado nelas não volta"
        ),
        format!(
            "{migrations}: an earlier operation could not undo them; this package brings them, and they count as applied. Their tables and columns are there; what the attempt may have deleted in them does not come back"
        ),
    )
}

/// A paused plugin is uninstalled without the archive of what went.
pub(super) fn without_archive(why: &Phrase) -> Phrase {
    Phrase::made(
        format!(
            "desinstalado sem o arquivo da pausa, como `forcar` pede; o que só estava nele (linhas alteradas, permissões) não volta: {}",
            why.portuguese()
        ),
        format!(
            "uninstalled without the archive of its pause, as `forcar` asks; what stood only there (edited rows, permissions) does not come back: {why}"
        ),
    )
}

/// Packages are kept for what is left to be done.
pub(super) const NEEDS_PACKAGES: Phrase = Phrase::new(
    "os pacotes que as desfazem ficam guardados até lá; depois `--uninstall --sem-retorno` de novo os remove",
    "the packages that undo them stay until then; after that `--uninstall --sem-retorno` again removes them",
);

/// A file of rows that were adopted cannot be read.
pub(super) fn not_adopted(path: &std::path::Path) -> Phrase {
    let path = path.display();
    Phrase::made(
        format!("{path} não é um arquivo nosso de linhas adotadas: o que elas eram antes do plugin não volta de lá"),
        format!(
            "{path} is no file of ours of adopted rows: what they were before the plugin does not come back from there"
        ),
    )
}

/// The files of a plugin come back out of its package: changes that the site made to them do not.
pub(super) fn tree_of_package(path: &std::path::Path) -> Phrase {
    let path = path.display();
    Phrase::made(
        format!(
            "o backup dos arquivos não está em plugins/_backups/: eles vêm do pacote {path}, sem o que o site mudou neles"
        ),
        format!(
            "the backup of the files is not in plugins/_backups/: they come from the package {path}, without what the site changed in them"
        ),
    )
}

impl Bilingual for Error {
    fn portuguese(&self) -> String {
        match self {
            Self::Call(fault) => fault.portuguese(),
            Self::Slug(fault) => fault.portuguese(),
            Self::Switches(fault) => fault.portuguese(),
            Self::Version(fault) => fault.portuguese(),
            Self::Plugin(fault) => fault.portuguese(),
            Self::Source(fault) => fault.portuguese(),
            // A damaged archive speaks through the reader of one of its files.
            Self::Manifest(ManifestError::Unreadable { path, source }) => {
                ManifestError::unreadable(path, &ArchiveError::words_of(source))
            }
            Self::Manifest(fault) => fault.portuguese(),
            Self::Set(fault) => fault.portuguese(),
            Self::Vault(fault) => fault.portuguese(),
            Self::Settings(fault) => fault.portuguese(),
            Self::Audit(fault) => fault.portuguese(),
            Self::Update(fault) => fault.portuguese(),
            Self::Unrecorded(fault) => format!(
                "auditoria=exigir: nada foi feito, porque não pode ser registrado: {}",
                fault.portuguese()
            ),
            Self::TrustFolder(fault) => fault.portuguese(),
            Self::Author(fault) => fault.portuguese(),
            Self::Index(fault) => fault.portuguese(),
            Self::SignedIndex(fault) => fault.portuguese(),
            Self::Publish(fault) => fault.portuguese(),
            Self::Dependencies(fault) => fault.portuguese(),
            Self::Contents { .. } => self.messages(Lang::PtBr).join("; "),
            Self::Transaction(fault) => fault.portuguese(),
        }
    }
}

/// A database was struck out of the list of those that use the tree.
pub(super) fn forgotten(name: &str) -> Phrase {
    Phrase::made(
        format!("o banco de dados {name} saiu da lista dos que usam estes arquivos"),
        format!("the database {name} was struck out of the list of those that use these files"),
    )
}

/// The admin page has renamed the record of a plugin.
pub(super) fn renamed(name: &str, slug: &str) -> Phrase {
    Phrase::made(
        format!(
            "{name} é o plugin {slug}, cujo registro foi renomeado na página de plugins: arquivos e linhas continuam com o nome {slug}, e a operação é sobre ele"
        ),
        format!(
            "{name} is the plugin {slug}, whose record was renamed in the page of plugins: its files and rows keep the name {slug}, and the operation is on it"
        ),
    )
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
