//! What a package holds besides its data files: modules with their descriptors, the legacy `Data.json`, HTML and CSS
//! files and their checksums (SPEC §7). Reads through [`FileTree`](crate::base::file_tree::FileTree), whose paths are
//! relative to the plugin's root; must not know tables beyond their names, nor the database.

mod assets;
mod checksum;
mod content;
mod contents;
mod descriptor;
mod error;
mod fields;
mod kind;
mod messages;
mod module_tree;
mod phrases;
mod read;
mod resource_files;

pub use assets::{assets, check_asset_names};
pub use checksum::ResourceChecksum;
pub use content::{KnownDigests, fill_checksums};
pub use contents::PackageContents;
pub use error::{ResourceError, ResourceFault, ResourceWarning};
pub use kind::ResourceKind;
pub use module_tree::Module;
pub use read::{Resources, read_legacy, read_modules};
