//! What is needed comes along, from a folder of packages and from those that are kept (`com_dependencias`).

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use gestor_plugins::config::Argument;
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::gestor::Gestor;
use crate::support::operation::{Ended, Quiet, called, run};
use crate::support::package::Package;
use crate::support::{child, english};

/// A gestor, and a folder that is its index.
struct Site {
    gestor: Gestor,
    folder: TempDir,
    calls: TempDir,
}

impl Site {
    fn new() -> Self {
        Self {
            gestor: Gestor::new(),
            folder: tempfile::tempdir().unwrap(),
            calls: tempfile::tempdir().unwrap(),
        }
    }

    fn index(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn offer(&self, slug: &str, version: &str, needs: &Value) -> PathBuf {
        let path = self.index(&format!("{slug}-{version}.zip"));
        Package::page_needing(slug, version, needs).write(&path);
        path
    }

    fn run(&self, word: &str, more: &Value) -> Ended {
        let mut call = json!({"raiz": self.gestor.root(), "lang": "en", "gestor_versao": "2.9.43", "db": {
            "socket": self.gestor.database.socket(), "nome": self.gestor.database.name(), "usuario": "root",
        }});
        call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        run(called(word, Argument::from(&call), &english()), english(), &mut Quiet)
    }

    /// Installs a plugin; what it needs comes along.
    fn install(&self, slug: &str, version: &str, needs: &Value, more: &Value) -> Ended {
        let path = self.calls.path().join(format!("{slug}-{version}.zip"));
        Package::page_needing(slug, version, needs).write(&path);
        let mut call = json!({"slug": slug, "origem_tipo": "local_path", "local_path": path,
            "com_dependencias": true, "pasta_indice": self.folder.path()});
        call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.run("install", &call)
    }

    fn version(&self, slug: &str) -> Option<String> {
        let sql = format!("SELECT versao_instalada FROM plugins WHERE id = '{slug}'");
        let version = self.gestor.database.value(&sql)?;
        let tree = fs::read_to_string(Path::new(&self.gestor.root()).join(format!("plugins/{slug}/v.txt")));
        assert_eq!(tree.ok().as_ref(), Some(&version), "{slug}");
        Some(version)
    }

    fn versions(&self) -> String {
        let found = ["top", "middle", "base", "other"].map(|slug| self.version(slug).unwrap_or_default());
        found.join(" ")
    }
}

fn plan(ended: &Ended) -> Vec<String> {
    let plan = ended.report["dependencias"]["plano"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    plan.iter()
        .map(|one| {
            let text = |key: &str| one[key].as_str().unwrap_or("-").to_owned();
            assert_eq!(text("sha256").len(), 64);
            format!(
                "{} {} {} {}",
                text("slug"),
                text("versao_anterior"),
                text("versao"),
                text("origem")
            )
        })
        .collect()
}

#[test]
fn what_is_needed_comes_along_in_one_transition() {
    let site = Site::new();
    site.offer("middle", "1.0.0", &json!({"base": "^1"}));
    site.offer("base", "1.0.0", &json!({}));
    site.offer("base", "1.4.0", &json!({}));
    site.offer("base", "2.0.0", &json!({}));
    site.offer("other", "1.0.0", &json!({}));
    let planned = ["base - 1.4.0 indice", "middle - 1.0.0 indice", "top - 1.0.0 chamada"];
    let needs = json!({"middle": "*"});
    // Shown, and nothing of it done.
    let shown = site
        .install("top", "1.0.0", &needs, &json!({"dry_run": true}))
        .expect(ExitCode::Ok);
    assert_eq!(plan(&shown), planned);
    assert_eq!(site.versions().trim(), "");
    for slug in ["top", "middle", "base"] {
        assert!(
            !site.gestor.root().join(format!("temp/plugins/.{slug}.dry")).exists(),
            "{slug}"
        );
    }
    let done = site.install("top", "1.0.0", &needs, &json!({})).expect(ExitCode::Ok);
    assert_eq!(plan(&done), planned);
    assert_eq!(site.versions(), "1.0.0 1.0.0 1.4.0 ");
    let told = done.report["plugins"].as_array().unwrap();
    assert_eq!(
        (told.len(), &told[0]["confirmado"], &told[0]["codigo"]),
        (2, &json!(true), &json!(0))
    );
    // One batch of the history.
    let batches = site
        .gestor
        .database
        .value("SELECT COUNT(DISTINCT lote) * 10 + COUNT(lote) FROM gestor_plugins_historico");
    assert_eq!(batches.as_deref(), Some("13"));
}

#[test]
fn without_the_wish_it_is_said_what_to_pass() {
    let site = Site::new();
    site.offer("base", "1.0.0", &json!({}));
    let refused = site
        .install(
            "top",
            "1.0.0",
            &json!({"base": "^1"}),
            &json!({"com_dependencias": false}),
        )
        .expect(ExitCode::Dependency);
    let text = refused.report["erros"].to_string();
    assert!(
        text.contains("com_dependencias") && text.contains("pasta_indice"),
        "{text}"
    );
    let lines = refused.report["dependencias"]["explicacao"]["linhas"].to_string();
    assert!(
        lines.contains("top 1.0.0 needs base >=1.0.0 <2.0.0, which is not there"),
        "{lines}"
    );
    assert_eq!(site.versions().trim(), "");
}

#[test]
fn what_is_installed_rises_only_where_that_is_wanted() {
    let site = Site::new();
    site.install("base", "1.0.0", &json!({}), &json!({}))
        .expect(ExitCode::Ok);
    site.install("other", "1.0.0", &json!({"base": "^1"}), &json!({}))
        .expect(ExitCode::Ok);
    site.offer("base", "1.5.0", &json!({}));
    site.offer("base", "2.0.0", &json!({}));
    let wanted = json!({"base": "^1.2"});
    let refused = site
        .install("top", "1.0.0", &wanted, &json!({}))
        .expect(ExitCode::Dependency);
    let text = refused.report["erros"].to_string();
    assert!(text.contains("base 1.0.0 is installed and stays"), "{text}");
    let rise = json!({"atualizar_dependencias": true});
    let done = site.install("top", "1.0.0", &wanted, &rise).expect(ExitCode::Ok);
    assert_eq!(plan(&done), ["base 1.0.0 1.5.0 indice", "top - 1.0.0 chamada"]);
    assert_eq!(site.versions(), "1.0.0  1.5.0 1.0.0");
    // An update that needs more than its dependants bear.
    let refused = site
        .install("top", "2.0.0", &json!({"base": "^2"}), &rise)
        .expect(ExitCode::Dependency);
    assert!(
        !refused.report["dependencias"]["explicacao"]["fatos"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    assert_eq!(site.versions(), "1.0.0  1.5.0 1.0.0");
}

#[test]
fn kept_packages_come_before_the_folder() {
    let site = Site::new();
    site.install("base", "1.0.0", &json!({}), &json!({}))
        .expect(ExitCode::Ok);
    site.run("uninstall", &json!({"slug": "base"})).expect(ExitCode::Ok);
    let other = site.index("base-1.0.0.zip");
    Package::page_needing("base", "1.0.0", &json!({}))
        .file("more.txt", "x")
        .write(&other);
    let done = site
        .install("top", "1.0.0", &json!({"base": "*"}), &json!({}))
        .expect(ExitCode::Ok);
    assert_eq!(plan(&done), ["base - 1.0.0 guardado", "top - 1.0.0 chamada"]);
    assert!(!site.gestor.root().join("plugins/base/more.txt").exists());
}

#[test]
fn a_paused_plugin_is_named_and_not_replaced() {
    let site = Site::new();
    site.install("base", "1.0.0", &json!({}), &json!({}))
        .expect(ExitCode::Ok);
    site.run("disable", &json!({"slug": "base"})).expect(ExitCode::Ok);
    site.offer("base", "1.1.0", &json!({}));
    let refused = site
        .install("top", "1.0.0", &json!({"base": "*"}), &json!({}))
        .expect(ExitCode::Dependency);
    let text = refused.report["erros"].to_string();
    assert!(text.contains("base 1.0.0 is paused: enable it first"), "{text}");
}

#[test]
fn what_is_no_package_is_told_and_left_out() {
    let site = Site::new();
    site.offer("base", "1.0.0", &json!({}));
    fs::write(site.index("damaged.zip"), "PK\u{3}\u{4} and no more").unwrap();
    fs::write(site.index("empty.zip"), "").unwrap();
    fs::create_dir(site.index("folder.zip")).unwrap();
    symlink(site.index("base-1.0.0.zip"), site.index("link.zip")).unwrap();
    symlink(site.index("loop.zip"), site.index("loop.zip")).unwrap();
    nix::unistd::mkfifo(&site.index("pipe.zip"), nix::sys::stat::Mode::from_bits_truncate(0o600)).unwrap();
    Package::page_needing("base", "1.9.0", &json!({"gone": "not a range"})).write(&site.index("fault.zip"));
    Package::page_needing("base", "1.8.0", &json!({})).write(&site.index("open.zip"));
    fs::set_permissions(site.index("open.zip"), fs::Permissions::from_mode(0o666)).unwrap();
    // The same version twice.
    Package::page_needing("base", "1.7.0", &json!({})).write(&site.index("a.zip"));
    Package::page_needing("base", "1.7.0", &json!({}))
        .file("more.txt", "x")
        .write(&site.index("b.zip"));
    fs::copy(site.index("base-1.0.0.zip"), site.index("copy.zip")).unwrap();
    let done = site
        .install("top", "1.0.0", &json!({"base": "*"}), &json!({}))
        .expect(ExitCode::Ok);
    assert_eq!(plan(&done)[0], "base - 1.0.0 indice");
    let warned = done.report["avisos"].to_string();
    for name in [
        "damaged", "empty", "folder", "link", "loop", "pipe", "fault", "open", "a", "b",
    ] {
        assert!(
            warned.contains(&format!("/{name}.zip is not offered")),
            "{name}: {warned}"
        );
    }
    assert!(!warned.contains("copy.zip"), "{warned}");
}

#[test]
fn a_folder_in_which_others_may_write_is_no_index() {
    let site = Site::new();
    site.offer("base", "1.0.0", &json!({}));
    let needs = json!({"base": "*"});
    fs::set_permissions(site.folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let refused = site.install("top", "1.0.0", &needs, &json!({})).expect(ExitCode::Move);
    assert!(
        refused.report["erros"].to_string().contains("chmod"),
        "{}",
        refused.report["erros"]
    );
    fs::set_permissions(site.folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let absent = site.folder.path().join("absent");
    site.install("top", "1.0.0", &needs, &json!({"pasta_indice": absent}))
        .expect(ExitCode::Move);
    assert_eq!(site.versions().trim(), "");
}

#[test]
fn a_batch_and_one_that_fails_take_along_all_or_none() {
    let site = Site::new();
    site.offer("base", "1.0.0", &json!({}));
    let bad = site.index("middle-1.0.0.zip");
    Package::page_needing("middle", "1.0.0", &json!({}))
        .file("db/data/PaginasData.json", "{")
        .write(&bad);
    let path = |slug: &str, needs: &Value| {
        let path = site.calls.path().join(format!("{slug}.zip"));
        Package::page_needing(slug, "1.0.0", needs).write(&path);
        json!({"origem_tipo": "local_path", "local_path": path})
    };
    let packages = [
        path("top", &json!({"base": "*"})),
        path("other", &json!({"middle": "*"})),
    ];
    let more =
        |packages: &[Value]| json!({"pacotes": packages, "com_dependencias": true, "pasta_indice": site.folder.path()});
    let before = site
        .gestor
        .database
        .dump(&["gestor_plugins_historico", "gestor_plugins_estado", "plugins"]);
    site.run("batch", &more(&packages)).expect(ExitCode::Validate);
    assert_eq!(
        site.gestor
            .database
            .dump(&["gestor_plugins_historico", "gestor_plugins_estado", "plugins"]),
        before
    );
    assert_eq!(site.versions().trim(), "");
    let done = site.run("batch", &more(&packages[..1])).expect(ExitCode::Ok);
    assert_eq!(done.report["plugins"].as_array().unwrap().len(), 2);
    assert_eq!(site.versions(), "1.0.0  1.0.0 ");
}

#[test]
fn one_that_is_killed_brings_all_or_nothing() {
    for (point, is_done) in [
        ("journal", false),
        ("rows", false),
        ("swapped", false),
        ("committed", true),
        ("closed", true),
    ] {
        let site = Site::new();
        site.offer("base", "1.0.0", &json!({}));
        let path = site.calls.path().join("top.zip");
        Package::page_needing("top", "1.0.0", &json!({"base": "*"})).write(&path);
        let mut call = child::call(&site.gestor, &path, "top", false);
        call["com_dependencias"] = json!(true);
        call["pasta_indice"] = json!(site.folder.path());
        let killed = child::start(&call, Some(&format!("{point}:kill"))).wait().unwrap();
        assert!(killed.code().is_none(), "{point}: {killed}");
        let recover = json!({"raiz": site.gestor.root(), "db": call["db"]});
        run(
            called("recover", Argument::from(&recover), &english()),
            english(),
            &mut Quiet,
        )
        .expect(ExitCode::Ok);
        let expected = if is_done { "1.0.0  1.0.0 " } else { "   " };
        assert_eq!(site.versions(), expected, "{point}");
    }
}
