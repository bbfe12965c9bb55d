//! A line for the system's log: what it holds may leave the machine.

use std::io;
use std::os::unix::net::UnixDatagram;
use std::path::Path;

/// Where the system's log listens.
pub const SOCKET: &str = "/dev/log";

/// Facility `authpriv`, severity `notice`.
const PRIORITY: u32 = (10 << 3) | 5;

/// Tells it. Never waits: a log that is full, or is not there, is told to the caller.
pub fn tell(socket: &Path, program: &str, text: &str) -> io::Result<()> {
    let sender = UnixDatagram::unbound()?;
    sender.set_nonblocking(true)?;
    let line = format!("<{PRIORITY}>{program}[{}]: {text}", std::process::id());
    sender.send_to(line.as_bytes(), socket).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_comes_as_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        assert!(tell(&path, "p", "x").is_err());
        let log = UnixDatagram::bind(&path).unwrap();
        tell(&path, "p", "one 1").unwrap();
        let mut bytes = [0; 200];
        let length = log.recv(&mut bytes).unwrap();
        let line = String::from_utf8_lossy(&bytes[..length]).into_owned();
        assert!(line.starts_with("<85>p[") && line.ends_with("]: one 1"), "{line}");
    }
}
