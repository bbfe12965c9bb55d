//! What a call and the machine say of the scripts of packages (SPEC 2 §8): whether they run, and by which PHP. Decides
//! nothing by it.

use std::path::PathBuf;

use super::parameter::{PHP, SCRIPTS};
use super::{CallError, Given, Scripts, Settings, messages};

/// What is said of scripts, by a call or by the machine.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScriptRules {
    /// What becomes of them.
    pub scripts: Scripts,
    /// The call itself says that they run.
    pub is_asked: bool,
    /// The call itself says that they do not.
    pub is_declined: bool,
    /// PHP's command line program; the machine's own where nobody says one.
    pub php: Option<PathBuf>,
}

impl ScriptRules {
    /// Reads what a call says of them; what it does not take, the machine says alone. So it does where the caller could
    /// start no program by itself.
    pub fn read(given: &Given, settings: &Settings) -> Result<Self, CallError> {
        let said = if given.takes(&SCRIPTS) {
            let word = given.text(&SCRIPTS)?;
            word.map(|word| Scripts::from_word(SCRIPTS.name, &word)).transpose()?
        } else {
            None
        };
        let php = if given.takes(&PHP) { given.path(&PHP)? } else { None };
        if settings.starts_nothing {
            let of_the_machine = |key: &str, found: String| CallError::WrongValue {
                key: key.to_owned(),
                found,
                allowed: messages::OF_PHP_INI,
            };
            if said == Some(Scripts::Run) && settings.scripts != Scripts::Run {
                return Err(of_the_machine(SCRIPTS.name, Scripts::Run.word().to_owned()));
            }
            if let Some(path) = &php {
                return Err(of_the_machine(PHP.name, path.display().to_string()));
            }
        }
        Ok(Self {
            scripts: said.unwrap_or(settings.scripts),
            is_asked: said == Some(Scripts::Run),
            is_declined: said == Some(Scripts::Tell),
            php: php.or_else(|| settings.php.clone()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Argument;

    const TAKES: &[crate::config::Parameter] = &[SCRIPTS, PHP];

    fn read(entries: &[(&str, &str)], settings: &Settings) -> Result<ScriptRules, CallError> {
        let bytes = |text: &str| Argument::Bytes(text.as_bytes().to_vec());
        let entries = entries.iter().map(|(key, text)| ((*key).to_owned(), bytes(text)));
        ScriptRules::read(&Given::new(Argument::Map(entries.collect()), TAKES)?, settings)
    }

    #[test]
    fn the_call_counts_before_the_machine() {
        let machine = Settings {
            scripts: Scripts::Run,
            php: Some("/m".into()),
            ..Settings::default()
        };
        let none = Settings::default();
        for (call, settings, scripts, is_asked, php) in [
            (&[][..], &none, Scripts::Tell, false, None),
            (&[("scripts", "executar")], &none, Scripts::Run, true, None),
            (&[("scripts", "")], &machine, Scripts::Run, false, Some("/m")),
            (&[("scripts", "avisar")], &machine, Scripts::Tell, false, Some("/m")),
            (&[("php", "/c")], &machine, Scripts::Run, false, Some("/c")),
        ] {
            let expected = ScriptRules {
                scripts,
                is_asked,
                is_declined: call.contains(&("scripts", "avisar")),
                php: php.map(PathBuf::from),
            };
            assert_eq!(read(call, settings).unwrap(), expected, "{call:?}");
        }
        for (call, settings, expected) in [
            (&[("scripts", "executar")][..], &none, Some("`scripts` is \"executar\"")),
            (&[("scripts", "executar")], &machine, None),
            (&[("php", "/c")], &machine, Some("`php` is \"/c\"")),
            (&[("scripts", "avisar")], &none, None),
        ] {
            let confined = Settings {
                starts_nothing: true,
                ..settings.clone()
            };
            let fault = read(call, &confined).err().map(|fault| fault.to_string());
            let is_told = |part: &str| fault.as_ref().is_some_and(|fault| fault.contains(part));
            assert!(expected.map_or(fault.is_none(), is_told), "{call:?}: {fault:?}");
        }
        let fault = read(&[("scripts", "sim")], &none).unwrap_err().to_string();
        assert!(
            fault.contains("`scripts` is \"sim\"; allowed: avisar, executar"),
            "{fault}"
        );
    }
}
