//! Files that the gestor serves: published with their plugin, undone with it, gone with it; never over what somebody else
//! put there (SPEC 2 §9).

mod kept;
mod killed;
mod left;
mod sets;
mod strangers;

use std::fs;
use std::path::PathBuf;

use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use crate::support::child;
use crate::support::gestor::{Gestor, tree};
use crate::support::mariadb::Database;
use crate::support::operation::Ended;
use crate::support::package::Package;
use crate::support::scene::SLUG;

/// What is done, how, and the version that is served then.
type Step<'s> = (&'s str, &'s dyn Fn() -> Ended, Option<&'s str>);

/// A package with a script, styles and a picture, all of which name its version.
pub(crate) fn package(slug: &str, module: &str, version: &str) -> Package {
    let variable = json!([{"language": "en", "modulo": module, "id": slug, "valor": version, "tipo": "string"}]);
    Package::new(slug, version)
        .data("Variaveis", &variable)
        .file(
            &format!("modules/{module}/{module}.json"),
            json!({"versao": version, "plugin": slug}).to_string(),
        )
        .file(&format!("modules/{module}/{module}.js"), format!("// {slug} {version}"))
        .file(
            &format!("modules/{module}/{module}.css"),
            format!("/* {slug} {version} */"),
        )
        .file(
            &format!("modules/{module}/{module}.list.js"),
            format!("// list {slug} {version}"),
        )
        .file(
            &format!("assets/{version}/img/logo.svg"),
            format!("<svg>{slug} {version}</svg>"),
        )
}

/// A site with something of its own in `assets/`.
pub(crate) fn gestor() -> Gestor {
    let gestor = Gestor::new();
    let own = gestor.root().join("assets/interface");
    fs::create_dir_all(&own).unwrap();
    fs::write(own.join("core.js"), "// core").unwrap();
    gestor
}

/// An operation on the plugin of the tests.
pub(crate) fn run(gestor: &Gestor, operation: &str, more: &Value) -> Ended {
    child::other(operation, &child::about(gestor, SLUG, more), None)
}

pub(crate) fn text(gestor: &Gestor, path: &str) -> Option<String> {
    fs::read_to_string(gestor.root().join("assets").join(path)).ok()
}

fn kept(gestor: &Gestor) -> Vec<PathBuf> {
    let found = walkdir::WalkDir::new(gestor.root().join("plugins/_backups"));
    let paths = found
        .into_iter()
        .filter_map(Result::ok)
        .map(walkdir::DirEntry::into_path);
    let mut files: Vec<PathBuf> = paths
        .filter(|path| path.is_file() && path.to_str().unwrap().contains("-assets"))
        .collect();
    files.sort();
    files
}

#[test]
fn they_come_change_and_go_with_their_plugin() {
    let gestor = gestor();
    let own = tree(&gestor.root().join("assets"));
    let steps: [Step<'_>; 7] = [
        (
            "install",
            &|| gestor.install(&package(SLUG, "m", "1.0.0"), &[]),
            Some("1.0.0"),
        ),
        (
            "update",
            &|| gestor.install(&package(SLUG, "m", "1.1.0"), &[]),
            Some("1.1.0"),
        ),
        ("rollback", &|| run(&gestor, "rollback", &json!({})), Some("1.0.0")),
        ("disable", &|| run(&gestor, "disable", &json!({})), None),
        ("enable", &|| run(&gestor, "enable", &json!({})), Some("1.0.0")),
        (
            "uninstall",
            &|| run(&gestor, "uninstall", &json!({"modo": "expurgar"})),
            None,
        ),
        ("restore", &|| run(&gestor, "restore", &json!({})), Some("1.0.0")),
    ];
    for (what, step, version) in steps {
        let ended = step().expect(ExitCode::Ok);
        assert_eq!(
            ended.report["avisos"].as_array().map_or(0, Vec::len),
            0,
            "{what}: {}",
            ended.report["avisos"]
        );
        let Some(version) = version else {
            assert_eq!(tree(&gestor.root().join("assets")), own, "{what}");
            assert!(
                !gestor
                    .root()
                    .join("plugins/.instalado")
                    .join(format!("{SLUG}.assets"))
                    .exists()
            );
            continue;
        };
        for (path, wanted) in [
            (format!("{SLUG}/m/js.js"), format!("// {SLUG} {version}")),
            ("m/css.css".to_owned(), format!("/* {SLUG} {version} */")),
            ("m/list.js".to_owned(), format!("// list {SLUG} {version}")),
            (
                format!("plugins/{SLUG}/{version}/img/logo.svg"),
                format!("<svg>{SLUG} {version}</svg>"),
            ),
        ] {
            assert_eq!(text(&gestor, &path).as_deref(), Some(wanted.as_str()), "{what}: {path}");
        }
        run(&gestor, "verify", &json!({})).expect(ExitCode::Ok);
    }
    let modes = tree(&gestor.root().join("assets"));
    assert!(
        modes["m/css.css"].starts_with("644 ") && modes["m"].starts_with("755 "),
        "{modes:?}"
    );
}

#[test]
fn the_folder_itself_is_made_and_goes_again() {
    let gestor = Gestor::new();
    gestor.install(&package(SLUG, "m", "1.0.0"), &[]).expect(ExitCode::Ok);
    assert!(text(&gestor, "m/css.css").is_some());
    run(&gestor, "uninstall", &json!({})).expect(ExitCode::Ok);
    assert!(!gestor.root().join("assets").exists());
    // A plugin that publishes nothing makes nothing.
    gestor
        .install(&Package::new("other", "1.0.0"), &[])
        .expect(ExitCode::Ok);
    assert!(!gestor.root().join("assets").exists());
}

#[test]
fn what_a_version_no_longer_has_goes_but_the_folder_before_it() {
    let gestor = gestor();
    gestor.install(&package(SLUG, "m", "1.0.0"), &[]).expect(ExitCode::Ok);
    gestor.install(&Package::new(SLUG, "1.1.0"), &[]).expect(ExitCode::Ok);
    assert_eq!(text(&gestor, "m/css.css"), None);
    assert!(!gestor.root().join("assets/m").exists());
    assert!(text(&gestor, &format!("plugins/{SLUG}/1.0.0/img/logo.svg")).is_some());
    gestor.install(&Package::new(SLUG, "1.2.0"), &[]).expect(ExitCode::Ok);
    assert_eq!(tree(&gestor.root().join("assets")).len(), 2);
}

#[test]
fn what_somebody_wrote_to_is_kept_found_and_put_back() {
    let gestor = gestor();
    gestor.install(&package(SLUG, "m", "1.0.0"), &[]).expect(ExitCode::Ok);
    let put = |path: &str, text: &str| fs::write(gestor.root().join("assets").join(path), text).unwrap();
    put("m/css.css", "MINE");
    fs::remove_file(gestor.root().join("assets/m/list.js")).unwrap();
    put(&format!("plugins/{SLUG}/1.0.0/img/own.svg"), "OWN");
    let found = run(&gestor, "verify", &json!({})).expect(ExitCode::Drift).report;
    assert_eq!(found["arquivos"]["alterados"], json!(["assets/m/css.css"]));
    assert_eq!(found["arquivos"]["faltando"], json!(["assets/m/list.js"]));
    assert_eq!(
        found["arquivos"]["extras"],
        json!([format!("assets/plugins/{SLUG}/1.0.0/img/own.svg")])
    );
    run(&gestor, "verify", &json!({"reparar": true})).expect(ExitCode::Ok);
    assert_eq!(text(&gestor, "m/css.css").unwrap(), format!("/* {SLUG} 1.0.0 */"));
    let texts = |gestor: &Gestor| -> Vec<String> {
        kept(gestor)
            .iter()
            .map(|path| fs::read_to_string(path).unwrap())
            .collect()
    };
    assert_eq!(texts(&gestor), ["MINE", "OWN"]);
    put("m/css.css", "MINE AGAIN");
    run(&gestor, "uninstall", &json!({})).expect(ExitCode::Ok);
    assert_eq!(texts(&gestor).len(), 3);
    assert_eq!(text(&gestor, "m/css.css"), None);
}

#[test]
fn a_change_that_browsers_do_not_see_is_told() {
    let gestor = gestor();
    let of = |version: &str| package(SLUG, "m", version).file("modules/m/m.json", r#"{"versao": "7.0.0"}"#);
    let told = |ended: &Ended| ended.report["avisos"].to_string();
    let first = gestor.install(&of("1.0.0"), &[]).expect(ExitCode::Ok);
    assert_eq!(first.report["avisos"], json!([]));
    let again = gestor
        .install(&of("1.1.0").file("assets/1.1.0/x.mjs", "x"), &[])
        .expect(ExitCode::Ok);
    for word in ["assets/m/css.css changed", "assets/m/js.js changed", "7.0.0", "x.mjs"] {
        assert!(told(&again).contains(word), "{word}: {}", told(&again));
    }
    let raised = of("1.2.0").file("modules/m/m.json", r#"{"versao": "7.0.0", "asset_version": "8"}"#);
    let raised = gestor.install(&raised, &[]).expect(ExitCode::Ok);
    assert_eq!(raised.report["avisos"], json!([]), "{}", told(&raised));
}

#[test]
fn one_tree_publishes_once_for_all_its_databases() {
    let gestor = gestor();
    let other = Database::on(gestor.database.socket());
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("p.zip");
    package(SLUG, "m", "1.0.0").write(&archive);
    let in_other = |call: &mut Value| call["db"]["nome"] = json!(other.name());
    let call = child::call(&gestor, &archive, SLUG, false);
    child::install(&call, None).expect(ExitCode::Ok);
    let mut second = call.clone();
    in_other(&mut second);
    child::install(&second, None).expect(ExitCode::Ok);
    let published = tree(&gestor.root().join("assets"));
    let mut gone = child::about(&gestor, SLUG, &json!({"bases": "esta"}));
    in_other(&mut gone);
    child::other("uninstall", &gone, None).expect(ExitCode::Ok);
    assert_eq!(tree(&gestor.root().join("assets")), published);
    run(&gestor, "uninstall", &json!({})).expect(ExitCode::Ok);
    assert_eq!(tree(&gestor.root().join("assets")).len(), 2);
}

#[test]
fn a_dry_run_tells_and_publishes_nothing() {
    let gestor = gestor();
    fs::create_dir(gestor.root().join("assets/m")).unwrap();
    fs::write(gestor.root().join("assets/m/css.css"), "CORE").unwrap();
    let before = tree(gestor.root());
    let dry = [("dry_run", gestor_plugins::config::Argument::Bool(true))];
    let told = gestor.install(&package(SLUG, "m", "1.0.0"), &dry).expect(ExitCode::Ok);
    assert!(
        told.report["avisos"]
            .to_string()
            .contains("assets/m/css.css was not published")
    );
    let after = tree(gestor.root());
    let changed: Vec<_> = after
        .iter()
        .filter(|(path, what)| before.get(*path) != Some(what))
        .collect();
    assert!(changed.iter().all(|(path, _)| path.starts_with("temp")), "{changed:?}");
}
