//! A gestor with a plugin that has settings.

use std::fs;

use gestor_plugins::config::{Argument, Settings};
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use crate::support::gestor::Gestor;
use crate::support::operation::{Ended, Quiet, called, run};
use crate::support::package::Package;

/// The plugin.
pub(super) const SLUG: &str = "loja";

pub(super) struct Site {
    pub(super) gestor: Gestor,
}

/// A version of the plugin, with a module in both languages.
pub(super) fn package(version: &str, schema: &Value) -> Package {
    let module = |language: &str| json!({"id": SLUG, "language": language, "nome": "Loja", "titulo": "Loja"});
    Package::new(SLUG, version)
        .data("Modulos", &json!([module("pt-br"), module("en")]))
        .file("config/schema.json", schema.to_string())
}

impl Site {
    /// With the plugin installed, and a domain whose settings name the database.
    pub(super) fn new(schema: &Value) -> Self {
        let gestor = Gestor::new();
        let domain = gestor.root().join("autenticacoes/a.example");
        fs::create_dir_all(&domain).unwrap();
        fs::write(domain.join(".env"), format!("DB_DATABASE={}\n", gestor.database.name())).unwrap();
        let site = Self { gestor };
        site.install("1.0.0", schema);
        site
    }

    pub(super) fn install(&self, version: &str, schema: &Value) {
        self.gestor.install(&package(version, schema), &[]).expect(ExitCode::Ok);
    }

    /// A call of an operation on the plugin.
    pub(super) fn call(&self, word: &str, more: &Value) -> Ended {
        let database = &self.gestor.database;
        let db = json!({"socket": database.socket(), "nome": database.name(), "usuario": "root"});
        let mut call = json!({"slug": SLUG, "raiz": self.gestor.root(), "lang": "en", "db": db});
        call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let settings = Settings {
            ..crate::support::english()
        };
        run(called(word, Argument::from(&call), &settings), settings, &mut Quiet)
    }

    /// The form.
    pub(super) fn form(&self) -> Value {
        self.call("config", &json!({})).expect(ExitCode::Ok).report["configuracao"].clone()
    }

    /// A field of it.
    pub(super) fn field(&self, id: &str) -> Value {
        let form = self.form();
        let fields = form["campos"].as_array().unwrap();
        fields.iter().find(|field| field["id"] == id).unwrap().clone()
    }

    pub(super) fn save(&self, values: &Value) -> Ended {
        self.call("config_set", &json!({ "valores": values }))
    }

    /// What stands in a variable: language, type, value, owner, and whether it counts as a user's.
    pub(super) fn variables(&self, id: &str) -> Vec<String> {
        let rows = self.gestor.database.rows(&format!(
            "SELECT language, tipo, valor, plugin, user_modified FROM variaveis WHERE modulo='{SLUG}' AND id='{id}' \
             ORDER BY language"
        ));
        let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "NULL".to_owned());
        rows.iter()
            .map(|row| row.iter().map(text).collect::<Vec<_>>().join(" "))
            .collect()
    }

    /// What the gestor's own editor writes, in one language.
    pub(super) fn edit(&self, id: &str, value: &str) {
        self.gestor.database.run(&format!(
            "UPDATE variaveis SET valor='{value}', user_modified=1 WHERE modulo='{SLUG}' AND id='{id}' AND language='en'"
        ));
    }
}
