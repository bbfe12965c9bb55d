//! What is told of scripts, in Portuguese; the English stands beside each error.

use super::{PhpFault, ScriptError, ScriptFault};
use crate::model::{Bilingual, Phrase};

/// Names that one text shows.
const SHOWN: usize = 10;

/// Names, the first of many.
pub(super) fn names<'n>(all: impl ExactSizeIterator<Item = &'n str>) -> String {
    let count = all.len();
    let mut shown: Vec<&str> = all.take(SHOWN).collect();
    let more = format!("+{}", count.saturating_sub(SHOWN));
    if count > SHOWN {
        shown.push(&more);
    }
    shown.join(", ")
}

/// Scripts that are not run, because nobody said that they are to.
pub fn not_run<'n>(scripts: impl ExactSizeIterator<Item = &'n str>) -> Phrase {
    let names = names(scripts);
    Phrase::made(
        format!(
            "o pacote tem scripts de pós-instalação, que não foram executados: {names}. Leia-os; se confia neles, execute-os com `reprocessar` e `scripts=executar` (`--reprocessar --scripts=executar`)"
        ),
        format!(
            "the package has post-installation scripts, which were not run: {names}. Read them; if you trust them, run them with `reprocessar` and `scripts=executar` (`--reprocessar --scripts=executar`)"
        ),
    )
}

/// Scripts that an earlier operation left, where nothing is done now.
pub fn still_left(scripts: &str) -> Phrase {
    Phrase::made(
        format!("falta executar scripts de uma operação anterior: {scripts}: `--scripts-pendentes` os executa"),
        format!("scripts of an earlier operation are left to be run: {scripts}: `--scripts-pendentes` runs them"),
    )
}

/// Scripts that were left, and that are not run any more: their package goes.
pub fn struck_out(scripts: &str) -> Phrase {
    Phrase::made(
        format!("os scripts que uma operação anterior deixou por executar não são mais executados: {scripts}"),
        format!("scripts that an earlier operation left to be run are not run any more: {scripts}"),
    )
}

/// Scripts of a plugin that is paused.
pub fn wait(scripts: &str) -> Phrase {
    Phrase::made(
        format!("o plugin está pausado: os seus scripts esperam até que ele seja ativado: {scripts}"),
        format!("the plugin is paused: its scripts wait until it is enabled: {scripts}"),
    )
}

/// A script that had been begun when a run was killed.
pub fn again(script: &str) -> Phrase {
    Phrase::made(
        format!("{script} já tinha sido iniciado por uma execução interrompida: é executado de novo, desde o começo"),
        format!("{script} had been begun by a run that was interrupted: it is run again, from its beginning"),
    )
}

/// A script has ended well.
pub fn ended(script: &str, milliseconds: u64) -> Phrase {
    Phrase::made(
        format!("script {script} executado em {milliseconds} ms"),
        format!("script {script} run in {milliseconds} ms"),
    )
}

/// Something that a script started does not end.
pub fn left_over(script: &str) -> Phrase {
    Phrase::made(
        format!("{script} deixou processos que não puderam ser encerrados: veja `ps`"),
        format!("{script} left processes that could not be ended: look at `ps`"),
    )
}

/// What stands for bytes of an output that are left out.
pub(super) fn left_out(bytes: u64) -> String {
    format!("[... {bytes} bytes ...]")
}

impl Bilingual for ScriptError {
    fn portuguese(&self) -> String {
        match self {
            Self::Php { path, fault } => format!(
                "o pacote tem scripts, e o programa de linha de comando do PHP, {}, {}: instale-o (php-cli), ou indique-o em `php` (gestor_plugins.php); sem `scripts=executar` eles não são executados",
                path.display(),
                fault.portuguese()
            ),
            Self::Failed { failed, left } => format!(
                "a operação foi feita e vale, mas dos seus scripts {}. Falta executar: {left}. Isso está em `pendencias` (`--list`); corrija a causa e chame plugin_recover com `scripts_pendentes` (`--scripts-pendentes`)",
                failed.portuguese()
            ),
            Self::Interrupted { begun, left } => format!(
                "a operação foi feita e vale, mas foi interrompida enquanto os seus scripts rodavam ({begun} tinha sido iniciado). Falta executar: {left}. Isso está em `pendencias` (`--list`): plugin_recover com `scripts_pendentes` (`--scripts-pendentes`) os executa, o que tinha sido iniciado de novo desde o começo"
            ),
            Self::NotNoted { reason } => format!(
                "a operação foi feita e vale, mas o que houve com os seus scripts não pôde ser anotado ({}): veja `pendencias` (`--list`) antes que plugin_recover com `scripts_pendentes` (`--scripts-pendentes`) os execute de novo",
                reason.portuguese()
            ),
        }
    }
}

impl Bilingual for PhpFault {
    fn portuguese(&self) -> String {
        match self {
            Self::NotAbsolute => "não está indicado por um caminho absoluto".to_owned(),
            Self::NoProgram => "não é um arquivo que possa ser executado".to_owned(),
            Self::NotStarted { reason } => format!("não pôde ser iniciado ({reason})"),
            Self::Other { said } => format!("não é o da linha de comando (ele diz {said:?})"),
        }
    }
}

impl Bilingual for ScriptFault {
    fn portuguese(&self) -> String {
        match self {
            Self::Code { code } => format!("terminou com o código {code}"),
            Self::Signal { signal } => format!("foi encerrado pelo sinal {signal}"),
            Self::TimedOut { seconds } => format!("não terminou em {seconds} s, e foi parado"),
            Self::Stopped => "foi parado, a pedido, ou porque quem chamou terminou".to_owned(),
            Self::NoTime { minutes } => {
                format!("não foi iniciado: os scripts de uma operação têm {minutes} min ao todo, e eles acabaram")
            }
            Self::Absent => "não está mais lá".to_owned(),
            Self::Changed => "não é o arquivo que foi instalado: alguém o alterou".to_owned(),
            Self::NotStarted { reason } => format!("não pôde ser iniciado ({reason})"),
            Self::Lost => "terminou, e ninguém sabe como: quem o vigiava foi morto".to_owned(),
        }
    }
}
