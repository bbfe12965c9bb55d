//! What the library's texts advise, as this program spells it: what the gestor's own command line takes as an option
//! (`--recover`) is a command here. Pure.

use serde_json::Value;

use super::commands::{COMMANDS, SiteCommand, Subject};
use crate::ops::CATALOGUE;

/// Keys of a report under which texts stand.
const TEXTS: [&str; 2] = ["avisos", "erros"];

/// Spells what a report tells, in all its parts.
pub(super) fn spell(report: &mut Value) {
    match report {
        Value::Object(entries) => {
            for (key, value) in entries {
                match value {
                    Value::Array(texts) if TEXTS.contains(&key.as_str()) => texts.iter_mut().for_each(spell_text),
                    other => spell(other),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(spell),
        _ => {}
    }
}

fn spell_text(text: &mut Value) {
    if let Value::String(text) = text {
        *text = spelled(text);
    }
}

/// A text with the commands of this program.
pub(super) fn spelled(text: &str) -> String {
    let (mut made, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find("--") {
        let is_apart = !rest[..at].ends_with(is_part);
        made.push_str(&rest[..at]);
        let option = &rest[at + 2..];
        let end = option.find(|letter| !is_part(letter)).unwrap_or(option.len());
        let command = Some(&option[..end]).filter(|_| is_apart).and_then(command_of);
        let behind = &option[end..];
        let (said, behind) = match (command, behind.strip_prefix('=')) {
            (Some(command), None) => (Some(command.name.to_owned()), behind),
            (Some(command), Some(value)) if matches!(command.subject, Subject::Value(..)) => {
                (Some(format!("{} ", command.name)), value)
            }
            _ => (None, behind),
        };
        match said {
            Some(said) => made.extend(["gestor-plugins ", said.as_str()]),
            None => made.push_str(&rest[at..at + 2 + end]),
        }
        rest = behind;
    }
    made.push_str(rest);
    made
}

fn is_part(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '-' || letter == '_'
}

/// The command that stands for an option that asks for an operation.
fn command_of(option: &str) -> Option<&'static SiteCommand> {
    let asks = |known: &crate::ops::CommandOption| known.name == option;
    let operation = CATALOGUE.iter().find(|operation| operation.options.iter().any(asks))?;
    let own = COMMANDS.iter().find(|command| command.name == option);
    own.or_else(|| COMMANDS.iter().find(|command| command.word == operation.word))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_an_option_elsewhere_is_a_command_here() {
        for (text, expected) in [
            (
                "call plugin_recover (`--recover`), or `--recover --forcar`",
                "call plugin_recover (`gestor-plugins recover`), or `gestor-plugins recover --forcar`",
            ),
            ("`--verify --reparar`", "`gestor-plugins verify --reparar`"),
            ("see --history", "see gestor-plugins history"),
            ("--repair", "gestor-plugins repair"),
            ("--politica", "gestor-plugins policy"),
            ("`--auditoria=conferir`", "`gestor-plugins audit conferir`"),
            ("--exportar=a.zip x", "gestor-plugins export a.zip x"),
            ("--lote=a.json", "--lote=a.json"),
            ("with `--forcar`, --no-migrations", "with `--forcar`, --no-migrations"),
            ("a--list --listing -- --", "a--list --listing -- --"),
            ("", ""),
        ] {
            assert_eq!(spelled(text), expected);
        }
        let mut report = json!({"erros": ["--list"], "plugins": [{"avisos": ["--list", 1], "nome": "--list"}]});
        spell(&mut report);
        assert_eq!(
            report,
            json!({"erros": ["gestor-plugins list"], "plugins": [{"avisos": ["gestor-plugins list", 1], "nome": "--list"}]})
        );
    }
}
