//! A real HTTP(S) server on loopback with answers by script, its own certificate authority, and a record of what was
//! asked: enough to play GitHub, a storage host behind it, and a server in trouble.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A certificate authority that lives as long as a test.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        Self { issuer }
    }

    /// Writes its certificate, for the setting `ca_file`.
    pub(crate) fn write(&self, folder: &Path) -> PathBuf {
        let path = folder.join("authority.pem");
        std::fs::write(&path, self.issuer.pem()).unwrap();
        path
    }

    /// Makes a certificate for a server of these names and writes it, with its key.
    pub(crate) fn certify(&self, names: &[&str], is_expired: bool, certificate: &Path, key: &Path) {
        let own = KeyPair::generate().unwrap();
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        if is_expired {
            params.not_after = rcgen::date_time_ymd(2001, 1, 1);
        }
        let made = params.signed_by(&own, &self.issuer).unwrap();
        std::fs::write(certificate, made.pem()).unwrap();
        std::fs::write(key, own.serialize_pem()).unwrap();
    }

    /// Writes its own certificate and key, as if it were a server.
    pub(crate) fn pose(&self, certificate: &Path, key: &Path) {
        std::fs::write(certificate, self.issuer.pem()).unwrap();
        std::fs::write(key, self.issuer.key().serialize_pem()).unwrap();
    }

    fn server(&self, name: &str) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap();
        let config = builder
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        Arc::new(config)
    }
}

/// How a body is sent.
#[derive(Debug, Clone)]
pub(crate) enum Manner {
    /// As it should be; a `Range` is served when its `If-Range` holds.
    Whole,
    /// The connection is cut after so many bytes of the body.
    Cut(usize),
    /// Content-Length says this, whatever the body is.
    Length(usize),
    /// No length; the end of the connection is the end of the body.
    Unsized,
    /// In chunks; the last one is missing when the flag says so.
    Chunked { unfinished: bool },
    /// So many bytes, each after a pause, without end.
    Drip(Duration),
    /// Nothing at all, not even a head, for so long.
    Silent(Duration),
    /// These bytes in place of an HTTP answer.
    Raw(&'static [u8]),
}

/// One answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    manner: Manner,
}

impl Reply {
    pub(crate) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        let (headers, body) = (Vec::new(), body.into());
        Self {
            status,
            headers,
            body,
            manner: Manner::Whole,
        }
    }

    pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self::new(200, body)
    }

    pub(crate) fn redirect(status: u16, to: &str) -> Self {
        Self::new(status, "").header("Location", to)
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn manner(mut self, manner: Manner) -> Self {
        self.manner = manner;
        self
    }
}

/// What was asked.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) path: String,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(found, _)| found.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

#[derive(Default)]
struct Script {
    replies: HashMap<String, Vec<Reply>>,
    asked: Vec<Asked>,
}

/// A server. Its threads end with the test's process.
pub(crate) struct Server {
    base: String,
    script: Arc<Mutex<Script>>,
}

impl Server {
    /// Without encryption, on 127.0.0.1.
    pub(crate) fn http() -> Self {
        Self::start("http://127.0.0.1", None)
    }

    /// With a certificate for `localhost`.
    pub(crate) fn https(authority: &Authority) -> Self {
        Self::start("https://localhost", Some(authority.server("localhost")))
    }

    /// With a certificate for another name.
    pub(crate) fn https_misnamed(authority: &Authority) -> Self {
        Self::start("https://localhost", Some(authority.server("other.example")))
    }

    fn start(origin: &str, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("{origin}:{}", listener.local_addr().unwrap().port());
        let script = Arc::new(Mutex::new(Script::default()));
        let shared = Arc::clone(&script);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (script, tls) = (Arc::clone(&shared), tls.clone());
                thread::spawn(move || match tls {
                    Some(config) => {
                        let connection = ServerConnection::new(config).unwrap();
                        serve(StreamOwned::new(connection, stream), &script);
                    }
                    None => serve(stream, &script),
                });
            }
        });
        Self { base, script }
    }

    /// An address on this server.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Answers a path (with its query) by these replies in turn; the last one is repeated.
    pub(crate) fn on(&self, path: &str, replies: impl IntoIterator<Item = Reply>) -> &Self {
        let mut replies: Vec<Reply> = replies.into_iter().collect();
        replies.reverse();
        self.script.lock().unwrap().replies.insert(path.to_owned(), replies);
        self
    }

    /// What was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.script.lock().unwrap().asked.clone()
    }

    /// The paths that were asked so far.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.path).collect()
    }
}

fn serve(stream: impl Read + Write, script: &Mutex<Script>) {
    let mut reader = BufReader::new(stream);
    let Some(asked) = read_head(&mut reader) else {
        return;
    };
    let mut reply = {
        let mut script = script.lock().unwrap();
        script.asked.push(asked.clone());
        match script.replies.get_mut(&asked.path) {
            Some(replies) if replies.len() > 1 => replies.pop().unwrap(),
            Some(replies) => replies[0].clone(),
            None => Reply::new(404, "{\"message\":\"Not Found\"}"),
        }
    };
    let tag = reply
        .headers
        .iter()
        .find(|(name, _)| name == "ETag")
        .map(|(_, tag)| tag.as_str());
    if reply.status == 200 && tag.is_some() && asked.header("if-none-match") == tag {
        (reply.status, reply.body) = (304, Vec::new());
    }
    // The client may have gone; that is its right.
    let _ = answer(reader.get_mut(), &asked, reply);
}

fn read_head(reader: &mut impl BufRead) -> Option<Asked> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if let Some((name, value)) = line.trim_end().split_once(':') {
            headers.push((name.to_owned(), value.trim().to_owned()));
            continue;
        }
        let length = headers
            .iter()
            .find(|(name, _): &&(String, String)| name.eq_ignore_ascii_case("content-length"));
        let mut body = vec![0; length.map_or(0, |(_, length)| length.parse().unwrap_or(0))];
        reader.read_exact(&mut body).ok()?;
        let body = String::from_utf8_lossy(&body).into_owned();
        return Some(Asked { path, headers, body });
    }
}

fn answer(stream: &mut impl Write, asked: &Asked, mut reply: Reply) -> std::io::Result<()> {
    match reply.manner {
        Manner::Silent(length) => {
            thread::sleep(length);
            return Ok(());
        }
        Manner::Raw(bytes) => return stream.write_all(bytes).and_then(|()| stream.flush()),
        _ => {}
    }
    let mut from = 0;
    if let Some(start) = range(asked, &reply) {
        let length = reply.body.len();
        from = start.min(length);
        reply.status = 206;
        reply = reply.header("Content-Range", &format!("bytes {from}-{}/{length}", length - 1));
    }
    let length = match reply.manner {
        Manner::Unsized => String::new(),
        Manner::Chunked { .. } => "Transfer-Encoding: chunked\r\n".to_owned(),
        Manner::Length(length) => format!("Content-Length: {length}\r\n"),
        Manner::Drip(_) => "Content-Length: 1000000\r\n".to_owned(),
        _ => format!("Content-Length: {}\r\n", reply.body.len() - from),
    };
    let headers: Vec<String> = reply
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let headers = headers.concat();
    let head = format!(
        "HTTP/1.1 {} Status\r\nConnection: close\r\n{headers}{length}",
        reply.status
    );
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    stream.flush()?;
    send_body(stream, &reply.body[from..], &reply.manner)
}

fn send_body(stream: &mut impl Write, body: &[u8], manner: &Manner) -> std::io::Result<()> {
    match manner {
        Manner::Cut(at) => stream.write_all(&body[..(*at).min(body.len())])?,
        Manner::Chunked { unfinished } => {
            for piece in body.chunks(1000) {
                write!(stream, "{:x}\r\n", piece.len())?;
                stream.write_all(piece)?;
                stream.write_all(b"\r\n")?;
            }
            if !unfinished {
                stream.write_all(b"0\r\n\r\n")?;
            }
        }
        Manner::Drip(pause) => loop {
            stream.write_all(b"P")?;
            stream.flush()?;
            thread::sleep(*pause);
        },
        _ => stream.write_all(body)?,
    }
    stream.flush()
}

/// Where a body has to go on: when a range is asked for and its condition holds.
fn range(asked: &Asked, reply: &Reply) -> Option<usize> {
    let start = asked
        .header("range")?
        .strip_prefix("bytes=")?
        .strip_suffix('-')?
        .parse()
        .ok()?;
    let condition = asked.header("if-range")?;
    let validators = ["ETag", "Last-Modified"];
    let holds = reply
        .headers
        .iter()
        .any(|(name, value)| validators.contains(&name.as_str()) && value == condition);
    (reply.status == 200 && holds).then_some(start)
}
