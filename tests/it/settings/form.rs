//! The form that a schema means, and packages whose schema is none.

use gestor_plugins::config::Limits;
use gestor_plugins::model::Bilingual;
use gestor_plugins::ops::author::{Validation, validate};
use gestor_plugins::outcome::ExitCode;
use serde_json::json;

use super::site::{SLUG, Site, package};
use crate::support::gestor::Gestor;
use crate::support::package::Package;

#[test]
fn a_schema_is_shown_as_a_form() {
    let site = Site::new(&json!({
        "title": "Combat Pack Configuration",
        "properties": {
            "difficulty": {"type": "enum", "enum": ["normal", "hard", "extreme"], "default": "normal", "description": "Combat difficulty level"},
            "enable_rare_encounters": {"type": "boolean", "default": false},
            "encounter_rate": {"type": "number", "min": 0.1, "max": 5.0, "default": 1.0},
            "waves": {"type": "array", "items": {"type": "object"}, "x-gestor": {"grupo": "More"}},
        },
        "additionalProperties": {"type": "string"},
    }));
    let form = site.form();
    assert_eq!(form["titulo"], "Combat Pack Configuration");
    assert_eq!((&form["modulo"], &form["idioma"]), (&json!(SLUG), &json!("en")));
    assert_eq!(form["idiomas"], json!(["pt-br", "en"]));
    let fields = form["campos"].as_array().unwrap();
    let widgets: Vec<_> = fields.iter().map(|field| field["widget"].as_str().unwrap()).collect();
    assert_eq!(widgets, ["dropdown", "toggle", "number", "json"]);
    assert_eq!(fields[0]["ajuda"], "Combat difficulty level");
    assert_eq!(fields[0]["opcoes"][2], json!({"valor": "extreme", "rotulo": "extreme"}));
    assert_eq!(fields[2]["limites"], json!({"minimum": 0.1, "maximum": 5.0}));
    assert_eq!(fields[3]["grupo"], "More");
    assert_eq!(fields[3]["motivo"], "there is no field for a list like this one");
    assert_eq!(form["partes"][0]["ponteiro"], "/additionalProperties");
    let defaults = json!({"difficulty": "normal", "enable_rare_encounters": false, "encounter_rate": 1.0});
    assert_eq!(form["valores"], defaults);
    // Looking makes nothing.
    assert_eq!(site.gestor.database.count("variaveis", "1"), 0);
}

#[test]
fn a_plugin_without_a_schema_has_no_form() {
    let site = Site::new(&json!({"properties": {"a": {"type": "string"}}}));
    site.gestor
        .install(&Package::new("outro", "1.0.0"), &[])
        .expect(ExitCode::Ok);
    let shown = site.call("config", &json!({"slug": "outro"})).expect(ExitCode::Ok);
    assert_eq!(shown.report["configuracao"], json!(null));
    let saved = site.call("config_set", &json!({"slug": "outro", "valores": {"a": 1}}));
    let told = saved.expect(ExitCode::ParamsOrFile).report["erros"][0].to_string();
    assert!(told.contains("the plugin outro has no settings"), "{told}");
    site.call("config", &json!({"slug": "nenhum"}))
        .expect(ExitCode::NotInstalled);
}

#[test]
fn a_package_whose_schema_is_none_is_refused_as_validating_says() {
    for (schema, part) in [
        (
            json!({"properties": {"a": {"type": "strin"}}}),
            "/properties/a/type: no JSON Schema",
        ),
        (
            json!({"properties": {"a": {"$ref": "https://example.com/x"}}}),
            "/properties/a/$ref",
        ),
        (json!({"properties": {"a": {"pattern": "("}}}), "/properties/a/pattern"),
        (
            json!({"properties": {"a": {"type": "integer", "default": "x"}}}),
            "/properties/a/default",
        ),
        (json!([]), "an object is wanted"),
    ] {
        let gestor = Gestor::new();
        let before = gestor
            .database
            .dump(&["plugins", "gestor_plugins_historico", "gestor_plugins_esquema"]);
        let package = package("1.0.0", &schema);
        let refused = gestor.install(&package, &[]).expect(ExitCode::Validate);
        let told = refused.report["erros"][0].as_str().unwrap();
        assert!(told.contains(part), "{told}");
        assert!(!gestor.root().join("plugins").join(SLUG).exists());
        let after = gestor
            .database
            .dump(&["plugins", "gestor_plugins_historico", "gestor_plugins_esquema"]);
        assert!(
            after
                .iter()
                .all(|row| before.contains(row) || row.starts_with("gestor_plugins_")),
            "{after:?}"
        );
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.zip");
        package.write(&path);
        let validated = validate(&Validation {
            php: None,
            path: &path,
            against: None,
            release: None,
            denied: &[],
            allowed: &[],
            rules: None,
            limits: &Limits::default(),
            work: folder.path(),
            now: chrono::Utc::now(),
        });
        let fault = validated.unwrap().fault.unwrap();
        assert_eq!(fault.exit_code(), ExitCode::Validate);
        assert_eq!(fault.text(gestor_plugins::model::Lang::En), told);
    }
}
