//! Parameters of the calls that look at installed plugins, and decide conflicts (SPEC 2 §2, §10). Checks shapes; what they
//! mean is decided in `ops`.

use super::parameter::{
    ACTOR, ADOPTION, ALL, BASES, CHOICE, CONFLICT, CONFLICTS, DATABASE, DEBUG, DRY_RUN, FORCE, FUSION, GESTOR_VERSION,
    IGNORE_DEPENDENCIES, INDEX, KEYS, LANG, LIMITS, LOCK_WAIT, MIGRATIONS, MOST, NO_MIGRATIONS, NO_RESOURCES,
    ONLY_MIGRATIONS, ONLY_RESOURCES, ORPHANS, PHP, RAISE_DEPENDENCIES, REPAIR, ROOT, SCRIPTS, SIGNATURE, SLUG, STRICT,
    TRUST, VALUE, WITH_DEPENDENCIES,
};
use super::{Argument, Bases, CallError, Given, InstallParameters, Parameter, Settings, Site, messages};
use crate::model::{GestorRoot, Phrase};

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
    pub site: Site,
}

impl LookParameters {
    /// What `plugin_list` and `plugin_conflicts` take.
    pub const TAKES: &'static [Parameter] = &[SLUG, TRUST, ROOT, DATABASE, LANG];
    /// What `plugin_history` takes.
    pub const HISTORY_TAKES: &'static [Parameter] = &[SLUG, MOST, ROOT, DATABASE, LANG];

    /// Reads a call of `plugin_list` or `plugin_conflicts`.
    pub fn read(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        let given = Given::new(argument, Self::TAKES)?;
        Self::of(&given, LATEST, settings)
    }

    /// Reads a call of `plugin_history`.
    pub fn read_history(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        let given = Given::new(argument, Self::HISTORY_TAKES)?;
        let most = given.count(&MOST)?;
        Self::of(&given, most.unwrap_or(LATEST), settings)
    }

    fn of(given: &Given, most: u64, settings: &Settings) -> Result<Self, CallError> {
        Ok(Self {
            slug: given.text(&SLUG)?,
            most,
            site: Site::read(given, settings, 0)?,
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
    pub site: Site,
}

impl ResolveParameters {
    /// What it takes.
    pub const TAKES: &'static [Parameter] = &[
        SLUG,
        CONFLICT,
        CHOICE,
        VALUE,
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
            conflicts: chosen(&given)?,
            choice: choice(&given)?,
            actor: given.text(&ACTOR)?,
            site: Site::read(&given, settings, 0)?,
        })
    }
}

fn chosen(given: &Given) -> Result<Chosen, CallError> {
    let (key, hint) = (CONFLICT.name, messages::CONFLICT);
    let wrong = |found: String| CallError::WrongValue {
        key: key.to_owned(),
        found: found.chars().take(80).collect(),
        allowed: messages::CONFLICT,
    };
    let number = |text: &str| text.trim().parse::<u64>().map_err(|_| wrong(text.to_owned()));
    match given.value(&CONFLICT) {
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

fn choice(given: &Given) -> Result<Choice, CallError> {
    let words = "minha, pacote, valor";
    // An empty text is a value like any other.
    let value = given.value(&VALUE).text(VALUE.name)?;
    let word = given.text(&CHOICE)?.ok_or(CallError::Missing {
        key: CHOICE.name,
        hint: messages::CHOICE,
    })?;
    let choice = match (word.as_str(), &value) {
        ("minha", None) => Choice::Mine,
        ("pacote", None) => Choice::Package,
        ("valor", Some(text)) => Choice::Value(text.clone()),
        ("valor", None) => {
            return Err(CallError::Missing {
                key: VALUE.name,
                hint: messages::THIRD_VALUE,
            });
        }
        ("minha" | "pacote", Some(text)) => {
            return Err(CallError::WrongValue {
                key: VALUE.name.to_owned(),
                found: text.chars().take(80).collect(),
                allowed: messages::NO_VALUE,
            });
        }
        _ => {
            return Err(CallError::WrongValue {
                key: CHOICE.name.to_owned(),
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
    /// The gestor.
    pub site: Site,
}

impl VerifyParameters {
    /// What it takes.
    pub const TAKES: &'static [Parameter] = &[
        SLUG,
        ALL,
        STRICT,
        REPAIR,
        BASES,
        SIGNATURE,
        TRUST,
        ACTOR,
        ROOT,
        DATABASE,
        GESTOR_VERSION,
        LANG,
        MIGRATIONS,
        LOCK_WAIT,
    ];

    /// Reads a call.
    pub fn read(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        let given = Given::new(argument, Self::TAKES)?;
        Ok(Self {
            slug: given.text(&SLUG)?.unwrap_or_default(),
            all: given.flag(&ALL)?,
            strict: given.flag(&STRICT)?,
            repair: given.flag(&REPAIR)?,
            bases: given.lasting_bases(settings)?,
            can_migrate: given.can_migrate()?,
            actor: given.text(&ACTOR)?,
            site: Site::read(&given, settings, 0)?,
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
    pub site: Site,
}

impl UpdateAllParameters {
    /// What it takes.
    pub const TAKES: &'static [Parameter] = &[
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
        ACTOR,
        ROOT,
        DATABASE,
        GESTOR_VERSION,
        LANG,
        MIGRATIONS,
        LIMITS,
        LOCK_WAIT,
    ];

    /// Reads a call. What each installation is called with is checked here, before the first one begins.
    pub fn read(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        let given = Given::new(argument, Self::TAKES)?;
        let shared = given.entries().to_vec();
        given.lasting_bases(settings)?;
        InstallParameters::read(Argument::Map(shared.clone()), settings)?;
        Ok(Self {
            dry_run: given.flag(&DRY_RUN)?,
            site: Site::read(&given, settings, 0)?,
            shared,
        })
    }

    /// Says where the gestor is, for each of them.
    pub fn settle_root(&mut self, root: GestorRoot) {
        let path = root.as_path().as_os_str().as_encoded_bytes().to_vec();
        for (_, value) in self.shared.iter_mut().filter(|(key, _)| key == ROOT.name) {
            *value = Argument::Bytes(path.clone());
        }
        self.site.root = root;
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
