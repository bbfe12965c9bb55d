//! What a signed index of 10,000 plugins costs a site that refreshes it. Makes its folder where it is empty; then, with the
//! address by which a web server shows it (`python3 -m http.server --bind 127.0.0.1 8000`), refreshes it, and once more
//! with nothing new: `cargo run --release --example signed-index -- /dev/shm/signed http://127.0.0.1:8000/`. Prints
//! milliseconds and the most memory.

#![allow(clippy::disallowed_methods, reason = "a tool opens what it is told to")]
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a fault ends the measurement, whose answer is printed"
)]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fs;
use std::path::Path;
use std::time::Instant;

use gestor_plugins::base::clock::{Clock as _, SystemClock};
use gestor_plugins::base::hash::sha256;
use gestor_plugins::base::json::hex;
use gestor_plugins::base::net::Address;
use gestor_plugins::base::tuf::{Client, Kept, Store, WebFolder, canonical};
use gestor_plugins::config::Settings;
use gestor_plugins::index::client;
use gestor_plugins::log::Silent;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

const PLUGINS: usize = 10_000;

#[derive(Default)]
struct Memory(RefCell<BTreeMap<String, Vec<u8>>>);

impl Store for Memory {
    type Fault = Infallible;

    fn root(&self, version: u64) -> Result<Option<Vec<u8>>, Infallible> {
        self.role(&format!("root.{version}"))
    }

    fn role(&self, role: &str) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(self.0.borrow().get(role).cloned())
    }

    fn keep(&self, kept: &Kept<'_>) -> Result<(), Infallible> {
        self.0.borrow_mut().insert(kept.role.to_owned(), kept.bytes.to_vec());
        Ok(())
    }

    fn forget(&self, role: &str) -> Result<(), Infallible> {
        self.0.borrow_mut().remove(role);
        Ok(())
    }
}

fn signed(key: &Ed25519KeyPair, id: &str, mut said: Value) -> Vec<u8> {
    said["spec_version"] = json!("1.0.31");
    said["version"] = json!(1);
    said["expires"] = json!("2099-01-01T00:00:00Z");
    let signature = hex(key.sign(&canonical(&said).unwrap()).as_ref());
    json!({"signatures": [{"keyid": id, "sig": signature}], "signed": said})
        .to_string()
        .into_bytes()
}

fn meta(bytes: &[u8]) -> Value {
    json!({"version": 1, "length": bytes.len(), "hashes": {"sha256": sha256(bytes).to_string()}})
}

fn make(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    let key = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap();
    let public =
        json!({"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": hex(key.public_key().as_ref())}});
    let id = sha256(&canonical(&public).unwrap()).to_string();
    let holder = json!({"keyids": [id], "threshold": 1});
    let root = json!({"_type": "root", "consistent_snapshot": true, "keys": {&id: public},
        "roles": {"root": holder, "timestamp": holder, "snapshot": holder, "targets": holder}});
    let file = |number: usize| {
        let digest = sha256(number.to_string().as_bytes()).to_string();
        let name = format!("plugin.an-ordinary-name-{number}.json");
        (name, json!({"length": 4096, "hashes": {"sha256": digest}}))
    };
    let targets: serde_json::Map<String, Value> = (0..PLUGINS).map(file).collect();
    let targets = signed(&key, &id, json!({"_type": "targets", "targets": targets}));
    let snapshot = signed(
        &key,
        &id,
        json!({"_type": "snapshot", "meta": {"targets.json": meta(&targets)}}),
    );
    let timestamp = signed(
        &key,
        &id,
        json!({"_type": "timestamp", "meta": {"snapshot.json": meta(&snapshot)}}),
    );
    for (name, bytes) in [
        ("1.root.json", signed(&key, &id, root)),
        ("1.targets.json", targets),
        ("1.snapshot.json", snapshot),
        ("timestamp.json", timestamp),
    ] {
        fs::write(folder.join(name), bytes).unwrap();
    }
}

fn most_memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    line.unwrap_or_default().to_owned()
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap();
    let folder = Path::new(&folder);
    if !folder.join("1.root.json").exists() {
        make(folder);
    }
    let Some(url) = arguments.next() else { return };
    let root = fs::read(folder.join("1.root.json")).unwrap();
    let (web, memory) = (client(&Settings::default(), None).unwrap(), Memory::default());
    for what in ["first", "again"] {
        let started = Instant::now();
        let remote = WebFolder::new(&web, Address::parse(&url).unwrap(), &Silent);
        let mut client =
            Client::open(&root, remote, &memory, SystemClock.now()).unwrap_or_else(|_| std::process::abort());
        client.refresh().unwrap_or_else(|_| std::process::abort());
        let found = client.target("plugin.an-ordinary-name-7.json").ok().flatten();
        println!(
            "{what}: {} ms, {} plugins",
            started.elapsed().as_millis(),
            client.targets().unwrap().role.targets.len()
        );
        assert!(found.is_some());
    }
    println!("{}", most_memory());
}
