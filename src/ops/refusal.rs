//! A plugin, or a conflict of it, that is not as a call supposes.

use crate::model::Phrase;

/// Why a call about an installed plugin did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum PluginRefusal {
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
}
