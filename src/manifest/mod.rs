//! The manifest of a package: where it stands, what it says, and whether this gestor may have it (SPEC §5.8, §4 code
//! 31). Reads through [`FileTree`](crate::base::file_tree::FileTree); must not touch the disk or the database.

mod compatibility;
mod dependencies;
mod error;
mod locate;
mod messages;
mod parse;
mod scripts;
mod writable;

pub use compatibility::Compatibility;
pub use error::{DependencyFault, ManifestError, ManifestFault, ManifestWarning, ScriptFault};
pub use locate::{MAX_DEPTH, PluginRoot, locate, named, read, sole, sole_text};
pub use parse::{Manifest, ManifestText, dependencies_of, epoch_of, parse, writable_of};
pub use scripts::{ScriptEntry, check_scripts};
pub use writable::Writable;

/// The file that marks the root of a plugin.
pub const FILE_NAME: &str = "manifest.json";

/// The most bytes of a manifest: `plugins.manifest_json` is a TEXT column.
pub const MAX_BYTES: usize = 65_535;
