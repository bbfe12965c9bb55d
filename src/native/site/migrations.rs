//! Migrations are PHP's: they are run by the installer's own PHP files in the gestor, in a process of their own. It is told the
//! call on its standard input, with the database, as JSON, and answers with the last line that it writes.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use super::value::{lang_code, list};
use crate::base::process::{self, Captured, Ended, Ending};
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
/// A migration may take as long as it takes: a table is as large as it is.
const PATIENCE: Duration = Duration::from_hours(24);
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
            Self::NoAnswer { path, how, said } => {
                format!("o PHP ({}) terminou sem resposta: {how} {said}", path.display())
            }
        }
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
            Err(fault) => Answer::MigrationFailed(unrun(&fault), Vec::new()),
        }
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
        match self.ask(json!({"resumo": digest}), signals) {
            Ok(said) if said.get("enviado") == Some(&Value::Bool(true)) => Ok(()),
            Ok(said) => {
                let told = list(&said, "avisos").iter().find_map(Value::as_str);
                Err(self.hidden(told.unwrap_or_default()))
            }
            Err(fault) => Err(fault.text(self.lang)),
        }
    }

    fn ask(&mut self, mut what: Value, signals: &Signals) -> Result<Value, HostFault> {
        let script = self.ready()?;
        let Some(php) = &self.php else {
            return Err(HostFault::NoFiles { path: script });
        };
        if let (Some(what), Some(about)) = (what.as_object_mut(), self.about.as_object()) {
            what.extend(about.clone());
        }
        let program = php.program(&script, self.root.as_path());
        // The first ends the operation when the migration is over; the second does not wait for it.
        let mut is_wanted = || signals.count() < 2;
        let told = what.to_string();
        let ended = process::converse(&program, (told.as_bytes(), MOST), PATIENCE, &mut is_wanted);
        let (ending, said) = ended.map_err(|fault| HostFault::NoPhp {
            path: php.path().to_owned(),
            fault: PhpFault::NotStarted {
                reason: fault.to_string(),
            },
        })?;
        answer(&said).ok_or_else(|| HostFault::NoAnswer {
            path: php.path().to_owned(),
            how: how(&ending),
            said: self.shown(&ending.output),
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
    use super::*;

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
