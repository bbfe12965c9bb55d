//! The command line of the commands that are about a gestor: the options of each are those of the parameters that its
//! operation takes. Pure.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Arg, ArgAction, Command, ValueHint, value_parser};

use super::commands::{COMMANDS, SiteCommand, Subject};
use super::help::help;
use super::value::said;
use crate::config::parameter::{PACKAGES, PHP, SECRET};
use crate::config::{Parameter, ParameterType};
use crate::model::{Bilingual, Lang, Phrase};
use crate::ops::CATALOGUE;

/// The plugin, as it stands without an option.
pub(super) const PLUGIN: &str = "PLUGIN";
/// The same as an option.
pub(super) const NAMED: &str = "slug";
/// What stands without an option and is no plugin.
pub(super) const SUBJECT: &str = "SUBJECT";
/// A file that names the packages of a batch.
pub(super) const LIST: &str = "lote";
/// Packages of a batch, one by one.
pub(super) const FILES: &str = "arquivo";

/// An option: its name, its value in both languages where it takes one, what it is.
type OwnOption = (&'static str, Option<(&'static str, &'static str)>, Phrase);

/// Options of each of these commands.
static OF_GESTOR: [OwnOption; 10] = [
    (
        "gestor",
        Some(("PASTA", "FOLDER")),
        Phrase::new(
            "a pasta do gestor; sem ela, a atual",
            "the gestor's folder; else the current one",
        ),
    ),
    (
        "dominio",
        Some(("DOMÍNIO", "DOMAIN")),
        Phrase::new(
            "o domínio (autenticacoes/<domínio>), onde há vários",
            "the domain (autenticacoes/<domain>), where there are several",
        ),
    ),
    (
        "db-host",
        Some(("HOST", "HOST")),
        Phrase::new(
            "o servidor do banco de dados, em vez do que diz o .env do domínio",
            "the database server, in place of what the domain's .env says",
        ),
    ),
    (
        "db-port",
        Some(("PORTA", "PORT")),
        Phrase::new("a porta dele", "its port"),
    ),
    (
        "db-socket",
        Some(("CAMINHO", "PATH")),
        Phrase::new("o socket dele", "its socket"),
    ),
    (
        "db-user",
        Some(("USUÁRIO", "USER")),
        Phrase::new("o usuário do banco de dados", "the database's user"),
    ),
    (
        "db-name",
        Some(("BANCO", "DATABASE")),
        Phrase::new("o banco de dados", "the database"),
    ),
    (
        "db-password-file",
        Some(("ARQUIVO", "FILE")),
        Phrase::new(
            "um arquivo com a senha; ou ela está em GESTOR_PLUGINS_DB_PASSWORD",
            "a file with the password; or it stands in GESTOR_PLUGINS_DB_PASSWORD",
        ),
    ),
    (
        "json",
        None,
        Phrase::new(
            "o relatório em JSON, e nada mais",
            "the report as JSON, and nothing else",
        ),
    ),
    (
        "quiet",
        None,
        Phrase::new(
            "só os erros, e o relatório quando --json o pede",
            "nothing but errors, and the report where --json asks for it",
        ),
    ),
];

/// Those of them that are paths.
const PATHS: [&str; 3] = ["gestor", "db-socket", "db-password-file"];

/// The commands.
pub(in crate::native) fn commands(lang: Lang) -> impl Iterator<Item = Command> {
    COMMANDS.iter().map(move |command| made(command, lang))
}

fn made(command: &'static SiteCommand, lang: Lang) -> Command {
    Command::new(command.name)
        .visible_aliases(command.aliases)
        .about(command.about.text(lang))
        .args(subject(command, lang))
        .args(
            command
                .optional()
                .filter(|parameter| !parameter.is(&SECRET))
                .map(|parameter| option(parameter, lang)),
        )
        .args(of_batch(command, lang))
        .args(of_php(command, lang))
        .args(of_gestor(lang))
}

/// The options by which a gestor and its database are found.
pub(in crate::native) fn of_gestor(lang: Lang) -> impl Iterator<Item = Arg> {
    OF_GESTOR.iter().map(move |(name, value, help)| {
        let arg = Arg::new(*name).long(*name).help(help.text(lang)).help_heading(said(
            lang,
            "Gestor e saída",
            "Gestor and output",
        ));
        match value {
            None => arg.action(ArgAction::SetTrue),
            Some(value) if PATHS.contains(name) => with_path(arg).value_name(in_lang(*value, lang)),
            Some(value) => arg.value_name(in_lang(*value, lang)),
        }
    })
}

fn subject(command: &SiteCommand, lang: Lang) -> Vec<Arg> {
    let named = || {
        let parameter = &crate::config::parameter::SLUG;
        option(parameter, lang).hide(true).conflicts_with(PLUGIN)
    };
    let plugin = |text: Phrase| Arg::new(PLUGIN).help(text.text(lang));
    match command.subject {
        Subject::None => Vec::new(),
        Subject::Plugin => vec![
            plugin(Phrase::new("o plugin", "the plugin")).required_unless_present(NAMED),
            named(),
        ],
        Subject::PluginOrNone => vec![plugin(Phrase::new("só este plugin", "this plugin alone")), named()],
        Subject::PluginOrAll => vec![
            plugin(Phrase::new(
                "só este plugin; sem ele, todos",
                "this plugin alone; else all of them",
            )),
            named(),
        ],
        Subject::Value(parameter, name) => {
            let arg = Arg::new(SUBJECT).value_name(in_lang(name, lang)).required(true);
            vec![if parameter.kind == ParameterType::Path {
                with_path(arg)
            } else {
                arg
            }]
        }
    }
}

/// The option of a parameter: its last word, by the others as well where they do not ask for an operation.
fn option(parameter: &Parameter, lang: Lang) -> Arg {
    let (word, others) = parameter
        .options
        .split_last()
        .map_or((parameter.name, &[][..]), |(last, others)| (*last, others));
    let asks = |other: &str| {
        CATALOGUE
            .iter()
            .flat_map(|operation| operation.options)
            .any(|option| option.name == other)
    };
    let arg = Arg::new(parameter.name)
        .long(word)
        .aliases(others.iter().copied().filter(|other| !asks(other)))
        .help(help(parameter).unwrap_or_default().text(lang));
    match parameter.kind {
        ParameterType::Flag => arg.action(ArgAction::SetTrue),
        ParameterType::Path => with_path(arg).value_name(in_lang(("CAMINHO", "PATH"), lang)),
        ParameterType::Count => arg.value_name("N"),
        _ => arg
            .value_name(in_lang(("VALOR", "VALUE"), lang))
            .allow_hyphen_values(parameter.kind == ParameterType::Text),
    }
}

/// Packages that are installed together.
fn of_batch(command: &SiteCommand, lang: Lang) -> Vec<Arg> {
    if !command
        .definition()
        .is_some_and(|definition| definition.does_take(&PACKAGES))
    {
        return Vec::new();
    }
    let list = Phrase::new(
        "um arquivo JSON com os pacotes: {\"pacotes\": [{\"arquivo\": …}, …]}",
        "a JSON file with the packages: {\"pacotes\": [{\"arquivo\": …}, …]}",
    );
    let files = Phrase::new("um pacote; pode repetir-se", "a package; may be repeated");
    let path = |name: &'static str, text: &Phrase| with_path(Arg::new(name).long(name).help(text.text(lang)));
    vec![
        path(FILES, &files).action(ArgAction::Append).value_name("ZIP"),
        path(LIST, &list).conflicts_with(FILES).value_name("JSON"),
    ]
}

/// The PHP that runs migrations.
fn of_php(command: &SiteCommand, lang: Lang) -> Option<Arg> {
    let definition = command.definition()?;
    (definition.migrates() && !definition.does_take(&PHP)).then(|| php_option(lang))
}

/// The option that names PHP.
pub(in crate::native) fn php_option(lang: Lang) -> Arg {
    option(&PHP, lang)
}

fn with_path(arg: Arg) -> Arg {
    arg.value_parser(value_parser!(PathBuf)).value_hint(ValueHint::AnyPath)
}

fn in_lang((pt, en): (&'static str, &'static str), lang: Lang) -> &'static str {
    said(lang, pt, en)
}

/// Whether a wrong command line asks for JSON all the same.
pub(in crate::native) fn wants_json(words: &[OsString]) -> bool {
    words
        .iter()
        .take_while(|word| *word != "--")
        .any(|word| word == "--json")
}
