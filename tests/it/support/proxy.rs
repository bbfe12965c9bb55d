//! A way to the database that breaks when it is told to: between a statement and the server, or between the server and
//! its answer.

use std::io::{Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// What becomes of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The connection ends before the server has it.
    Lost,
    /// The server does it; the connection ends before the answer arrives.
    Unanswered,
    /// It arrives so much later, whatever has become of the client.
    Late(Duration),
    /// The server rolls the transaction back instead, and the client is told this error.
    RolledBack(u16),
    /// The server rolls the transaction back instead, and the client is told that all is well.
    Forgotten,
}

/// A statement by how it begins (or is contained in what is sent), and what becomes of it, once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule {
    /// Bytes of the statement.
    pub(crate) statement: &'static str,
    /// What becomes of it.
    pub(crate) fate: Fate,
    /// Nobody is let through afterwards.
    pub(crate) then_closed: bool,
}

/// The way; closed with its owner.
pub(crate) struct Proxy {
    /// Where clients connect.
    pub(crate) socket: PathBuf,
    state: Arc<State>,
    _folder: tempfile::TempDir,
}

struct State {
    server: PathBuf,
    rule: Mutex<Option<Rule>>,
    met: AtomicBool,
    closed: AtomicBool,
}

impl Proxy {
    /// Opens a way to a server.
    pub(crate) fn to(server: &Path, rule: Rule) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("s");
        let listener = UnixListener::bind(&socket).unwrap();
        let state = Arc::new(State {
            server: server.to_owned(),
            rule: Mutex::new(Some(rule)),
            met: AtomicBool::new(false),
            closed: AtomicBool::new(false),
        });
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let state = Arc::clone(&shared);
                std::thread::spawn(move || serve(client, &state));
            }
        });
        Self {
            socket,
            state,
            _folder: folder,
        }
    }

    /// Waits until the statement has come.
    #[track_caller]
    pub(crate) fn wait_until_met(&self) {
        let started = Instant::now();
        while !self.is_met() {
            assert!(started.elapsed() < Duration::from_secs(30), "the statement never came");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Whether the statement has come.
    pub(crate) fn is_met(&self) -> bool {
        self.state.met.load(Ordering::SeqCst)
    }
}

fn serve(mut client: UnixStream, state: &Arc<State>) {
    if state.closed.load(Ordering::SeqCst) {
        return;
    }
    let Ok(mut server) = UnixStream::connect(&state.server) else {
        return;
    };
    let mute = Arc::new(AtomicBool::new(false));
    let instead = Arc::new(AtomicU16::new(0));
    let answers = pass_answers(&server, &client, Arc::clone(&mute), Arc::clone(&instead));
    let mut buffer = vec![0; 65536];
    while let Ok(count @ 1..) = client.read(&mut buffer) {
        let sent = &buffer[..count];
        let fate = meets(state, sent);
        match fate {
            Some(Fate::Lost) => break,
            Some(Fate::Unanswered) => {
                mute.store(true, Ordering::SeqCst);
                let _ = server.write_all(sent);
                let _ = answers.join();
                return;
            }
            Some(Fate::Late(time)) => std::thread::sleep(time),
            Some(Fate::RolledBack(_) | Fate::Forgotten) | None => {}
        }
        if let Some(Fate::RolledBack(_) | Fate::Forgotten) = fate {
            if let Some(Fate::RolledBack(error)) = fate {
                instead.store(error, Ordering::SeqCst);
            }
            if server.write_all(ROLLBACK).is_err() {
                break;
            }
            continue;
        }
        if server.write_all(sent).is_err() {
            break;
        }
        if let Some(Fate::Late(_)) = fate {
            // Its answer is awaited before the server is told that the client has gone.
            std::thread::sleep(Duration::from_millis(100));
        }
    }
    let _ = server.shutdown(Shutdown::Both);
    let _ = client.shutdown(Shutdown::Both);
}

/// What the server answers goes to the client, until it is muted; an error goes instead of an answer that is refused.
fn pass_answers(
    server: &UnixStream,
    client: &UnixStream,
    mute: Arc<AtomicBool>,
    instead: Arc<AtomicU16>,
) -> JoinHandle<()> {
    let (mut from_server, mut to_client) = (server.try_clone().unwrap(), client.try_clone().unwrap());
    std::thread::spawn(move || {
        let mut buffer = vec![0; 65536];
        while let Ok(count @ 1..) = from_server.read(&mut buffer) {
            if mute.load(Ordering::SeqCst) {
                break;
            }
            let error = instead.swap(0, Ordering::SeqCst);
            let answer = if error == 0 {
                buffer[..count].to_vec()
            } else {
                error_packet(error)
            };
            let _ = to_client.write_all(&answer);
        }
        let _ = to_client.shutdown(Shutdown::Both);
    })
}

/// A packet with the statement `ROLLBACK`.
const ROLLBACK: &[u8] = b"\x09\0\0\0\x03ROLLBACK";

/// The answer to a statement that the server refuses.
fn error_packet(code: u16) -> Vec<u8> {
    const WORDS: &[u8] = b"#HY000a made-up refusal";
    let length = u8::try_from(WORDS.len() + 3).unwrap();
    let mut packet = vec![length, 0, 0, 1, 0xFF];
    packet.extend_from_slice(&code.to_le_bytes());
    packet.extend_from_slice(WORDS);
    packet
}

fn meets(state: &State, sent: &[u8]) -> Option<Fate> {
    let mut rule = state.rule.lock().unwrap();
    let found = (*rule)?;
    let wanted = found.statement.as_bytes();
    if !sent.windows(wanted.len()).any(|part| part == wanted) {
        return None;
    }
    *rule = None;
    state.closed.store(found.then_closed, Ordering::SeqCst);
    state.met.store(true, Ordering::SeqCst);
    Some(found.fate)
}
