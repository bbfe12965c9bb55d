//! A gestor with a domain, a GitHub of its own, and calls of `plugin_credentials`.

use std::fs;
use std::path::PathBuf;

use gestor_plugins::base::hash::sha256;
use gestor_plugins::config::{Argument, Settings};
use gestor_plugins::model::Secret;
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use crate::support::child;
use crate::support::gestor::Gestor;
use crate::support::github::{Reply, Server};
use crate::support::operation::{Ended, Quiet, called, run};
use crate::support::package::Package;

/// A secret that is found wherever it is.
pub(super) const TOKEN: &str = "ghp_Zq7SecretOfTheVault0123456789";
/// A part of it that nothing else has.
pub(super) const PART: &str = "Zq7SecretOfTheVault";
/// Keys that somebody drew.
pub(super) const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
pub(super) const OTHER_KEY: &str = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";

pub(super) struct Site {
    pub(super) gestor: Gestor,
    pub(super) api: Server,
    pub(super) settings: Settings,
}

impl Site {
    /// With one domain, whose settings name the database.
    pub(super) fn new() -> Self {
        let gestor = Gestor::new();
        let domain = gestor.root().join("autenticacoes/a.example");
        fs::create_dir_all(&domain).unwrap();
        fs::write(domain.join(".env"), format!("DB_DATABASE={}\n", gestor.database.name())).unwrap();
        let api = Server::http();
        let settings = Settings {
            github_api: Some(api.url("/api")),
            github_web: Some(api.url("")),
            http_total: 20,
            ..crate::support::english()
        };
        Self { gestor, api, settings }
    }

    pub(super) fn trust(&self) -> PathBuf {
        self.gestor.root().join("autenticacoes/a.example/plugins")
    }

    pub(super) fn ring(&self) -> PathBuf {
        self.trust().join("chaves")
    }

    /// A call of an operation.
    pub(super) fn call(&self, word: &str, more: &Value) -> Ended {
        let mut call = json!({"raiz": self.gestor.root(), "lang": "en", "db": self.database()});
        call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let settings = self.settings.clone();
        run(called(word, Argument::from(&call), &settings), settings, &mut Quiet)
    }

    pub(super) fn database(&self) -> Value {
        let database = &self.gestor.database;
        json!({"socket": database.socket(), "nome": database.name(), "usuario": "root"})
    }

    /// `plugin_credentials`.
    pub(super) fn credentials(&self, action: &str, more: &Value) -> Ended {
        let mut call = json!({"acao": action});
        call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.call("credentials", &call)
    }

    pub(super) fn store(&self, alias: &str, secret: &str) -> Ended {
        self.credentials("gravar", &json!({"alias": alias, "segredo": secret}))
            .expect(ExitCode::Ok)
    }

    /// Publishes a version of `agenda` in the private repository `o/r`.
    pub(super) fn publish(&self, version: &str) {
        let path = self.gestor.root().join("publish.zip");
        Package::new("agenda", version).write(&path);
        let package = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        let assets = json!([
            {"id": 7, "name": "gestor-plugin.zip", "state": "uploaded"},
            {"id": 8, "name": "gestor-plugin.zip.sha256", "state": "uploaded"},
        ]);
        let release = json!({"tag_name": format!("plugin-agenda-v{version}"), "draft": false, "prerelease": false,
            "published_at": "2026-01-01T00:00:00Z", "assets": assets});
        let sum = format!("{}  gestor-plugin.zip", sha256(&package));
        self.api
            .on(
                "/api/repos/o/r/releases?per_page=100",
                [Reply::ok(json!([release]).to_string())],
            )
            .on("/api/repos/o/r/releases/assets/7", [Reply::ok(package)])
            .on("/api/repos/o/r/releases/assets/8", [Reply::ok(sum)]);
    }

    /// Installs it from there.
    pub(super) fn install(&self, more: &Value) -> Ended {
        let mut call = json!({"slug": "agenda", "origem_tipo": "github_privado", "owner": "o", "repo": "r"});
        call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.call("install", &call)
    }

    /// The header that each request brought.
    pub(super) fn sent(&self) -> Vec<Option<String>> {
        let asked = self.api.asked();
        asked
            .iter()
            .map(|asked| asked.header("authorization").map(str::to_owned))
            .collect()
    }

    pub(super) fn recorded(&self, table: &str, column: &str, key: &str) -> Option<String> {
        let sql = format!("SELECT {column} FROM {table} WHERE {key} = 'agenda'");
        self.gestor.database.value(&sql)
    }

    pub(super) fn with_tokens(mut self, tokens: &[(&str, &str)]) -> Self {
        let pair = |(name, token): &(&str, &str)| ((*name).to_owned(), Secret::new(*token));
        self.settings.tokens = tokens.iter().map(pair).collect();
        self
    }

    /// The call of a credentials operation, as another process makes it.
    pub(super) fn in_child(&self, action: &str, more: &Value) -> Value {
        let mut call = child::about(&self.gestor, "x", more);
        let call_of = call.as_object_mut().unwrap();
        call_of.remove("slug");
        call_of.remove("espera_lock");
        call_of.insert("acao".to_owned(), json!(action));
        call_of.insert("operacao".to_owned(), json!("credentials"));
        call
    }
}

/// The errors of an operation.
pub(super) fn said(ended: &Ended) -> String {
    ended.report["erros"].to_string()
}
