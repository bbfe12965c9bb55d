//! The words of log lines, in both languages. Every text that a person reads in `installer.log` is made here.

use super::{Cancelled, Level, Message, PathNotice, Step, Tag};
use crate::model::{Bilingual, Lang};
use crate::outcome::TableCounts;

impl Bilingual for Cancelled {
    fn portuguese(&self) -> String {
        "cancelado por quem chamou".to_owned()
    }
}

impl Tag {
    /// The tag as it stands in a line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "[ok]",
            Self::Info => "[info]",
            Self::Warn => "[warn]",
            Self::Error => "[erro]",
            Self::Download => "[DOWNLOAD]",
            Self::Checksum => "[CHECKSUM]",
            Self::Discovery => "[DISCOVERY]",
        }
    }
}

impl Level {
    /// The level as it stands in a line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Debug => "[DEBUG]",
            Self::Info => "[INFO]",
            Self::Warning => "[WARNING]",
            Self::Error => "[ERROR]",
        }
    }
}

/// What a step does, for a progress bar.
pub fn step_text(step: Step, lang: Lang) -> &'static str {
    let (pt, en) = match step {
        Step::Prepare => ("Preparando", "Preparing"),
        Step::Fetch => ("Obtendo o pacote", "Fetching the package"),
        Step::Verify => ("Verificando o SHA-256", "Verifying the SHA-256"),
        Step::Inspect => ("Inspecionando o pacote", "Inspecting the package"),
        Step::Extract => ("Extraindo arquivos", "Extracting files"),
        Step::Plan => ("Planejando as linhas", "Planning the rows"),
        Step::Backup => ("Fazendo backup", "Backing up"),
        Step::Migrate => ("Executando migrações", "Running migrations"),
        Step::Sync => ("Sincronizando o banco", "Synchronizing the database"),
        Step::Commit => ("Confirmando", "Committing"),
        Step::Finish => ("Concluindo", "Finishing"),
        Step::Scripts => ("Executando scripts", "Running scripts"),
    };
    if lang == Lang::PtBr { pt } else { en }
}

/// The text of a message.
#[expect(
    clippy::too_many_lines,
    reason = "one short arm for each message; a split would hide which one has no text"
)]
pub fn text(message: &Message, slug: &str, lang: Lang) -> String {
    let choose = |pt: String, en: String| if lang == Lang::PtBr { pt } else { en };
    match message {
        Message::Started { origin, reference } => choose(
            format!("início plugin={slug} origem={origin} referência={reference}"),
            format!("started plugin={slug} origin={origin} reference={reference}"),
        ),
        Message::Unchanged => choose(
            format!("plugin={slug} inalterado: o pacote já está instalado"),
            format!("plugin={slug} unchanged: the package is already installed"),
        ),
        Message::PackageHash { sha256 } => choose(
            format!("SHA-256 do pacote: {sha256}"),
            format!("Package SHA-256: {sha256}"),
        ),
        Message::Fetching(told) => told.text(lang),
        Message::VersionFound { previous, version } => {
            let before = previous.as_deref().unwrap_or("-");
            choose(
                format!("versão {version} (instalada: {before})"),
                format!("version {version} (installed: {before})"),
            )
        }
        Message::BackupCreated { path } => {
            choose(format!("backup criado em {path}"), format!("backup created at {path}"))
        }
        Message::BackupIsPackage { path } => choose(
            format!("backup: o pacote guardado {path} (a pasta não tinha mais nada)"),
            format!("backup: the kept package {path} (the folder held nothing else)"),
        ),
        Message::Migrated { names } => choose(
            format!("migrações executadas plugin={slug}: {}", names.join(", ")),
            format!("migrations run plugin={slug}: {}", names.join(", ")),
        ),
        Message::MigrationsRolledBack { names } => choose(
            format!("migrações desfeitas plugin={slug}: {}", names.join(", ")),
            format!("migrations rolled back plugin={slug}: {}", names.join(", ")),
        ),
        Message::DataFilesDetected { tables } => choose(
            format!("Detectado modo de dados com vários arquivos ({})", tables.join(", ")),
            format!("Detected multi-file data mode ({})", tables.join(", ")),
        ),
        Message::TableSynchronized { table, counts } => choose(
            format!("tabela {table}: {}", row_counts(counts)),
            format!("table {table}: {}", row_counts(counts)),
        ),
        Message::DataSynchronized { counts, legacy } => {
            let sums = sums(counts);
            let (pt, en) = if *legacy {
                ("sync granular", "granular sync")
            } else {
                ("multi-data sincronizado", "multi-data synchronized")
            };
            choose(
                format!("{pt} plugin={slug} {sums}"),
                format!("{en} plugin={slug} {sums}"),
            )
        }
        Message::ModulesSynchronized { modules, counts } => {
            let sums = sums(counts);
            choose(
                format!("sync módulos plugin={slug} modules={modules} {sums}"),
                format!("sync modules plugin={slug} modules={modules} {sums}"),
            )
        }
        Message::NoData => choose(
            format!("o pacote de plugin={slug} não traz dados: só os arquivos são instalados"),
            format!("the package of plugin={slug} brings no data: only files are installed"),
        ),
        Message::TransactionRetried { reason } => {
            let reason = reason.text(lang);
            choose(
                format!("o banco interrompeu a transação ({reason}): executada de novo"),
                format!("the database broke the transaction off ({reason}): it is run again"),
            )
        }
        Message::AdoptedKept { path } => choose(
            format!("conteúdo anterior das linhas adotadas guardado em {path}"),
            format!("previous content of adopted rows kept at {path}"),
        ),
        Message::RemovedKept { path } => choose(
            format!("o que sai do banco com o plugin está guardado em {path}"),
            format!("what leaves the database with the plugin is kept at {path}"),
        ),
        Message::OrphansExported { path } => choose(
            format!("linhas órfãs exportadas para {path}"),
            format!("orphan rows exported to {path}"),
        ),
        Message::DataFolderRemoved => choose(
            "pasta db/ removida do plugin instalado".to_owned(),
            "folder db/ removed from installed plugin".to_owned(),
        ),
        Message::OwnershipSet { user, group } => choose(
            format!("permissões corrigidas para {user}:{group}"),
            format!("permissions corrected to {user}:{group}"),
        ),
        Message::OwnershipSkipped { user } => choose(
            format!("dono dos arquivos não alterado: o processo roda como {user}, sem direito de mudá-lo"),
            format!("owner of the files not changed: the process runs as {user}, which may not change it"),
        ),
        Message::PackageKept { path } => {
            choose(format!("pacote guardado em {path}"), format!("package kept at {path}"))
        }
        Message::Recovered { committed: true } => choose(
            format!("execução interrompida de plugin={slug} concluída: ela já tinha confirmado"),
            format!("interrupted run of plugin={slug} finished: it had committed"),
        ),
        Message::Recovered { committed: false } => choose(
            format!("execução interrompida de plugin={slug} desfeita: ela não tinha confirmado"),
            format!("interrupted run of plugin={slug} undone: it had not committed"),
        ),
        Message::Paths { what, paths } => {
            let (pt, en) = notice(*what);
            let (names, more) = (first(paths), paths.len().saturating_sub(PATHS_SHOWN));
            match more {
                0 => choose(format!("{pt}: {names}"), format!("{en}: {names}")),
                more => choose(
                    format!("{pt}: {names} e mais {more}"),
                    format!("{en}: {names} and {more} more"),
                ),
            }
        }
        Message::Leftover { path, reason } => {
            let reason = reason.text(lang);
            choose(
                format!("{path} não pôde ser removido e não é mais necessário: apague-o ({reason})"),
                format!("{path} could not be removed and is not needed any more: delete it ({reason})"),
            )
        }
        Message::RunGoesOn { begun, holder } => {
            let pt = holder
                .as_ref()
                .map(|(pid, host)| format!(" (processo {pid} em {host})"));
            let en = holder.as_ref().map(|(pid, host)| format!(" (process {pid} on {host})"));
            choose(
                format!(
                    "uma operação em plugin={slug}, iniciada em {begun}{}, está em execução: isto mostra um estado que ela está mudando; `--running` (`plugin_running`) diz até onde ela chegou",
                    pt.unwrap_or_default()
                ),
                format!(
                    "an operation on plugin={slug}, begun {begun}{}, is running: this shows a state that it is changing; `--running` (`plugin_running`) says how far it is",
                    en.unwrap_or_default()
                ),
            )
        }
        Message::RunWaits { begun, database } => {
            let pt = database.as_deref().map(|name| format!(" com o banco {name}"));
            let en = database.as_deref().map(|name| format!(" with the database {name}"));
            choose(
                format!(
                    "uma execução interrompida de plugin={slug}, iniciada em {begun}{}, espera: a próxima instalação ou plugin_recover a conclui ou desfaz; isto mostra o estado em que ela parou",
                    pt.unwrap_or_default()
                ),
                format!(
                    "an interrupted run of plugin={slug}, begun {begun}{}, waits: the next installation or plugin_recover finishes or undoes it; this shows the state in which it stopped",
                    en.unwrap_or_default()
                ),
            )
        }
        Message::TreeDiffers {
            found,
            recorded,
            database,
        } => {
            let found = found.as_deref().unwrap_or("-");
            let recorded = recorded.as_deref().unwrap_or("-");
            choose(
                format!(
                    "a pasta de plugin={slug} é de outro pacote (versão {found}) que o das linhas do banco {database} (versão {recorded}): outro instalador a gravou, outro banco usa a mesma pasta, uma cópia do banco foi restaurada, ou o servidor perdeu as últimas confirmações; esta chamada traz pasta e linhas"
                ),
                format!(
                    "the folder of plugin={slug} is of another package (version {found}) than the rows of the database {database} (version {recorded}): another installer wrote it, another database uses the same folder, a dump was restored, or the server lost its last commits; this call brings folder and rows"
                ),
            )
        }
        Message::WeakCommits { settings } => choose(
            format!(
                "o servidor do banco pode perder as últimas confirmações se a máquina cair ({settings}): depois de uma queda, instale outra vez; para que não perca nada, use innodb_flush_log_at_trx_commit=1 (e sync_binlog=1)"
            ),
            format!(
                "the database server may lose its last commits when its machine dies ({settings}): after that, install again; so that it loses nothing, set innodb_flush_log_at_trx_commit=1 (and sync_binlog=1)"
            ),
        ),
        Message::ScriptOutput { script, output } => choose(
            format!("saída de {script}: {output}"),
            format!("output of {script}: {output}"),
        ),
        Message::DryRun => choose(
            format!("simulação de plugin={slug}: nada foi alterado"),
            format!("dry run of plugin={slug}: nothing was changed"),
        ),
        Message::LimitHeld { key, asked, allowed } => choose(
            format!(
                "limites.{key} = {asked} passa do que esta máquina permite: vale {allowed} (a configuração gestor_plugins.{key} aumenta)"
            ),
            format!(
                "limites.{key} = {asked} is more than this machine allows: {allowed} counts (the setting gestor_plugins.{key} raises it)"
            ),
        ),
        Message::SettingIgnored {
            name,
            found,
            allowed,
            default,
        } => {
            let allowed = allowed.text(lang);
            choose(
                format!(
                    "a configuração {name} é {found:?}, que não vale; permitido: {allowed}. Vale o padrão: {default}"
                ),
                format!(
                    "the setting {name} is {found:?}, which does not count; allowed: {allowed}. Its default counts: {default}"
                ),
            )
        }
        Message::LogFull { bytes } => choose(
            format!("esta chamada já escreveu {bytes} bytes aqui: o resto dela não é escrito, só como terminou"),
            format!("this call has written {bytes} bytes here: the rest of it is not written, only how it ended"),
        ),
        Message::Told(said)
        | Message::Noted(said)
        | Message::Warning(said)
        | Message::Error(said)
        | Message::Debug(said) => said.text(lang),
        Message::MoreWarnings { count } => choose(
            format!("e mais {count} avisos, que não são listados"),
            format!("and {count} more warnings, which are not listed"),
        ),
        Message::MoreErrors { count } => choose(
            format!("e mais {count} erros: veja `erros` no relatório"),
            format!("and {count} more errors: see `erros` in the report"),
        ),
        Message::Finished { code, milliseconds } => choose(
            format!(
                "fim plugin={slug} código={} ({}) em {milliseconds} ms",
                code.number(),
                code.label()
            ),
            format!(
                "finished plugin={slug} code={} ({}) in {milliseconds} ms",
                code.number(),
                code.label()
            ),
        ),
    }
}

/// Names that one line shows.
const PATHS_SHOWN: usize = 10;

fn first(paths: &[String]) -> String {
    let shown: Vec<&str> = paths.iter().take(PATHS_SHOWN).map(String::as_str).collect();
    shown.join(", ")
}

fn notice(what: PathNotice) -> (&'static str, &'static str) {
    match what {
        PathNotice::DataIgnored => (
            "não são arquivos de dados nem migrações, e não foram aplicados (db/data/<Nome>Data.json, db/migrations/*.php)",
            "neither data files nor migrations, and not applied (db/data/<Name>Data.json, db/migrations/*.php)",
        ),
        PathNotice::NoFile => (
            "são links ou arquivos especiais, que nunca são lidos: ponha os próprios arquivos de dados na pasta",
            "links or special files, which are never read: put the data files themselves into the folder",
        ),
        PathNotice::LeftOut => (
            "links, arquivos especiais e pastas do próprio instalador não entram no pacote",
            "links, special files and folders of the installer itself are not packed",
        ),
        PathNotice::KeptAside => (
            "pasta em que alguém escreveu enquanto uma operação era desfeita ou concluída: guardada, veja o que há nela",
            "a folder that somebody wrote to while an operation was being undone or finished: kept, look at what is in it",
        ),
        PathNotice::LateChanges => (
            "alterados durante a atualização: estão no backup, não na nova pasta",
            "changed during the update: they are in the backup, not in the new folder",
        ),
    }
}

fn sums(counts: &TableCounts) -> String {
    let updates = counts.alterados + counts.adotados;
    format!(
        "inserts={} updates={updates} skipped={}",
        counts.inseridos,
        counts.iguais + counts.ignorados
    )
}

fn row_counts(counts: &TableCounts) -> String {
    let named = [
        ("inseridos", counts.inseridos),
        ("adotados", counts.adotados),
        ("alterados", counts.alterados),
        ("iguais", counts.iguais),
        ("preservados", counts.preservados),
        ("orfaos", counts.orfaos),
        ("ignorados", counts.ignorados),
        ("mantidos", counts.mantidos),
        ("conflitos", counts.conflitos),
        ("apagados", counts.apagados),
        ("removidos", counts.removidos),
        ("devolvidos", counts.devolvidos),
    ];
    let shown: Vec<String> = named
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| format!("{name}={count}"))
        .collect();
    if shown.is_empty() {
        "0".to_owned()
    } else {
        shown.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_those_that_administrators_look_for() {
        let counts = TableCounts {
            inseridos: 3,
            alterados: 10,
            adotados: 2,
            ..TableCounts::default()
        };
        let made = |message: Message, lang| text(&message, "p", lang);
        assert_eq!(
            made(Message::BackupCreated { path: "x.zip".into() }, Lang::PtBr),
            "backup criado em x.zip"
        );
        assert_eq!(
            made(Message::BackupCreated { path: "x.zip".into() }, Lang::En),
            "backup created at x.zip"
        );
        assert_eq!(
            made(Message::DataSynchronized { counts, legacy: false }, Lang::En),
            "multi-data synchronized plugin=p inserts=3 updates=12 skipped=0"
        );
        assert_eq!(
            made(Message::DataSynchronized { counts, legacy: true }, Lang::PtBr),
            "sync granular plugin=p inserts=3 updates=12 skipped=0"
        );
        assert_eq!(
            made(
                Message::ModulesSynchronized {
                    modules: 1,
                    counts: TableCounts::default()
                },
                Lang::PtBr
            ),
            "sync módulos plugin=p modules=1 inserts=0 updates=0 skipped=0"
        );
    }
}
