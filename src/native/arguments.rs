//! The root of the command line: the commands of each family, and what all of them have in common. Pure.

use clap::{Arg, ArgAction, Command};

use super::{author, doctor, manual, site};
use crate::model::{Bilingual, Lang, Phrase};

const ABOUT: Phrase = Phrase::new(
    "Instala e mantém os plugins de um gestor, também quando ele mesmo não abre.",
    "Installs and keeps the plugins of a gestor, also when that itself does not start.",
);
const HELP: Phrase = Phrase::new("este texto", "this text");
const VERSION: Phrase = Phrase::new("a versão do programa", "the program's version");

/// The command line.
pub(super) fn command(lang: Lang) -> Command {
    let root = Command::new("gestor-plugins")
        .version(env!("CARGO_PKG_VERSION"))
        .about(ABOUT.text(lang))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_version_flag(true)
        .disable_help_subcommand(true)
        .arg(
            Arg::new("version")
                .long("version")
                .short('V')
                .action(ArgAction::Version)
                .help(VERSION.text(lang)),
        )
        .subcommands(site::commands(lang))
        .subcommand(doctor::command(lang))
        .subcommands(author::commands(lang))
        .subcommands(manual::commands(lang));
    spoken(root, "", lang)
}

/// A command whose help, and that of the commands below it, speaks a language throughout.
fn spoken(command: Command, before: &str, lang: Lang) -> Command {
    let names: Vec<String> = command
        .get_subcommands()
        .map(|below| below.get_name().to_owned())
        .collect();
    let below = format!("{before}{} ", command.get_name());
    let command = names.iter().fold(command, |command, name| {
        command.mut_subcommand(name, |command| spoken(command, &below, lang))
    });
    let own = |name: &str| command.get_arguments().any(|arg| arg.get_id() == name);
    let command = if own("help") {
        command
    } else {
        let help = Arg::new("help")
            .long("help")
            .short('h')
            .action(ArgAction::Help)
            .help(HELP.text(lang));
        command.disable_help_flag(true).arg(help)
    };
    let command = command.disable_help_subcommand(true);
    if lang == Lang::En {
        return command;
    }
    let mut command = command
        .subcommand_help_heading("Comandos")
        .subcommand_value_name("COMANDO");
    let usage = command.render_usage().to_string();
    let usage = usage
        .replacen("Usage: ", before, 1)
        .replace("[OPTIONS]", "[OPÇÕES]")
        .replace("[COMMAND]", "[COMANDO]");
    command = command
        .override_usage(usage)
        .help_template("{about-with-newline}\nUso: {usage}\n\n{all-args}{after-help}");
    command.mut_args(|arg| match arg.get_help_heading() {
        Some(_) => arg,
        None if arg.is_positional() => arg.help_heading("Argumentos"),
        None => arg.help_heading("Opções"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_sound_in_both_languages() {
        for lang in [Lang::PtBr, Lang::En] {
            command(lang).debug_assert();
        }
        for wrong in [
            &["gestor-plugins"][..],
            &["gestor-plugins", "x"],
            &["gestor-plugins", "agendar", "--x"],
        ] {
            assert!(command(Lang::En).try_get_matches_from(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn help_speaks_portuguese_throughout() {
        let mut root = command(Lang::PtBr);
        let names: Vec<String> = root
            .get_subcommands()
            .map(|command| command.get_name().to_owned())
            .collect();
        let mut texts = vec![root.render_help().to_string()];
        for name in names {
            let found = root.find_subcommand_mut(&name).unwrap();
            texts.push(found.render_help().to_string());
            for below in found.get_subcommands_mut() {
                texts.push(below.render_help().to_string());
            }
        }
        for text in texts {
            for english in [
                "Usage",
                "Options:",
                "Arguments:",
                "Commands:",
                "Print help",
                "[OPTIONS]",
            ] {
                assert!(!text.contains(english), "{english}: {text}");
            }
        }
    }
}
