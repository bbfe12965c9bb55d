//! Parameters of the calls (SPEC §3): their types and words. Checks shapes; what they mean is decided in `ops`. Each says what
//! it takes; names stand in the table of parameters.

use std::path::PathBuf;

use super::parameter::{
    ACTOR, ADOPTION, BASES, CHANGE_SIGNER, CONFLICTS, CREDENTIAL, DATABASE, DEBUG, DOWNLOAD_URL, DRY_RUN, FILE, FOLDER,
    FORCE, FUSION, GESTOR_VERSION, IGNORE_DEPENDENCIES, INDEX, KEYS, LANG, LIMITS, LOCAL_PATH, LOCK_WAIT, MIGRATIONS,
    NO_MIGRATIONS, NO_RESOURCES, ONLY_MIGRATIONS, ONLY_RESOURCES, ORIGIN, ORPHANS, OWNER, PENDING_SCRIPTS, PHP,
    PHP_VERSION, RAISE_DEPENDENCIES, REFERENCE, REPOSITORY, REPROCESS, ROOT, SCRIPTS, SHA256, SHA256_URL, SIGNATURE,
    SIGNED_INDEX, SLUG, STATUS, STORED_REFERENCE, TAKE_BACK, TRUST, URL, WANTED_VERSIONS, WITH_DEPENDENCIES,
};
use super::{
    Argument, Bases, CallError, DependencyRules, Fusion, Given, HeldLimit, Origin, Parameter, RowPolicy, ScriptRules,
    Settings, Site, VerifyParameters, messages,
};

/// Seconds for which `plugin_recover` waits unless it is told otherwise: a server needs a moment to end the session of a
/// process that was killed.
const RECOVERY_PATIENCE: u64 = 10;

/// Which parts of a package are left out, as a call says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are the switches of the command line, each on its own"
)]
pub struct PartSwitches {
    /// Skip rows.
    pub no_resources: bool,
    /// Skip migrations.
    pub no_migrations: bool,
    /// Only migrations.
    pub only_migrations: bool,
    /// Only rows.
    pub only_resources: bool,
}

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
    /// Where the package's SHA-256 stands.
    pub sha256_url: Option<String>,
    /// The package's SHA-256 (`<hex>` or `<hex>  <name>`).
    pub sha256: Option<String>,
    /// What is stored as `origem_referencia`.
    pub stored_reference: Option<String>,
    /// Do everything again.
    pub reprocess: bool,
    /// Take back what users had edited before the plugin was uninstalled.
    pub takes_back: bool,
    /// Plan only.
    pub dry_run: bool,
    /// Which parts are left out.
    pub parts: PartSwitches,
    /// Let older and incompatible versions pass.
    pub force: bool,
    /// It may lack what it needs, and others may lack it.
    pub ignores_dependencies: bool,
    /// Whether what is needed and not there comes along.
    pub dependency_rules: DependencyRules,
    /// Log single rows.
    pub debug: bool,
    /// What happens to rows of nobody, in conflict, and no longer brought.
    pub policy: RowPolicy,
    /// What becomes of values that both a user and the package changed.
    pub fusion: Fusion,
    /// What becomes of files that other databases use too.
    pub bases: Bases,
    /// What becomes of the package's scripts.
    pub scripts: ScriptRules,
    /// Who asked for it, for the history.
    pub actor: Option<String>,
    /// The gestor.
    pub site: Site,
    /// The caller can run migrations.
    pub can_migrate: bool,
    /// Limits that the call wanted wider than the machine allows.
    pub held_limits: Vec<HeldLimit>,
}

impl InstallParameters {
    /// What it takes.
    pub const TAKES: &'static [Parameter] = &[
        SLUG,
        ORIGIN,
        FILE,
        LOCAL_PATH,
        OWNER,
        REPOSITORY,
        REFERENCE,
        CREDENTIAL,
        DOWNLOAD_URL,
        SHA256_URL,
        SIGNED_INDEX,
        WANTED_VERSIONS,
        URL,
        SHA256,
        STORED_REFERENCE,
        REPROCESS,
        TAKE_BACK,
        DRY_RUN,
        NO_RESOURCES,
        NO_MIGRATIONS,
        ONLY_MIGRATIONS,
        ONLY_RESOURCES,
        FORCE,
        IGNORE_DEPENDENCIES,
        WITH_DEPENDENCIES,
        RAISE_DEPENDENCIES,
        INDEX,
        DEBUG,
        ADOPTION,
        CONFLICTS,
        ORPHANS,
        FUSION,
        BASES,
        TRUST,
        SCRIPTS,
        PHP,
        KEYS,
        SIGNATURE,
        CHANGE_SIGNER,
        ACTOR,
        ROOT,
        DATABASE,
        GESTOR_VERSION,
        PHP_VERSION,
        LANG,
        MIGRATIONS,
        LIMITS,
        LOCK_WAIT,
    ];

    /// The package of what is installed again, to put it back; it stands in `file`.
    pub fn of_repair(
        call: &VerifyParameters,
        settings: &Settings,
        (slug, sha256): (&str, Option<&str>),
        file: PathBuf,
    ) -> Self {
        Self {
            slug: slug.to_owned(),
            origin: Origin::File(Some(file)),
            sha256_url: None,
            sha256: sha256.map(str::to_owned),
            stored_reference: None,
            reprocess: true,
            takes_back: false,
            dry_run: false,
            parts: PartSwitches::default(),
            force: true,
            // What is installed is put back, whatever it lacks.
            ignores_dependencies: true,
            dependency_rules: DependencyRules::default(),
            debug: settings.debug,
            policy: settings.policy,
            fusion: settings.fusion,
            bases: call.bases.clone(),
            // They ran when it was installed.
            scripts: ScriptRules::default(),
            actor: call.actor.clone(),
            site: call.site.clone(),
            can_migrate: call.can_migrate,
            held_limits: Vec::new(),
        }
    }

    /// Reads a call.
    pub fn read(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        let given = Given::new(argument, Self::TAKES)?;
        let mut limits = settings.limits;
        let held_limits = limits.tighten(given.value(&LIMITS))?;
        Ok(Self {
            slug: given.text(&SLUG)?.unwrap_or_default(),
            origin: Origin::read(&given)?,
            sha256_url: given.text(&SHA256_URL)?,
            sha256: given.text(&SHA256)?,
            stored_reference: given.text(&STORED_REFERENCE)?,
            reprocess: given.flag(&REPROCESS)?,
            takes_back: given.flag(&TAKE_BACK)?,
            dry_run: given.flag(&DRY_RUN)?,
            parts: PartSwitches {
                no_resources: given.flag(&NO_RESOURCES)?,
                no_migrations: given.flag(&NO_MIGRATIONS)?,
                only_migrations: given.flag(&ONLY_MIGRATIONS)?,
                only_resources: given.flag(&ONLY_RESOURCES)?,
            },
            force: given.flag(&FORCE)?,
            ignores_dependencies: given.flag(&IGNORE_DEPENDENCIES)?,
            dependency_rules: DependencyRules::read(&given, settings)?,
            debug: given.flag(&DEBUG)? || settings.debug,
            policy: given.row_policy(settings)?,
            fusion: given.fusion(settings)?,
            bases: given.bases(settings)?,
            scripts: ScriptRules::read(&given, settings)?,
            actor: given.text(&ACTOR)?,
            site: Site {
                limits,
                ..Site::read(&given, settings, 0)?
            },
            can_migrate: given.can_migrate()?,
            held_limits,
        })
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
    pub site: Site,
}

impl SyncParameters {
    /// What it takes.
    pub const TAKES: &'static [Parameter] = &[
        SLUG,
        FOLDER,
        DRY_RUN,
        DEBUG,
        ADOPTION,
        CONFLICTS,
        ORPHANS,
        FUSION,
        ACTOR,
        ROOT,
        DATABASE,
        GESTOR_VERSION,
        LANG,
        LOCK_WAIT,
    ];

    /// Reads a call.
    pub fn read(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        let given = Given::new(argument, Self::TAKES)?;
        Ok(Self {
            slug: given.text(&SLUG)?.unwrap_or_default(),
            folder: given.wanted_path(&FOLDER, messages::DATA_FOLDER)?,
            dry_run: given.flag(&DRY_RUN)?,
            debug: given.flag(&DEBUG)? || settings.debug,
            policy: given.row_policy(settings)?,
            fusion: given.fusion(settings)?,
            actor: given.text(&ACTOR)?,
            site: Site::read(&given, settings, 0)?,
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
    /// Scripts that an operation left are run.
    pub runs_scripts: bool,
    /// By which PHP.
    pub scripts: ScriptRules,
    /// What cannot be undone is only dropped.
    pub force: bool,
    /// The gestor. Its locks are waited for ten seconds when nothing is said.
    pub site: Site,
}

impl RecoverParameters {
    /// What it takes.
    pub const TAKES: &'static [Parameter] = &[
        SLUG,
        PENDING_SCRIPTS,
        PHP,
        FORCE,
        BASES,
        ROOT,
        DATABASE,
        LANG,
        MIGRATIONS,
        LOCK_WAIT,
    ];

    /// Reads a call.
    pub fn read(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        let given = Given::new(argument, Self::TAKES)?;
        Ok(Self {
            // An empty variable must not mean "all of them".
            slug: given.value(&SLUG).text(SLUG.name)?,
            bases: given.bases(settings)?,
            can_migrate: given.can_migrate()?,
            runs_scripts: given.flag(&PENDING_SCRIPTS)?,
            scripts: ScriptRules::read(&given, settings)?,
            force: given.flag(&FORCE)?,
            site: Site::read(&given, settings, RECOVERY_PATIENCE)?,
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
    pub site: Site,
}

impl MarkParameters {
    /// What it takes.
    pub const TAKES: &'static [Parameter] = &[SLUG, STATUS, ROOT, DATABASE, LANG];

    /// Reads a call.
    pub fn read(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        let given = Given::new(argument, Self::TAKES)?;
        Ok(Self {
            slug: given.text(&SLUG)?.unwrap_or_default(),
            status: given.wanted_text(&STATUS, messages::STATUS_WORD)?,
            site: Site::read(&given, settings, 0)?,
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
            (read.site.lock_wait, read.site.limits.entries, read.policy.adoption),
            (5, 3, Adoption::Always)
        );
        assert_eq!(read.site.database.unwrap().port, 33);
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
