//! The table of everything that a call or the machine may say: name, type, where it may be said, and the default. Which
//! operations take a parameter stands with each operation. Values only; `bin/generate` writes what others read of it.

use super::Settings;
use super::parameter_type::ParameterType;
use super::setting::{self, Setting};

/// One thing that may be said.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// Its name in a call; with `gestor_plugins.` before it in php.ini, where it is a setting.
    pub name: &'static str,
    /// What it takes.
    pub kind: ParameterType,
    /// Options of the command line, without `--`; none where it has none.
    pub options: &'static [&'static str],
    /// How it is a setting of the machine, where it is one.
    pub setting: Option<Setting>,
    /// What counts where nobody says anything, in words; empty where there is nothing.
    default: &'static str,
}

impl Parameter {
    const fn new(name: &'static str, kind: ParameterType) -> Self {
        Self {
            name,
            kind,
            options: &[],
            setting: None,
            default: "",
        }
    }

    const fn text(name: &'static str) -> Self {
        Self::new(name, ParameterType::Text)
    }

    const fn path(name: &'static str) -> Self {
        Self::new(name, ParameterType::Path)
    }

    const fn word(name: &'static str) -> Self {
        Self::new(name, ParameterType::Word)
    }

    const fn flag(name: &'static str) -> Self {
        Self::new(name, ParameterType::Flag).or("no")
    }

    const fn count(name: &'static str) -> Self {
        Self::new(name, ParameterType::Count)
    }

    const fn by(mut self, options: &'static [&'static str]) -> Self {
        self.options = options;
        self
    }

    const fn or(mut self, default: &'static str) -> Self {
        self.default = default;
        self
    }

    const fn set(mut self, setting: Setting) -> Self {
        self.setting = Some(setting);
        self
    }

    /// What counts where nobody says anything.
    pub fn default(&self) -> String {
        self.setting.filter(|_| self.default.is_empty()).map_or_else(
            || self.default.to_owned(),
            |setting| (setting.show)(&Settings::default()),
        )
    }

    /// Whether both are the same row of the table.
    pub fn is(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// A row of the table for each: its name in the source, and what it is.
macro_rules! table {
    ($($(#[$doc:meta])* $name:ident = $parameter:expr;)*) => {
        $($(#[$doc])* pub const $name: Parameter = $parameter;)*

        /// The table.
        pub static PARAMETERS: &[Parameter] = &[$($name),*];
    };
}

table! {
    /// The plugin.
    SLUG = Parameter::text("slug").by(&["id", "plugin"]);
    /// Where the package comes from.
    ORIGIN = Parameter::word("origem_tipo").by(&["origem_tipo"]).or("upload");
    /// A ZIP that was uploaded.
    FILE = Parameter::path("arquivo").by(&["arquivo"]);
    /// A ZIP or folder of this machine.
    LOCAL_PATH = Parameter::path("local_path").by(&["local_path"]);
    /// Owner of a GitHub repository.
    OWNER = Parameter::text("owner").by(&["owner"]);
    /// Its name.
    REPOSITORY = Parameter::text("repo").by(&["repo"]);
    /// Its tag or branch.
    REFERENCE = Parameter::text("ref").by(&["ref"]);
    /// Name of a token, or a literal one.
    CREDENTIAL = Parameter::text("cred_ref").by(&["cred_ref"]);
    /// Replaces discovery.
    DOWNLOAD_URL = Parameter::text("download_url");
    /// Where the package's SHA-256 stands.
    SHA256_URL = Parameter::text("sha256_url");
    /// A signed index, by its name here.
    SIGNED_INDEX = Parameter::text("indice");
    /// The versions that are wanted of a plugin of an index.
    WANTED_VERSIONS = Parameter::text("versao").by(&["versao"]);
    /// Any https ZIP.
    URL = Parameter::text("url").by(&["url"]);
    /// The package's SHA-256.
    SHA256 = Parameter::text("sha256").by(&["sha256"]);
    /// What is stored as the origin's reference.
    STORED_REFERENCE = Parameter::text("referencia");
    /// What an index is called here.
    INDEX_NAME = Parameter::text("nome").by(&["nome"]);
    /// The root of an index, which its publisher gave by another way.
    INDEX_ROOT = Parameter::path("raiz_indice").by(&["raiz"]);
    /// Which index is asked first: the one with the lowest number.
    PRIORITY = Parameter::count("prioridade").by(&["prioridade"]).or("100");
    /// Words that are searched for in all indices.
    SEARCH = Parameter::text("buscar");
    /// The folder of an index that is published.
    PUBLISHED_FOLDER = Parameter::path("pasta_publicada").by(&["pasta-publicada"]);
    /// The folder of the private keys of an index.
    KEY_FOLDER = Parameter::path("pasta_chaves").by(&["pasta-chaves"]);
    /// For whom a version is published.
    CHANNEL = Parameter::word("canal").by(&["canal"]).or("estavel");
    /// Why a version is withdrawn.
    WITHDRAWN = Parameter::text("retirada").by(&["retirada"]);
    /// Versions whose fault a published one mends.
    MENDED_VERSIONS = Parameter::text("seguranca").by(&["seguranca"]);
    /// What a published plugin is for.
    ABSTRACT = Parameter::text("resumo").by(&["resumo"]);
    /// The list of revoked versions and keys that an index publishes.
    REVOCATIONS = Parameter::path("revogados").by(&["revogados"]);
    /// What is installed together.
    PACKAGES = Parameter::new("pacotes", ParameterType::Packages);
    /// Folder of data files.
    FOLDER = Parameter::path("pasta").by(&["pasta"]);
    /// The status word wanted.
    STATUS = Parameter::new("status", ParameterType::Status);
    /// Do everything again.
    REPROCESS = Parameter::flag("reprocessar").by(&["reprocessar"]);
    /// Take back what an uninstallation put into its archive.
    TAKE_BACK = Parameter::flag("recuperar").by(&["recuperar"]);
    /// Plan only.
    DRY_RUN = Parameter::flag("dry_run").by(&["dry-run"]);
    /// Skip rows.
    NO_RESOURCES = Parameter::flag("no_resources").by(&["no-resources"]);
    /// Skip migrations.
    NO_MIGRATIONS = Parameter::flag("no_migrations").by(&["no-migrations"]);
    /// Only migrations.
    ONLY_MIGRATIONS = Parameter::flag("only_migrations").by(&["only-migrations"]);
    /// Only rows.
    ONLY_RESOURCES = Parameter::flag("only_resources").by(&["only-resources"]);
    /// Let older and incompatible versions pass.
    FORCE = Parameter::flag("forcar").by(&["forcar"]);
    /// Let pass what lacks something that it needs.
    IGNORE_DEPENDENCIES = Parameter::flag("ignorar_dependencias").by(&["ignorar-dependencias"]);
    /// What is needed and not there comes along.
    WITH_DEPENDENCIES = Parameter::flag("com_dependencias").by(&["com-dependencias"]);
    /// What is needed may rise to a version that fits.
    RAISE_DEPENDENCIES = Parameter::flag("atualizar_dependencias").by(&["atualizar-dependencias"]);
    /// A folder of packages from which it comes.
    INDEX = Parameter::path("pasta_indice").by(&["pasta-indice"]).set(setting::INDEX);
    /// A lock file whose plugins are installed.
    FROM_LOCK = Parameter::path("from_lock").by(&["from-lock"]);
    /// A set: a lock file and its packages in one file.
    SET = Parameter::path("conjunto").by(&["exportar", "importar"]);
    /// Log single rows.
    DEBUG = Parameter::flag("debug").by(&["debug"]);
    /// How much of a plugin goes.
    MODE = Parameter::word("modo").by(&["modo"]).or("remover");
    /// Nothing is kept by which it could come back.
    NO_RETURN = Parameter::flag("sem_retorno").by(&["sem-retorno"]);
    /// What needs a plugin that goes, goes as well.
    CASCADE = Parameter::flag("cascata").by(&["cascata"]);
    /// A version whose package is kept.
    VERSION = Parameter::text("version").by(&["version"]);
    /// A point of the history.
    POINT = Parameter::count("ponto").by(&["ponto"]);
    /// Migrations stay applied.
    KEEP_SCHEMA = Parameter::flag("manter_esquema").by(&["manter-esquema"]);
    /// What users changed counts as well.
    STRICT = Parameter::flag("estrito").by(&["estrito"]);
    /// All plugins.
    ALL = Parameter::flag("todos").by(&["todos"]);
    /// Put back what was found.
    REPAIR = Parameter::flag("reparar").by(&["reparar"]);
    /// When a row without owner becomes the plugin's.
    ADOPTION = Parameter::word("adocao").by(&["adocao"]).set(setting::ADOPTION);
    /// What a conflict does.
    CONFLICTS = Parameter::word("conflitos").by(&["conflitos"]).set(setting::CONFLICTS);
    /// What happens to rows that the package no longer brings.
    ORPHANS = Parameter::word("orfaos").by(&["orfaos"]).set(setting::ORPHANS);
    /// What becomes of values that both a user and the package changed.
    FUSION = Parameter::word("fusao").by(&["fusao"]).set(setting::FUSION);
    /// What becomes of files that other databases use too.
    BASES = Parameter::word("bases").by(&["bases"]).set(setting::BASES);
    /// Which conflicts are decided.
    CONFLICT = Parameter::new("conflito", ParameterType::Numbers).by(&["conflito"]);
    /// How.
    CHOICE = Parameter::word("escolha").by(&["escolha"]);
    /// A third value.
    VALUE = Parameter::text("valor").by(&["valor"]);
    /// Settings of a plugin and their values. The command line takes them from standard input where they are not given: among
    /// them may be a secret, and others see the options of a program.
    VALUES = Parameter::new("valores", ParameterType::Values).by(&["valores"]);
    /// The values are texts, as a form sends them.
    OF_FORM = Parameter::flag("formulario");
    /// The language of the settings; all of them where none is said.
    LANGUAGE = Parameter::text("idioma").by(&["idioma"]);
    /// How many entries of the history at most.
    MOST = Parameter::count("limite").by(&["limite"]).or("50");
    /// The number of a running operation.
    OPERATION = Parameter::text("operacao").by(&["operacao"]);
    /// Who asks.
    ACTOR = Parameter::text("ator").by(&["ator"]);
    /// The gestor's folder.
    ROOT = Parameter::path("raiz");
    /// The gestor's database.
    DATABASE = Parameter::new("db", ParameterType::Database);
    /// The gestor's version.
    GESTOR_VERSION = Parameter::text("gestor_versao");
    /// PHP's version.
    PHP_VERSION = Parameter::text("php_versao");
    /// Language of everything that is told.
    LANG = Parameter::word("lang").set(setting::LANG);
    /// Folder of the roots, keys and rules by which packages are believed.
    TRUST = Parameter::path("confianca").by(&["confianca"]).set(setting::TRUST);
    /// Keys of the site's credentials, in place of those of the trust folder.
    KEYS = Parameter::text("chaves");
    /// What is done with credentials, with indices, or with the audit log.
    ACTION = Parameter::word("acao").by(&["credenciais"]);
    /// A credential.
    ALIAS = Parameter::text("alias").by(&["alias"]);
    /// How a credential is sent.
    CREDENTIAL_TYPE = Parameter::word("tipo").by(&["tipo"]).or("github_token");
    /// The secret of a credential. The command line takes it from standard input: others see the options of a program.
    SECRET = Parameter::text("segredo");
    /// Where a credential is sent.
    SENT_TO = Parameter::text("origem").by(&["origem"]);
    /// Take literal tokens out of the table `plugins`.
    ERASE_LITERAL = Parameter::flag("apagar_literal").by(&["apagar-literal"]);
    /// How strictly signatures are looked at.
    SIGNATURE = Parameter::word("assinatura").by(&["assinatura"]).set(setting::SIGNATURE);
    /// Another developer may sign than signed what is installed.
    CHANGE_SIGNER = Parameter::flag("trocar_assinante").by(&["trocar-assinante"]);
    /// What is recorded in the audit log.
    AUDIT = Parameter::word("auditoria").set(setting::AUDIT);
    /// Days for which it stays; 0 is no limit.
    AUDIT_DAYS = Parameter::count("auditoria_dias").set(setting::AUDIT_DAYS);
    /// MiB of it that stay; 0 is no limit.
    AUDIT_MEBIBYTES = Parameter::count("auditoria_mb").set(setting::AUDIT_MEBIBYTES);
    /// From when on records are wanted.
    SINCE = Parameter::text("desde").by(&["desde"]);
    /// Until when.
    UNTIL = Parameter::text("ate").by(&["ate"]);
    /// Only what was refused.
    ONLY_REFUSED = Parameter::flag("negados").by(&["negados"]);
    /// How metrics are written, or records.
    FORMAT = Parameter::word("formato").by(&["metricas", "formato"]).or("json; jsonl");
    /// What is recorded.
    RECORDS = Parameter::new("registros", ParameterType::Records);
    /// The request that records are of.
    REQUEST = Parameter::text("pedido");
    /// A private key that signs packages.
    KEY_FILE = Parameter::path("chave").by(&["chave"]);
    /// The certificate of that key, and of those who vouch for it.
    CERTIFICATES = Parameter::path("certificados").by(&["certificados"]);
    /// The file that is made.
    OUTPUT = Parameter::path("saida").by(&["saida"]);
    /// Only the bytes that are to be signed elsewhere.
    PREPARE = Parameter::flag("preparar").by(&["preparar"]);
    /// A signature that was made elsewhere.
    ATTACH = Parameter::path("anexar").by(&["anexar"]);
    /// A fresh private key.
    FRESH_KEY = Parameter::flag("gerar_chave").by(&["gerar-chave"]);
    /// What becomes of the scripts of a package.
    SCRIPTS = Parameter::word("scripts").by(&["scripts"]).set(setting::SCRIPTS);
    /// PHP's command line program, which runs them.
    PHP = Parameter::path("php").by(&["php"]).set(setting::PHP);
    /// Run the scripts that an operation left.
    PENDING_SCRIPTS = Parameter::flag("scripts_pendentes").by(&["scripts-pendentes"]);
    /// What runs migrations.
    MIGRATIONS = Parameter::new("migracoes", ParameterType::Callable);
    /// Limits of archives, tighter than the machine's.
    LIMITS = Parameter::new("limites", ParameterType::Limits);
    /// Seconds for which a lock is waited for.
    LOCK_WAIT = Parameter::count("espera_lock").set(setting::LOCK_WAIT);
    /// Names refused in an archive.
    BLACKLIST = Parameter::text("blacklist").set(setting::BLACKLIST);
    /// GitHub's API.
    GITHUB_API = Parameter::text("github_api").set(setting::GITHUB_API);
    /// GitHub's pages.
    GITHUB_WEB = Parameter::text("github_web").set(setting::GITHUB_WEB);
    /// More certificate authorities.
    CA_FILE = Parameter::path("ca_file").set(setting::CA_FILE);
    /// Seconds without a byte after which a download stops.
    HTTP_IDLE = Parameter::count("http_idle").set(setting::HTTP_IDLE);
    /// Seconds after which a download stops.
    HTTP_TOTAL = Parameter::count("http_total").set(setting::HTTP_TOTAL);
    /// Packages that are kept of a plugin.
    KEEP_VERSIONS = Parameter::count("guardar_versoes").by(&["guardar-versoes"]).set(setting::KEEP_VERSIONS);
    /// Backups that are kept of a plugin's tree.
    KEEP_BACKUPS = Parameter::count("guardar_backups").by(&["guardar-backups"]).set(setting::KEEP_BACKUPS);
    /// Days for which packages and backups are kept; 0 is no limit.
    KEEP_DAYS = Parameter::count("guardar_dias").by(&["guardar-dias"]).set(setting::KEEP_DAYS);
    /// Bytes of packages, and of backups, that are kept of a plugin; 0 is no limit.
    KEEP_BYTES = Parameter::count("guardar_bytes").by(&["guardar-bytes"]).set(setting::KEEP_BYTES);
    /// Days for which what uninstalling took away is kept; 0 is no limit.
    KEEP_REMOVED = Parameter::count("guardar_removidos").by(&["guardar-removidos"]).set(setting::KEEP_REMOVED);
    /// Rows of a plugin's history; 0 is no limit.
    HISTORY_ROWS = Parameter::count("historico_linhas").by(&["historico-linhas"]).set(setting::HISTORY_ROWS);
    /// Days of a plugin's history; 0 is no limit.
    HISTORY_DAYS = Parameter::count("historico_dias").by(&["historico-dias"]).set(setting::HISTORY_DAYS);
    /// When what is not kept goes.
    PRUNING = Parameter::word("poda").set(setting::PRUNING);
    /// What becomes of newer versions of a plugin.
    MODE_OF_UPDATES = Parameter::word("politica").by(&["politica"]).or("manual");
    /// How far an update may reach by itself.
    LEVEL = Parameter::word("nivel").by(&["nivel"]).or("minor");
    /// At which hours it may come.
    WINDOW = Parameter::text("janela").by(&["janela"]);
    /// For how many hours a version has to stand there before.
    COOLDOWN = Parameter::count("carencia_h").by(&["carencia"]).or("72");
    /// Versions that are passed over.
    SKIP = Parameter::text("pular").by(&["pular"]);
    /// Until when nothing comes by itself.
    SKIP_UNTIL = Parameter::text("pular_ate").by(&["pular-ate"]);
    /// Sources are asked, however lately they were.
    NOW = Parameter::flag("agora").by(&["agora"]);
    /// Nothing is installed.
    CHECK_ONLY = Parameter::flag("so_verificar").by(&["so-verificar"]);
    /// The site's address.
    SITE_ADDRESS = Parameter::text("endereco").by(&["endereco"]);
    /// The message of a day that was sent, by its number.
    DIGEST_SENT = Parameter::count("resumo_enviado");
    /// What is gone of the files of a server is put back when updates are looked for.
    REPAIR_AFTER = Parameter::word("reparar_apos_atualizacao").set(setting::REPAIR_AFTER);
    /// What no operation of the history made goes as well.
    ALIENS = Parameter::flag("alheios").by(&["alheios"]);
    /// A month, `2026-11`.
    MONTH = Parameter::text("mes").by(&["mes"]);
    /// Whether each month's operations are counted in a file.
    STATISTICS = Parameter::word("estatisticas").set(setting::STATISTICS);
    /// `debug` logs single rows.
    LOG_LEVEL = Parameter::word("log_level").set(setting::LOG_LEVEL);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_name_and_each_option_stands_once() {
        let names: BTreeSet<_> = PARAMETERS.iter().map(|parameter| parameter.name).collect();
        assert_eq!(names.len(), PARAMETERS.len());
        let options: Vec<_> = PARAMETERS.iter().flat_map(|parameter| parameter.options).collect();
        assert_eq!(options.iter().collect::<BTreeSet<_>>().len(), options.len());
    }

    #[test]
    fn defaults_are_those_that_count() {
        for (parameter, default) in [
            (SLUG, ""),
            (DRY_RUN, "no"),
            (ADOPTION, "orfaos"),
            (LOCK_WAIT, "0"),
            (MOST, "50"),
        ] {
            assert_eq!(parameter.default(), default, "{}", parameter.name);
        }
    }
}
