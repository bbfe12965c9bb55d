//! What shells and `man` are told of the program, made from its own command line.

use clap::{Arg, ArgMatches, Command};
use clap_complete::Shell;

use super::ending::Ending;
use super::site::said;
use crate::model::Lang;

/// The command that writes what a shell completes by.
const COMPLETION: &str = "completion";
/// The command that writes the man page.
const MAN: &str = "man";

/// The commands.
pub(super) fn commands(lang: Lang) -> [Command; 2] {
    let completion = Command::new(COMPLETION)
        .about(said(
            lang,
            "escreve o que um shell precisa para completar comandos e opções",
            "writes what a shell needs to complete commands and options",
        ))
        .arg(
            Arg::new("shell")
                .value_name("SHELL")
                .required(true)
                .help(said(lang, "bash, zsh ou fish", "bash, zsh or fish"))
                .hide_possible_values(true)
                .value_parser(["bash", "zsh", "fish"]),
        );
    let man = Command::new(MAN).about(said(
        lang,
        "escreve a página de manual (roff): gestor-plugins man | man -l -",
        "writes the man page (roff): gestor-plugins man | man -l -",
    ));
    [completion, man]
}

/// Runs one of them, of the whole command line; nothing where it is none of these.
pub(super) fn run(name: &str, found: &ArgMatches, mut command: Command) -> Option<Ending> {
    match name {
        COMPLETION => {
            let shell = match found.get_one::<String>("shell").map(String::as_str) {
                Some("zsh") => Shell::Zsh,
                Some("fish") => Shell::Fish,
                _ => Shell::Bash,
            };
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut command, "gestor-plugins", &mut script);
            Some(Ending::of_bytes(script))
        }
        MAN => Some(Ending::of_bytes(pages(command))),
        _ => None,
    }
}

/// The page of the program, and behind it the options of each command.
fn pages(command: Command) -> Vec<u8> {
    let commands: Vec<Command> = command.get_subcommands().cloned().collect();
    let mut text = Vec::new();
    // Writing to memory does not fail.
    let _ = clap_mangen::Man::new(command).render(&mut text);
    for command in commands {
        let name = format!("gestor-plugins {}", command.get_name());
        let page = clap_mangen::Man::new(command.bin_name(name.clone()).display_name(name.clone()));
        text.extend(format!(".SH \"{}\"\n", name.to_uppercase()).into_bytes());
        let mut options = Vec::new();
        let _ = page
            .render_description_section(&mut options)
            .and_then(|()| page.render_options_section(&mut options));
        text.extend(below(&String::from_utf8_lossy(&options)).into_bytes());
    }
    text
}

/// Sections of a page become parts of one section; its first one is its beginning.
fn below(page: &str) -> String {
    let lines = page
        .lines()
        .filter(|line| !line.starts_with(".ie ") && !line.starts_with(".el "));
    let mut is_first = true;
    let lines = lines.filter_map(|line| match line.strip_prefix(".SH ") {
        Some(_) if std::mem::take(&mut is_first) => None,
        Some(title) => Some(format!(".SS {title}\n")),
        None => Some(format!("{line}\n")),
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::super::arguments;
    use super::*;

    #[test]
    fn shells_and_man_are_told_of_every_command() {
        for lang in [Lang::PtBr, Lang::En] {
            for words in [
                &["completion", "bash"][..],
                &["completion", "zsh"],
                &["completion", "fish"],
                &["man"],
            ] {
                let all = ["gestor-plugins"].iter().chain(words);
                let found = arguments::command(lang).try_get_matches_from(all).unwrap();
                let (name, found) = found.subcommand().unwrap();
                let text =
                    String::from_utf8(run(name, found, arguments::command(lang)).unwrap().bytes.unwrap()).unwrap();
                for wanted in ["rollback", "sem", "db\u{2d}socket"] {
                    let plain = text.replace("\\-", "-");
                    assert!(plain.contains(wanted), "{words:?} {wanted}");
                }
            }
        }
    }
}
