//! HTTP for one operation: addresses, redirects, retries, resumed downloads. Knows nothing of plugins or of GitHub; it
//! reads no environment, and nothing of it survives the [`Client`].

mod address;
mod attempt;
mod body_kind;
mod client;
mod error;
mod exchange;
mod faults;
mod link;
mod messages;
mod pacing;
mod proxy;
mod request;
mod resolver;
mod retry;
mod sink;
mod tls;

pub use address::Address;
pub use body_kind::BodyKind;
pub use client::{Client, Download, Page};
pub use error::NetError;
pub use exchange::{Exchange, Question};
pub use pacing::{Pacing, SystemPacing};
pub use request::{ClientSettings, Credential, Request};
pub use tls::check_authorities;
