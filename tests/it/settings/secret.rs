//! A secret among settings is kept with the credentials: only a mark stands in the variable, and it never comes back.

use std::fs;

use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use super::site::Site;

const SECRET: &str = "Zq8SecretOfTheShop";

fn schema() -> Value {
    json!({"required": ["key"], "properties": {
        "key": {"type": "string", "minLength": 5, "x-gestor": {"segredo": true}}, "name": {"type": "string"}}})
}

/// Everything that is left anywhere: rows, and files of the gestor.
fn traces(site: &Site) -> Vec<String> {
    let files = walkdir::WalkDir::new(site.gestor.root())
        .into_iter()
        .map(Result::unwrap);
    let files = files.filter(|entry| entry.file_type().is_file());
    let texts = files.map(|entry| String::from_utf8_lossy(&fs::read(entry.path()).unwrap()).into_owned());
    texts
        .chain(site.gestor.database.dump(&[]))
        .filter(|text| text.contains(SECRET))
        .collect()
}

#[test]
fn a_secret_is_kept_and_never_comes_back() {
    let site = Site::new(&schema());
    // It must be there, and be what the schema wants.
    for (values, part) in [(json!({"name": "x"}), "/key"), (json!({"key": "Zq8"}), "/key")] {
        let refused = site.save(&values).expect(ExitCode::ParamsOrFile).report;
        assert_eq!(refused["falhas"][0]["ponteiro"], part);
        assert!(!refused.to_string().contains("Zq8"), "{refused}");
    }
    assert_eq!(site.gestor.database.count("variaveis", "1"), 0);
    let saved = site
        .save(&json!({"key": SECRET, "name": "x"}))
        .expect(ExitCode::Ok)
        .report;
    assert!(!saved.to_string().contains(SECRET));
    assert_eq!(traces(&site), Vec::<String>::new());
    let mark = site.variables("key");
    assert!(
        mark.len() == 2 && mark[0].starts_with("en string cred:config.loja."),
        "{mark:?}"
    );
    let field = site.field("key");
    assert_eq!(
        (&field["guardado"], &field["valor"], &field["widget"]),
        (&json!(true), &json!(null), &json!("password"))
    );
    assert_eq!(site.form()["valores"], json!({"name": "x"}));
    let listed = site
        .call("credentials", &json!({"slug": null, "acao": "conferir"}))
        .expect(ExitCode::Ok)
        .report;
    assert_eq!(listed["credenciais"][0]["tipo"], "plugin_config");
    // The others are saved without it, and a form that leaves it empty leaves it as it is.
    site.save(&json!({"name": "y"})).expect(ExitCode::Ok);
    let sent = json!({"formulario": true, "valores": {"key": "", "name": "z"}});
    site.call("config_set", &sent).expect(ExitCode::Ok);
    assert_eq!(site.field("key")["guardado"], true);
    // Where its key is lost it has to be given again.
    fs::remove_file(site.gestor.root().join("autenticacoes/a.example/plugins/chaves")).unwrap();
    site.save(&json!({"name": "w"})).expect(ExitCode::ParamsOrFile);
    site.save(&json!({"key": SECRET, "name": "w"})).expect(ExitCode::Ok);
    assert_eq!(traces(&site), Vec::<String>::new());
}

#[test]
fn a_secret_is_forgotten_with_its_credential() {
    let site = Site::new(&json!({"properties": {"key": {"type": "string", "x-gestor": {"segredo": true}}}}));
    site.save(&json!({"key": SECRET})).expect(ExitCode::Ok);
    assert_eq!(site.gestor.database.count("plugins_credenciais", "1"), 1);
    site.save(&json!({"key": null})).expect(ExitCode::Ok);
    assert_eq!(site.gestor.database.count("plugins_credenciais", "1"), 0);
    assert_eq!(site.field("key")["guardado"], false);
    assert!(site.variables("key").iter().all(|row| row.contains("NULL")));
}

#[test]
fn a_text_in_place_of_the_mark_is_no_secret_and_is_not_shown() {
    let site = Site::new(&json!({"properties": {"key": {"type": "string", "x-gestor": {"segredo": true}}}}));
    site.save(&json!({"key": SECRET})).expect(ExitCode::Ok);
    site.edit("key", "TypedInTheEditor");
    let shown = site.call("config", &json!({})).expect(ExitCode::Ok).report;
    assert_eq!(site.field("key")["guardado"], false);
    assert!(!shown.to_string().contains("TypedInTheEditor"), "{shown}");
}

#[test]
fn a_secret_and_the_rest_are_saved_together_or_not_at_all() {
    let site = Site::new(&schema());
    let database = &site.gestor.database;
    site.save(&json!({"key": SECRET, "name": "x"})).expect(ExitCode::Ok);
    let before = database.dump(&[]);
    database.run(
        "CREATE TRIGGER no_secret BEFORE UPDATE ON plugins_credenciais FOR EACH ROW SIGNAL SQLSTATE '45000' SET \
         MESSAGE_TEXT = 'no'",
    );
    site.save(&json!({"key": "another one", "name": "y"}))
        .expect(ExitCode::Sync);
    assert_eq!(database.dump(&[]), before);
}

/// A secret is one, whatever language is spoken: none of its marks leads nowhere.
#[test]
fn a_secret_of_one_language_is_that_of_all() {
    let site = Site::new(&json!({"properties": {"key": {"type": "string", "x-gestor": {"segredo": true}}}}));
    let said = |value: Value| {
        site.call("config_set", &json!({"valores": {"key": value}, "idioma": "en"}))
            .expect(ExitCode::Ok)
    };
    said(json!(SECRET));
    let marks = site.variables("key");
    assert!(
        marks.len() == 2 && marks.iter().all(|row| row.contains("cred:config.loja.")),
        "{marks:?}"
    );
    said(json!(null));
    assert!(site.variables("key").iter().all(|row| row.contains("NULL")));
    assert_eq!(site.gestor.database.count("plugins_credenciais", "1"), 0);
}

/// A text that becomes a secret is told of, a secret that becomes a text is no value; neither is shown.
#[test]
fn what_becomes_a_secret_or_was_one_is_told() {
    let open = json!({"properties": {"key": {"type": "string"}}});
    let sealed = json!({"properties": {"key": {"type": "string", "x-gestor": {"segredo": true}}}});
    let site = Site::new(&open);
    site.save(&json!({"key": SECRET})).expect(ExitCode::Ok);
    site.install("1.1.0", &sealed);
    let form = site.form();
    assert_eq!(form["nao_cabem"], json!(["key"]));
    assert!(!form.to_string().contains(SECRET), "{form}");
    site.save(&json!({"key": SECRET})).expect(ExitCode::Ok);
    assert_eq!(
        (site.form()["nao_cabem"].clone(), traces(&site)),
        (json!([]), Vec::new())
    );
    site.install("1.2.0", &open);
    let form = site.form();
    assert_eq!((&form["nao_cabem"], &form["valores"]), (&json!(["key"]), &json!({})));
}
