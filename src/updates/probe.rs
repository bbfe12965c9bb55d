//! Asks pages of the site how they are. What an answer means is decided in `health`.

use super::health::Pulse;
use crate::base::net::{Address, BodyKind, Client, NetError, Question, Request};
use crate::base::progress::Watcher;

/// Bytes of a page that are counted.
const MOST: u64 = 4 << 20;

/// How a page answers now. A page that cannot be asked has no status.
///
/// # Errors
/// [`NetError::Cancelled`].
pub fn take_pulse(client: &Client, page: &Address, watcher: &dyn Watcher) -> Result<Pulse, NetError> {
    let request = Request {
        address: page.clone(),
        accept: "text/html,*/*",
        credential: None,
        limit: MOST,
        kind: BodyKind::Any,
    };
    match client.exchange(&request, Question::Plain, watcher) {
        Ok(seen) => Ok(Pulse {
            status: Some(seen.status),
            path: landing(page, &seen.address),
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

/// The path that it led to; of another server's its address.
fn landing(page: &Address, end: &Address) -> String {
    if end.same_origin(page) {
        end.path().to_owned()
    } else {
        end.to_string()
    }
}
