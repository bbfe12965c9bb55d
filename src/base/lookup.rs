//! Looking up the addresses of a name. The system's call cannot be given up, so it has a thread of its own from the
//! runtime, which panics where the system refuses one: there the name is looked up in place.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};

use super::messages::NO_ADDRESS;

/// Whether the system gives this process another thread now.
pub fn has_thread_left() -> bool {
    probe(std::thread::Builder::new().stack_size(64 << 10))
}

fn probe(thread: std::thread::Builder) -> bool {
    thread.spawn(|| ()).is_ok_and(|thread| thread.join().is_ok())
}

/// The addresses of a name, in the order in which they are to be tried. Waits as long as the system does.
pub fn addresses(host: &str) -> io::Result<Vec<SocketAddr>> {
    (host, 0).to_socket_addrs().map(Iterator::collect)
}

/// What a client that wants a thread for names is given where none can be had: the name's first address.
pub fn without_thread(host: &str) -> io::Result<String> {
    named(host, has_thread_left())
}

fn named(host: &str, has_thread: bool) -> io::Result<String> {
    if has_thread || host.parse::<IpAddr>().is_ok() {
        return Ok(host.to_owned());
    }
    let found = addresses(host)?;
    let first = found.first().ok_or_else(|| io::Error::other(NO_ADDRESS))?;
    Ok(first.ip().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_thread_is_no_thread() {
        assert!(has_thread_left());
        // More than there is address space for: the system refuses it as it does one too many.
        assert!(!probe(std::thread::Builder::new().stack_size(usize::MAX / 4)));
    }

    #[test]
    fn a_name_becomes_an_address_where_no_thread_is_left() {
        assert_eq!(named("::1", false).unwrap(), "::1");
        assert_eq!(named("localhost", true).unwrap(), "localhost");
        let found = named("localhost", false).unwrap();
        assert!(
            found.parse::<IpAddr>().is_ok_and(|address| address.is_loopback()),
            "{found}"
        );
        assert!(named("no\0name", false).is_err());
    }
}
