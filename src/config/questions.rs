//! Parameters of the calls that look at installed plugins, and decide conflicts (SPEC 2 §2, §10). Checks shapes; what they
//! mean is decided in `ops`.

use super::call::Call;
use super::parameters::read_callable;
use super::{Argument, Bases, CallError, DatabaseSettings, InstallParameters, Limits, Settings, messages};
use crate::model::{GestorRoot, Lang, Phrase};

/// Operations that `plugin_history` tells unless it is told otherwise.
const LATEST: u64 = 50;

/// Parameters of `plugin_list`, `plugin_history` and `plugin_conflicts`.
#[derive(Debug, Clone, PartialEq)]
pub struct LookParameters {
    /// The plugin; all of them when absent, where that is possible.
    pub slug: Option<String>,
    /// How many entries of the history at most.
    pub most: u64,
    /// The gestor.
    pub root: GestorRoot,
    /// Its database.
    pub database: Option<DatabaseSettings>,
    /// Language of what is told.
    pub lang: Lang,
    /// Limits of archives.
    pub limits: Limits,
}

const LOOK_KEYS: &[&str] = &["slug", "raiz", "db", "lang"];
const HISTORY_KEYS: &[&str] = &["slug", "limite", "raiz", "db", "lang"];

impl LookParameters {
    /// Reads a call of `plugin_list` or `plugin_conflicts`.
    pub fn read(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        let call = Call::new(argument, LOOK_KEYS)?;
        Self::of(&call, LATEST, settings)
    }

    /// Reads a call of `plugin_history`.
    pub fn read_history(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        let call = Call::new(argument, HISTORY_KEYS)?;
        let most = call.value("limite").count("limite")?;
        Self::of(&call, most.unwrap_or(LATEST), settings)
    }

    fn of(call: &Call, most: u64, settings: &Settings) -> Result<Self, CallError> {
        Ok(Self {
            slug: call.text("slug")?,
            most,
            root: call.root()?,
            database: call.database()?,
            lang: call.lang(settings)?,
            limits: settings.limits,
        })
    }
}

/// Which conflicts are decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chosen {
    /// All that are open (`todos`).
    All,
    /// These numbers.
    Numbers(Vec<u64>),
}

/// How a conflict is decided (`escolha`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// The user's value stays (`minha`).
    Mine,
    /// The package's is written (`pacote`).
    Package,
    /// A third value is written (`valor`).
    Value(String),
}

impl Choice {
    /// The word that is said for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Mine => "minha",
            Self::Package => "pacote",
            Self::Value(_) => "valor",
        }
    }
}

/// Parameters of `plugin_resolve`.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolveParameters {
    /// The plugin.
    pub slug: String,
    /// Which conflicts.
    pub conflicts: Chosen,
    /// How they are decided.
    pub choice: Choice,
    /// Who decides.
    pub actor: Option<String>,
    /// The gestor.
    pub root: GestorRoot,
    /// Its database.
    pub database: Option<DatabaseSettings>,
    /// The gestor's version.
    pub gestor_version: Option<String>,
    /// Language of the log.
    pub lang: Lang,
    /// Limits of archives.
    pub limits: Limits,
    /// Seconds to wait for the lock.
    pub lock_wait: u64,
}

const RESOLVE_KEYS: &[&str] = &[
    "slug",
    "conflito",
    "escolha",
    "valor",
    "ator",
    "raiz",
    "db",
    "gestor_versao",
    "lang",
    "espera_lock",
];

impl ResolveParameters {
    /// Reads a call.
    pub fn read(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        let call = Call::new(argument, RESOLVE_KEYS)?;
        Ok(Self {
            slug: call.text("slug")?.unwrap_or_default(),
            conflicts: chosen(&call)?,
            choice: choice(&call)?,
            actor: call.text("ator")?,
            root: call.root()?,
            database: call.database()?,
            gestor_version: call.text("gestor_versao")?,
            lang: call.lang(settings)?,
            limits: settings.limits,
            lock_wait: call.lock_wait(settings, 0)?,
        })
    }
}

fn chosen(call: &Call) -> Result<Chosen, CallError> {
    let (key, hint) = ("conflito", messages::CONFLICT);
    let wrong = |found: String| CallError::WrongValue {
        key: key.to_owned(),
        found: found.chars().take(80).collect(),
        allowed: messages::CONFLICT,
    };
    let number = |text: &str| text.trim().parse::<u64>().map_err(|_| wrong(text.to_owned()));
    match call.value(key) {
        Argument::List(items) => {
            let read = |item: &Argument| number(&item.text(key)?.unwrap_or_default());
            items.iter().map(read).collect::<Result<_, _>>().map(Chosen::Numbers)
        }
        other => match other.text(key)?.filter(|text| !text.is_empty()) {
            None => Err(CallError::Missing { key, hint }),
            Some(text) if text == "todos" => Ok(Chosen::All),
            Some(text) => text
                .split(',')
                .map(number)
                .collect::<Result<_, _>>()
                .map(Chosen::Numbers),
        },
    }
}

fn choice(call: &Call) -> Result<Choice, CallError> {
    let words = "minha, pacote, valor";
    // An empty text is a value like any other.
    let value = call.value("valor").text("valor")?;
    let word = call.text("escolha")?.ok_or(CallError::Missing {
        key: "escolha",
        hint: messages::CHOICE,
    })?;
    let choice = match (word.as_str(), &value) {
        ("minha", None) => Choice::Mine,
        ("pacote", None) => Choice::Package,
        ("valor", Some(text)) => Choice::Value(text.clone()),
        ("valor", None) => {
            return Err(CallError::Missing {
                key: "valor",
                hint: messages::THIRD_VALUE,
            });
        }
        ("minha" | "pacote", Some(text)) => {
            return Err(CallError::WrongValue {
                key: "valor".to_owned(),
                found: text.chars().take(80).collect(),
                allowed: messages::NO_VALUE,
            });
        }
        _ => {
            return Err(CallError::WrongValue {
                key: "escolha".to_owned(),
                found: word.chars().take(80).collect(),
                allowed: Phrase::of_others(words),
            });
        }
    };
    Ok(choice)
}

/// Parameters of `plugin_verify`.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are the switches of the command line, each on its own"
)]
pub struct VerifyParameters {
    /// The plugin; empty where all are meant.
    pub slug: String,
    /// All plugins (`todos`).
    pub all: bool,
    /// What users changed counts as well (`estrito`).
    pub strict: bool,
    /// What was found is put back (`reparar`).
    pub repair: bool,
    /// What becomes of files that other databases use too, when they are put back.
    pub bases: Bases,
    /// The caller can run migrations.
    pub can_migrate: bool,
    /// Who asked for it, for the history.
    pub actor: Option<String>,
    /// The gestor's version, for `compatibility`.
    pub gestor_version: Option<String>,
    /// Seconds to wait for the lock.
    pub lock_wait: u64,
    /// The gestor.
    pub root: GestorRoot,
    /// Its database.
    pub database: Option<DatabaseSettings>,
    /// Language of what is told.
    pub lang: Lang,
    /// Limits of archives.
    pub limits: Limits,
}

const VERIFY_KEYS: &[&str] = &[
    "slug",
    "todos",
    "estrito",
    "reparar",
    "bases",
    "ator",
    "raiz",
    "db",
    "gestor_versao",
    "lang",
    "migracoes",
    "espera_lock",
];

impl VerifyParameters {
    /// Reads a call.
    pub fn read(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        let call = Call::new(argument, VERIFY_KEYS)?;
        Ok(Self {
            slug: call.text("slug")?.unwrap_or_default(),
            all: call.flag("todos")?,
            strict: call.flag("estrito")?,
            repair: call.flag("reparar")?,
            bases: call.lasting_bases(settings)?,
            can_migrate: read_callable(&call)?,
            actor: call.text("ator")?,
            gestor_version: call.text("gestor_versao")?,
            lock_wait: call.lock_wait(settings, 0)?,
            root: call.root()?,
            database: call.database()?,
            lang: call.lang(settings)?,
            limits: settings.limits,
        })
    }
}

/// Parameters of `plugin_update_all`: what is said once for the installation of each plugin.
#[derive(Debug, Clone, PartialEq)]
pub struct UpdateAllParameters {
    /// Parameters that all of them have.
    pub shared: Vec<(String, Argument)>,
    /// Plan only.
    pub dry_run: bool,
    /// The gestor.
    pub root: GestorRoot,
    /// Its database.
    pub database: Option<DatabaseSettings>,
    /// Language of what is told.
    pub lang: Lang,
}

const UPDATE_ALL_KEYS: &[&str] = &[
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

impl UpdateAllParameters {
    /// Reads a call. What each installation is called with is checked here, before the first one begins.
    pub fn read(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        let call = Call::new(argument, UPDATE_ALL_KEYS)?;
        let shared = call.entries().to_vec();
        call.lasting_bases(settings)?;
        InstallParameters::read(Argument::Map(shared.clone()), settings)?;
        Ok(Self {
            dry_run: call.flag("dry_run")?,
            root: call.root()?,
            database: call.database()?,
            lang: call.lang(settings)?,
            shared,
        })
    }

    /// Says where the gestor is, for each of them.
    pub fn settle_root(&mut self, root: GestorRoot) {
        let path = root.as_path().as_os_str().as_encoded_bytes().to_vec();
        for (_, value) in self.shared.iter_mut().filter(|(key, _)| key == "raiz") {
            *value = Argument::Bytes(path.clone());
        }
        self.root = root;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(more: &[(&str, Argument)]) -> Result<ResolveParameters, CallError> {
        let bytes = |text: &str| Argument::Bytes(text.as_bytes().to_vec());
        let mut call = vec![("raiz".to_owned(), bytes("/g")), ("slug".to_owned(), bytes("p"))];
        call.extend(more.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
        ResolveParameters::read(Argument::Map(call), &Settings::default())
    }

    #[test]
    fn a_decision_names_conflicts_and_a_choice() {
        let bytes = |text: &str| Argument::Bytes(text.as_bytes().to_vec());
        let read = resolve(&[("conflito", bytes("3,5")), ("escolha", bytes("pacote"))]).unwrap();
        assert_eq!(
            (read.conflicts, read.choice),
            (Chosen::Numbers(vec![3, 5]), Choice::Package)
        );
        let list = Argument::List(vec![Argument::Int(7), bytes("8")]);
        let read = resolve(&[("conflito", list), ("escolha", bytes("valor")), ("valor", bytes(""))]).unwrap();
        assert_eq!(
            (read.conflicts, read.choice),
            (Chosen::Numbers(vec![7, 8]), Choice::Value(String::new()))
        );
        for (more, text) in [
            (vec![("escolha", bytes("minha"))], "`conflito` is missing"),
            (
                vec![("conflito", bytes("x")), ("escolha", bytes("minha"))],
                "`conflito` is \"x\"",
            ),
            (
                vec![("conflito", bytes("1")), ("escolha", bytes("dele"))],
                "allowed: minha, pacote, valor",
            ),
            (
                vec![("conflito", bytes("1")), ("escolha", bytes("valor"))],
                "`valor` is missing",
            ),
            (
                vec![
                    ("conflito", bytes("1")),
                    ("escolha", bytes("minha")),
                    ("valor", bytes("x")),
                ],
                "`valor` is \"x\"",
            ),
        ] {
            let fault = resolve(&more).unwrap_err().to_string();
            assert!(fault.contains(text), "{fault:?} lacks {text:?}");
        }
    }
}
