//! Why an index is not published.

use std::path::PathBuf;

use crate::base::fs::FsError;
use crate::base::tuf::TufError;
use crate::index::IndexFault;
use crate::model::Phrase;

/// Why an index is not published.
#[derive(Debug, thiserror::Error)]
pub enum PublishFault {
    /// There is an index in the folder.
    #[error("{} holds an index already: `publicar` and `renovar` go on with it", folder.display())]
    Begun {
        /// The folder.
        folder: PathBuf,
    },
    /// There is none.
    #[error("{} holds no index (there is no 1.root.json): `iniciar` makes one", folder.display())]
    NotBegun {
        /// The folder.
        folder: PathBuf,
    },
    /// A private key cannot be used.
    #[error("the key {} cannot be used ({reason}): it is an Ed25519 key as `iniciar` makes it", path.display())]
    Key {
        /// Its file.
        path: PathBuf,
        /// Why.
        reason: Phrase,
    },
    /// A private key is not the one that the root names.
    #[error(
        "the key {} is not one that the index's root names for `{role}`: bring the right one, or sign the root again (`assinar-raiz`)", path.display()
    )]
    NotTheKey {
        /// Whose it should be.
        role: &'static str,
        /// Its file.
        path: PathBuf,
    },
    /// Others than the publisher could have put the keys there, or could change them.
    #[error("the keys: {0}")]
    Keys(FsError),
    /// Whoever sees the index sees its keys.
    #[error("the keys stand in the folder that is published: anybody could fetch {} from {}. Put them elsewhere, and where they were on a server, sign the root again with new ones (`assinar-raiz`)", keys.display(), folder.display())]
    KeysShown {
        /// The folder of keys.
        keys: PathBuf,
        /// The folder that is published.
        folder: PathBuf,
    },
    /// A role that one key alone cannot sign for.
    #[error(
        "the index's root wants {needed} keys for `{role}`, and here one key signs for each role: sign the root with the program that made it"
    )]
    Threshold {
        /// The role.
        role: &'static str,
        /// How many keys it wants.
        needed: u32,
    },
    /// Others speak for files of it.
    #[error(
        "the index delegates files to other roles, and such an index is not published from here: use the program that made it"
    )]
    Delegates,
    /// Another run works in the folder.
    #[error("another run publishes in {}: wait until it is through", folder.display())]
    Busy {
        /// The folder.
        folder: PathBuf,
    },
    /// A version that the index does not have.
    #[error("the index has no version {version} of the plugin {slug}")]
    UnknownVersion {
        /// The plugin.
        slug: String,
        /// The version.
        version: String,
    },
    /// Another package under the same version.
    #[error(
        "version {version} of the plugin {slug} is published with other bytes: publish the new ones under a new version"
    )]
    OtherBytes {
        /// The plugin.
        slug: String,
        /// The version.
        version: String,
    },
    /// A version that is not as sites would read it.
    #[error("what would be published could not be read by any site: {0}")]
    Entry(#[from] IndexFault),
    /// The list of what is revoked.
    #[error("{} is no list of what is revoked: {reason}", path.display())]
    Revocations {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: Phrase,
    },
    /// What is in the folder does not hold together.
    #[error("the published folder: {0}")]
    Signed(#[from] TufError),
    /// Files.
    #[error(transparent)]
    Files(#[from] FsError),
}
