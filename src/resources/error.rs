//! What can be wrong with descriptors and resource files, in words that their author can act on. Values only.

use std::io;

use super::phrases::more_faults;
use crate::base::json::{JsonFault, JsonType, Position};
use crate::base::letters::LONGEST_NAME;
use crate::model::{Bilingual, Lang, Phrase};

/// The most faults that are listed; the rest is counted.
const LISTED: usize = 50;

/// Why the resources of a package cannot be used. `Faults` is exit class VALIDATE; `Unreadable` is the archive's or the
/// disk's fault.
#[derive(Debug, thiserror::Error)]
pub enum ResourceError {
    /// A file could not be read.
    #[error("{path}: cannot be read: {source}")]
    Unreadable {
        /// The file.
        path: String,
        /// What the archive or the disk said.
        source: io::Error,
    },
    /// The caller said stop.
    #[error("reading the descriptors was stopped")]
    Stopped,
    /// Everything that is wrong with their content, at once.
    #[error("{}", joined(faults, *more))]
    Faults {
        /// The first ones.
        faults: Vec<ResourceFault>,
        /// How many more there are.
        more: usize,
    },
}

impl ResourceError {
    /// One line for each fault, for a report that lists errors.
    pub fn messages(&self, lang: Lang) -> Vec<String> {
        match self {
            Self::Unreadable { .. } | Self::Stopped => vec![self.text(lang)],
            Self::Faults { faults, more } => lines(faults, *more, lang),
        }
    }
}

fn lines(faults: &[ResourceFault], more: usize, lang: Lang) -> Vec<String> {
    let mut lines: Vec<String> = faults.iter().map(|fault| fault.text(lang)).collect();
    lines.extend((more > 0).then(|| more_faults(more, lang)));
    lines
}

fn joined(faults: &[ResourceFault], more: usize) -> String {
    lines(faults, more, Lang::En).join("; ")
}

/// One thing that is wrong.
#[derive(Debug, thiserror::Error)]
pub enum ResourceFault {
    /// A descriptor that is not UTF-8 or not JSON.
    #[error("{path}: {source}")]
    Json {
        /// The descriptor.
        path: String,
        /// Where and why.
        source: JsonFault,
    },
    /// A value that is not what belongs there.
    #[error("{path}: {at}: {place} must be {expected}, found {found}")]
    WrongShape {
        /// The descriptor.
        path: String,
        /// Where.
        at: Position,
        /// What it is: `resources.pt-br.pages`.
        place: Phrase,
        /// What belongs there.
        expected: Phrase,
        /// What stands there.
        found: JsonType,
    },
    /// A resource without a name.
    #[error("{path}: {at}: item {number} of {place} has no `id`: add one, it is how the gestor finds the resource")]
    MissingId {
        /// The descriptor.
        path: String,
        /// Where the item begins.
        at: Position,
        /// The list: `resources.pt-br.pages`.
        place: String,
        /// The item, from 1.
        number: usize,
    },
    /// A key that no column, language or section has.
    #[error(
        "{path}: {at}: {what} {name:?} is longer than {LONGEST_NAME} characters, so nothing has that name: mend or remove it"
    )]
    NameTooLong {
        /// The descriptor.
        path: String,
        /// Where that stands which it names.
        at: Position,
        /// What it names.
        what: Phrase,
        /// The name, shortened.
        name: String,
    },
    /// More of something than a package may bring.
    #[error("{path}: more than {limit} {what}: split the package or raise the limit `{key}`")]
    TooMany {
        /// The descriptor where it became too many.
        path: String,
        /// What.
        what: Phrase,
        /// How many are allowed.
        limit: u64,
        /// The limit's key.
        key: &'static str,
    },
    /// A file that is too big for what it is.
    #[error("{path}: {bytes} bytes and {limit} are allowed: shorten it or raise the limit `bytes_texto`")]
    TooLarge {
        /// The file.
        path: String,
        /// Its bytes, or those of all files up to it.
        bytes: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// A file that the gestor would serve to everybody, and must not or cannot.
    #[error(
        "{path}: what is published in assets/ has an extension, none that a server runs (.php, .phtml, .phar), and no name that begins with a dot: rename it, or take it out of the package"
    )]
    AssetName {
        /// The file.
        path: String,
    },
    /// An HTML or CSS file that is not UTF-8.
    #[error("{path}: {at}: not UTF-8: save the file as UTF-8")]
    NotUtf8 {
        /// The file.
        path: String,
        /// The first wrong byte.
        at: Position,
    },
}

/// What an author should know, though it stops nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResourceWarning {
    /// A section that is none of the four kinds.
    #[error("{path}: {place} is skipped: known are layouts, pages, components and variables")]
    UnknownSection {
        /// The descriptor.
        path: String,
        /// `resources.pt-br.widgets`
        place: String,
    },
    /// A file that some server would run.
    #[error(
        "{path} is not published in assets/: some servers run what has .php, .phtml, .phar, .cgi, .shtml or .inc anywhere in its name; rename it"
    )]
    ServerScript {
        /// The file.
        path: String,
    },
    /// A script that browsers refuse from this gestor.
    #[error("{path}: the gestor sends .mjs as text, and browsers do not run it: name it .js")]
    ModuleScript {
        /// The file.
        path: String,
    },
}

/// Faults as they are found. Those beyond the limit are counted, not made: their place is not even looked for.
#[derive(Debug, Default)]
pub(super) struct Faults {
    faults: Vec<ResourceFault>,
    more: usize,
}

impl Faults {
    pub(super) fn add(&mut self, make: impl FnOnce() -> ResourceFault) {
        if self.faults.len() < LISTED {
            self.faults.push(make());
        } else {
            self.more += 1;
        }
    }

    pub(super) fn finish(self) -> Result<(), ResourceError> {
        if self.faults.is_empty() {
            return Ok(());
        }
        Err(ResourceError::Faults {
            faults: self.faults,
            more: self.more,
        })
    }
}
