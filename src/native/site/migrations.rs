//! Migrations are PHP's: they are run by the installer's own PHP files in the gestor, in a process of their own. It is told the
//! call on its standard input, with the database, as JSON, and answers with the last line that it writes. Before that it
//! writes an empty line when it begins to read the gestor's settings, and one when it has read them.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::place::Place;
use super::value::{lang_code, list};
use crate::base::process::{self, Captured, Ended, Ending, Stop};
use crate::base::redact::redact;
use crate::config::{Argument, Settings};
use crate::log::escape;
use crate::migrate::{MigrateError, MigrationCall, path_value, read_result};
use crate::model::{Bilingual, GestorRoot, Lang, Phrase, Secret};
use crate::native::signals::Signals;
use crate::ops::Answer;
use crate::scripts::{Php, PhpFault, ScriptError};

/// The part of the installer's PHP files that answers us, below the gestor.
const SCRIPT: &str = "bibliotecas/plugins-native/program.php";
/// The gestor's settings.
const CONFIG: &str = "config.php";
/// A migration may take as long as it takes: a table is as large as it is.
const PATIENCE: Duration = Duration::from_hours(24);
/// A message takes no longer; whoever else may send it is given it after half an hour.
const MAIL: Duration = Duration::from_mins(2);
/// The gestor's config.php has so long: it sets values, and every page waits for it.
const SETTINGS: Duration = Duration::from_secs(30);
/// What is answered while it is read.
const IN_SETTINGS: u64 = 1;
/// Bytes of an answer.
const MOST: u64 = 16 << 20;
/// Letters that are shown of what it wrote.
const SHOWN: usize = 600;

/// Why PHP did not do what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostFault {
    /// There is no PHP.
    #[error("PHP's command line program {} {fault}: install it (php-cli), or name it with --php", path.display())]
    NoPhp {
        /// Where it should be.
        path: PathBuf,
        /// What is the matter with it.
        fault: PhpFault,
    },
    /// PHP is there, and cannot be used.
    #[error("PHP cannot be used: {reason}")]
    Php {
        /// Why.
        reason: Phrase,
    },
    /// The installer's PHP files are not there.
    #[error(
        "there is no {}: put the installer's PHP files there with `gestor-plugins repair`, or with bin/install", path.display()
    )]
    NoFiles {
        /// Which is missing.
        path: PathBuf,
    },
    /// The gestor's settings do not come to an end.
    #[error(
        "{} did not come to an end within {seconds} s, so PHP was ended: see what it waits for (a database or another server that does not answer?)", path.display()
    )]
    Settings {
        /// They.
        path: PathBuf,
        /// How long was waited.
        seconds: u64,
    },
    /// It was ended because an end of the whole was asked for twice.
    #[error("it was ended while it ran, because an end was asked for twice")]
    Ended,
    /// It said nothing that can be read.
    #[error("PHP ({}) ended without an answer: {how} {said}", path.display())]
    NoAnswer {
        /// The program.
        path: PathBuf,
        /// How it ended.
        how: String,
        /// What it wrote.
        said: String,
    },
}

impl Bilingual for HostFault {
    fn portuguese(&self) -> String {
        match self {
            Self::NoPhp { path, fault } => format!(
                "o programa de linha de comando do PHP, {}, {}: instale-o (php-cli), ou informe-o com --php",
                path.display(),
                fault.portuguese()
            ),
            Self::Php { reason } => format!("o PHP não pode ser usado: {}", reason.portuguese()),
            Self::NoFiles { path } => format!(
                "não há {}: ponha os arquivos PHP do instalador ali com `gestor-plugins repair`, ou com bin/install",
                path.display()
            ),
            Self::Settings { path, seconds } => format!(
                "{} não terminou em {seconds} s, e por isso o PHP foi encerrado: veja o que ele espera (um banco de dados ou outro servidor que não responde?)",
                path.display()
            ),
            Self::Ended => "foi encerrada enquanto rodava, porque o fim foi pedido duas vezes".to_owned(),
            Self::NoAnswer { path, how, said } => {
                format!("o PHP ({}) terminou sem resposta: {how} {said}", path.display())
            }
        }
    }
}

/// Whether the gestor's settings come to their end.
#[derive(Debug, Default)]
struct Settling {
    since: Option<Instant>,
    hang: bool,
}

impl Settling {
    /// Whether they are waited for, or were read, after so many bytes of an answer.
    fn is_awaited(&mut self, answered: u64, patience: Duration) -> bool {
        let since = self.since.unwrap_or_else(Instant::now);
        self.since = (answered == IN_SETTINGS).then_some(since);
        self.hang = self.since.is_some_and(|since| since.elapsed() >= patience);
        !self.hang
    }
}

/// What runs migrations, found when it is first needed.
#[derive(Debug)]
pub(super) struct Migrations {
    root: GestorRoot,
    /// What each call is told besides: the database, the domain, the language.
    about: Value,
    password: Secret,
    settings: Settings,
    lang: Lang,
    php: Option<Php>,
    /// How long the gestor's settings are waited for.
    patience: Duration,
}

impl Migrations {
    /// For a gestor. `is_told`: what is printed comes into the operator's log.
    pub(super) fn new(
        root: &GestorRoot,
        (database, domain): (&[(String, Argument)], Option<&str>),
        (lang, is_told): (Lang, bool),
        settings: Settings,
    ) -> Self {
        let text = |value: &Argument| value.text("db").ok().flatten();
        let password = database
            .iter()
            .find(|(key, _)| key == "senha")
            .and_then(|(_, value)| text(value));
        let database = database.iter().map(|(key, value)| (key.clone(), text(value).into()));
        let database: serde_json::Map<String, Value> = database.collect();
        Self {
            root: root.clone(),
            about: json!({"raiz": path_value(root.as_path()), "db": database, "dominio": domain,
                "lang": lang_code(lang), "registra": is_told}),
            password: Secret::new(password.unwrap_or_default()),
            settings,
            lang,
            php: None,
            patience: SETTINGS,
        }
    }

    /// Whether there is something that could run them.
    pub(super) fn are_possible(&mut self) -> bool {
        self.ready().is_ok()
    }

    /// Has a call of the library answered.
    pub(super) fn run(&mut self, call: &MigrationCall, signals: &Signals) -> Answer {
        let answer = self.ask(json!({"chamada": call.to_value()}), signals);
        match answer.map(|said| read_result(&Argument::from(&said))) {
            Ok(Ok(done)) => Answer::Migrated(done),
            Ok(Err(MigrateError::Failed { reason, applied })) => Answer::MigrationFailed(reason, applied),
            Ok(Err(other)) => Answer::MigrationFailed(Phrase::of(&other), Vec::new()),
            Err(HostFault::Ended) => Answer::Cancel,
            Err(fault) => Answer::MigrationFailed(unrun(&fault), Vec::new()),
        }
    }

    /// Has the gestor's settings read; what was told where they end the process.
    fn read_settings(&mut self, signals: &Signals) -> Result<Vec<String>, HostFault> {
        let said = self.ask(json!({"configuracao": true}), signals)?;
        let told = list(&said, "avisos").iter().filter_map(Value::as_str);
        Ok(told.map(str::to_owned).collect())
    }

    /// Has the gestor find the hooks of plugins; the warnings of that.
    pub(super) fn find_hooks(&mut self, slug: &str, signals: &Signals) -> Vec<String> {
        let lang = self.lang;
        match self.ask(json!({"ganchos": slug}), signals) {
            Ok(said) => {
                let told = list(&said, "avisos").iter().filter_map(Value::as_str);
                told.map(str::to_owned).collect()
            }
            Err(fault) => vec![match lang {
                Lang::PtBr => format!("ganchos não sincronizados: {}", fault.portuguese()),
                Lang::En => format!("hooks not synchronized: {fault}"),
            }],
        }
    }

    /// Has the gestor send a message; why it could not.
    pub(super) fn send(&mut self, digest: &Value, signals: &Signals) -> Result<(), String> {
        match self.ask_for(json!({"resumo": digest}), (MAIL, 1), signals) {
            Ok(said) if said.get("enviado") == Some(&Value::Bool(true)) => Ok(()),
            Ok(said) => {
                let told = list(&said, "avisos").iter().find_map(Value::as_str);
                Err(self.hidden(told.unwrap_or_default()))
            }
            Err(fault) => Err(fault.text(self.lang)),
        }
    }

    fn ask(&mut self, what: Value, signals: &Signals) -> Result<Value, HostFault> {
        // The first ends the operation when the migration is over; the second does not wait for it.
        self.ask_for(what, (PATIENCE, 2), signals)
    }

    /// Asks, for so long, and until that many signals have come.
    fn ask_for(
        &mut self,
        mut what: Value,
        (longest, most): (Duration, u32),
        signals: &Signals,
    ) -> Result<Value, HostFault> {
        let script = self.ready()?;
        let Some(php) = &self.php else {
            return Err(HostFault::NoFiles { path: script });
        };
        if let (Some(what), Some(about)) = (what.as_object_mut(), self.about.as_object()) {
            what.extend(about.clone());
        }
        let program = php.program(&script, self.root.as_path());
        // What undoes is not ended by those that had the operation undone.
        let before = signals.count();
        let mut settings = Settling::default();
        let mut is_wanted =
            |answered: u64| settings.is_awaited(answered, self.patience) && signals.count() < before + most;
        let told = what.to_string();
        let ended = process::converse(&program, (told.as_bytes(), MOST), longest, &mut is_wanted);
        let (ending, said) = ended.map_err(|fault| HostFault::NoPhp {
            path: php.path().to_owned(),
            fault: PhpFault::NotStarted {
                reason: fault.to_string(),
            },
        })?;
        answer(&said).ok_or_else(|| match ending.stopped {
            Some(_) if settings.hang => HostFault::Settings {
                path: self.root.as_path().join(CONFIG),
                seconds: self.patience.as_secs(),
            },
            Some(Stop::Unwanted) => HostFault::Ended,
            _ => HostFault::NoAnswer {
                path: php.path().to_owned(),
                how: how(&ending),
                said: self.shown(&ending.output),
            },
        })
    }

    /// Finds PHP and the installer's files, once.
    fn ready(&mut self) -> Result<PathBuf, HostFault> {
        let script = self.root.as_path().join(SCRIPT);
        if !crate::base::fs::may_stand(&script) {
            return Err(HostFault::NoFiles { path: script });
        }
        if self.php.is_none() {
            self.php = Some(find(&self.settings)?);
        }
        Ok(script)
    }

    fn shown(&self, output: &Captured) -> String {
        let clean = |text: &str| self.hidden(text);
        output.text(&clean, &|_| "…".to_owned()).chars().take(SHOWN).collect()
    }

    /// A text of others, without secrets.
    fn hidden(&self, text: &str) -> String {
        let hidden = match self.password.expose() {
            "" => text.to_owned(),
            password => text.replace(password, "***"),
        };
        escape(redact(hidden.trim()).as_ref()).into_owned()
    }
}

/// The PHP that the settings or the path name.
pub(in crate::native) fn find(settings: &Settings) -> Result<Php, HostFault> {
    let environment = settings.script_environment.clone();
    // This process is the owner of the site's files already, where it could become that.
    Php::find(settings.php.as_deref(), environment, (None, Vec::new()), (0, 0)).map_err(|fault| match fault {
        ScriptError::Php { path, fault } => HostFault::NoPhp { path, fault },
        other => HostFault::Php {
            reason: Phrase::of(&other),
        },
    })
}

/// Has a gestor's settings read by PHP, as a page of its domain would; what was told where they end the process.
///
/// # Errors
/// PHP cannot be asked, or they do not come to an end.
pub(in crate::native) fn read_settings(
    place: &Place,
    lang: Lang,
    settings: &Settings,
) -> Result<Vec<String>, HostFault> {
    let domain = place.domain.as_ref().map(|domain| domain.name.as_str());
    let about = (place.database.as_slice(), domain);
    Migrations::new(&place.root, about, (lang, false), settings.clone()).read_settings(&Signals::default())
}

/// Why migrations were not run.
fn unrun(fault: &HostFault) -> Phrase {
    Phrase::made(
        format!(
            "as migrações rodam no PHP; {}. Sem elas, o pacote entra com --no-migrations",
            fault.portuguese()
        ),
        format!("migrations run in PHP; {fault}. Without them the package goes in with --no-migrations"),
    )
}

/// The last line that is an object: a migration may have written lines of its own.
fn answer(said: &[u8]) -> Option<Value> {
    let line = said.split(|byte| *byte == b'\n').rfind(|line| !line.is_empty())?;
    serde_json::from_slice(line).ok().filter(Value::is_object)
}

fn how(ending: &Ending) -> String {
    match (ending.stopped, ending.ended) {
        (Some(_), _) => "(stopped)".to_owned(),
        (None, Ended::Code(code)) => format!("(code {code})"),
        (None, Ended::Signal(signal)) => format!("(signal {signal})"),
        (None, Ended::Unknown) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    /// The installer's PHP files in a folder with such settings.
    fn asked(config: &str) -> (tempfile::TempDir, Migrations) {
        let folder = tempfile::tempdir().unwrap();
        let (name, ours) = ("bibliotecas/plugins-native", Path::new(env!("CARGO_MANIFEST_DIR")));
        fs::create_dir_all(folder.path().join(name)).unwrap();
        for file in fs::read_dir(ours.join("php/gestor").join(name)).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), folder.path().join(name).join(file.file_name())).unwrap();
        }
        fs::write(folder.path().join("config.php"), config).unwrap();
        let root = GestorRoot::new(folder.path().canonicalize().unwrap());
        let mut asked = Migrations::new(&root, (&[], None), (Lang::En, false), Settings::default());
        asked.patience = Duration::from_secs(1);
        (folder, asked)
    }

    #[test]
    fn settings_that_do_not_end_are_not_waited_for() {
        let signals = Signals::default();
        let (_kept, mut hanging) = asked("<?php sleep(60);");
        let begun = Instant::now();
        let fault = hanging.read_settings(&signals).unwrap_err();
        assert!(matches!(fault, HostFault::Settings { seconds: 1, .. }), "{fault}");
        assert!(begun.elapsed() < Duration::from_secs(20));
        // What comes after them is waited for.
        let (_kept, mut slow) = asked("<?php register_shutdown_function(function () { sleep(2); });");
        assert_eq!(slow.read_settings(&signals), Ok(Vec::new()));
        let (_kept, mut ending) = asked("<?php exit(3);");
        let told = ending.read_settings(&signals).unwrap();
        assert_eq!(told, ["config.php: the script ended (exit)"]);
    }

    #[test]
    fn the_last_line_is_the_answer() {
        for (said, expected) in [
            (&b"x\n{\"migracoes\":[]}\n"[..], Some(json!({"migracoes": []}))),
            (b"{\"a\":1}\nnoise", None),
            (b"", None),
            (b"[1]\n", None),
        ] {
            assert_eq!(answer(said), expected);
        }
    }
}
