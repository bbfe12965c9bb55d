//! A plugin, or a conflict of it, that is not as a call supposes.

use crate::model::Phrase;
use crate::outcome::ExitCode;

/// Why a call about an installed plugin did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum PluginRefusal {
    /// Another package of the same batch failed, so nothing of this one is changed.
    #[error(
        "nothing of this plugin was changed: {slug}, in the same batch, ended it with code {}: {reason}",
        code.number()
    )]
    OfBatch {
        /// The other plugin.
        slug: String,
        /// The code that it ended with.
        code: ExitCode,
        /// Why.
        reason: Phrase,
    },
    /// Migrations of two plugins of a batch declare a class of the same name, which PHP loads once.
    #[error(
        "migrations of {slug} and of {other} that are to run both declare the class {class}, and PHP loads only one of that name: install one of these plugins after the other, or let an author rename the class"
    )]
    SameClass {
        /// One.
        slug: String,
        /// The other.
        other: String,
        /// The class.
        class: String,
    },
    /// Nothing of it is installed.
    #[error("plugin {slug} is not installed in this database: install it, or check the name with `--list`")]
    NotInstalled {
        /// The plugin.
        slug: String,
    },
    /// No such conflict is open.
    #[error(
        "plugin {slug} has no open conflict with the number {id}: see the numbers with `--conflicts` (`plugin_conflicts`)"
    )]
    UnknownConflict {
        /// The plugin.
        slug: String,
        /// The number.
        id: u64,
    },
    /// A third value for something that is no value.
    #[error("conflict {id} is about the whole row {shown} of `{table}`, not about a value: choose `minha` or `pacote`")]
    WholeRow {
        /// The conflict.
        id: u64,
        /// The table.
        table: String,
        /// The row's key.
        shown: String,
    },
    /// The gestor has taken the row over.
    #[error(
        "conflict {id}: row {shown} of `{table}` is the gestor's own now, and the plugin does not write it; choose `minha`"
    )]
    CoreRow {
        /// The conflict.
        id: u64,
        /// The table.
        table: String,
        /// The row's key.
        shown: String,
    },
    /// The row is not the plugin's to write any more.
    #[error(
        "conflict {id}: row {shown} of `{table}` is not this plugin's any more (another owner, or the site's project), and is not written; choose `minha`, or give the row back to the plugin"
    )]
    ForeignRow {
        /// The conflict.
        id: u64,
        /// The table.
        table: String,
        /// The row's key.
        shown: String,
    },
    /// A third value that the column cannot hold.
    #[error("conflict {id}: the value given does not fit column `{column}`; allowed: {expected}")]
    Misfit {
        /// The conflict.
        id: u64,
        /// The column.
        column: String,
        /// What would fit.
        expected: Phrase,
    },
    /// The package that is needed is not kept.
    #[error(
        "the package of version {version} of plugin {slug} is not kept in backups/plugins/{slug}/: put its file {version}.zip there, or install that version again"
    )]
    NotKept {
        /// The plugin.
        slug: String,
        /// The version.
        version: String,
    },
    /// There is no point before.
    #[error(
        "plugin {slug} has no earlier point to go back to: name one that is kept with `version` (`--version=`); see them with `--list`"
    )]
    NoPoint {
        /// The plugin.
        slug: String,
    },
    /// No operation of this number made a state of the plugin.
    #[error("plugin {slug} has no point {point}: see the points with `--history`")]
    UnknownPoint {
        /// The plugin.
        slug: String,
        /// The number.
        point: u64,
    },
    /// The installed version says that there is no way back.
    #[error(
        "the installed version of plugin {slug} is of epoch {current}, that one of epoch {target}: its author says that there is no way back. Pass `forcar` (`--forcar`) to go back all the same; the schema stays as it is then"
    )]
    Epoch {
        /// The plugin.
        slug: String,
        /// Of what is installed.
        current: u64,
        /// Of the target.
        target: u64,
    },
    /// Migrations cannot be undone.
    #[error(
        "plugin {slug} cannot go back to that point: these migrations cannot be undone: {migrations}. Nothing was touched. Pass `manter_esquema` (`--manter-esquema`) to leave the schema as it is"
    )]
    NoWayBack {
        /// The plugin.
        slug: String,
        /// Which, and why not.
        migrations: Phrase,
    },
    /// An earlier way back stopped half way, and the package is of the state before it.
    #[error(
        "an earlier operation has begun to undo migrations of plugin {slug} that this package brings, and of what they made this is not there: {missing}. Nothing was touched. `--recover` (`plugin_recover`) goes on undoing them; where that fails, `--recover --forcar` drops what they are known to have made. Then call again: they are applied anew"
    )]
    HalfUndone {
        /// The plugin.
        slug: String,
        /// What is missing.
        missing: String,
    },
    /// The kept package has no such row.
    #[error("conflict {id}: the kept package of version {version} does not bring this row; choose `minha`")]
    NotInPackage {
        /// The conflict.
        id: u64,
        /// The version.
        version: String,
    },
    /// Other databases use the files of the plugin too.
    #[error(
        "plugin {slug}: its files in plugins/{slug}/ serve other databases too: {others}. Nothing was changed. Pass `bases=esta` (`--bases=esta`, setting gestor_plugins.bases) to change the files together with this database alone: the others are behind then, until the same package is installed there; one that is gone for good is struck out with `--bases=esquecer:<identity>`"
    )]
    TreeShared {
        /// The plugin.
        slug: String,
        /// Which.
        others: Phrase,
    },
    /// No other database is listed under these digits, or several are.
    #[error(
        "no single other database of this tree has an identity that begins with {digits}; listed are: {known}. Give more digits of one of them"
    )]
    UnknownBase {
        /// What was given.
        digits: String,
        /// Which are listed.
        known: Phrase,
    },
    /// Nothing runs that could be stopped.
    #[error("no operation on plugin {slug} is running: see with `--running` (`plugin_running`) what is")]
    NothingRuns {
        /// The plugin.
        slug: String,
    },
    /// Another one runs than the one that is meant.
    #[error("the operation on plugin {slug} that is running is {running}, not {asked}: see `--running`")]
    AnotherRuns {
        /// The plugin.
        slug: String,
        /// Which runs.
        running: String,
        /// Which was meant.
        asked: String,
    },
    /// It was killed.
    #[error(
        "the operation on plugin {slug} was interrupted, and nobody works on it: `--recover` (`plugin_recover`) finishes or undoes it"
    )]
    WasInterrupted {
        /// The plugin.
        slug: String,
    },
    /// Too late.
    #[error("the operation on plugin {slug} has committed, and cannot be stopped any more: let it end")]
    HasCommitted {
        /// The plugin.
        slug: String,
    },
    /// What stands there is not what was installed.
    #[error(
        "plugin {slug} is not as it was installed ({findings} differences): see the report; `--verify --reparar` puts files back, and with `--estrito` rows"
    )]
    Drift {
        /// The plugin.
        slug: String,
        /// How many.
        findings: usize,
    },
    /// It cannot go, or come back.
    #[error(transparent)]
    Removal(#[from] RemovalRefusal),
}

/// Why a plugin does not go, does not come back, or is left alone (SPEC 2 §6).
#[derive(Debug, thiserror::Error)]
pub enum RemovalRefusal {
    /// Nobody knows which rows its packages brought.
    #[error(
        "which rows plugin {slug} brought is not recorded, and its package of version {version} is not kept: install that version again with `--reprocessar`, then uninstall it"
    )]
    Unrecorded {
        /// The plugin.
        slug: String,
        /// The installed version.
        version: String,
    },
    /// It has tables of its own, which cannot be told from others.
    #[error(
        "plugin {slug} has run migrations (`{table}`), and what they made is not recorded: uninstall it with `remover`, which leaves that, and drop its tables by hand"
    )]
    OwnTables {
        /// The plugin.
        slug: String,
        /// The log of its migrations.
        table: String,
    },
    /// It is uninstalled, and of its schema something is left.
    #[error(
        "plugin {slug} is uninstalled already, and of the schema this is left to be done: {left}. `--recover` (`plugin_recover`) does it; where a migration cannot be undone at all, `--recover --forcar` only drops what it is known to have made"
    )]
    Unfinished {
        /// The plugin.
        slug: String,
        /// What is left.
        left: String,
    },
    /// It is uninstalled, and what it could come back out of is not all removed.
    #[error(
        "plugin {slug} is uninstalled, and this of what is kept of it could not be removed: {left}. Mend the cause (see the warnings), and call again with `sem_retorno` (`--uninstall --sem-retorno`): what is left is removed then"
    )]
    NotForgotten {
        /// The plugin.
        slug: String,
        /// What stands there still.
        left: String,
    },
    /// The archive of what went cannot be read.
    #[error(
        "{archive}, the archive of what was taken away of plugin {slug}, cannot be read: {reason}. Put a good copy of it there; without one, install the plugin (one that is paused is uninstalled before, with `--uninstall --forcar`: what stands only in the archive is lost then)"
    )]
    ArchiveDamaged {
        /// The plugin.
        slug: String,
        /// The archive.
        archive: String,
        /// Why.
        reason: Phrase,
    },
    /// It is uninstalled, and something of it is left.
    #[error(
        "plugin {slug} is uninstalled, and something of it is left: see `sobras` in the report; another program may have written it meanwhile"
    )]
    LeftBehind {
        /// The plugin.
        slug: String,
    },
    /// Files of it are served that were to go.
    #[error(
        "plugin {slug}: these files are still served, because they could not be removed: {left}. Mend the cause (see the warnings) and call plugin_recover (`--recover`)"
    )]
    StillServed {
        /// The plugin.
        slug: String,
        /// Their paths.
        left: String,
    },
    /// It is paused.
    #[error(
        "plugin {slug} is paused (`pausado`): enable it first (`--enable`, `plugin_enable()`), or uninstall it (`--uninstall`, with `--forcar` where its archive is lost); nothing else is done with it"
    )]
    Paused {
        /// The plugin.
        slug: String,
    },
    /// It is not paused.
    #[error("plugin {slug} is not paused, so there is nothing to enable")]
    NotPaused {
        /// The plugin.
        slug: String,
    },
    /// It is installed: nothing is to be restored.
    #[error("plugin {slug} is installed: uninstall it first, or install the version that is wanted")]
    StillInstalled {
        /// The plugin.
        slug: String,
    },
    /// It was not uninstalled by us.
    #[error(
        "plugin {slug} was not uninstalled by this library in this database, so there is nothing to restore: install it"
    )]
    NotRemoved {
        /// The plugin.
        slug: String,
    },
    /// The archive of what went is not there.
    #[error(
        "the archive of what was taken away of plugin {slug} is not in backups/plugins/{slug}/ (removido-….zip), or others could have put it there: put it back, owned by the site's user, or install the plugin (one that is paused is uninstalled before, with `--uninstall --forcar`: what stands only in the archive is lost then)"
    )]
    NoArchive {
        /// The plugin.
        slug: String,
    },
    /// What its migrations made is gone, and something is missing by which it would come back.
    #[error(
        "what the migrations of plugin {slug} had made was taken away with it, and cannot come back: that needs `migracoes`, its package in backups/plugins/{slug}/, and the copy of what stood in its tables, esquema-….jsonl.gz there; put them back, or install the package again"
    )]
    SchemaGone {
        /// The plugin.
        slug: String,
    },
    /// What its migrations made was dropped by somebody else.
    #[error(
        "of what applied migrations of plugin {slug} made this is not there: {missing}. Nothing was touched. Put it back from a dump of the database; or drop what else they made by hand, and with it their log (`{log}`), and install the package: they run anew then (a paused plugin is uninstalled before)"
    )]
    SchemaLost {
        /// The plugin.
        slug: String,
        /// What is missing.
        missing: String,
        /// The log of its migrations.
        log: String,
    },
    /// Neither the backup of its tree nor its package is there.
    #[error(
        "neither the backup of the files of plugin {slug} is in plugins/_backups/, nor its package in backups/plugins/{slug}/: put one of them back, or install the plugin (one that is paused is uninstalled before: `--uninstall`)"
    )]
    NoTree {
        /// The plugin.
        slug: String,
    },
}
