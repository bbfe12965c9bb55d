//! What is wrong with a command line, in both languages: the reader of arguments speaks English alone. Pure.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::model::Bilingual;

/// What is wrong with a command line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WrongWords {
    /// No command.
    #[error("a command is missing; gestor-plugins --help lists them")]
    NoCommand,
    /// None of ours.
    #[error("unknown command `{found}`; gestor-plugins --help lists them")]
    Command {
        /// What was said.
        found: String,
    },
    /// None of the command's.
    #[error("unexpected argument `{found}`; see --help")]
    Argument {
        /// What was said.
        found: String,
    },
    /// Something that has to be said.
    #[error("{wanted} is missing; see --help")]
    Missing {
        /// What.
        wanted: String,
    },
    /// An option without its value.
    #[error("option `{option}` wants a value; see --help")]
    NoValue {
        /// Which.
        option: String,
    },
    /// An option with a value that it does not take.
    #[error("`{found}` is no value of `{option}`; see --help")]
    Value {
        /// Which.
        option: String,
        /// What was said.
        found: String,
    },
    /// Two that exclude each other, or one said twice.
    #[error("`{one}` and `{other}` exclude each other, or one of them stands there twice")]
    Conflict {
        /// One.
        one: String,
        /// The other.
        other: String,
    },
    /// What the reader of arguments says.
    #[error("the command line is not understood: {text}; see --help")]
    Other {
        /// Its words.
        text: String,
    },
}

impl WrongWords {
    /// What a reader of arguments found.
    pub(super) fn of(fault: &clap::Error) -> Self {
        let told = |kind: ContextKind| match fault.get(kind) {
            Some(ContextValue::String(text)) => text.clone(),
            Some(ContextValue::Strings(all)) => all.join(", "),
            _ => String::new(),
        };
        let (argument, value) = (told(ContextKind::InvalidArg), told(ContextKind::InvalidValue));
        match fault.kind() {
            ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Self::NoCommand,
            ErrorKind::InvalidSubcommand => Self::Command {
                found: told(ContextKind::InvalidSubcommand),
            },
            ErrorKind::UnknownArgument => Self::Argument { found: argument },
            ErrorKind::MissingRequiredArgument => Self::Missing { wanted: argument },
            ErrorKind::InvalidValue if value.is_empty() => Self::NoValue { option: argument },
            ErrorKind::InvalidValue | ErrorKind::ValueValidation | ErrorKind::TooManyValues => Self::Value {
                option: argument,
                found: value,
            },
            ErrorKind::ArgumentConflict => Self::Conflict {
                one: argument,
                other: told(ContextKind::PriorArg),
            },
            _ => Self::Other {
                text: fault
                    .to_string()
                    .lines()
                    .next()
                    .unwrap_or_default()
                    .replacen("error: ", "", 1),
            },
        }
    }
}

impl Bilingual for WrongWords {
    fn portuguese(&self) -> String {
        match self {
            Self::NoCommand => "falta o comando; gestor-plugins --help os lista".to_owned(),
            Self::Command { found } => format!("comando desconhecido `{found}`; gestor-plugins --help os lista"),
            Self::Argument { found } => format!("argumento inesperado `{found}`; veja --help"),
            Self::Missing { wanted } => format!("falta {wanted}; veja --help"),
            Self::NoValue { option } => format!("a opção `{option}` precisa de um valor; veja --help"),
            Self::Value { option, found } => format!("`{found}` não é um valor de `{option}`; veja --help"),
            Self::Conflict { one, other } => {
                format!("`{one}` e `{other}` se excluem, ou uma delas está repetida")
            }
            Self::Other { text } => format!("a linha de comando não foi entendida: {text}; veja --help"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::arguments::command;
    use super::*;
    use crate::model::Lang;

    #[test]
    fn what_is_wrong_is_told_in_both_languages() {
        for (words, pt, en) in [
            (&["x"][..], "comando desconhecido `x`", "unknown command `x`"),
            (
                &["list", "--x"],
                "argumento inesperado `--x`",
                "unexpected argument `--x`",
            ),
            (
                &["list", "a", "b"],
                "argumento inesperado `b`",
                "unexpected argument `b`",
            ),
            (&["rollback"], "falta <PLUGIN>", "<PLUGIN> is missing"),
            (&["list", "--gestor"], "precisa de um valor", "wants a value"),
            (&["list", "--json", "--json"], "se excluem", "exclude each other"),
            (&["list", "a", "--plugin=b"], "se excluem", "exclude each other"),
            (&["list", "--json=1"], "--json", "--json"),
        ] {
            let words = ["gestor-plugins"].iter().chain(words);
            let fault = command(Lang::En).try_get_matches_from(words).unwrap_err();
            let told = WrongWords::of(&fault);
            assert!(told.portuguese().contains(pt), "{told:?}");
            assert!(told.to_string().contains(en), "{told:?}");
        }
    }
}
