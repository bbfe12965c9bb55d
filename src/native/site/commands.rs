//! The commands that are about a gestor: each is one operation of the catalogue. What each can be told is derived from what
//! the operation takes. Values only.

use crate::config::Parameter;
use crate::config::parameter::{ACTION, DRY_RUN, FILE, REPAIR, SET, SLUG};
use crate::model::Phrase;
use crate::ops::{Definition, catalogue};

/// A command of the program.
#[derive(Debug)]
pub(in crate::native) struct SiteCommand {
    /// Its name.
    pub(in crate::native) name: &'static str,
    /// Other names of it: the words of the gestor's own command line.
    pub(in crate::native) aliases: &'static [&'static str],
    /// The operation, by its word.
    pub(super) word: &'static str,
    /// What may stand without an option.
    pub(super) subject: Subject,
    /// Flags that it stands for.
    pub(super) implies: &'static [Parameter],
    /// What it does.
    pub(super) about: Phrase,
}

/// What a command is about: what stands behind its name without an option.
#[derive(Debug, Clone, Copy)]
pub(super) enum Subject {
    /// Nothing.
    None,
    /// One plugin.
    Plugin,
    /// One plugin, or else whatever the operation takes that for.
    PluginOrNone,
    /// One plugin, else all of them.
    PluginOrAll,
    /// The value of a parameter, by a name in each language.
    Value(Parameter, NameInBoth),
}

/// A name in Portuguese and in English.
pub(super) type NameInBoth = (&'static str, &'static str);

impl SiteCommand {
    const fn new(name: &'static str, word: &'static str, subject: Subject, about: Phrase) -> Self {
        Self {
            name,
            aliases: &[],
            word,
            subject,
            implies: &[],
            about,
        }
    }

    const fn or(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    const fn implying(mut self, flags: &'static [Parameter]) -> Self {
        self.implies = flags;
        self
    }

    /// The operation. All of them are in the catalogue, which a test holds.
    pub(super) fn definition(&self) -> Option<&'static Definition> {
        catalogue::by_word(self.word)
    }

    /// The parameters that have an option here, in the order in which the operation takes them.
    pub(super) fn optional(&self) -> impl Iterator<Item = &'static Parameter> {
        let subject = match self.subject {
            Subject::None => None,
            Subject::Plugin | Subject::PluginOrNone | Subject::PluginOrAll => Some(SLUG),
            Subject::Value(parameter, _) => Some(parameter),
        };
        let implied = self.implies;
        let takes = self.definition().map_or(&[][..], |definition| definition.takes);
        takes.iter().filter(move |parameter| {
            let stands_elsewhere = subject.is_some_and(|subject| subject.is(parameter));
            let is_implied = implied.iter().any(|flag| flag.is(parameter));
            !parameter.options.is_empty() && !stands_elsewhere && !is_implied
        })
    }

    /// The command with a name of its own or of the gestor's.
    pub(in crate::native) fn by_name(name: &str) -> Option<&'static Self> {
        COMMANDS
            .iter()
            .find(|command| command.name == name || command.aliases.contains(&name))
    }
}

const ACTION_NAME: NameInBoth = ("AÇÃO", "ACTION");

/// Operations that the program does not offer here, and why not.
#[cfg(test)]
pub(super) const ELSEWHERE: [(&str, &str); 6] = [
    ("index", "authors and operators of indices have commands of their own"),
    ("index_publish", "the same"),
    ("sign", "the same"),
    ("audit_append", "a host records what its plugins do"),
    ("sync", "a gestor brings its own rows"),
    ("mark", "the gestor's page says what it is about to do"),
];

/// The commands, as `--help` lists them.
pub(in crate::native) static COMMANDS: &[SiteCommand] = &[
    SiteCommand::new(
        "install",
        "install",
        Subject::Plugin,
        Phrase::new("instala ou atualiza um plugin", "installs or updates a plugin"),
    )
    .or(&["update"]),
    SiteCommand::new(
        "batch",
        "batch",
        Subject::None,
        Phrase::new(
            "instala ou atualiza vários plugins de uma vez, todos ou nenhum",
            "installs or updates several plugins at once, all or none",
        ),
    )
    .or(&["lote"]),
    SiteCommand::new(
        "update-all",
        "update_all",
        Subject::None,
        Phrase::new(
            "atualiza cada plugin de onde ele veio, cada um por si",
            "updates each plugin from where it came from, each on its own",
        ),
    ),
    SiteCommand::new(
        "rollback",
        "rollback",
        Subject::Plugin,
        Phrase::new(
            "volta à versão anterior, a uma versão guardada ou a um ponto do histórico",
            "goes back to the previous version, to a kept one, or to a point of the history",
        ),
    ),
    SiteCommand::new(
        "uninstall",
        "uninstall",
        Subject::Plugin,
        Phrase::new(
            "tira um plugin, tudo guardado antes",
            "takes a plugin away, all of it kept before",
        ),
    ),
    SiteCommand::new(
        "restore",
        "restore",
        Subject::Plugin,
        Phrase::new(
            "traz de volta o que uninstall tirou",
            "brings back what uninstall took away",
        ),
    ),
    SiteCommand::new(
        "disable",
        "disable",
        Subject::Plugin,
        Phrase::new("pausa um plugin", "pauses a plugin"),
    ),
    SiteCommand::new(
        "enable",
        "enable",
        Subject::Plugin,
        Phrase::new("traz de volta um plugin pausado", "brings a paused plugin back"),
    ),
    SiteCommand::new(
        "list",
        "list",
        Subject::PluginOrNone,
        Phrase::new(
            "os plugins, e o que há a saber de cada um",
            "the plugins, and what there is to know of each",
        ),
    ),
    SiteCommand::new(
        "history",
        "history",
        Subject::Plugin,
        Phrase::new("o que foi feito com um plugin", "what was done to a plugin"),
    ),
    SiteCommand::new(
        "conflicts",
        "conflicts",
        Subject::Plugin,
        Phrase::new("o que espera uma decisão", "what waits for a decision"),
    ),
    SiteCommand::new(
        "resolve",
        "resolve",
        Subject::Plugin,
        Phrase::new("decide conflitos", "decides conflicts"),
    ),
    SiteCommand::new(
        "verify",
        "verify",
        Subject::PluginOrAll,
        Phrase::new(
            "o que difere do que foi instalado; sem plugin, de todos",
            "what differs from what was installed; of all plugins where none is named",
        ),
    ),
    SiteCommand::new(
        "repair",
        "verify",
        Subject::PluginOrAll,
        Phrase::new(
            "põe de volta os arquivos do instalador e os dos plugins, como depois de uma atualização do gestor",
            "puts the installer's files and those of the plugins back, as after an update of the gestor",
        ),
    )
    .implying(&[REPAIR]),
    SiteCommand::new(
        "recover",
        "recover",
        Subject::PluginOrNone,
        Phrase::new(
            "conclui ou desfaz o que uma operação interrompida deixou",
            "finishes or undoes what an interrupted operation left",
        ),
    ),
    SiteCommand::new(
        "diff",
        "diff",
        Subject::Plugin,
        Phrase::new(
            "o que instalar um pacote mudaria, sem alterar nada",
            "what installing a package would change, changing nothing",
        ),
    )
    .implying(&[DRY_RUN]),
    SiteCommand::new(
        "prune",
        "prune",
        Subject::PluginOrNone,
        Phrase::new(
            "remove o que passa do que as configurações guardam",
            "removes what goes beyond what the settings keep",
        ),
    ),
    SiteCommand::new(
        "running",
        "running",
        Subject::PluginOrNone,
        Phrase::new(
            "o que está em execução, ou foi interrompido",
            "what is running, or was interrupted",
        ),
    ),
    SiteCommand::new(
        "cancel",
        "cancel",
        Subject::Plugin,
        Phrase::new(
            "pede que a operação em execução pare e seja desfeita",
            "asks the operation that is running to stop and be undone",
        ),
    ),
    SiteCommand::new(
        "updates",
        "updates",
        Subject::PluginOrNone,
        Phrase::new(
            "o que há de novo, o que vem sozinho e quando, e por que o resto não vem",
            "what is new, what comes by itself and when, and why the rest does not",
        ),
    )
    .or(&["atualizacoes"]),
    SiteCommand::new(
        "policy",
        "update_policy",
        Subject::Plugin,
        Phrase::new(
            "o que se quer das atualizações de um plugin",
            "what is wanted of a plugin's updates",
        ),
    )
    .or(&["politica"]),
    SiteCommand::new(
        "agendar",
        "update_run",
        Subject::PluginOrNone,
        Phrase::new(
            "uma rodada de atualizações automáticas, para o cron a cada 15 minutos",
            "one run of automatic updates, for cron every 15 minutes",
        ),
    ),
    SiteCommand::new(
        "signature",
        "signature",
        Subject::Value(FILE, ("PACOTE", "PACKAGE")),
        Phrase::new(
            "o que este site pensa da assinatura de um pacote",
            "what this site thinks of a package's signature",
        ),
    )
    .or(&["conferir-assinatura"]),
    SiteCommand::new(
        "credentials",
        "credentials",
        Subject::Value(ACTION, ACTION_NAME),
        Phrase::new(
            "as credenciais do site: listar, gravar (o segredo vem da entrada padrão), remover, rotacionar, conferir, importar, chave",
            "the site's credentials: listar, gravar (the secret comes from standard input), remover, rotacionar, conferir, importar, chave",
        ),
    )
    .or(&["credenciais"]),
    SiteCommand::new(
        "config",
        "config",
        Subject::Plugin,
        Phrase::new(
            "as configurações de um plugin, com os seus valores",
            "the settings of a plugin, with their values",
        ),
    )
    .or(&["configuracoes"]),
    SiteCommand::new(
        "config-set",
        "config_set",
        Subject::Plugin,
        Phrase::new(
            "grava configurações de um plugin, todas ou nenhuma: um objeto JSON da entrada padrão, ou em --valores",
            "saves settings of a plugin, all of them or none: a JSON object from standard input, or in --valores",
        ),
    )
    .or(&["config-gravar"]),
    SiteCommand::new(
        "audit",
        "audit",
        Subject::Value(ACTION, ACTION_NAME),
        Phrase::new(
            "o registro de auditoria deste servidor: conferir (ou verify), listar, exportar",
            "the audit log of this server: conferir (or verify), listar, exportar",
        ),
    )
    .or(&["auditoria"]),
    SiteCommand::new(
        "metrics",
        "metrics",
        Subject::None,
        Phrase::new(
            "quantas vezes o quê aconteceu com cada plugin, e quanto demorou",
            "how often what happened to each plugin, and how long it took",
        ),
    )
    .or(&["metricas"]),
    SiteCommand::new(
        "statistics",
        "statistics",
        Subject::None,
        Phrase::new(
            "o que este servidor contou num mês",
            "what this server counted in a month",
        ),
    )
    .or(&["estatisticas"]),
    SiteCommand::new(
        "export",
        "export",
        Subject::Value(SET, ("CONJUNTO.zip", "SET.zip")),
        Phrase::new(
            "grava os plugins deste banco num conjunto, para outro site",
            "writes the plugins of this database to a set, for another site",
        ),
    )
    .or(&["exportar"]),
];

/// Words of English for what is done with something.
pub(super) const ACTIONS: [(&str, &str); 9] = [
    ("verify", "conferir"),
    ("check", "conferir"),
    ("list", "listar"),
    ("export", "exportar"),
    ("store", "gravar"),
    ("remove", "remover"),
    ("rotate", "rotacionar"),
    ("import", "importar"),
    ("key", "chave"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_operation_has_a_command_or_a_reason() {
        let offered: BTreeSet<_> = COMMANDS.iter().map(|command| command.word).collect();
        for operation in catalogue::CATALOGUE {
            let elsewhere = ELSEWHERE.iter().any(|(word, _)| *word == operation.word);
            assert_ne!(offered.contains(operation.word), elsewhere, "{}", operation.word);
        }
        for command in COMMANDS {
            assert!(command.definition().is_some(), "{}", command.name);
        }
    }

    /// The same words for the same things as in the gestor's command line.
    #[test]
    fn the_words_of_the_gestors_command_line_are_known() {
        // They ask for something else besides.
        let other = ["watch", "importar"];
        for command in COMMANDS {
            for option in command.definition().unwrap().options {
                let known = SiteCommand::by_name(option.name).map(|found| found.word);
                assert!(
                    known == Some(command.word) || other.contains(&option.name),
                    "{}",
                    option.name
                );
            }
        }
    }

    #[test]
    fn each_name_is_of_one_command() {
        let names = COMMANDS
            .iter()
            .flat_map(|command| command.aliases.iter().copied().chain([command.name]));
        let names: Vec<_> = names.collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
    }
}
