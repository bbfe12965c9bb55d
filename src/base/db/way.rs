//! The way to a server: what the client is told of place, user and limits. Asks for names and connects to nothing.

use std::time::Duration;

use mysql_async::{Opts, OptsBuilder};

use super::{DbError, messages};
use crate::base::fs::system_words;
use crate::base::lookup;
use crate::config::DatabaseSettings;
use crate::model::Phrase;

const PORT: u16 = 3306;
/// The protocol's own limit. The server's is asked when the session is set up.
const LONGEST_PACKET: usize = 1 << 30;

/// Host and port, or the socket, for people.
pub(super) fn place(settings: &DatabaseSettings) -> String {
    match &settings.socket {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", host(settings), port(settings)),
    }
}

/// The host as the settings name it.
pub(super) fn host(settings: &DatabaseSettings) -> &str {
    if settings.host.is_empty() {
        "127.0.0.1"
    } else {
        &settings.host
    }
}

fn port(settings: &DatabaseSettings) -> u16 {
    if settings.port == 0 { PORT } else { settings.port }
}

/// The client's options for a connection that is not encrypted.
pub(super) fn options(settings: &DatabaseSettings) -> Result<Opts, DbError> {
    let unreachable = |reason| DbError::Unreachable {
        place: place(settings),
        reason,
    };
    let socket = settings.socket.as_ref().map(|path| {
        let name = path.to_str().map(str::to_owned);
        name.ok_or_else(|| unreachable(messages::SOCKET_NOT_UTF8))
    });
    let host = match &settings.socket {
        Some(_) => host(settings).to_owned(),
        None => lookup::without_thread(host(settings))
            .map_err(|fault| unreachable(Phrase::made(system_words(&fault), fault.to_string())))?,
    };
    let builder = OptsBuilder::default()
        .ip_or_hostname(host)
        .tcp_port(port(settings))
        .socket(socket.transpose()?)
        .prefer_socket(false)
        .tcp_keepalive(Some(Duration::from_secs(30)))
        // Given, so that the client does not ask for them.
        .max_allowed_packet(Some(LONGEST_PACKET))
        .wait_timeout(Some(28_800))
        .user(Some(settings.user.clone()))
        .pass(Some(settings.password.expose()).filter(|password| !password.is_empty()))
        .db_name(Some(settings.name.clone()).filter(|name| !name.is_empty()));
    Ok(builder.into())
}
