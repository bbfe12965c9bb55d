//! Parameters of the calls (SPEC §3): their keys, types and words. Checks shapes; what they mean is decided in `ops`.

use std::path::PathBuf;

use super::call::Call;
use super::{
    Argument, Bases, CallError, DatabaseSettings, Fusion, HeldLimit, Limits, Origin, Reach, RowPolicy, Settings,
    VerifyParameters, messages,
};
use crate::model::{GestorRoot, Lang, Secret};

/// Seconds for which `plugin_recover` waits unless it is told otherwise: a server needs a moment to end the session of a
/// process that was killed.
pub(super) const RECOVERY_PATIENCE: u64 = 10;

/// Parameters of `plugin_install`.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are the switches of the command line, each on its own"
)]
pub struct InstallParameters {
    /// The plugin as the caller named it; not normalized yet.
    pub slug: String,
    /// Where the package comes from.
    pub origin: Origin,
    /// `arquivo`.
    pub file: Option<PathBuf>,
    /// `local_path`.
    pub local_path: Option<PathBuf>,
    /// GitHub `owner`.
    pub owner: Option<String>,
    /// GitHub `repo`.
    pub repo: Option<String>,
    /// GitHub tag or branch.
    pub reference_name: Option<String>,
    /// Name of a token, or a literal one.
    pub credential: Option<Secret>,
    /// Replaces discovery.
    pub download_url: Option<String>,
    /// Where the package's SHA-256 stands.
    pub sha256_url: Option<String>,
    /// The package, for `url`.
    pub url: Option<String>,
    /// The package's SHA-256 (`<hex>` or `<hex>  <name>`).
    pub sha256: Option<String>,
    /// What is stored as `origem_referencia`.
    pub stored_reference: Option<String>,
    /// Do everything again.
    pub reprocess: bool,
    /// Plan only.
    pub dry_run: bool,
    /// Skip rows.
    pub no_resources: bool,
    /// Skip migrations.
    pub no_migrations: bool,
    /// Only migrations.
    pub only_migrations: bool,
    /// Only rows.
    pub only_resources: bool,
    /// Let older and incompatible versions pass.
    pub force: bool,
    /// Log single rows.
    pub debug: bool,
    /// What happens to rows of nobody, in conflict, and no longer brought.
    pub policy: RowPolicy,
    /// What becomes of values that both a user and the package changed.
    pub fusion: Fusion,
    /// What becomes of files that other databases use too.
    pub bases: Bases,
    /// Who asked for it, for the history.
    pub actor: Option<String>,
    /// The gestor.
    pub root: GestorRoot,
    /// Its database.
    pub database: Option<DatabaseSettings>,
    /// The gestor's version, for `compatibility`.
    pub gestor_version: Option<String>,
    /// Language of the log.
    pub lang: Lang,
    /// The caller can run migrations.
    pub can_migrate: bool,
    /// Limits.
    pub limits: Limits,
    /// Limits that the call wanted wider than the machine allows.
    pub held_limits: Vec<HeldLimit>,
    /// Where paths of the call may lead.
    pub reach: Reach,
    /// Seconds to wait for the lock.
    pub lock_wait: u64,
}

const INSTALL_KEYS: &[&str] = &[
    "slug",
    "origem_tipo",
    "arquivo",
    "local_path",
    "owner",
    "repo",
    "ref",
    "cred_ref",
    "download_url",
    "sha256_url",
    "url",
    "sha256",
    "referencia",
    "reprocessar",
    "dry_run",
    "no_resources",
    "no_migrations",
    "only_migrations",
    "only_resources",
    "forcar",
    "debug",
    "adocao",
    "conflitos",
    "orfaos",
    "fusao",
    "bases",
    "ator",
    "raiz",
    "db",
    "gestor_versao",
    "lang",
    "migracoes",
    "limites",
    "espera_lock",
];

impl InstallParameters {
    /// The package of what is installed again, to put it back; it stands in `file`.
    pub fn of_repair(
        call: &VerifyParameters,
        settings: &Settings,
        (slug, sha256): (&str, Option<&str>),
        file: PathBuf,
    ) -> Self {
        Self {
            slug: slug.to_owned(),
            origin: Origin::File,
            file: Some(file),
            local_path: None,
            owner: None,
            repo: None,
            reference_name: None,
            credential: None,
            download_url: None,
            sha256_url: None,
            url: None,
            sha256: sha256.map(str::to_owned),
            stored_reference: None,
            reprocess: true,
            dry_run: false,
            no_resources: false,
            no_migrations: false,
            only_migrations: false,
            only_resources: false,
            force: true,
            debug: settings.debug,
            policy: RowPolicy {
                adoption: settings.adoption,
                conflicts: settings.conflicts,
                orphans: settings.orphans,
            },
            fusion: settings.fusion,
            bases: call.bases.clone(),
            actor: call.actor.clone(),
            root: call.root.clone(),
            database: call.database.clone(),
            gestor_version: call.gestor_version.clone(),
            lang: call.lang,
            can_migrate: call.can_migrate,
            limits: call.limits,
            held_limits: Vec::new(),
            reach: settings.reach.clone(),
            lock_wait: call.lock_wait,
        }
    }

    /// Reads a call.
    pub fn read(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        let call = Call::new(argument, INSTALL_KEYS)?;
        let mut limits = settings.limits;
        let held_limits = limits.tighten(call.value("limites"))?;
        Ok(Self {
            slug: call.text("slug")?.unwrap_or_default(),
            origin: call.choice("origem_tipo", Origin::from_word, Origin::Upload)?,
            file: call.path("arquivo")?,
            local_path: call.path("local_path")?,
            owner: call.text("owner")?,
            repo: call.text("repo")?,
            reference_name: call.text("ref")?,
            credential: call.text("cred_ref")?.map(Secret::new),
            download_url: call.text("download_url")?,
            sha256_url: call.text("sha256_url")?,
            url: call.text("url")?,
            sha256: call.text("sha256")?,
            stored_reference: call.text("referencia")?,
            reprocess: call.flag("reprocessar")?,
            dry_run: call.flag("dry_run")?,
            no_resources: call.flag("no_resources")?,
            no_migrations: call.flag("no_migrations")?,
            only_migrations: call.flag("only_migrations")?,
            only_resources: call.flag("only_resources")?,
            force: call.flag("forcar")?,
            debug: call.flag("debug")? || settings.debug,
            policy: call.row_policy(settings)?,
            fusion: call.choice("fusao", Fusion::from_word, settings.fusion)?,
            bases: call.bases(settings)?,
            actor: call.text("ator")?,
            root: call.root()?,
            database: call.database()?,
            gestor_version: call.text("gestor_versao")?,
            lang: call.lang(settings)?,
            can_migrate: read_callable(&call)?,
            limits,
            held_limits,
            reach: settings.reach.clone(),
            lock_wait: call.lock_wait(settings, 0)?,
        })
    }
}

/// Whether the caller runs migrations.
pub(super) fn read_callable(call: &Call) -> Result<bool, CallError> {
    match call.value("migracoes") {
        Argument::Null | Argument::Bool(false) => Ok(false),
        Argument::Callable | Argument::Bool(true) => Ok(true),
        other => {
            let (expected, found) = ("callable", other.type_name());
            Err(CallError::WrongType {
                key: "migracoes".to_owned(),
                expected,
                found,
            })
        }
    }
}

/// Parameters of `plugin_data_sync`: one folder of data files.
#[derive(Debug, Clone, PartialEq)]
pub struct SyncParameters {
    /// The plugin.
    pub slug: String,
    /// Folder of `*Data.json` files (`pasta`).
    pub folder: PathBuf,
    /// Plan only.
    pub dry_run: bool,
    /// Log single rows.
    pub debug: bool,
    /// What happens to rows of nobody, in conflict, and no longer brought.
    pub policy: RowPolicy,
    /// What becomes of values that both a user and the package changed.
    pub fusion: Fusion,
    /// Who asked for it, for the history.
    pub actor: Option<String>,
    /// The gestor.
    pub root: GestorRoot,
    /// Its database.
    pub database: Option<DatabaseSettings>,
    /// The gestor's version.
    pub gestor_version: Option<String>,
    /// Language of the log.
    pub lang: Lang,
    /// Seconds to wait for the lock.
    pub lock_wait: u64,
}

const SYNC_KEYS: &[&str] = &[
    "slug",
    "pasta",
    "dry_run",
    "debug",
    "adocao",
    "conflitos",
    "orfaos",
    "fusao",
    "ator",
    "raiz",
    "db",
    "gestor_versao",
    "lang",
    "espera_lock",
];

impl SyncParameters {
    /// Reads a call.
    pub fn read(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        let call = Call::new(argument, SYNC_KEYS)?;
        let hint = messages::DATA_FOLDER;
        Ok(Self {
            slug: call.text("slug")?.unwrap_or_default(),
            folder: call.path("pasta")?.ok_or(CallError::Missing { key: "pasta", hint })?,
            dry_run: call.flag("dry_run")?,
            debug: call.flag("debug")? || settings.debug,
            policy: call.row_policy(settings)?,
            fusion: call.choice("fusao", Fusion::from_word, settings.fusion)?,
            actor: call.text("ator")?,
            root: call.root()?,
            database: call.database()?,
            gestor_version: call.text("gestor_versao")?,
            lang: call.lang(settings)?,
            lock_wait: call.lock_wait(settings, 0)?,
        })
    }
}

/// Parameters of `plugin_recover`.
#[derive(Debug, Clone, PartialEq)]
pub struct RecoverParameters {
    /// The plugin; all of them when absent.
    pub slug: Option<String>,
    /// A database that is struck out of the list first.
    pub bases: Bases,
    /// The caller can run migrations: what is left to be undone is undone.
    pub can_migrate: bool,
    /// Limits of archives.
    pub limits: Limits,
    /// The gestor.
    pub root: GestorRoot,
    /// Its database.
    pub database: Option<DatabaseSettings>,
    /// Language of the log.
    pub lang: Lang,
    /// Seconds to wait for the lock; ten when nothing is said.
    pub lock_wait: u64,
}

const RECOVER_KEYS: &[&str] = &["slug", "bases", "raiz", "db", "lang", "migracoes", "espera_lock"];

impl RecoverParameters {
    /// Reads a call.
    pub fn read(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        let call = Call::new(argument, RECOVER_KEYS)?;
        Ok(Self {
            // An empty variable must not mean "all of them".
            slug: call.value("slug").text("slug")?,
            bases: call.bases(settings)?,
            can_migrate: read_callable(&call)?,
            limits: settings.limits,
            root: call.root()?,
            database: call.database()?,
            lang: call.lang(settings)?,
            lock_wait: call.lock_wait(settings, RECOVERY_PATIENCE)?,
        })
    }
}

/// Parameters of `plugin_status_mark`.
#[derive(Debug, Clone, PartialEq)]
pub struct MarkParameters {
    /// The plugin.
    pub slug: String,
    /// The status word wanted.
    pub status: String,
    /// The gestor.
    pub root: GestorRoot,
    /// Its database.
    pub database: Option<DatabaseSettings>,
    /// Language of what is told.
    pub lang: Lang,
}

const MARK_KEYS: &[&str] = &["slug", "status", "raiz", "db", "lang"];

impl MarkParameters {
    /// Reads a call.
    pub fn read(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        let call = Call::new(argument, MARK_KEYS)?;
        let hint = messages::STATUS_WORD;
        Ok(Self {
            slug: call.text("slug")?.unwrap_or_default(),
            status: call.text("status")?.ok_or(CallError::Missing { key: "status", hint })?,
            root: call.root()?,
            database: call.database()?,
            lang: call.lang(settings)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Adoption;

    fn map(entries: &[(&str, Argument)]) -> Argument {
        Argument::Map(
            entries
                .iter()
                .map(|(key, value)| ((*key).to_owned(), value.clone()))
                .collect(),
        )
    }

    fn bytes(text: &str) -> Argument {
        Argument::Bytes(text.as_bytes().to_vec())
    }

    #[test]
    fn a_call_is_read() {
        let call = map(&[
            ("slug", bytes("p")),
            ("raiz", bytes("/g")),
            ("ref", Argument::Null),
            ("espera_lock", bytes("5")),
            ("limites", map(&[("entradas", Argument::Int(3))])),
            (
                "db",
                map(&[("host", bytes("h")), ("port", bytes("33")), ("senha", bytes("s"))]),
            ),
            ("adocao", bytes("sempre")),
        ]);
        let read = InstallParameters::read(call, &Settings::default()).unwrap();
        assert_eq!(
            (read.lock_wait, read.limits.entries, read.policy.adoption),
            (5, 3, Adoption::Always)
        );
        assert_eq!(read.database.unwrap().port, 33);
    }

    #[test]
    fn a_wrong_call_names_its_key() {
        for (call, text) in [
            (
                map(&[("raiz", bytes("/g")), ("sluug", bytes("p"))]),
                "unknown parameter `sluug`",
            ),
            (
                map(&[("raiz", Argument::List(vec![]))]),
                "`raiz` must be of type string, array given",
            ),
            (
                map(&[("raiz", bytes("/g")), ("adocao", bytes("x"))]),
                "`adocao` is \"x\"; allowed: orfaos, nunca, sempre",
            ),
            (
                map(&[("raiz", bytes("/g")), ("limites", map(&[("x", Argument::Int(1))]))]),
                "`limites.x`",
            ),
            (
                map(&[("raiz", bytes("/g")), ("db", map(&[("pass", bytes("x"))]))]),
                "`db.pass`",
            ),
            (Argument::List(vec![bytes("p")]), "unknown parameter `0`"),
            (
                map(&[("raiz", bytes("/g")), ("db", Argument::List(vec![bytes("h")]))]),
                "unknown parameter `db.0`",
            ),
            (
                map(&[
                    ("raiz", bytes("/g")),
                    ("limites", Argument::List(vec![Argument::Int(1)])),
                ]),
                "unknown parameter `limites.0`",
            ),
            (
                map(&[("raiz", bytes("/g")), ("espera_lock", Argument::Int(-1))]),
                "`espera_lock` is \"-1\"; allowed: 0 or more",
            ),
            (map(&[("slug", bytes("p"))]), "`raiz` is missing"),
            (
                map(&[("raiz", bytes("/g")), ("migracoes", Argument::Int(3))]),
                "`migracoes` must be of type callable",
            ),
        ] {
            let fault = InstallParameters::read(call, &Settings::default())
                .unwrap_err()
                .to_string();
            assert!(fault.contains(text), "{fault:?} lacks {text:?}");
        }
    }
}
