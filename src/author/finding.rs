//! What was found in a package, and where.

use super::Lint;
use crate::model::Phrase;

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The file of the package, where it is about one.
    pub file: Option<String>,
    /// The line of it, from 1, where that is known.
    pub line: Option<usize>,
    /// What it is.
    pub what: Observation,
}

impl Finding {
    /// Something about a file as a whole.
    pub fn of_file(file: &str, what: Observation) -> Self {
        Self {
            file: Some(file.to_owned()),
            line: None,
            what,
        }
    }

    /// Something in a line of a file.
    pub fn of_line(file: &str, line: usize, what: Observation) -> Self {
        Self {
            line: Some(line),
            ..Self::of_file(file, what)
        }
    }

    /// Something about the package as a whole.
    pub fn of_package(what: Observation) -> Self {
        Self {
            file: None,
            line: None,
            what,
        }
    }
}

/// What was found, in words for its author.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Observation {
    /// An installation would warn of it.
    #[error("{0}")]
    Installer(Phrase),
    /// No known gestor has it, so an installation leaves it out.
    #[error("{0}")]
    Column(Phrase),
    /// A row in one language alone.
    #[error(
        "`{table}` {id:?} stands in {found} and not in {missing}, which other rows of the package have: who reads that language does not get it"
    )]
    Language {
        /// The table.
        table: String,
        /// Its `id`.
        id: String,
        /// A language that has it.
        found: String,
        /// The one that lacks it.
        missing: String,
    },
    /// Placeholders differ.
    #[error(
        "`{table}` {id:?}: `{column}` has the placeholder {placeholder} in {with} and not in {without}: one of both shows a gap, or never gets its value"
    )]
    Placeholders {
        /// The table.
        table: String,
        /// Its `id`.
        id: String,
        /// The column.
        column: String,
        /// The placeholder.
        placeholder: String,
        /// The language that has it.
        with: String,
        /// The one that does not.
        without: String,
    },
    /// A page without a title.
    #[error("the page {id:?} ({language}) has no title: give it a `name` (`nome`), which browsers and menus show")]
    Title {
        /// Its `id`.
        id: String,
        /// Its language.
        language: String,
    },
    /// A path of two pages.
    #[error(
        "the path {path:?} is that of two pages in {language}, {first:?} and {second:?}: one of them is never shown"
    )]
    Path {
        /// The path.
        path: String,
        /// The language.
        language: String,
        /// One page.
        first: String,
        /// The other.
        second: String,
    },
    /// A row of the gestor's own.
    #[error(
        "`{table}` {key}: gestor {release} has this row itself, and a site's installation refuses to take it over: choose another `id`, best one that begins with the plugin's"
    )]
    CoreRow {
        /// The table.
        table: String,
        /// Its key.
        key: String,
        /// The release.
        release: String,
    },
    /// A file that no row uses.
    #[error(
        "no resource of the module is called {id:?}, so this file is shown nowhere: name it in the descriptor, or delete it"
    )]
    Unused {
        /// What it is named after.
        id: String,
    },
    /// A version that was not raised.
    #[error(
        "version {version} is not higher than {before} of the package before, and what is in it differs: a site that has that one never gets this"
    )]
    Version {
        /// That of the package.
        version: String,
        /// That of the one before.
        before: String,
    },
    /// A migration that the runner would not find.
    #[error("the runner of migrations takes files called <14 digits>_<name>.php alone: rename it, or it never runs")]
    MigrationName,
    /// Two migrations of one version.
    #[error("another migration has the version {version} as well: the runner refuses both")]
    MigrationTwice {
        /// The version.
        version: String,
    },
    /// A migration whose class the runner does not find.
    #[error("the runner of migrations looks for the class {class} in this file, and it declares none of that name")]
    MigrationClass {
        /// What it looks for.
        class: String,
    },
    /// Two migrations of one class.
    #[error("{other} has the class {class} as well, and PHP refuses the second one: rename this file and its class")]
    MigrationClassTwice {
        /// The class.
        class: String,
        /// The other file.
        other: String,
    },
    /// A migration whose class PHP has itself.
    #[error(
        "the class of this file would be {class}, a name that PHP has itself: rename the file, such as to <14 digits>_create_….php"
    )]
    MigrationReserved {
        /// The class.
        class: String,
    },
    /// A migration in a namespace.
    #[error(
        "the runner of migrations looks for the class {class} without a namespace: take out `namespace {namespace}`"
    )]
    MigrationNamespace {
        /// What it looks for.
        class: String,
        /// Where it is.
        namespace: String,
    },
    /// A class that is no migration.
    #[error("the class {class} is no migration: let it extend Phinx\\Migration\\AbstractMigration")]
    MigrationParent {
        /// The class.
        class: String,
    },
    /// A migration that makes a table that is there.
    #[error("it makes the table `{table}`, which every gestor has: name it otherwise, best after the plugin")]
    MigrationTable {
        /// The table.
        table: String,
    },
    /// PHP that PHP does not take.
    #[error("PHP does not take this file: {said}")]
    Syntax {
        /// In its words.
        said: String,
    },
    /// A migration without a way back.
    #[error(
        "this migration has no way back: a site that installed it cannot go back to the version before. Write a `down()`, or a `change()` of what the runner can turn round"
    )]
    WayBack,
    /// What was left of looking for a mistake.
    #[error("`{word}` is called: it shows what it is given, or ends the page, in the midst of it")]
    Leftover {
        /// The function.
        word: String,
    },
    /// Something that looks like a real secret.
    #[error(
        "this looks like {0}: a package is read by everybody who gets it. Take it out, and have it replaced, for it is known now"
    )]
    Secret(Phrase),
    /// A large file.
    #[error("{bytes} bytes, more than {most}: each visitor and each backup of the plugin carries them")]
    Large {
        /// Its bytes.
        bytes: u64,
        /// How many are taken without a word.
        most: u64,
    },
    /// A file of an operating system or an editor.
    #[error("a file of an operating system or an editor, which no site needs: delete it")]
    SystemFile,
    /// A byte order mark.
    #[error(
        "it begins with a byte order mark, which PHP sends to the browser before everything else: save it as UTF-8 without one"
    )]
    Mark,
}

impl Observation {
    /// The lint that found it.
    pub fn lint(&self) -> Lint {
        match self {
            Self::Installer(_) => Lint::Installer,
            Self::Column(_) => Lint::Column,
            Self::Language { .. } => Lint::Language,
            Self::Placeholders { .. } => Lint::Placeholders,
            Self::Title { .. } => Lint::Title,
            Self::Path { .. } => Lint::Path,
            Self::CoreRow { .. } => Lint::CoreRow,
            Self::Unused { .. } => Lint::Unused,
            Self::Version { .. } => Lint::Version,
            Self::MigrationName
            | Self::MigrationTwice { .. }
            | Self::MigrationClass { .. }
            | Self::MigrationClassTwice { .. }
            | Self::MigrationReserved { .. }
            | Self::MigrationNamespace { .. }
            | Self::MigrationParent { .. }
            | Self::MigrationTable { .. } => Lint::MigrationName,
            Self::Syntax { .. } => Lint::Syntax,
            Self::WayBack => Lint::WayBack,
            Self::Leftover { .. } => Lint::Leftover,
            Self::Secret(_) => Lint::Secret,
            Self::Large { .. } => Lint::Large,
            Self::SystemFile => Lint::SystemFile,
            Self::Mark => Lint::Mark,
        }
    }
}
