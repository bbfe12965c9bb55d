//! Publishing an index: keys, the files that they sign, and the folder that a web server shows. Nobody but a publisher
//! comes here; sites that use an index do not.
//!
//! | file | what |
//! | --- | --- |
//! | `keys` | Ed25519 keys, one a role, each a PEM file of one folder; a machine has those that it needs |
//! | `signing` | a signed file from what it says. Pure |
//! | `metadata` | what each file says, and when it ends. Pure |
//! | `plugin` | what is said of a plugin: a version comes, goes, is listed. Pure |
//! | `shown` | the folder as whoever asks a server sees it |
//! | `repository` | the folder: what it has, and what comes next, in an order in which a kill harms nobody |
//! | `rotation` | its root signed again |

mod error;
mod keys;
mod messages;
mod metadata;
mod plugin;
mod repository;
mod rotation;
mod shown;
mod signing;

pub use error::PublishFault;
pub use keys::{KeyFolder, ROLES};
pub use messages::{signed_by, still_withdrawn};
pub use plugin::NewVersion;
pub use repository::{Published, Repository};
