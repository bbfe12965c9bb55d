//! The scripts that are left to be run, as they stand in `gestor_plugins_estado.pendencias`, beside what is left of the
//! schema: one entry for those of one operation. Each is noted when it is begun and struck out when it has ended. Pure.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::{ScriptError, ScriptFault};
use super::messages::names;
use crate::model::{Bilingual, OnError, Phrase, Script};

/// What is left of the scripts of one operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingScripts {
    /// That operation.
    #[serde(rename = "operacao")]
    pub of: u64,
    /// The version that it installed.
    #[serde(rename = "versao")]
    pub version: String,
    /// The version before; empty where there was none.
    #[serde(rename = "versao_de", default)]
    pub from: String,
    /// What it was, by the word of the history.
    #[serde(rename = "acao")]
    pub action: String,
    /// In the order in which they run.
    pub scripts: Vec<PendingScript>,
}

/// A script that is left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingScript {
    /// Its path below the plugin's folder.
    pub script: String,
    /// SHA-256 of its file as it was installed.
    pub sha256: String,
    /// Seconds that it may take.
    #[serde(rename = "timeout")]
    pub seconds: u64,
    /// What its failure means for those after it.
    pub on_error: String,
    /// How far it came.
    #[serde(rename = "situacao", default)]
    pub situation: Situation,
}

/// How far a script that is left came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Situation {
    /// It was not begun.
    #[default]
    #[serde(rename = "espera")]
    Waiting,
    /// It was begun; where nobody works on it any more, it was interrupted.
    #[serde(rename = "iniciado")]
    Begun,
    /// It ended, and not well.
    #[serde(rename = "falhou")]
    Failed,
}

/// The entry, with its mark.
#[derive(Serialize, Deserialize)]
#[serde(tag = "passo")]
enum Entry {
    #[serde(rename = "executar_scripts")]
    Scripts(PendingScripts),
}

impl PendingScript {
    /// One that waits.
    pub fn new(script: &Script, sha256: String) -> Self {
        Self {
            script: script.path.clone(),
            sha256,
            seconds: script.seconds,
            on_error: script.on_error.word().to_owned(),
            situation: Situation::Waiting,
        }
    }

    /// Whether those after it wait when it fails. A word that nobody knows does not let them run.
    pub fn stops(&self) -> bool {
        OnError::of(&self.on_error) != Some(OnError::Continue)
    }
}

impl PendingScripts {
    /// The names of all of them.
    pub fn shown(&self) -> String {
        names(self.scripts.iter().map(|script| script.script.as_str()))
    }

    /// How the operation ended, by what became of those that failed.
    pub fn failure(&self, failed: &[(String, ScriptFault)]) -> ScriptError {
        let one = |pt: bool| {
            let said = |fault: &ScriptFault| if pt { fault.portuguese() } else { fault.to_string() };
            let told: Vec<String> = failed
                .iter()
                .map(|(script, fault)| format!("{script} {}", said(fault)))
                .collect();
            names(told.iter().map(String::as_str))
        };
        ScriptError::Failed {
            failed: Phrase::made(one(true), one(false)),
            left: self.shown(),
        }
    }

    /// How the operation ended that was killed before they had.
    pub fn interrupted(&self) -> ScriptError {
        let begun = self.scripts.iter().find(|script| script.situation == Situation::Begun);
        ScriptError::Interrupted {
            begun: begun.map_or_else(|| "-".to_owned(), |script| script.script.clone()),
            left: self.shown(),
        }
    }
}

/// What is left of a plugin's scripts.
pub fn read(text: Option<&str>) -> Option<PendingScripts> {
    let found = values(text).into_iter().find_map(scripts);
    found.filter(|found| !found.scripts.is_empty())
}

/// The same text with other scripts, or with none. All else that is left stays as it is.
pub fn replace(text: Option<&str>, left: Option<&PendingScripts>) -> Option<String> {
    let mut all = values(text);
    all.retain(|value| scripts(value.clone()).is_none());
    let left = left.filter(|left| !left.scripts.is_empty());
    all.extend(left.and_then(|left| serde_json::to_value(Entry::Scripts(left.clone())).ok()));
    (!all.is_empty()).then(|| Value::Array(all).to_string())
}

fn values(text: Option<&str>) -> Vec<Value> {
    text.and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default()
}

fn scripts(value: Value) -> Option<PendingScripts> {
    serde_json::from_value(value).ok().map(|Entry::Scripts(found)| found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pending(names: &[&str]) -> PendingScripts {
        let script = |name: &&str| {
            let script = Script {
                path: (*name).to_owned(),
                seconds: 60,
                on_error: OnError::Stop,
            };
            PendingScript::new(&script, "ab".to_owned())
        };
        PendingScripts {
            of: 7,
            version: "1.0.0".to_owned(),
            from: String::new(),
            action: "instalar".to_owned(),
            scripts: names.iter().map(script).collect(),
        }
    }

    #[test]
    fn what_is_left_is_read_as_it_is_written_beside_what_others_left() {
        let others = r#"[{"operacao":3,"passo":"remover_tabela","tabela":"t"},{"passo":"of tomorrow"}]"#;
        let mut left = pending(&["a.php", "b.php"]);
        left.scripts[1].situation = Situation::Begun;
        let text = replace(Some(others), Some(&left)).unwrap();
        assert_eq!(read(Some(&text)), Some(left));
        assert!(
            text.contains(r#""passo":"executar_scripts""#) && text.contains(r#""situacao":"iniciado""#),
            "{text}"
        );
        let others_again = replace(Some(&text), None).unwrap();
        let parsed = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert_eq!(parsed(&others_again), parsed(others));
        let again = replace(Some(&text), Some(&pending(&["c.php"]))).unwrap();
        assert_eq!(read(Some(&again)).unwrap().scripts.len(), 1);
        assert_eq!(replace(None, Some(&pending(&[]))), None);
        for text in [None, Some("null"), Some("[]"), Some("broken"), Some(others)] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_failure_names_what_failed_and_what_is_left() {
        let left = pending(&["b.php", "c.php"]);
        let failed = [("b.php".to_owned(), ScriptFault::Code { code: 3 })];
        let told = left.failure(&failed).to_string();
        assert!(
            told.contains("b.php ended with code 3") && told.contains("run: b.php, c.php."),
            "{told}"
        );
        let many: Vec<String> = (0..30).map(|at| format!("{at}.php")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(pending(&many).shown().ends_with("9.php, +20"));
        assert!(left.interrupted().to_string().contains("(- had been begun)"));
    }

    #[test]
    fn only_a_known_word_lets_others_run() {
        let mut script = pending(&["a.php"]).scripts.remove(0);
        assert!(script.stops());
        script.on_error = "of tomorrow".to_owned();
        assert!(script.stops());
        script.on_error = "continuar".to_owned();
        assert!(!script.stops());
    }
}
