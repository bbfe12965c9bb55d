//! Names that others have, folders that are not to be written to, file systems of their own.

use std::fs;
use std::os::unix::fs::{chown, symlink};

use gestor_plugins::outcome::ExitCode;
use serde_json::json;

use super::{gestor, package, run, text};
use crate::support::gestor::{Gestor, tree};
use crate::support::mount::Mount;
use crate::support::operation::Ended;
use crate::support::scene::SLUG;

const STRANGER: u32 = 65534;

/// What has the name, how it comes there, what is told, and what is published all the same.
type Taken<'t> = (&'t str, &'t dyn Fn(&Gestor), &'t str, &'t str);

/// Puts a file there, with the folders above it.
fn put(gestor: &Gestor, path: &str, text: &str) {
    let path = gestor.root().join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn warns(ended: &Ended, words: &[&str]) {
    let told = ended.report["avisos"].to_string();
    for word in words {
        assert!(told.contains(word), "{word}: {told}");
    }
}

/// Installs, updates and uninstalls: what stood there is as it was, and what is not in its way is published.
fn stays(gestor: &Gestor, what: &str, refused: &[&str], published: &[&str]) {
    let before = tree(&gestor.root().join("assets"));
    for version in ["1.0.0", "1.1.0"] {
        let ended = gestor.install(&package(SLUG, "m", version), &[]).expect(ExitCode::Ok);
        warns(&ended, refused);
        for path in published {
            assert!(
                text(gestor, path).is_some_and(|text| text.contains(version)),
                "{what}: {path}"
            );
        }
        for (path, content) in &before {
            let after = tree(&gestor.root().join("assets"));
            assert_eq!(after.get(path), Some(content), "{what}: {path}");
        }
        run(gestor, "verify", &json!({})).expect(ExitCode::Ok);
    }
    run(gestor, "uninstall", &json!({"modo": "expurgar"})).expect(ExitCode::Ok);
    assert_eq!(tree(&gestor.root().join("assets")), before, "{what}");
}

#[test]
fn a_name_that_others_have_is_left_to_them() {
    let js = format!("{SLUG}/m/js.js");
    let taken: [Taken<'_>; 8] = [
        (
            "a file of the gestor",
            &|site| put(site, "assets/m/css.css", "CORE"),
            "assets/m/css.css",
            &js,
        ),
        (
            "a file that is a link",
            &|site| {
                put(site, "assets/m/x", "");
                symlink("/etc/passwd", site.root().join("assets/m/css.css")).unwrap();
            },
            "assets/m/css.css",
            &js,
        ),
        (
            "a folder of that name",
            &|site| put(site, "assets/m/css.css/x", ""),
            "assets/m/css.css",
            &js,
        ),
        (
            "an upload",
            &|site| put(site, "contents/m/css.css", "UPLOAD"),
            "contents/m/css.css",
            &js,
        ),
        (
            "a module of the gestor",
            &|site| put(site, "modulos/m/m.css", "CORE"),
            "modulos/m/m.css",
            &js,
        ),
        (
            "another case",
            &|site| put(site, "assets/m/CSS.css", "X"),
            "CSS.css",
            &js,
        ),
        (
            "another case of a folder",
            &|site| put(site, "assets/M/x.css", "X"),
            "assets/M",
            &js,
        ),
        (
            "a file in a folder's place",
            &|site| put(site, "assets/m", "X"),
            "assets/m",
            &js,
        ),
    ];
    for (what, make, told, published) in taken {
        let gestor = gestor();
        make(&gestor);
        stays(&gestor, what, &[told], &[published]);
    }
}

#[test]
fn a_link_or_a_strangers_folder_on_the_way_is_not_passed() {
    let outside = tempfile::tempdir().unwrap();
    for is_link in [true, false] {
        let gestor = gestor();
        let folder = gestor.root().join("assets/m");
        if is_link {
            symlink(outside.path(), &folder).unwrap();
        } else {
            fs::create_dir(&folder).unwrap();
            chown(&folder, Some(STRANGER), Some(STRANGER)).unwrap();
        }
        stays(
            &gestor,
            "on the way",
            &["assets/m/css.css was not published"],
            &[&format!("{SLUG}/m/js.js")],
        );
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    }
}

#[test]
fn a_link_that_takes_the_place_of_a_published_folder_leads_nowhere() {
    let gestor = gestor();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("css.css"), "VICTIM").unwrap();
    fs::write(outside.path().join("list.js"), "VICTIM").unwrap();
    gestor.install(&package(SLUG, "m", "1.0.0"), &[]).expect(ExitCode::Ok);
    fs::remove_dir_all(gestor.root().join("assets/m")).unwrap();
    symlink(outside.path(), gestor.root().join("assets/m")).unwrap();
    run(&gestor, "verify", &json!({})).expect(ExitCode::Drift);
    gestor.install(&package(SLUG, "m", "1.1.0"), &[]).expect(ExitCode::Ok);
    run(&gestor, "uninstall", &json!({})).expect(ExitCode::Ok);
    for name in ["css.css", "list.js"] {
        assert_eq!(fs::read_to_string(outside.path().join(name)).unwrap(), "VICTIM");
    }
    assert!(gestor.root().join("assets/m").is_symlink());
}

#[test]
fn the_first_of_two_plugins_has_the_name() {
    let gestor = gestor();
    let other = |version: &str| package("other", "m", version);
    gestor.install(&package(SLUG, "m", "1.0.0"), &[]).expect(ExitCode::Ok);
    let told = gestor.install(&other("1.0.0"), &[]).expect(ExitCode::Ok);
    warns(&told, &["assets/m/css.css was not published"]);
    assert_eq!(text(&gestor, "other/m/js.js").unwrap(), "// other 1.0.0");
    run(&gestor, "uninstall", &json!({})).expect(ExitCode::Ok);
    assert_eq!(text(&gestor, "m/css.css"), None);
    gestor.install(&other("1.1.0"), &[]).expect(ExitCode::Ok);
    assert_eq!(text(&gestor, "m/css.css").unwrap(), "/* other 1.1.0 */");
}

#[test]
fn the_same_file_that_somebody_else_put_there_is_his() {
    let gestor = gestor();
    let text_of = |version: &str| format!("/* {SLUG} {version} */");
    put(&gestor, "assets/m/css.css", &text_of("1.0.0"));
    let told = gestor.install(&package(SLUG, "m", "1.0.0"), &[]).expect(ExitCode::Ok);
    warns(&told, &["assets/m/css.css was not published", "has the same content"]);
    run(&gestor, "verify", &json!({})).expect(ExitCode::Ok);
    // Neither a second time, nor where it is the only file.
    let again = [("reprocessar", gestor_plugins::config::Argument::Bool(true))];
    gestor
        .install(&package(SLUG, "m", "1.0.0"), &again)
        .expect(ExitCode::Ok);
    gestor.install(&package(SLUG, "m", "1.1.0"), &[]).expect(ExitCode::Ok);
    assert_eq!(text(&gestor, "m/css.css").unwrap(), text_of("1.0.0"));
    run(&gestor, "uninstall", &json!({"modo": "expurgar"})).expect(ExitCode::Ok);
    assert_eq!(text(&gestor, "m/css.css").unwrap(), text_of("1.0.0"));
    // As soon as it is away, the address is the plugin's.
    run(&gestor, "restore", &json!({})).expect(ExitCode::Ok);
    fs::remove_file(gestor.root().join("assets/m/css.css")).unwrap();
    gestor
        .install(&package(SLUG, "m", "1.1.0"), &again)
        .expect(ExitCode::Ok);
    assert_eq!(text(&gestor, "m/css.css").unwrap(), text_of("1.1.0"));
}

#[test]
fn the_only_file_that_could_not_be_published_is_not_taken_over_later() {
    let gestor = gestor();
    let of = |version: &str, text: &str| {
        let descriptor = json!({"versao": version}).to_string();
        let plain = crate::support::package::Package::new(SLUG, version).file("modules/m/m.json", descriptor);
        plain.file("modules/m/m.css", text)
    };
    put(&gestor, "assets/m/css.css", "SAME");
    let again = [("reprocessar", gestor_plugins::config::Argument::Bool(true))];
    for more in [&[][..], &again] {
        gestor.install(&of("1.0.0", "SAME"), more).expect(ExitCode::Ok);
    }
    gestor.install(&of("1.1.0", "OTHER"), &[]).expect(ExitCode::Ok);
    run(&gestor, "uninstall", &json!({})).expect(ExitCode::Ok);
    assert_eq!(text(&gestor, "m/css.css").unwrap(), "SAME");
    let record = gestor.root().join(format!("plugins/.instalado/{SLUG}.assets"));
    assert!(!record.exists());
}

#[test]
fn where_nothing_can_be_written_nothing_is_done() {
    let gestor = gestor();
    gestor.install(&package(SLUG, "m", "1.0.0"), &[]).expect(ExitCode::Ok);
    let assets = gestor.root().join("assets");
    let before = (tree(&assets), gestor.tree(SLUG));
    {
        let _mounted = Mount::read_only(&assets);
        gestor.install(&package(SLUG, "m", "1.1.0"), &[]).expect(ExitCode::Move);
        run(&gestor, "uninstall", &json!({})).expect(ExitCode::Move);
        run(&gestor, "disable", &json!({})).expect(ExitCode::Move);
        assert_eq!((tree(&assets), gestor.tree(SLUG)), before);
        run(&gestor, "verify", &json!({})).expect(ExitCode::Ok);
        // What publishes nothing is not kept from it.
        let plain = crate::support::package::Package::new("plain", "1.0.0");
        gestor.install(&plain, &[]).expect(ExitCode::Ok);
    }
    gestor.install(&package(SLUG, "m", "1.1.0"), &[]).expect(ExitCode::Ok);
    assert!(gestor.leftovers().is_empty() && !assets.join(".plugins").exists());
}

#[test]
fn a_file_system_of_its_own_is_no_hindrance() {
    let gestor = gestor();
    let assets = gestor.root().join("assets");
    let _mounted = Mount::memory(&assets, "4m");
    for version in ["1.0.0", "1.1.0"] {
        gestor.install(&package(SLUG, "m", version), &[]).expect(ExitCode::Ok);
        assert!(text(&gestor, "m/css.css").unwrap().contains(version));
        fs::write(assets.join("m/list.js"), "MINE").unwrap();
    }
    run(&gestor, "uninstall", &json!({})).expect(ExitCode::Ok);
    assert_eq!(tree(&assets).len(), 0);
    assert_eq!(super::kept(&gestor).len(), 2);
}

#[test]
fn a_folder_that_is_kept_elsewhere_is_followed_once() {
    let gestor = Gestor::new();
    let outside = tempfile::tempdir().unwrap();
    symlink(outside.path(), gestor.root().join("assets")).unwrap();
    gestor.install(&package(SLUG, "m", "1.0.0"), &[]).expect(ExitCode::Ok);
    assert!(outside.path().join("m/css.css").is_file());
    run(&gestor, "uninstall", &json!({})).expect(ExitCode::Ok);
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
}
