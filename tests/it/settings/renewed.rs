//! A new version's schema: settings that were renamed, that are of another type, and that are gone.

use gestor_plugins::outcome::ExitCode;
use serde_json::json;

use super::site::{SLUG, Site};

#[test]
fn old_values_are_taken_over_or_kept_and_listed() {
    let site = Site::new(&json!({"properties": {
        "colour": {"type": "string"}, "size": {"type": "integer", "x-gestor": {"widget": "quantidade"}},
        "level": {"type": "string"}, "gone": {"type": "string"}, "count": {"type": "integer"}}}));
    let old = json!({"colour": "blue", "size": 1234, "level": "high", "gone": "x", "count": 3});
    site.save(&old).expect(ExitCode::Ok);
    site.install(
        "2.0.0",
        &json!({"properties": {
            "theme": {"type": "string", "x-gestor": {"renamed_from": ["color", "colour"]}}, "size": {"type": "number"},
            "level": {"type": "integer", "default": 2}, "count": {"type": "string"}}}),
    );
    let form = site.form();
    assert_eq!(
        form["valores"],
        json!({"theme": "blue", "size": 1234, "level": 2, "count": "3"})
    );
    assert_eq!(form["nao_cabem"], json!(["level"]));
    assert_eq!(form["sobras"], json!([{"id": "gone", "tipo": "string"}]));
    assert_eq!(site.field("level")["texto_guardado"], "high");
    // Saving anything gives variables the names that they have now, and loses nothing.
    let saved = site.save(&json!({"size": 5})).expect(ExitCode::Ok).report;
    assert_eq!(saved["gravadas"], json!(["theme", "size"]));
    assert_eq!(site.variables("colour"), Vec::<String>::new());
    assert_eq!(site.variables("theme")[0], format!("en string blue {SLUG} 1"));
    assert_eq!(site.variables("size")[0], format!("en number 5 {SLUG} 1"));
    assert_eq!(site.variables("level")[0], format!("en string high {SLUG} 1"));
    assert_eq!(site.variables("gone").len(), 2);
    site.save(&json!({"level": 3})).expect(ExitCode::Ok);
    assert_eq!(site.form()["nao_cabem"], json!([]));
}

#[test]
fn the_module_is_said_where_there_are_several() {
    let site = Site::new(&json!({"properties": {"a": {"type": "string"}}}));
    let database = &site.gestor.database;
    database.run("UPDATE modulos SET id='loja-a' WHERE id='loja'");
    database.run("INSERT INTO modulos (id, language, nome, plugin) VALUES ('loja-b', 'en', 'B', 'loja')");
    let refused = site.call("config", &json!({})).expect(ExitCode::Validate).report;
    assert!(
        refused["erros"][0].as_str().unwrap().contains("loja-a, loja-b"),
        "{refused}"
    );
    database.run("DELETE FROM modulos WHERE id='loja-b'");
    assert_eq!(site.form()["modulo"], "loja-a");
}
