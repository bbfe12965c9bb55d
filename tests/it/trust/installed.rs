//! What is installed, held against its own signature today.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use gestor_plugins::config::Argument;
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use super::pipeline::Site;
use super::signed;
use crate::support::authority::{Order, TrustedFolder};
use crate::support::operation::{Ended, Quiet, called, run};
use crate::support::package::Package;
use crate::support::{argument, english, text_argument};

pub(crate) fn ask(site: &Site, word: &str, more: &[(&str, &str)]) -> Ended {
    let mut entries = vec![
        ("raiz", text_argument(site.gestor.root().to_str().unwrap())),
        ("db", site.gestor.database.argument()),
        ("lang", text_argument("en")),
    ];
    entries.extend(site.with(more));
    if word == "verify" {
        entries.push(("slug", text_argument("acme-shop")));
        entries.push(("migracoes", Argument::Callable));
    }
    run(called(word, argument(entries), &english()), english(), &mut Quiet)
}

pub(crate) fn verify(site: &Site, more: &[(&str, &str)]) -> Ended {
    ask(site, "verify", more)
}

fn installed(site: &Site) -> PathBuf {
    site.gestor.root().join("plugins/acme-shop")
}

/// Everything but migrations, which the tests' caller does not run.
pub(crate) fn plain(version: &str) -> Package {
    let manifest = json!({"id": "acme-shop", "name": "x", "version": version, "gravaveis": ["cache/*"]});
    Package::with_manifest(&manifest)
        .file("lib/a.php", "<?php // a")
        .file("lib/b.php", "<?php // b")
        .data(
            "Paginas",
            &json!([{"id": "acme", "language": "en", "nome": "n", "caminho": "acme/", "html": "<p>"}]),
        )
}

#[test]
fn files_are_held_against_what_was_signed_whatever_the_database_says() {
    let site = Site::new();
    site.install(&site.signed(&plain("1.0.0"), "p"), &[])
        .expect(ExitCode::Ok);
    let ended = verify(&site, &[]).expect(ExitCode::Ok);
    assert_eq!(ended.report["assinatura"]["veredito"], "valida");
    assert_eq!(
        (
            &ended.report["assinatura"]["iguais"],
            &ended.report["assinatura"]["nao_conferidos"]
        ),
        (&json!(5), &json!(0))
    );
    let tree = installed(&site);
    fs::create_dir(tree.join("cache")).unwrap();
    fs::write(tree.join("cache/x"), "written").unwrap();
    verify(&site, &[]).expect(ExitCode::Ok);
    fs::write(tree.join("lib/a.php"), "<?php // z").unwrap();
    fs::remove_file(tree.join("lib/b.php")).unwrap();
    fs::write(tree.join("lib/c.php"), "<?php").unwrap();
    symlink("/etc/passwd", tree.join("cache/link")).unwrap();
    // Whoever can write the database cannot say that all of that is as it should be.
    site.gestor
        .database
        .run("UPDATE gestor_plugins_estado SET arquivos = NULL");
    let files = verify(&site, &[]).expect(ExitCode::Drift).report["arquivos"].clone();
    assert_eq!(
        files,
        json!({"faltando": ["lib/b.php"], "alterados": ["lib/a.php"], "extras": ["cache/link", "lib/c.php"]})
    );
    fs::remove_file(tree.join("cache/link")).unwrap();
    fs::remove_file(tree.join("lib/c.php")).unwrap();
    let ended = verify(&site, &[("reparar", "yes")]);
    assert_eq!(ended.code, ExitCode::Ok, "{}", ended.report);
    assert_eq!(fs::read_to_string(tree.join("lib/a.php")).unwrap(), "<?php // a");
}

#[test]
fn data_files_are_held_against_the_kept_package() {
    let site = Site::new();
    site.install(&site.signed(&plain("1.0.0"), "p"), &[])
        .expect(ExitCode::Ok);
    let kept = site.gestor.root().join("backups/plugins/acme-shop");
    for entry in fs::read_dir(kept).unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
    let ended = verify(&site, &[]).expect(ExitCode::Drift);
    assert_eq!(ended.report["assinatura"]["nao_conferidos"], 1);
    assert_eq!(
        ended.report["arquivos"],
        json!({"faltando": [], "alterados": [], "extras": []})
    );
}

#[test]
fn a_signature_that_does_not_hold_any_more_is_told() {
    let site = Site::new();
    site.install(&site.signed(&plain("1.0.0"), "p"), &[])
        .expect(ExitCode::Ok);
    let strict = [("assinatura", "exigir")];
    verify(&site, &strict).expect(ExitCode::Ok);
    // Nobody vouches for it any more.
    let none = TrustedFolder::of(&[]);
    let other = [("assinatura", "exigir"), ("confianca", none.path().to_str().unwrap())];
    let ended = verify(&site, &other).expect(ExitCode::Signature);
    assert_eq!(ended.report["assinatura"]["veredito"], "desconhecida");
    verify(&site, &other[1..]).expect(ExitCode::Ok);
    // Its signature itself was changed: damage, and then no signature at all.
    let path = installed(&site).join("assinatura.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("\"sig\":\"", "\"sig\":\"AAAA", 1)).unwrap();
    let ended = verify(&site, &[]).expect(ExitCode::Drift);
    assert_eq!(ended.report["assinatura"]["veredito"], "invalida");
    assert_eq!(ended.report["arquivos"]["alterados"], json!(["assinatura.json"]));
    fs::remove_file(&path).unwrap();
    let ended = verify(&site, &[]).expect(ExitCode::Drift);
    assert_eq!(ended.report["arquivos"]["faltando"], json!(["assinatura.json"]));
}

#[test]
fn what_was_withdrawn_stays_and_is_told() {
    let site = Site::new();
    site.install(&site.signed(&plain("1.0.0"), "p"), &[])
        .expect(ExitCode::Ok);
    site.trust.put(
        "revogados.json",
        r#"{"formato":1,"itens":[{"id":"GP-9","plugin":"acme-shop","versoes":"1.0.0","motivo":"malware"}]}"#,
    );
    let ended = verify(&site, &[]).expect(ExitCode::Drift);
    assert_eq!(ended.report["assinatura"]["veredito"], "revogada");
    let list = ask(&site, "list", &[]).expect(ExitCode::Ok);
    assert_eq!(list.report["plugins"][0]["assinatura"]["veredito"], "revogada");
    assert!(
        list.report["avisos"][0].as_str().unwrap().contains("GP-9"),
        "{}",
        list.report
    );
    assert!(installed(&site).join("lib/a.php").exists());
    // The next one mends it.
    site.install(&site.signed(&plain("1.0.1"), "q"), &[])
        .expect(ExitCode::Ok);
    verify(&site, &[]).expect(ExitCode::Ok);
}

#[test]
fn several_are_installed_or_none_and_scripts_run_where_the_operator_says_so() {
    let site = Site::new();
    let two = site.openssl.issue(&site.root, Order::default());
    let paths = [
        signed(&site.openssl, &Package::new("acme-one", "1.0.0"), &site.author, "one"),
        signed(
            &site.openssl,
            &Package::new("acme-two", "1.0.0").file("x.php", "<?php // x"),
            &two,
            "two",
        ),
    ];
    let broken = super::changed(&site.openssl, &paths[1], "x.php", |_| b"<?php // y".to_vec());
    let batch = |second: &PathBuf, more: &[(&str, &str)]| {
        let one = |path: &PathBuf| {
            let entries = [
                ("origem_tipo", text_argument("local_path")),
                ("local_path", text_argument(path.to_str().unwrap())),
            ];
            argument(entries)
        };
        let mut entries = vec![
            ("raiz", text_argument(site.gestor.root().to_str().unwrap())),
            ("db", site.gestor.database.argument()),
            ("lang", text_argument("en")),
            ("pacotes", Argument::List(vec![one(&paths[0]), one(second)])),
        ];
        entries.extend(site.with(more));
        run(called("batch", argument(entries), &english()), english(), &mut Quiet)
    };
    let ended = batch(&broken, &[]).expect(ExitCode::Signature);
    assert!(
        site.gestor.tree("acme-one").is_empty() && site.gestor.tree("acme-two").is_empty(),
        "{}",
        ended.report
    );
    batch(&paths[1], &[("assinatura", "exigir")]).expect(ExitCode::Ok);
    let manifest = json!({"id": "acme-shop", "name": "x", "version": "1.0.0", "post_installation_scripts": ["s.php"]});
    let package = Package::with_manifest(&manifest).file("s.php", "<?php");
    let path = site.signed(&package, "scripts");
    let planned = |more: &[(&str, &str)]| {
        let ended = site
            .install(&path, &[&[("dry_run", "yes")], more].concat())
            .expect(ExitCode::Ok);
        ended
            .report
            .get("scripts")
            .and_then(Value::as_array)
            .map_or(0, Vec::len)
    };
    let named = planned(&[("scripts", "executar")]);
    assert_eq!(planned(&[]), 0);
    site.trust
        .put("politica.json", r#"{"plugins":{"acme-shop":{"scripts":true}}}"#);
    assert_eq!((planned(&[]), planned(&[("scripts", "avisar")])), (named, 0));
    // Believed by nobody, it is not run.
    site.trust.put(
        "politica.json",
        r#"{"plugins":{"acme-shop":{"scripts":true}},"raizes":{"0.pem":{"plugins":["other"]}}}"#,
    );
    assert_eq!(planned(&[]), 0);
}
