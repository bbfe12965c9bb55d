//! Where packages come from (SPEC §11): upload, local path, GitHub, any URL. Owns getting one into staging, hashed on
//! the way, and the check of its SHA-256. Must not look into a package, and must not know what is installed.
//!
//! What leaves this room is [`Verified`]; only [`verify`] makes one.

mod checksum_file;
mod error;
mod fetch;
mod github;
mod indexed;
mod local;
mod messages;
mod package;
mod reach;
mod remote;
mod staging;
mod token;
mod url;

pub use checksum_file::{ChecksumFileError, parse as parse_checksum_file};
pub use error::{FaultClass, SourceError};
pub use fetch::{Fetched, fetch};
pub use github::{OfferedRelease, ReleaseList, is_release_list, list_client, offered};
pub use indexed::{PinnedPackage, fetch_pinned};
pub use local::{open_local, peek};
pub use package::{Expectation, OfferedBy, Package, Verified, verify};
pub use remote::client_settings;
pub use staging::{refuse_folder_in_staging, refuse_staging};
pub use token::{Credentials, FoundCredential, NoCredential};
