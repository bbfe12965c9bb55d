//! What a core file of a host would hold that goes on after an operation: no secret that the operation opened. What a caller
//! gives is the caller's, so the calls here name credentials and give none.

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gestor_plugins::base::hash::sha256;
use serde_json::json;

use super::site::{PART, Site, TOKEN};
use crate::support::child;
use crate::support::github::{Reply, Server};
use crate::support::package::Package;

/// All that a process could write to, as a core file has it.
fn memory(process: u32) -> Vec<(String, Vec<u8>)> {
    let maps = fs::read_to_string(format!("/proc/{process}/maps")).unwrap();
    let memory = File::open(format!("/proc/{process}/mem")).unwrap();
    let written = maps
        .lines()
        .filter(|line| line.split(' ').nth(1).is_some_and(|mode| mode.starts_with("rw")));
    let read = |line: &str| {
        let (start, end) = line.split(' ').next()?.split_once('-')?;
        let (start, end) = (u64::from_str_radix(start, 16).ok()?, u64::from_str_radix(end, 16).ok()?);
        let mut bytes = vec![0; usize::try_from(end - start).ok()?];
        memory.read_exact_at(&mut bytes, start).ok()?;
        Some((line.to_owned(), bytes))
    };
    written.filter_map(read).collect()
}

/// Where in it something stands, with what is around.
fn places(memory: &[(String, Vec<u8>)], part: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for (line, bytes) in memory {
        for at in memchr::memmem::find_iter(bytes, part) {
            let around = &bytes[at.saturating_sub(60)..bytes.len().min(at + part.len() + 20)];
            found.push(format!("{line} +{at:x}: {}", around.escape_ascii()));
        }
    }
    found
}

#[test]
fn what_goes_on_after_an_operation_holds_no_secret_of_it() {
    let site = Site::new();
    let server = Server::http();
    let stored = json!({"alias": "acme", "segredo": TOKEN, "tipo": "http_bearer", "origem": server.url("")});
    site.credentials("gravar", &stored)
        .expect(gestor_plugins::outcome::ExitCode::Ok);
    let path = site.gestor.root().join("publish.zip");
    Package::new("agenda", "1.0.0").write(&path);
    let bytes = fs::read(&path).unwrap();
    let sum = sha256(&bytes).to_string();
    server
        .on("/p.zip", [Reply::ok(bytes)])
        .on("/p.zip.sha256", [Reply::ok(sum)]);
    let install = json!({"origem_tipo": "url", "url": server.url("/p.zip"), "sha256_url": server.url("/p.zip.sha256"),
        "cred_ref": "cred:acme"});
    let ring = fs::read_to_string(site.ring()).unwrap();
    let key = STANDARD.decode(ring.trim()).unwrap();
    let mut called = child::about(&site.gestor, "agenda", &install);
    called["operacao"] = json!("install");
    for (operation, call) in [
        ("credentials", site.in_child("conferir", &json!({}))),
        ("install", called),
    ] {
        let standing = child::start_and_stand(&call);
        let memory = memory(standing.id());
        assert!(!places(&memory, operation.as_bytes()).is_empty(), "memory is not read");
        for (what, part) in [
            ("the secret", PART.as_bytes()),
            ("a line of the key ring", ring.trim().as_bytes()),
            ("a key", &key),
        ] {
            let found = places(&memory, part);
            assert!(found.is_empty(), "{operation}, {what}: {found:#?}");
        }
    }
    let sent = server.asked();
    assert!(
        sent.iter()
            .all(|asked| asked.header("authorization").is_some_and(|sent| sent.contains(PART)))
    );
}
