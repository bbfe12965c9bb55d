//! Parameters of `plugin_install_many` (SPEC 2 §7): what each package says, beside what is said once for all of them. Checks
//! shapes; what they mean is decided in `ops`.

use std::path::PathBuf;

use super::parameter::{
    ACTOR, ADOPTION, BASES, CHANGE_SIGNER, CONFLICTS, CREDENTIAL, DATABASE, DEBUG, DOWNLOAD_URL, DRY_RUN, FILE, FORCE,
    FROM_LOCK, FUSION, GESTOR_VERSION, IGNORE_DEPENDENCIES, INDEX, KEYS, LANG, LIMITS, LOCAL_PATH, LOCK_WAIT,
    MIGRATIONS, NO_MIGRATIONS, NO_RESOURCES, ONLY_MIGRATIONS, ONLY_RESOURCES, ORIGIN, ORPHANS, OWNER, PACKAGES, PHP,
    PHP_VERSION, RAISE_DEPENDENCIES, REFERENCE, REPOSITORY, REPROCESS, ROOT, SCRIPTS, SET, SHA256, SHA256_URL,
    SIGNATURE, SIGNED_INDEX, SLUG, STORED_REFERENCE, TAKE_BACK, TRUST, URL, WANTED_VERSIONS, WITH_DEPENDENCIES,
};
use super::{Argument, CallError, Given, InstallParameters, Origin, Parameter, Settings, Site, messages};
use crate::model::GestorRoot;

/// A file that names the packages of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PackageList {
    /// A lock file: they are kept here, or stand in the folder that is the index.
    LockFile(PathBuf),
    /// A set: they stand in it.
    Set(PathBuf),
}

impl PackageList {
    /// The parameter that names it, and the file.
    pub fn named(&self) -> (&'static str, &PathBuf) {
        match self {
            Self::LockFile(path) => (FROM_LOCK.name, path),
            Self::Set(path) => (SET.name, path),
        }
    }

    fn read(given: &Given) -> Result<Option<Self>, CallError> {
        match (given.path(&FROM_LOCK)?, given.path(&SET)?) {
            (Some(_), Some(_)) => Err(excluded(FROM_LOCK.name, SET.name)),
            (Some(path), None) => Ok(Some(Self::LockFile(path))),
            (None, Some(path)) => Ok(Some(Self::Set(path))),
            (None, None) => Ok(None),
        }
    }
}

/// Parameters of `plugin_install_many`.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchParameters {
    /// The installation of each; its `slug` may be empty where its package is a file of this machine.
    pub packages: Vec<InstallParameters>,
    /// What names the packages instead.
    pub list: Option<PackageList>,
    /// What is said for all.
    pub common: InstallParameters,
    /// Plan only.
    pub dry_run: bool,
    /// Log single rows.
    pub debug: bool,
    /// The caller can run migrations.
    pub can_migrate: bool,
    /// The gestor.
    pub site: Site,
}

/// What each package may say by itself.
const OF_A_PACKAGE: &[Parameter] = &[
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
    NO_RESOURCES,
    NO_MIGRATIONS,
    ONLY_MIGRATIONS,
    ONLY_RESOURCES,
    FORCE,
    IGNORE_DEPENDENCIES,
    ADOPTION,
    CONFLICTS,
    ORPHANS,
    FUSION,
    SCRIPTS,
    CHANGE_SIGNER,
];

impl BatchParameters {
    /// What it takes.
    pub const TAKES: &'static [Parameter] = &[
        PACKAGES,
        FROM_LOCK,
        SET,
        ORIGIN,
        OWNER,
        CREDENTIAL,
        SIGNED_INDEX,
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
        SCRIPTS,
        PHP,
        SIGNATURE,
        CHANGE_SIGNER,
        TRUST,
        KEYS,
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

    /// Reads a call. What a package says by itself counts before what is said for all.
    pub fn read(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        let given = Given::new(argument, Self::TAKES)?;
        given.lasting_bases(settings)?;
        let is_common = |key: &str| ![PACKAGES.name, FROM_LOCK.name, SET.name].contains(&key);
        let common: Vec<_> = given
            .entries()
            .iter()
            .filter(|(key, _)| is_common(key))
            .cloned()
            .collect();
        // What is wrong for all is told of all.
        let of_all = InstallParameters::read(Argument::Map(common.clone()), settings)?;
        let list = PackageList::read(&given)?;
        let packages = match (&list, given.value(&PACKAGES)) {
            (Some(_), Argument::Null) => Vec::new(),
            (Some(list), _) => return Err(excluded(PACKAGES.name, list.named().0)),
            (None, value) => listed(value)?,
        };
        let read = |(at, entry): (usize, Argument)| {
            package(entry, &common, settings).map_err(|fault| fault.within(&format!("{}.{at}", PACKAGES.name)))
        };
        Ok(Self {
            packages: packages.into_iter().enumerate().map(read).collect::<Result<_, _>>()?,
            list,
            common: of_all,
            dry_run: given.flag(&DRY_RUN)?,
            debug: given.flag(&DEBUG)? || settings.debug,
            can_migrate: given.can_migrate()?,
            site: Site::read(&given, settings, 0)?,
        })
    }

    /// Says where the gestor is, for each of them.
    pub fn settle_root(&mut self, root: &GestorRoot) {
        for package in &mut self.packages {
            package.site.root = root.clone();
        }
        self.site.root = root.clone();
        self.common.site.root = root.clone();
    }
}

/// What names the packages is said once.
fn excluded(key: &str, found: &str) -> CallError {
    CallError::WrongValue {
        key: key.to_owned(),
        found: found.to_owned(),
        allowed: messages::NO_PACKAGES,
    }
}

/// The packages; there must be one.
fn listed(value: &Argument) -> Result<Vec<Argument>, CallError> {
    let (key, hint) = (PACKAGES.name, messages::PACKAGES);
    match value {
        Argument::List(items) if !items.is_empty() => Ok(items.clone()),
        Argument::Null | Argument::List(_) => Err(CallError::Missing { key, hint }),
        Argument::Map(entries) if entries.is_empty() => Err(CallError::Missing { key, hint }),
        other => Err(CallError::WrongType {
            key: key.to_owned(),
            expected: "list",
            found: other.type_name(),
        }),
    }
}

/// One of them, with what is said for all.
fn package(
    entry: Argument,
    common: &[(String, Argument)],
    settings: &Settings,
) -> Result<InstallParameters, CallError> {
    let mut entries = Given::new(entry, OF_A_PACKAGE)?.entries().to_vec();
    let said: Vec<String> = entries.iter().map(|(key, _)| key.clone()).collect();
    let left = common.iter().filter(|(key, _)| !said.contains(key));
    entries.extend(left.cloned());
    InstallParameters::read(Argument::Map(entries), settings)
}

impl InstallParameters {
    /// The file of this machine that its package is said to be.
    pub fn local_file(&self) -> Option<(&'static str, &PathBuf)> {
        match &self.origin {
            Origin::Upload(file) | Origin::File(file) => file.as_ref().map(|file| (FILE.name, file)),
            Origin::LocalPath(path) => path.as_ref().map(|path| (LOCAL_PATH.name, path)),
            Origin::Github(_) | Origin::Url(_) | Origin::Index(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(call: &Value) -> Result<BatchParameters, String> {
        BatchParameters::read(Argument::from(call), &Settings::default()).map_err(|fault| fault.to_string())
    }

    #[test]
    fn what_a_package_says_counts_before_what_is_said_for_all() {
        let call = json!({"raiz": "/g", "origem_tipo": "local_path", "forcar": true, "ator": "x", "pacotes": [
            {"slug": "a", "local_path": "/a.zip"}, {"slug": "b", "origem_tipo": "url", "url": "https://b", "forcar": false},
        ]});
        let read = read(&call).unwrap();
        let [a, b] = read.packages.as_slice() else { panic!() };
        assert_eq!(
            (a.origin.word(), a.force, b.origin.word(), b.force),
            ("local_path", true, "url", false)
        );
        assert_eq!((a.actor.as_deref(), b.slug.as_str()), (Some("x"), "b"));
    }

    #[test]
    fn whatever_an_installation_takes_is_taken_for_one_or_for_all() {
        let is_taken = |parameter: &&Parameter| {
            let is_it = |taken: &Parameter| taken.name == parameter.name;
            OF_A_PACKAGE.iter().any(is_it) || BatchParameters::TAKES.iter().any(is_it)
        };
        let left: Vec<_> = InstallParameters::TAKES
            .iter()
            .filter(|one| !is_taken(one))
            .map(|one| one.name)
            .collect();
        assert_eq!(left, Vec::<&str>::new());
    }

    #[test]
    fn a_wrong_list_says_where() {
        for (packages, expected) in [
            (json!(null), "`pacotes` is missing"),
            (json!([]), "`pacotes` is missing"),
            (json!({}), "`pacotes` is missing"),
            (json!("a"), "`pacotes` must be of type list"),
            (json!({"slug": "a"}), "`pacotes` must be of type list"),
            (json!(["a"]), "`pacotes.0.params` must be of type array"),
            (
                json!([{"slug": "a"}, {"raiz": "/x"}]),
                "unknown parameter `pacotes.1.raiz`",
            ),
            (json!([{"dry_run": true}]), "unknown parameter `pacotes.0.dry_run`"),
            (json!([{"adocao": "x"}]), "`pacotes.0.adocao` is \"x\""),
        ] {
            let fault = read(&json!({"raiz": "/g", "pacotes": packages})).unwrap_err();
            assert!(fault.contains(expected), "{fault:?} lacks {expected:?}");
        }
        for more in [json!({"from_lock": "/l"}), json!({"pacotes": [{"slug": "a"}]})] {
            let mut call = json!({"raiz": "/g", "conjunto": "/s"});
            call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            assert!(read(&call).unwrap_err().contains("nothing, where"), "{more}");
        }
        let fault = read(&json!({"raiz": "/g", "bases": "esquecer:01234567", "pacotes": [{}]})).unwrap_err();
        assert!(fault.contains("`bases`"), "{fault}");
    }
}
