//! `schemas/manifest.schema.json` beside what the library takes, and `schemas/validate.schema.json` beside what the program says.

use std::fs;
use std::path::Path;

use boon::{Compiler, SchemaIndex, Schemas};
use gestor_plugins::manifest;
use gestor_plugins::model::Slug;
use serde_json::{Value, json};

use super::program;
use crate::support::package::Package;

struct Schema {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Schema {
    fn of(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(name);
        let mut compiler = Compiler::new();
        let text = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        compiler.add_resource(name, text).unwrap();
        let mut schemas = Schemas::new();
        let index = compiler.compile(name, &mut schemas).unwrap();
        Self { schemas, index }
    }

    fn takes(&self, value: &Value) -> bool {
        self.schemas.validate(value, self.index).is_ok()
    }
}

fn library_takes(manifest: &Value) -> bool {
    let slug = Slug::normalize("loja").unwrap();
    manifest::parse(manifest.to_string().as_bytes(), "manifest.json", &slug, None).is_ok()
}

/// Values of which some are right for a key and some are not.
fn values() -> Vec<Value> {
    vec![
        Value::Null,
        json!("loja"),
        json!("1.0.0"),
        json!(""),
        json!("x".repeat(300)),
        json!(0),
        json!(7),
        json!(-1),
        json!(1.5),
        json!(true),
        json!([]),
        json!(["a.php"]),
        json!(["cache/*"]),
        json!([{"id": "blog", "min": "1.0"}]),
        json!([{"min": "1.0"}]),
        json!([{"script": "a.php", "timeout": 5}]),
        json!([{"timeout": 5}]),
        json!([7]),
        json!({}),
        json!({"blog": "^1.2"}),
        json!({"blog": {"min": "1.0", "max": "2.x"}}),
        json!({"blog": ["1"]}),
        json!({"min": "2.0.0"}),
    ]
}

const KEYS: [&str; 14] = [
    "id",
    "name",
    "nome",
    "version",
    "versao",
    "compatibility",
    "dependencies",
    "dependencias",
    "epoch",
    "epoca",
    "gravaveis",
    "post_installation_scripts",
    "post_install_scripts",
    "author",
];

#[test]
fn the_description_of_a_manifest_takes_whatever_the_library_takes() {
    let schema = Schema::of("manifest.schema.json");
    let whole = json!({"id": "loja", "name": "Loja", "version": "1.0.0"});
    let (mut both, mut neither, mut closer) = (0, 0, Vec::new());
    for key in KEYS {
        for value in values() {
            let mut manifest = whole.clone();
            manifest[key] = value.clone();
            match (library_takes(&manifest), schema.takes(&manifest)) {
                (true, true) => both += 1,
                (false, false) => neither += 1,
                (false, true) => closer.push(format!("{key}: {value}")),
                (true, false) => panic!("the library takes {manifest}, and the description does not"),
            }
        }
    }
    // What only the installer sees: versions, ranges, paths, ids of others.
    println!("both {both}, neither {neither}, only the library refuses: {closer:#?}");
    assert!(
        both > 60 && neither > 60 && closer.len() < both + neither,
        "{both} {neither} {closer:?}"
    );
    for missing in ["id", "name", "version"] {
        let mut manifest = whole.clone();
        manifest.as_object_mut().unwrap().remove(missing);
        assert!(!library_takes(&manifest) && !schema.takes(&manifest), "{missing}");
    }
}

#[test]
fn what_validate_says_is_as_it_is_described() {
    let schema = Schema::of("validate.schema.json");
    let folder = tempfile::tempdir().unwrap();
    let good = Package::new("good", "1.0.0").file("a.php", "<?php var_dump(1);");
    let packages = [
        ("good.zip", good),
        (
            "bad.zip",
            Package::with_manifest(&json!({"id": "bad", "name": "b", "version": "x"})),
        ),
    ];
    for (name, package) in packages {
        package.write(&folder.path().join(name));
        let report = program(folder.path(), &["validate", name, "--json"]).report();
        assert!(schema.takes(&report), "{report:#}");
    }
    for wrong in [&["validate", "good.zip", "--deny=none"][..], &["pack", "good.zip"]] {
        let report = program(folder.path(), &[wrong, &["--json"]].concat()).report();
        assert!(schema.takes(&report) && report["ok"] == json!(false), "{report:#}");
        assert!(!report["erros"].as_array().unwrap().is_empty());
    }
    for (words, key) in [(&["new", "--list"][..], "modelos"), (&["validate", "--list"], "avisos")] {
        let report = program(folder.path(), &[words, &["--json"]].concat()).report();
        assert!(
            report[key][0]["nome"].is_string() && report[key][0]["sobre"].is_string(),
            "{report:#}"
        );
        assert_eq!(report["codigo"], json!(0));
    }
    fs::create_dir(folder.path().join("p")).unwrap();
    fs::write(
        folder.path().join("p/manifest.json"),
        json!({"id": "p", "name": "p", "version": "1.0.0"}).to_string(),
    )
    .unwrap();
    let report = program(folder.path(), &["pack", "p", "--json"]).report();
    assert!(schema.takes(&report) && report["checksum"].is_string(), "{report:#}");
}
