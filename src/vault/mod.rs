//! The site's credentials (SPEC 3 §2): secrets that are sent to servers, sealed in the table `plugins_credenciais` under keys
//! that do not stand in the database.
//!
//! Owns what a sealed row is like, the key ring, and the names by which a call means a token. Must not decide which plugin
//! uses which credential, and sends none. [`key_file`] reads and makes the key ring's file, [`store`] the table; the rest is
//! pure.

mod alias;
mod contents;
mod envelope;
mod error;
pub mod key_file;
mod key_ring;
mod messages;
mod open;
mod reference;
pub mod store;

pub use alias::Alias;
pub use contents::Contents;
pub use envelope::{About, Envelope, Unopened, seal};
pub use error::VaultError;
pub use key_ring::{KeyFault, KeyId, KeyPlace, KeyRing, fresh_line};
pub use open::{for_server, open};
pub use reference::{Reference, is_literal, of_environment};
