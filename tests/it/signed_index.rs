//! Signed indices: installing from one, what becomes of attacks on one, and publishing one. What is shared stands here: a
//! publisher with a folder and keys, a server that shows the folder, a site that knows the index.

mod attacks;
mod freshness;
mod installing;
mod judging;
mod keys;
mod kills;
mod publishing;
mod remembered;
mod signers;
mod silence;

use std::fs;
use std::path::{Path, PathBuf};

use gestor_plugins::base::clock::{Clock, SystemClock};
use gestor_plugins::base::hash::sha256;
use gestor_plugins::base::json::hex;
use gestor_plugins::base::tuf::canonical;
use gestor_plugins::config::{Argument, Settings};
use gestor_plugins::outcome::ExitCode;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::looks::call;
use crate::support::english;
use crate::support::gestor::Gestor;
use crate::support::github::{Reply, Server};
use crate::support::operation::{Ended, Quiet, called, run, run_by};
use crate::support::package::Package;

/// A publisher, and the server that shows the folder.
pub(crate) struct Publisher {
    top: TempDir,
    pub(crate) server: Server,
}

impl Publisher {
    /// An index without plugins.
    pub(crate) fn new() -> Self {
        let made = Self {
            top: tempfile::tempdir().unwrap(),
            server: Server::http(),
        };
        made.act(&json!({"acao": "iniciar"})).expect(ExitCode::Ok);
        made
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.top.path().join("shown")
    }

    pub(crate) fn keys(&self) -> PathBuf {
        self.top.path().join("keys")
    }

    /// Publishes, and lets the server show what there is.
    pub(crate) fn act(&self, more: &Value) -> Ended {
        self.act_by(SystemClock, more)
    }

    /// The same by another clock.
    pub(crate) fn act_by(&self, clock: impl Clock + 'static, more: &Value) -> Ended {
        let mut parameters = json!({"raiz": self.top.path(), "pasta_publicada": self.folder(), "pasta_chaves": self.keys(), "lang": "en"});
        parameters
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let read = called("index_publish", Argument::from(&parameters), &english());
        let ended = run_by(clock, read, english(), &mut Quiet);
        self.show();
        ended
    }

    /// The server shows the folder as it is.
    pub(crate) fn show(&self) {
        let Ok(entries) = fs::read_dir(self.folder()) else {
            return;
        };
        for entry in entries {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                continue;
            }
            let bytes = fs::read(entry.path()).unwrap();
            let name = entry.file_name().into_string().unwrap();
            self.server.on(&format!("/i/{name}"), [Reply::ok(bytes)]);
        }
    }

    /// Answers for a file of the index.
    pub(crate) fn answer(&self, name: &str, reply: Reply) {
        self.server.on(&format!("/i/{name}"), [reply]);
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.folder().join(name)).unwrap()
    }

    /// Publishes a package, which the same server has.
    pub(crate) fn package(&self, package: &Package, more: &Value) -> PathBuf {
        let path = self.top.path().join("package.zip");
        package.write(&path);
        self.publish(&path, more).expect(ExitCode::Ok);
        path
    }

    /// The same of a package that stands somewhere.
    pub(crate) fn publish(&self, path: &Path, more: &Value) -> Ended {
        let bytes = fs::read(path).unwrap();
        let place = format!("/p/{}.zip", sha256(&bytes));
        self.server.on(&place, [Reply::ok(bytes)]);
        let mut call = json!({"acao": "publicar", "arquivo": path, "url": self.server.url(&place)});
        call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.act(&call)
    }

    /// What the index says of a file, in its targets of that version.
    pub(crate) fn target(&self, targets: u64, name: &str) -> Value {
        let targets: Value = serde_json::from_slice(&self.read(&format!("{targets}.targets.json"))).unwrap();
        let digest = targets["signed"]["targets"][name]["hashes"]["sha256"].as_str().unwrap();
        serde_json::from_slice(&self.read(&format!("{digest}.{name}"))).unwrap()
    }

    /// Targets as somebody would make them who has all keys: changed, and announced in this version.
    pub(crate) fn announce(&self, version: u64, change: impl FnOnce(&mut Value)) -> [(String, Vec<u8>); 3] {
        let targets = self.forged("2.targets.json", &[self.key("targets")], |said| {
            said["version"] = json!(version);
            change(said);
        });
        let snapshot = self.forged("2.snapshot.json", &[self.key("snapshot")], |said| {
            said["version"] = json!(version);
            said["meta"]["targets.json"] = meta(version, &targets);
        });
        let timestamp = self.forged("timestamp.json", &[self.key("timestamp")], |said| {
            said["version"] = json!(version);
            said["meta"]["snapshot.json"] = meta(version, &snapshot);
        });
        [
            (format!("{version}.targets.json"), targets),
            (format!("{version}.snapshot.json"), snapshot),
            ("timestamp.json".to_owned(), timestamp),
        ]
    }

    /// A file as somebody would make it who has the key of a role: changed, and signed again.
    pub(crate) fn forged(&self, name: &str, keys: &[PathBuf], change: impl FnOnce(&mut Value)) -> Vec<u8> {
        let mut file: Value = serde_json::from_slice(&self.read(name)).unwrap();
        change(&mut file["signed"]);
        signed(&file["signed"], keys)
    }

    /// Puts a file into the index, as its publisher would who has all keys, and lets the server show that.
    pub(crate) fn put(&self, target: &str, said: &Value) {
        let bytes = said.to_string().into_bytes();
        let part =
            |name: &str| -> Value { serde_json::from_slice::<Value>(&self.read(name)).unwrap()["signed"].clone() };
        let next = |said: &mut Value| {
            let version = said["version"].as_u64().unwrap() + 1;
            said["version"] = json!(version);
            version
        };
        let write = |name: &str, bytes: &[u8]| fs::write(self.folder().join(name), bytes).unwrap();
        let mut timestamp = part("timestamp.json");
        let mut snapshot = part(&format!(
            "{}.snapshot.json",
            timestamp["meta"]["snapshot.json"]["version"]
        ));
        let mut targets = part(&format!("{}.targets.json", snapshot["meta"]["targets.json"]["version"]));
        let digest = sha256(&bytes).to_string();
        targets["targets"][target] = json!({"length": bytes.len(), "hashes": {"sha256": digest}});
        write(&format!("{digest}.{target}"), &bytes);
        let version = next(&mut targets);
        let targets = signed(&targets, &[self.key("targets")]);
        write(&format!("{version}.targets.json"), &targets);
        snapshot["meta"]["targets.json"] = meta(version, &targets);
        let version = next(&mut snapshot);
        let snapshot = signed(&snapshot, &[self.key("snapshot")]);
        write(&format!("{version}.snapshot.json"), &snapshot);
        timestamp["meta"]["snapshot.json"] = meta(version, &snapshot);
        next(&mut timestamp);
        write("timestamp.json", &signed(&timestamp, &[self.key("timestamp")]));
        self.show();
    }

    /// Withdraws.
    pub(crate) fn withdraw(&self, items: &Value) {
        self.put("revogados.json", &json!({"formato": 1, "itens": items}));
    }

    pub(crate) fn key(&self, role: &str) -> PathBuf {
        self.keys().join(format!("{role}.pem"))
    }
}

/// The public half of a key, as a root has it, and its name.
pub(crate) fn public(key: &Path) -> (String, Value) {
    let pair = pair(key);
    let public =
        json!({"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": hex(pair.public_key().as_ref())}});
    (sha256(&canonical(&public).unwrap()).to_string(), public)
}

fn pair(key: &Path) -> Ed25519KeyPair {
    let der = PrivatePkcs8KeyDer::from_pem_slice(&fs::read(key).unwrap()).unwrap();
    Ed25519KeyPair::from_pkcs8_maybe_unchecked(der.secret_pkcs8_der()).unwrap()
}

/// What is said, signed.
pub(crate) fn signed(said: &Value, keys: &[PathBuf]) -> Vec<u8> {
    let message = canonical(said).unwrap();
    let signature = |key: &PathBuf| json!({"keyid": public(key).0, "sig": hex(pair(key).sign(&message).as_ref())});
    let signatures: Vec<Value> = keys.iter().map(signature).collect();
    json!({"signatures": signatures, "signed": said})
        .to_string()
        .into_bytes()
}

/// Length and hash of a file, as another announces it.
pub(crate) fn meta(version: u64, bytes: &[u8]) -> Value {
    json!({"version": version, "length": bytes.len(), "hashes": {"sha256": sha256(bytes).to_string()}})
}

/// A site that may know indices.
pub(crate) struct Site {
    pub(crate) gestor: Gestor,
    pub(crate) settings: Settings,
}

impl Site {
    pub(crate) fn new() -> Self {
        let settings = Settings {
            http_idle: 2,
            http_total: 3,
            ..english()
        };
        Self {
            gestor: Gestor::new(),
            settings,
        }
    }

    /// One that knows an index.
    pub(crate) fn knowing(publisher: &Publisher) -> Self {
        let site = Self::new();
        site.add("acme", publisher).expect(ExitCode::Ok);
        site
    }

    pub(crate) fn trust(&self) -> PathBuf {
        self.gestor.root().join("autenticacoes/site/plugins")
    }

    /// What the audit log holds.
    pub(crate) fn audit(&self) -> Ended {
        let parameters = json!({"acao": "listar", "lang": "en"});
        let read = called("audit", call(&self.gestor, &parameters), &self.settings);
        run(read, self.settings.clone(), &mut Quiet)
    }

    pub(crate) fn run(&self, word: &str, more: &Value) -> Ended {
        let mut parameters = json!({"confianca": self.trust(), "lang": "en"});
        parameters
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let read = called(word, call(&self.gestor, &parameters), &self.settings);
        run(read, self.settings.clone(), &mut Quiet)
    }

    pub(crate) fn add(&self, name: &str, publisher: &Publisher) -> Ended {
        fs::create_dir_all(self.gestor.root().join("autenticacoes/site")).unwrap();
        let root = publisher.read("root.json");
        self.run(
            "index",
            &json!({"acao": "adicionar", "nome": name, "url": publisher.server.url("/i/"),
                "raiz_indice": publisher.folder().join("root.json"), "sha256": sha256(&root).to_string()}),
        )
    }

    /// Installs a file of this machine.
    pub(crate) fn upload(&self, path: &Path, more: &Value) -> Ended {
        let mut parameters = json!({"slug": "acme-shop", "origem_tipo": "upload", "arquivo": path});
        parameters
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        self.run("install", &parameters)
    }

    /// A minute goes by: servers are asked again.
    pub(crate) fn wait(&self) {
        let database = &self.gestor.database;
        if database.tables().iter().any(|table| table == "gestor_plugins_indices") {
            database.run("UPDATE gestor_plugins_indices SET obtido_em = obtido_em - INTERVAL 2 MINUTE");
        }
        let folder = self.gestor.root().join("temp/plugins/_indices");
        for index in fs::read_dir(folder).into_iter().flatten() {
            let _ = fs::remove_file(index.unwrap().path().join("consultado"));
        }
    }

    pub(crate) fn refresh(&self) -> Ended {
        self.run("index", &json!({"acao": "atualizar"}))
    }

    pub(crate) fn install(&self, slug: &str, more: &Value) -> Ended {
        let mut parameters = json!({"slug": slug, "origem_tipo": "indice", "gestor_versao": "2.9.43"});
        parameters
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        self.run("install", &parameters)
    }

    pub(crate) fn version(&self, slug: &str) -> Option<String> {
        let sql = format!("SELECT versao_instalada FROM plugins WHERE id='{slug}'");
        self.gestor.database.value(&sql)
    }

    /// The version of a role that is remembered.
    pub(crate) fn remembered(&self, role: &str) -> Option<String> {
        let sql = format!("SELECT versao FROM gestor_plugins_indices WHERE nome='acme' AND papel='{role}'");
        self.gestor.database.value(&sql)
    }
}

/// Refused with a code and a text, and nothing of it was believed.
#[track_caller]
pub(crate) fn refused(ended: &Ended, code: ExitCode, text: &str) {
    let errors = ended.report["erros"].to_string();
    assert_eq!(ended.code, code, "{errors}");
    assert!(errors.contains(text), "{errors} lacks {text:?}");
}
