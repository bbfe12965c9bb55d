//! Signed indices: catalogues of plugins on static web servers, in files that their publishers signed (SPEC 3 §4). Owns
//! what an index says of a plugin, which index and which version is meant, what of an index was seen before, and how one
//! is published. The signatures themselves are `base::tuf`.
//!
//! Another thing is the folder of packages of `pasta_indice`, which nobody signed: that is `package::PackageIndex`.
//!
//! Reading and writing: `folder` (what an operator put into the trust folder), `state` (the table), `fetch` (the network),
//! `cache` (files that were fetched), `asked` (when the server was), `publish/repository` (the folder of a publisher).
//! Everything else is pure.

mod asked;
mod cache;
mod choose;
mod entry;
mod error;
mod fetch;
mod folder;
mod messages;
mod name;
mod no_news;
mod phrases;
pub mod publish;
mod server;
mod settings;
mod state;
mod time;
mod unheard;

pub use choose::{Choice, ChooseFault, Wanted, choose};
pub use entry::{Catalogue, Channel, Found, PluginEntry, Signer, VersionEntry};
pub use error::IndexFault;
pub use fetch::{Access, Age, FILE, SignedIndex, client};
pub use folder::{IndexFolder, KnownIndex, root_of};
pub use name::IndexName;
pub use phrases::{gone_on, in_index, no_index, not_remembered, signed_otherwise, signer};
pub use settings::IndexSettings;
pub use state::{NewRoots, forget, lock_name};
pub use unheard::Unheard;
