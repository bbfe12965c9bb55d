//! Asks pages of the site how they are. What an answer means is decided in `health`.

use super::health::Pulse;
use crate::base::net::{Address, BodyKind, Client, NetError, Question, Request};
use crate::base::progress::Watcher;

/// Bytes of a page that are counted.
const MOST: u64 = 4 << 20;

/// How a page answers now. A page that cannot be asked has no status.
///
/// # Errors
/// [`NetError::Cancelled`]; an address that is none.
pub fn take_pulse(client: &Client, url: &str, watcher: &dyn Watcher) -> Result<Pulse, NetError> {
    let request = Request {
        address: Address::parse(url)?,
        accept: "text/html,*/*",
        credential: None,
        limit: MOST,
        kind: BodyKind::Any,
    };
    match client.exchange(&request, Question::Plain, watcher) {
        Ok(seen) => Ok(Pulse {
            status: Some(seen.status),
            path: seen.address.path().to_owned(),
            length: seen.bytes.len() as u64,
        }),
        Err(fault @ NetError::Cancelled(_)) => Err(fault),
        Err(_) => Ok(Pulse {
            status: None,
            path: String::new(),
            length: 0,
        }),
    }
}
