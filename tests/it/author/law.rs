//! The law of `validate`: a package that it takes installs on an empty gestor, and one that it refuses does not, for the same
//! reasons and with the same code. Packages are drawn, good and bad, each with one of the kinds of fault that the installer knows.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use gestor_plugins::config::{DatabaseSettings, Tls};
use gestor_plugins::data::write_tables;
use gestor_plugins::model::Secret;
use serde_json::{Value, json};

use super::program;
use crate::support::core_data::core_data;
use crate::support::draw::Draw;
use crate::support::gestor::Gestor;
use crate::support::operation::install;
use crate::support::package::Package;
use crate::support::text_argument;

const PACKAGES: u64 = 520;

/// What is done to a package once it stands.
type Spoil = fn(&mut Vec<u8>, &mut Draw);

/// A package without faults, of what its number draws.
fn good(slug: &str, draw: &mut Draw) -> (Value, BTreeMap<String, Value>, BTreeMap<String, String>) {
    let manifest = json!({"id": slug, "name": "Law", "version": format!("1.{}.0", draw.below(9))});
    let mut data = BTreeMap::new();
    let page = |id: &str, language: &str, title: &str| {
        json!({"id": format!("{slug}-{id}"), "language": language, "nome": title,
            "caminho": format!("{slug}/{id}/"), "html": "<p>á</p>", "tipo": "sistema", "status": "A"})
    };
    let pages = (0..=draw.below(4)).flat_map(|number| {
        let id = format!("p{number}");
        ["pt-br", "en"].map(|language| page(&id, language, "Título"))
    });
    data.insert("Paginas".to_owned(), Value::Array(pages.collect()));
    if draw.chance() {
        let rows =
            json!([{"id": format!("{slug}-v"), "language": "pt-br", "modulo": slug, "valor": "1", "tipo": "number"}]);
        data.insert("Variaveis".to_owned(), rows);
    }
    if draw.chance() {
        let rows = json!([{"id": slug, "language": "pt-br", "nome": "M", "modulo_grupo_id": "administracao-sistema", "status": "A"}]);
        data.insert("Modulos".to_owned(), rows);
    }
    let mut files = BTreeMap::new();
    if draw.chance() {
        let resources =
            json!({"pt-br": {"pages": [{"id": format!("{slug}-d"), "name": "D", "path": format!("{slug}/d/")}]}});
        let descriptor = json!({"versao": "1.0.0", "plugin": slug, "resources": resources});
        files.insert(format!("modules/{slug}/{slug}.json"), descriptor.to_string());
        let place = format!("modules/{slug}/resources/pt-br/pages/{slug}-d/{slug}-d.html");
        files.insert(place, "<p>d</p>".to_owned());
    }
    (manifest, data, files)
}

/// A package, perhaps with a fault: its name, and what is done to its bytes.
#[expect(clippy::too_many_lines, reason = "a table of faults")]
fn drawn(slug: &str, draw: &mut Draw) -> (&'static str, Package, Option<Spoil>) {
    let (mut manifest, mut data, mut files) = good(slug, draw);
    let pages = |data: &mut BTreeMap<String, Value>, column: &str, value: Value| {
        data.get_mut("Paginas").unwrap()[0][column] = value;
    };
    let mut spoil: Option<Spoil> = None;
    let kind = match draw.below(50) {
        0 => {
            manifest["version"] = json!("one");
            "version"
        }
        1 => {
            manifest.as_object_mut().unwrap().remove("version");
            "no version"
        }
        2 => {
            manifest["compatibility"] = json!({"min": "3.0.0"});
            "incompatible"
        }
        3 => {
            manifest["dependencies"] = json!("x");
            "dependencies"
        }
        4 => {
            manifest["post_install_scripts"] = json!(["scripts/none.php"]);
            "script"
        }
        5 => {
            pages(&mut data, "nome", json!("x".repeat(300)));
            "too long"
        }
        6 => {
            pages(&mut data, "status", json!("long"));
            "too long status"
        }
        7 => {
            pages(&mut data, "raiz", json!("many"));
            "no number"
        }
        8 => {
            pages(&mut data, "id", Value::Null);
            "no id"
        }
        9 => {
            pages(&mut data, "id", json!(" "));
            "blank id"
        }
        10 => {
            let row = data["Paginas"][0].clone();
            data.get_mut("Paginas").unwrap().as_array_mut().unwrap().push(row);
            "twice"
        }
        11 => {
            pages(&mut data, "unknown_column", json!(1));
            "unknown column"
        }
        12 => {
            data.insert("NoSuchTable".to_owned(), json!([{"id": "x"}]));
            "unknown table"
        }
        13 => {
            data.insert("Plugins".to_owned(), json!([{"id": slug}]));
            "forbidden table"
        }
        14 => {
            data.insert("Sessoes".to_owned(), json!([{"id": slug}]));
            "forbidden sessions"
        }
        15 => {
            files.insert("db/data/LayoutsData.json".to_owned(), "{".to_owned());
            "no JSON"
        }
        16 => {
            data.insert("Layouts".to_owned(), json!({"id": "x"}));
            "no list"
        }
        17 => {
            data.insert("Layouts".to_owned(), json!(["x"]));
            "no object"
        }
        18 => {
            files.insert("db/data/1x-yData.json".to_owned(), "[{\"id\": 1}]".to_owned());
            "name of a file"
        }
        19 => {
            files.insert(format!("modules/{slug}/{slug}.json"), "[]".to_owned());
            "descriptor"
        }
        20 => {
            files.insert(format!("modules/{slug}/{slug}.json"), "{\"resources\": 7}".to_owned());
            "resources"
        }
        21 => {
            let text = json!({"resources": {"pt-br": {"pages": [{"name": "D"}]}}}).to_string();
            files.insert(format!("modules/{slug}/{slug}.json"), text);
            "page without id"
        }
        22 => {
            files.insert("assinatura.json".to_owned(), "{}".to_owned());
            "signature"
        }
        23 => {
            files.insert(format!("modules/{slug}/a\u{1}b.js"), "x".to_owned());
            "control character"
        }
        24 => {
            files.insert("../out.txt".to_owned(), "x".to_owned());
            "way out"
        }
        25 => {
            files.insert("/abs.txt".to_owned(), "x".to_owned());
            "absolute"
        }
        26 => {
            files.insert("a\\b.txt".to_owned(), "x".to_owned());
            "backslash"
        }
        27 => {
            files.insert("README.TXT".to_owned(), "x".to_owned());
            "names that differ in case"
        }
        28 => {
            spoil = Some(|bytes, draw| {
                let at = 60 + draw.below(200);
                bytes[usize::try_from(at).unwrap()] ^= 0x55;
            });
            "damage"
        }
        29 => {
            spoil = Some(|bytes, _| bytes.truncate(bytes.len() - 30));
            "cut"
        }
        30 => {
            spoil = Some(|bytes, _| bytes.clear());
            "empty"
        }
        31 => {
            spoil = Some(|bytes, _| *bytes = "no archive ".repeat(80).into_bytes());
            "no ZIP"
        }
        32 => {
            pages(&mut data, "id_paginas", json!("abc"));
            "primary key"
        }
        33 => {
            pages(&mut data, "data_criacao", json!("yesterday"));
            "date"
        }
        34 => {
            data.insert(
                "Layouts".to_owned(),
                json!([{"id": format!("{slug}-l"), "language": "pt-br", "nome": ["a"], "html": {"a": 1}}]),
            );
            "objects in texts"
        }
        35 => {
            data.insert("Componentes".to_owned(), json!([{"nome": "x", "language": "pt-br"}]));
            "no key"
        }
        36 => {
            data.insert(
                "ModulosGrupos".to_owned(),
                json!([{"id": format!("{slug}-g"), "language": "pt-br"}]),
            );
            "few columns"
        }
        37 => {
            data.insert(
                "Templates".to_owned(),
                json!([{"id": format!("{slug}-t"), "fields_schema": "{no"}]),
            );
            "no JSON in a column"
        }
        38 => {
            data.insert("Usuarios".to_owned(), json!([{"id": format!("{slug}-u")}]));
            "users"
        }
        39 => {
            data.insert(
                "UsuariosPerfisModulos".to_owned(),
                json!([{"perfil": "administradores"}]),
            );
            "half a key"
        }
        40 => {
            data.insert(
                "UsuariosPerfisModulos".to_owned(),
                json!([{"perfil": "administradores", "modulo": slug}]),
            );
            "grant"
        }
        41 => {
            pages(&mut data, "language", json!("a-language-with-a-long-name"));
            "language"
        }
        42 => {
            let row = data["Paginas"][0].clone();
            let mut other = row;
            other["id"] = json!(other["id"].as_str().unwrap().to_uppercase());
            data.get_mut("Paginas").unwrap().as_array_mut().unwrap().push(other);
            "keys that differ in case"
        }
        43 => {
            manifest["dependencies"] = json!({"gestor": ">=3.0.0"});
            "another gestor"
        }
        44 => {
            manifest["dependencies"] = json!({"gestor": ">=2.0.0 <3", "php": ">=7.4"});
            "this gestor"
        }
        _ => "good",
    };
    let mut package = Package::with_manifest(&manifest);
    for (name, rows) in &data {
        package = package.data(name, rows);
    }
    for (name, text) in &files {
        package = package.file(name, text.as_str());
    }
    (kind, package, spoil)
}

/// Texts that say the same of the same file: where it stands is told apart.
fn texts(report: &Value, path: &Path) -> Vec<String> {
    let path = path.to_string_lossy();
    let all = report["erros"].as_array().unwrap().iter();
    all.map(|text| text.as_str().unwrap().replace(&*path, "<package>"))
        .collect()
}

/// A package is judged as it is installed: the code of both.
fn judged_as_installed(gestor: &Gestor, (kind, slug): (&str, &str), path: &Path) -> i32 {
    let told = program(
        path.parent().unwrap(),
        &["validate", "--json", "--allow=php-invalido", path.to_str().unwrap()],
    );
    let judged = told.report();
    let allowed = if judged["erros"].as_array().unwrap().is_empty() {
        0
    } else {
        told.code
    };
    let installed = install(gestor.call(path, slug, &[("lang", text_argument("en"))]));
    let code = installed.code.number();
    assert_eq!(allowed, code, "{kind} ({slug}): {judged:#}\n{:#}", installed.report);
    let (here, there) = (texts(&judged, path), texts(&installed.report, path));
    assert_eq!(here, there, "{kind} ({slug})");
    code
}

/// What the gestor itself ships, as packages: all of it, and each file by itself.
#[test]
fn the_cores_own_data_is_judged_as_it_is_installed() {
    let gestor = Gestor::new();
    let folder = tempfile::tempdir().unwrap();
    let files = core_data();
    let mut packages = vec![("core".to_owned(), Package::new("core", "1.0.0"))];
    for (name, rows) in &files {
        let slug = format!("core-{}", name.to_lowercase());
        packages.push((slug.clone(), Package::new(&slug, "1.0.0").data(name, rows)));
        packages[0].1 = std::mem::replace(&mut packages[0].1, Package::new("core", "1.0.0")).data(name, rows);
    }
    // Each by itself comes first: what it brings is in nobody's way then.
    let mut codes = BTreeMap::new();
    for (slug, package) in packages.iter().rev() {
        let path = folder.path().join(format!("{slug}.zip"));
        package.write(&path);
        let gestor = if slug == "core" { &Gestor::new() } else { &gestor };
        let code = judged_as_installed(gestor, ("core data", slug), &path);
        codes.insert(slug.clone(), code);
    }
    println!("{codes:#?}");
    assert!(
        codes.len() == files.len() + 1 && codes.values().any(|code| *code == 0),
        "{codes:?}"
    );
}

#[test]
fn what_validates_installs_and_what_does_not_does_not() {
    let gestor = Gestor::new();
    let folder = tempfile::tempdir().unwrap();
    let mut draw = Draw(20_261_128);
    let mut seen: BTreeMap<(&str, i64), u64> = BTreeMap::new();
    for number in 0..PACKAGES {
        let slug = format!("law-{number}");
        let (kind, package, spoil) = drawn(&slug, &mut draw);
        let path = folder.path().join(format!("{slug}.zip"));
        package.write(&path);
        if let Some(spoil) = spoil {
            let mut bytes = fs::read(&path).unwrap();
            spoil(&mut bytes, &mut draw);
            fs::write(&path, bytes).unwrap();
        }
        let code = judged_as_installed(&gestor, (kind, &slug), &path);
        *seen.entry((kind, code.into())).or_default() += 1;
    }
    println!("{seen:#?}");
    assert!(seen.len() > 30, "{seen:?}");
    let good: u64 = seen
        .iter()
        .filter(|((_, code), _)| *code == 0)
        .map(|(_, count)| count)
        .sum();
    assert!(good > PACKAGES / 10 && good < PACKAGES, "{good}");
}

#[test]
fn the_tables_that_are_compiled_in_are_those_of_the_release() {
    let gestor = Gestor::new();
    let settings = DatabaseSettings {
        host: String::new(),
        port: 0,
        socket: Some(gestor.database.socket().to_owned()),
        name: gestor.database.name().to_owned(),
        user: "root".to_owned(),
        password: Secret::new(String::new()),
        tls: Tls::Off,
        ca: None,
    };
    let mut database = gestor_plugins::base::db::Database::connect(&settings).unwrap();
    if !database.server().is_mariadb() {
        return println!("not compared: the tables are described as a MariaDB does it");
    }
    let found = write_tables(&mut database).unwrap();
    let kept = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/data/gestor/2.9.43.tables")).unwrap();
    let ours = |text: &str| -> Vec<String> {
        // Our own tables are made with the first plugin.
        let lines = text
            .lines()
            .filter(|line| !line.starts_with("gestor_plugins_") && !line.starts_with("plugins_credenciais"));
        lines.map(str::to_owned).collect()
    };
    let (found, kept) = (ours(&found), ours(&kept));
    let differing: Vec<_> = found
        .iter()
        .zip(&kept)
        .filter(|(one, other)| one != other)
        .take(5)
        .collect();
    assert!(found == kept, "{differing:#?}");
}
