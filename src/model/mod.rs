//! Words that several rooms share: checked names, digests, versions, paths. No I/O.

mod asset;
mod component;
mod database;
mod digest;
mod lang;
mod messages;
mod paths;
mod release;
mod row;
mod script;
mod secret;
mod slug;
mod table;
mod text;
mod version;
mod version_range;
mod words;

pub use asset::Asset;
pub use component::{Component, Dependency};
pub use database::DatabaseIdentity;
pub use digest::{DigestError, Sha256Digest};
pub use lang::Lang;
pub use paths::GestorRoot;
pub use release::Release;
pub use row::{Field, PackageRow, RowOrigin};
pub use script::{OnError, Script};
pub use secret::Secret;
pub use slug::{Slug, SlugError};
pub use table::{ColumnName, NameError, TableName};
pub use text::{Bilingual, Phrase};
pub use version::{Version, VersionError};
pub use version_range::{KnownRanges, RangeError, VersionRange};
pub use words::{of_word, word_of};
