//! Why an author is not given what was asked for.

use std::path::PathBuf;

use crate::model::Phrase;

/// Why an author is not given what was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthorError {
    /// No lint has that name.
    #[error("there is no lint called {name:?}; those that there are: {known}")]
    UnknownLint {
        /// What was said.
        name: String,
        /// All names.
        known: String,
    },
    /// The rules of the plugin cannot be read.
    #[error("{}: {reason}", path.display())]
    Rules {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: Phrase,
    },
    /// Nothing is known of the tables of that gestor.
    #[error("the tables of gestor {version:?} are not known here; known are: {known}")]
    UnknownRelease {
        /// What was said.
        version: String,
        /// Those that are known.
        known: String,
    },
    /// The package before is another plugin's.
    #[error("{} is a package of the plugin {found:?}, not of {wanted:?}: give an earlier package of the same plugin", path.display())]
    OtherPlugin {
        /// The package.
        path: PathBuf,
        /// Whose it is.
        found: String,
        /// Whose it should be.
        wanted: String,
    },
    /// What is packed is a folder.
    #[error("{} is no folder: a package is packed of the plugin's folder", path.display())]
    NoFolder {
        /// What was said.
        path: PathBuf,
    },
    /// A package is a file.
    #[error("{} is a folder: name the file that the package becomes", path.display())]
    IsFolder {
        /// What was said.
        path: PathBuf,
    },
    /// The package would become part of itself.
    #[error("{} is in the plugin's own folder, so the next package would hold this one: write it elsewhere, or name its folder in `fora` of gestor-plugins.json", path.display())]
    Inside {
        /// What was said.
        path: PathBuf,
    },
    /// No key that signs packages.
    #[error("{} holds no key: an Ed25519 key or an RSA key of 3072 or 4096 bits, PKCS#8 in PEM form", path.display())]
    NoKey {
        /// The file.
        path: PathBuf,
    },
    /// Something of a new plugin cannot be.
    #[error("{what:?}: {reason}")]
    Wish {
        /// What was said.
        what: String,
        /// Why it cannot be.
        reason: Phrase,
    },
    /// No such template.
    #[error("there is no template called {name:?}; those that there are: {known}")]
    UnknownTemplate {
        /// What was said.
        name: String,
        /// Their names.
        known: String,
    },
    /// A new plugin has a folder of its own.
    #[error("{} is not empty: name a folder that is not there yet, or an empty one", path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
}
