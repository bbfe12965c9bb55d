//! What is saved stands in the gestor's variables, as its own editor writes it, and comes back; what is not taken writes nothing.

use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use super::site::{SLUG, Site};

fn schema() -> Value {
    json!({"required": ["name"], "properties": {
        "name": {"type": "string", "minLength": 2, "title": "Name of the shop", "x-gestor": {"grupo": "Shop"}},
        "rate": {"type": "number", "maximum": 5, "default": 1.5},
        "open": {"type": "boolean", "default": true},
        "price": {"type": "number", "x-gestor": {"widget": "dinheiro"}},
        "stock": {"type": "integer", "x-gestor": {"widget": "quantidade"}},
        "day": {"type": "string", "format": "date"},
        "days": {"type": "array", "items": {"type": "string", "format": "date"}},
        "when": {"type": "string", "x-gestor": {"widget": "data-hora"}},
        "text": {"type": "string", "x-gestor": {"widget": "textarea"}},
        "kind": {"enum": ["a", "b"]},
        "list": {"type": "array", "items": {"type": "integer"}},
        "mail": {"properties": {"host": {"type": "string"}, "port": {"type": "integer"}}, "dependentRequired": {"port": ["host"]}},
    }})
}

fn values() -> Value {
    json!({"name": "Loja \"da\" 'Ana' \\ é", "rate": 2.25, "open": false, "price": 1234.5, "stock": 12345, "day": "2026-12-31",
        "days": ["2026-12-31", "2027-01-01"], "when": "2026-12-31T23:59", "text": "a\nb\r\n<b>", "kind": "b", "list": [1, 2],
        "mail": {"host": "m.example", "port": 25}})
}

#[test]
fn what_is_saved_stands_as_the_gestor_writes_it_and_comes_back() {
    let site = Site::new(&schema());
    let saved = site.save(&values()).expect(ExitCode::Ok).report;
    assert_eq!(saved["gravadas"].as_array().unwrap().len(), 13);
    assert_eq!(
        (&saved["modulo"], &saved["idiomas"]),
        (&json!(SLUG), &json!(["pt-br", "en"]))
    );
    for (id, stored) in [
        ("rate", "number 2.25"),
        ("open", "bool "),
        ("price", "dinheiro 1.234,50"),
        ("stock", "quantidade 12.345"),
        ("day", "data 31/12/2026"),
        ("days", "datas-multiplas 31/12/2026|01/01/2027"),
        ("when", "data-hora 31/12/2026 23:59"),
        ("kind", "string b"),
        ("list", "text [1,2]"),
        ("mail.port", "number 25"),
    ] {
        let expected = ["en", "pt-br"].map(|language| format!("{language} {stored} {SLUG} 1"));
        assert_eq!(site.variables(id), expected, "{id}");
    }
    let database = &site.gestor.database;
    assert_eq!(
        database.count(
            "variaveis",
            "id='name' AND grupo='Shop' AND descricao='Name of the shop'"
        ),
        2
    );
    let form = site.form();
    assert_eq!(form["valores"], values());
    assert_eq!((&form["nao_cabem"], &form["sobras"]), (&json!([]), &json!([])));
    // What is there already is not written again.
    let before = database.dump(&[]);
    let again = site.save(&form["valores"]).expect(ExitCode::Ok).report;
    assert_eq!(again["gravadas"], json!([]));
    assert_eq!(database.dump(&[]), before);
}

#[test]
fn values_that_are_not_taken_write_nothing_and_are_told_one_by_one() {
    let site = Site::new(&schema());
    site.save(&values()).expect(ExitCode::Ok);
    let before = site.gestor.database.dump(&[]);
    for (given, expected) in [
        (
            json!({"rate": 6, "name": "x", "open": true}),
            vec![("/name", json!("name")), ("/rate", json!("rate"))],
        ),
        (json!({"open": true, "colour": "blue"}), vec![("/colour", json!(null))]),
        (json!({"name": null}), vec![("/name", json!("name"))]),
        (
            json!({"open": true, "mail": {"host": null}}),
            vec![("/mail/host", json!("mail.host"))],
        ),
        (json!({"text": "x", "when": "soon"}), vec![("/when", json!("when"))]),
        (json!({"list": [1, "2"]}), vec![("/list/1", json!("list"))]),
    ] {
        let refused = site.save(&given).expect(ExitCode::ParamsOrFile).report;
        let faults = refused["falhas"].as_array().unwrap();
        let found: Vec<_> = faults
            .iter()
            .map(|fault| (fault["ponteiro"].as_str().unwrap(), fault["id"].clone()))
            .collect();
        assert_eq!(found, expected, "{given}: {refused}");
        assert_eq!(site.gestor.database.dump(&[]), before, "{given}");
    }
    site.save(&json!([1])).expect(ExitCode::ParamsOrFile);
    assert_eq!(site.gestor.database.dump(&[]), before);
}

#[test]
fn a_failure_in_the_middle_leaves_everything_as_it_was() {
    let site = Site::new(&schema());
    let database = &site.gestor.database;
    let before = database.dump(&[]);
    database.run(
        "CREATE TRIGGER no_kind BEFORE INSERT ON variaveis FOR EACH ROW IF NEW.id = 'kind' THEN SIGNAL SQLSTATE '45000' SET \
         MESSAGE_TEXT = 'no'; END IF",
    );
    site.save(&values()).expect(ExitCode::Sync);
    assert_eq!(database.dump(&[]), before);
    database.run("DROP TRIGGER no_kind");
    site.save(&values()).expect(ExitCode::Ok);
}

#[test]
fn what_the_gestors_editor_saves_is_read() {
    let site = Site::new(&schema());
    site.save(&values()).expect(ExitCode::Ok);
    for (id, text) in [
        ("rate", "3.5"),
        ("price", "2.000,00"),
        ("stock", "7"),
        ("day", "01/02/2027"),
        ("open", "1"),
        ("days", ""),
    ] {
        site.edit(id, text);
    }
    let form = site.form();
    let found = &form["valores"];
    assert_eq!(
        (
            &found["rate"],
            &found["price"],
            &found["stock"],
            &found["day"],
            &found["open"],
            &found["days"]
        ),
        (
            &json!(3.5),
            &json!(2000),
            &json!(7),
            &json!("2027-02-01"),
            &json!(true),
            &json!([])
        )
    );
    // The editor saves in one language: the other one still says something else.
    assert_eq!(site.field("rate")["difere_em"], json!(["pt-br"]));
    assert_eq!(site.field("name")["difere_em"], json!([]));
    let portuguese = site.call("config", &json!({"idioma": "pt-br"})).expect(ExitCode::Ok);
    assert_eq!(portuguese.report["configuracao"]["valores"]["rate"], 2.25);
    site.call("config", &json!({"idioma": "fr"}))
        .expect(ExitCode::ParamsOrFile);
    // What the schema does not take is kept, listed, and the default used.
    site.edit("rate", "9");
    let field = site.field("rate");
    assert_eq!((&field["valor"], &field["texto_guardado"]), (&json!(1.5), &json!("9")));
    assert_eq!(field["erro"], "at most 5");
    assert_eq!(site.form()["nao_cabem"], json!(["rate"]));
    assert!(site.variables("rate")[0].contains("number 9"));
    // It hinders nobody from saving the others.
    site.save(&json!({"kind": "a"})).expect(ExitCode::Ok);
    assert!(site.variables("rate")[0].contains("number 9"));
}

#[test]
fn one_language_is_saved_alone() {
    let site = Site::new(&schema());
    let saved = site.call("config_set", &json!({"idioma": "pt-br", "valores": {"name": "Loja"}}));
    assert_eq!(saved.expect(ExitCode::Ok).report["idiomas"], json!(["pt-br"]));
    assert_eq!(site.variables("name"), [format!("pt-br string Loja {SLUG} 1")]);
}

#[test]
fn a_form_sends_texts() {
    let site = Site::new(&schema());
    let sent = json!({"name": "Loja", "rate": "2.5", "open": "0", "price": "1.234,50", "day": "2026-12-31", "kind": "",
        "list": "[1, 2]", "mail.host": "m.example", "mail.port": "25", "days": ["2026-12-31"]});
    site.call("config_set", &json!({"formulario": true, "valores": sent}))
        .expect(ExitCode::Ok);
    let expected = json!({"name": "Loja", "rate": 2.5, "open": false, "price": 1234.5, "day": "2026-12-31",
        "days": ["2026-12-31"], "list": [1, 2], "mail": {"host": "m.example", "port": 25}});
    assert_eq!(site.form()["valores"], expected);
    let refused = site.call("config_set", &json!({"formulario": true, "valores": {"rate": "much"}}));
    assert_eq!(
        refused.expect(ExitCode::ParamsOrFile).report["falhas"][0]["ponteiro"],
        "/rate"
    );
}

#[test]
fn the_default_comes_back() {
    let site = Site::new(&schema());
    site.save(&values()).expect(ExitCode::Ok);
    site.save(&json!({"rate": null, "kind": null})).expect(ExitCode::Ok);
    assert_eq!(site.field("rate")["valor"], 1.5);
    assert_eq!(site.field("kind")["valor"], json!(null));
    assert_eq!(site.variables("rate")[0], format!("en number 1.5 {SLUG} 1"));
}

#[test]
fn variables_of_others_are_left_alone() {
    let site = Site::new(&schema());
    let database = &site.gestor.database;
    database.run("INSERT INTO variaveis (language, modulo, id, plugin, valor, tipo) VALUES ('en', 'loja', 'kind', 'outro', 'b', 'string')");
    let before = database.dump(&[]);
    let refused = site.save(&values()).expect(ExitCode::Sync).report;
    assert!(
        refused["erros"][0]
            .as_str()
            .unwrap()
            .contains("belongs to the plugin outro")
    );
    assert_eq!(database.dump(&[]), before);
    // Nor does a schema reach another one's module.
    database.run("INSERT INTO modulos (id, language, nome) VALUES ('nucleo', 'en', 'Core')");
    let mut other = schema();
    other["x-gestor"] = json!({"modulo": "nucleo"});
    site.install("2.0.0", &other);
    site.call("config", &json!({})).expect(ExitCode::Validate);
    site.save(&values()).expect(ExitCode::Validate);
    assert_eq!(database.count("variaveis", "modulo='nucleo'"), 0);
}

#[test]
fn an_update_keeps_settings_and_uninstalling_takes_them_along() {
    let site = Site::new(&schema());
    site.save(&values()).expect(ExitCode::Ok);
    site.install("2.0.0", &schema());
    assert_eq!(site.form()["valores"], values());
    // What a user set is data: it goes with `expurgar`, and comes back as it was.
    site.call("uninstall", &json!({"modo": "expurgar", "forcar": true}))
        .expect(ExitCode::Ok);
    assert_eq!(site.gestor.database.count("variaveis", "1"), 0);
    site.call("restore", &json!({})).expect(ExitCode::Ok);
    assert_eq!(site.form()["valores"], values());
    site.call("uninstall", &json!({"modo": "remover"})).expect(ExitCode::Ok);
    site.install("2.0.0", &schema());
    assert_eq!(site.form()["valores"], values());
}

/// What the core keeps in a module that no table knows is neither shown nor written.
#[test]
fn variables_of_the_core_are_left_alone() {
    let site = Site::new(&schema());
    let database = &site.gestor.database;
    database.run(&format!(
        "DELETE FROM modulos WHERE id = '{SLUG}'; INSERT INTO variaveis (language, modulo, id, valor, tipo) VALUES \
         ('pt-br', '{SLUG}', 'name', 'Of the core', 'string')"
    ));
    let before = database.dump(&[]);
    site.save(&values()).expect(ExitCode::Validate);
    assert_eq!(database.dump(&[]), before);
    let shown = site.call("config", &json!({})).expect(ExitCode::Validate).report;
    assert!(!shown.to_string().contains("Of the core"), "{shown}");
}
