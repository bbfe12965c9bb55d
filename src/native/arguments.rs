//! What the program is told. Pure.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command, ValueHint, value_parser};

use crate::model::{Bilingual, Lang, Phrase};

/// What `agendar` is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Schedule {
    pub(super) gestor: PathBuf,
    pub(super) domain: Option<String>,
    pub(super) plugin: Option<String>,
    pub(super) address: Option<String>,
    pub(super) now: bool,
    pub(super) checks_only: bool,
    pub(super) json: bool,
}

const ABOUT: Phrase = Phrase::new("plugins de um gestor", "plugins of a gestor");
const SCHEDULE: Phrase = Phrase::new(
    "uma rodada de atualizações automáticas, para o cron a cada 15 minutos",
    "one run of automatic updates, for cron every 15 minutes",
);
const GESTOR: Phrase = Phrase::new("a pasta do gestor", "the gestor's folder");
const DOMAIN: Phrase = Phrase::new(
    "o domínio (autenticacoes/<domínio>), onde há vários",
    "the domain (autenticacoes/<domain>), where there are several",
);
const PLUGIN: Phrase = Phrase::new("só este plugin", "this plugin alone");
const ADDRESS: Phrase = Phrase::new(
    "o endereço do site, em vez de https://<domínio>/",
    "the site's address, in place of https://<domain>/",
);
const NOW: Phrase = Phrase::new("consultar as origens já", "ask sources at once");
const CHECK: Phrase = Phrase::new("nada instalar", "install nothing");
const JSON: Phrase = Phrase::new(
    "o relatório em JSON, e nada mais",
    "the report as JSON, and nothing else",
);

/// The command line.
pub(super) fn command(lang: Lang) -> Command {
    let value = |name: &'static str, help: &Phrase| Arg::new(name).long(name).help(help.text(lang));
    let flag = |name: &'static str, help: &Phrase| value(name, help).action(ArgAction::SetTrue);
    let schedule = Command::new("agendar").about(SCHEDULE.text(lang)).args([
        value("gestor", &GESTOR)
            .value_parser(value_parser!(PathBuf))
            .value_hint(ValueHint::DirPath)
            .default_value("."),
        value("dominio", &DOMAIN),
        value("plugin", &PLUGIN),
        value("endereco", &ADDRESS),
        flag("agora", &NOW),
        flag("so-verificar", &CHECK),
        flag("json", &JSON),
    ]);
    Command::new("gestor-plugins")
        .version(env!("CARGO_PKG_VERSION"))
        .about(ABOUT.text(lang))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(schedule)
        .subcommands(super::author::commands(lang))
}

/// What was said.
pub(super) fn schedule(found: &ArgMatches) -> Option<Schedule> {
    let (name, found) = found.subcommand()?;
    let text = |name: &str| found.get_one::<String>(name).cloned();
    (name == "agendar").then(|| Schedule {
        gestor: found.get_one::<PathBuf>("gestor").cloned().unwrap_or_default(),
        domain: text("dominio"),
        plugin: text("plugin"),
        address: text("endereco"),
        now: found.get_flag("agora"),
        checks_only: found.get_flag("so-verificar"),
        json: found.get_flag("json"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_read_in_both_languages() {
        for lang in [Lang::PtBr, Lang::En] {
            command(lang).debug_assert();
        }
        let words = [
            "gestor-plugins",
            "agendar",
            "--gestor",
            "/g",
            "--dominio=a.org",
            "--so-verificar",
            "--json",
        ];
        let read = schedule(&command(Lang::En).try_get_matches_from(words).unwrap()).unwrap();
        assert_eq!(
            read,
            Schedule {
                gestor: PathBuf::from("/g"),
                domain: Some("a.org".to_owned()),
                plugin: None,
                address: None,
                now: false,
                checks_only: true,
                json: true,
            }
        );
        for wrong in [
            &["gestor-plugins"][..],
            &["gestor-plugins", "x"],
            &["gestor-plugins", "agendar", "--x"],
        ] {
            assert!(command(Lang::En).try_get_matches_from(wrong).is_err(), "{wrong:?}");
        }
    }
}
