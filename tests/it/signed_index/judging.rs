//! Packages are judged by signed indices, wherever they come from: what is withdrawn, and since when there were packages.

use std::fs;
use std::path::{Path, PathBuf};

use gestor_plugins::base::hash::sha256;
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use super::{Publisher, Site, refused};
use crate::looks::call;
use crate::support::authority::{Holder, Openssl, Order};
use crate::support::github::Reply;
use crate::support::operation::{Ended, Quiet, called, run};
use crate::support::package::Package;
use crate::trust::{signed, verdict};

/// A site that knows an index and believes an authority.
pub(super) struct Scene {
    pub(super) publisher: Publisher,
    pub(super) site: Site,
    pub(super) openssl: Openssl,
    root: Holder,
}

impl Scene {
    pub(super) fn new() -> Self {
        let (publisher, openssl) = (Publisher::new(), Openssl::new());
        let site = Site::knowing(&publisher);
        let root = openssl.root(Order::default());
        fs::create_dir(site.trust().join("raizes")).unwrap();
        fs::copy(&root.certificates, site.trust().join("raizes/0.pem")).unwrap();
        Self {
            publisher,
            site,
            openssl,
            root,
        }
    }

    /// Signed by somebody whose certificate counts between two dates.
    pub(super) fn signed(&self, version: &str, dates: (&'static str, &'static str)) -> PathBuf {
        let author = self.openssl.issue(
            &self.root,
            Order {
                dates,
                ..Order::default()
            },
        );
        signed(&self.openssl, &Package::new("acme-shop", version), &author, version)
    }

    pub(super) fn unsigned(&self, version: &str) -> PathBuf {
        let path = self.openssl.path(&format!("unsigned-{version}.zip"));
        Package::new("acme-shop", version).write(&path);
        path
    }

    /// The index has a package since a time.
    pub(super) fn publish(&self, path: &Path, since: &str) {
        published(&self.publisher, path, since);
    }
}

pub(super) fn published(publisher: &Publisher, path: &Path, since: &str) {
    let bytes = fs::read(path).unwrap();
    publisher.server.on("/p.zip", [Reply::ok(bytes.clone())]);
    let version = json!({"versao": "1.0.0", "sha256": sha256(&bytes).to_string(), "tamanho": bytes.len(),
        "urls": [publisher.server.url("/p.zip")], "publicada_em": since});
    publisher.put(
        "plugin.acme-shop.json",
        &json!({"formato": 1, "id": "acme-shop", "nome": "x", "versoes": [version]}),
    );
}

pub(super) const ALWAYS: (&str, &str) = ("20200101000000Z", "20990101000000Z");
const ENDED: (&str, &str) = ("20200101000000Z", "20210101000000Z");

pub(super) fn withdrawn() -> Value {
    json!([{"id": "GP-1", "plugin": "acme-shop", "versoes": "1.0.0", "motivo": "malware"}])
}

#[track_caller]
fn is_withdrawn_by(ended: &Ended, index: &str) {
    refused(
        ended,
        ExitCode::Signature,
        &format!("the index {index} withdrew it (GP-1): it does harm"),
    );
    assert_eq!(verdict(ended).0, "revogada");
}

#[test]
fn what_an_index_withdraws_is_not_installed_wherever_it_comes_from() {
    let scene = Scene::new();
    let (site, path) = (&scene.site, scene.unsigned("1.0.0"));
    scene.publisher.withdraw(&withdrawn());
    is_withdrawn_by(&site.upload(&path, &json!({"dry_run": true})), "acme");
    let tables = site.gestor.database.tables();
    assert!(
        tables.iter().all(|table| table != "gestor_plugins_indices")
            && !site.gestor.root().join("temp/plugins/_indices").exists(),
        "a dry run leaves no trace"
    );
    // Nothing is stored yet, and nobody is asked.
    let before = scene.publisher.server.paths().len();
    site.upload(&path, &json!({"assinatura": "desligada", "dry_run": true}))
        .expect(ExitCode::Signature);
    fs::write(
        site.trust().join("politica.json"),
        r#"{"padrao":{"assinatura":"desligada"}}"#,
    )
    .unwrap();
    site.upload(&path, &json!({"dry_run": true})).expect(ExitCode::Ok);
    let asked = scene.publisher.server.paths().len();
    assert!(asked > before, "a call does not lower the level");
    fs::remove_file(site.trust().join("politica.json")).unwrap();
    is_withdrawn_by(&site.upload(&path, &json!({"forcar": true})), "acme");
    let left = site.gestor.leftovers();
    assert!(site.gestor.tree("acme-shop").is_empty() && left.iter().all(|path| path.ends_with("_indices")));
    scene.publish(&path, "2026-05-01T00:00:00Z");
    site.wait();
    for origin in [
        json!({"origem_tipo": "local_path", "local_path": path}),
        json!({"origem_tipo": "url", "url": scene.publisher.server.url("/p.zip")}),
        json!({"origem_tipo": "indice"}),
    ] {
        is_withdrawn_by(&site.upload(&path, &origin), "acme");
    }
    let judged = site.run("signature", &json!({"arquivo": path}));
    is_withdrawn_by(&judged, "acme");
    // What is stored counts where nobody looks.
    fs::write(
        site.trust().join("politica.json"),
        r#"{"padrao":{"assinatura":"desligada"}}"#,
    )
    .unwrap();
    site.wait();
    let before = scene.publisher.server.paths().len();
    is_withdrawn_by(&site.upload(&path, &json!({})), "acme");
    assert_eq!(scene.publisher.server.paths().len(), before);
    // Another version was not withdrawn.
    site.upload(&scene.unsigned("1.0.1"), &json!({})).expect(ExitCode::Ok);
}

#[test]
fn every_index_counts_and_so_does_the_operators_own_list() {
    let (first, second) = (Publisher::new(), Publisher::new());
    let site = Site::knowing(&first);
    site.add("zeta", &second).expect(ExitCode::Ok);
    let path = first.folder().with_file_name("p.zip");
    Package::new("acme-shop", "1.0.0").write(&path);
    second.withdraw(&withdrawn());
    is_withdrawn_by(&site.upload(&path, &json!({})), "zeta");
    // What refuses counts before what is told, whoever says it.
    first.withdraw(&json!([{"id": "GP-0", "plugin": "acme-shop", "acao": "avisar"}]));
    site.wait();
    is_withdrawn_by(&site.upload(&path, &json!({})), "zeta");
    second.withdraw(&json!([]));
    site.wait();
    let told = site.upload(&path, &json!({"dry_run": true})).expect(ExitCode::Ok);
    let warnings = told.report["avisos"].to_string();
    assert!(warnings.contains("(acme, GP-0)"), "{warnings}");
    fs::write(
        site.trust().join("revogados.json"),
        r#"{"formato":1,"itens":[{"id":"OWN","plugin":"acme-shop"}]}"#,
    )
    .unwrap();
    refused(
        &site.upload(&path, &json!({})),
        ExitCode::Signature,
        "it was revoked (OWN)",
    );
    // A list that nobody understands is told, and refuses where signatures are required.
    fs::remove_file(site.trust().join("revogados.json")).unwrap();
    second.put("revogados.json", &json!({"formato": 9}));
    site.wait();
    let told = site.upload(&path, &json!({"dry_run": true})).expect(ExitCode::Ok);
    let warnings = told.report["avisos"].to_string();
    assert!(warnings.contains("index zeta, revogados.json"), "{warnings}");
    site.upload(&path, &json!({"assinatura": "exigir"}))
        .expect(ExitCode::Validate);
}

#[test]
fn a_withdrawn_key_leaves_what_a_fresh_index_had_before() {
    let scene = Scene::new();
    let (site, path) = (&scene.site, scene.signed("1.0.0", ALWAYS));
    let strict = json!({"assinatura": "exigir", "dry_run": true});
    let key = site.upload(&path, &strict).expect(ExitCode::Ok).report["assinatura"]["chave"].clone();
    let since = |since: Option<&str>| {
        let mut item = json!({"id": "GP-1", "chave": key, "motivo": "chave_perdida"});
        if let Some(since) = since {
            item["desde"] = json!(since);
        }
        scene.publisher.withdraw(&json!([item]));
        site.wait();
    };
    let install = || site.upload(&path, &strict);
    since(Some("2026-06-01T00:00:00Z"));
    refused(&install(), ExitCode::Signature, "the index acme withdrew it (GP-1)");
    // That it was seen here is no evidence against a thief.
    site.upload(&scene.unsigned("0.1.0"), &json!({})).expect(ExitCode::Ok);
    site.gestor.database.run(&format!(
        "INSERT INTO gestor_plugins_versoes (slug, versao, sha256, tamanho, veredito, vista_em) VALUES \
         ('acme-shop', '1.0.0', '{}', 1, 'valida', '2020-01-01')",
        sha256(&fs::read(&path).unwrap())
    ));
    install().expect(ExitCode::Signature);
    scene.publish(&path, "2026-06-01T00:00:00Z");
    site.wait();
    install().expect(ExitCode::Signature);
    scene.publish(&path, "2026-05-31T23:59:59Z");
    site.wait();
    assert_eq!(verdict(&install().expect(ExitCode::Ok)).0, "valida");
    // The operator's own list as well.
    since(None);
    install().expect(ExitCode::Signature);
    scene.publisher.withdraw(&json!([]));
    site.wait();
    let own = json!({"formato": 1, "itens": [{"chave": key, "desde": "2026-06-01T00:00:00Z"}]});
    fs::write(site.trust().join("revogados.json"), own.to_string()).unwrap();
    install().expect(ExitCode::Ok);
    // An index that is gone on with is no evidence.
    scene.publisher.answer("timestamp.json", Reply::new(503, ""));
    site.wait();
    install().expect(ExitCode::Signature);
}

#[test]
fn a_certificate_that_has_ended_counts_for_what_a_fresh_index_had_before() {
    let scene = Scene::new();
    let (site, path) = (&scene.site, scene.signed("1.0.0", ENDED));
    let strict = json!({"assinatura": "exigir"});
    let install = || site.upload(&path, &strict);
    let found = install().expect(ExitCode::Signature);
    assert_eq!(verdict(&found).0, "expirada");
    for (since, code) in [
        ("2021-01-02T00:00:00Z", ExitCode::Signature),
        ("2019-12-31T00:00:00Z", ExitCode::Signature),
    ] {
        scene.publish(&path, since);
        site.wait();
        install().expect(code);
    }
    scene.publish(&path, "2020-12-31T00:00:00Z");
    site.wait();
    site.refresh().expect(ExitCode::Ok);
    scene.publisher.answer("timestamp.json", Reply::new(503, ""));
    site.wait();
    let found = install().expect(ExitCode::Signature);
    assert_eq!(verdict(&found).0, "expirada", "what is gone on with is no evidence");
    scene.publisher.show();
    // What took long to fail is not asked again for a minute.
    site.wait();
    let found = install().expect(ExitCode::Ok);
    assert_eq!(verdict(&found).0, "valida");
    let judged = site.run("verify", &json!({"slug": "acme-shop", "assinatura": "exigir"}));
    assert_eq!(judged.expect(ExitCode::Ok).report["assinatura"]["veredito"], "valida");
}

#[test]
fn what_is_installed_and_withdrawn_later_is_told() {
    let scene = Scene::new();
    let site = &scene.site;
    site.upload(&scene.signed("1.0.0", ALWAYS), &json!({"assinatura": "exigir"}))
        .expect(ExitCode::Ok);
    let verify = || site.run("verify", &json!({"slug": "acme-shop"}));
    let list = || {
        let listed = site.run("list", &json!({})).expect(ExitCode::Ok).report;
        (
            listed["plugins"][0]["assinatura"]["veredito"].clone(),
            listed["avisos"].to_string(),
        )
    };
    verify().expect(ExitCode::Ok);
    scene.publisher.withdraw(&withdrawn());
    site.wait();
    let asked = scene.publisher.server.paths().len();
    assert_eq!(list().0, "valida");
    assert_eq!(scene.publisher.server.paths().len(), asked, "a list asks nobody");
    let found = verify().expect(ExitCode::Drift);
    assert_eq!(found.report["assinatura"]["veredito"], "revogada");
    let (word, told) = list();
    assert_eq!(word, "revogada");
    assert!(told.contains("the index acme withdrew it (GP-1)"), "{told}");
    let all = site.run("verify", &json!({"todos": true})).expect(ExitCode::Drift);
    assert_eq!(all.report["verificados"][0]["assinatura"]["veredito"], "revogada");
    // Without a network what is stored counts, and that is told.
    scene.publisher.answer("timestamp.json", Reply::new(503, ""));
    site.wait();
    let found = verify().expect(ExitCode::Drift);
    assert!(found.report["avisos"].to_string().contains("503"), "{}", found.report);
    scene.publisher.withdraw(&json!([]));
    site.wait();
    verify().expect(ExitCode::Ok);
    scene.publisher.answer("timestamp.json", Reply::ok("no timestamp"));
    site.wait();
    let found = site.run("verify", &json!({"slug": "acme-shop", "assinatura": "exigir"}));
    let found = found.expect(ExitCode::Ok);
    assert!(
        found.report["avisos"].to_string().contains("timestamp.json"),
        "{}",
        found.report
    );
}

#[test]
fn what_an_index_says_of_an_installed_version_today_is_told() {
    let scene = Scene::new();
    let (site, path) = (&scene.site, scene.unsigned("1.0.0"));
    scene.publish(&path, "2026-05-01T00:00:00Z");
    site.install("acme-shop", &json!({})).expect(ExitCode::Ok);
    let verify = || {
        site.wait();
        let found = site.run("verify", &json!({"slug": "acme-shop"})).expect(ExitCode::Ok);
        found.report["avisos"].to_string()
    };
    assert_eq!(verify(), "[]");
    let other = scene.unsigned("1.0.1");
    scene.publish(&other, "2026-05-01T00:00:00Z");
    assert!(verify().contains("version 1.0.0 is another file now"));
    scene.publisher.put(
        "plugin.acme-shop.json",
        &json!({"formato": 1, "id": "acme-shop", "nome": "x", "versoes": []}),
    );
    assert!(verify().contains("does not have version 1.0.0 any more"));
    scene.publisher.put("plugin.acme-shop.json", &json!({"formato": 9}));
    assert!(verify().contains("plugin.acme-shop.json"));
}

#[test]
fn what_was_withdrawn_does_not_come_back() {
    let scene = Scene::new();
    let site = &scene.site;
    site.upload(&scene.unsigned("1.0.0"), &json!({})).expect(ExitCode::Ok);
    site.upload(&scene.unsigned("1.0.1"), &json!({})).expect(ExitCode::Ok);
    scene.publisher.withdraw(&withdrawn());
    site.wait();
    let back = site.run("rollback", &json!({"slug": "acme-shop", "version": "1.0.0"}));
    is_withdrawn_by(&back, "acme");
    assert_eq!(site.version("acme-shop").as_deref(), Some("1.0.1"));
    let uninstall = call(&site.gestor, &json!({"slug": "acme-shop"}));
    run(
        called("uninstall", uninstall, &site.settings),
        site.settings.clone(),
        &mut Quiet,
    )
    .expect(ExitCode::Ok);
    scene
        .publisher
        .withdraw(&json!([{"id": "GP-1", "plugin": "acme-shop", "versoes": "1.0.1", "motivo": "malware"}]));
    site.wait();
    let back = site.run("restore", &json!({"slug": "acme-shop"}));
    is_withdrawn_by(&back, "acme");
    scene.publisher.withdraw(&json!([]));
    site.wait();
    site.run("restore", &json!({"slug": "acme-shop"})).expect(ExitCode::Ok);
}

#[test]
fn several_at_once_are_judged_by_indices_as_well() {
    let scene = Scene::new();
    let site = &scene.site;
    let other = scene.openssl.path("other.zip");
    Package::new("acme-other", "1.0.0").write(&other);
    let batch = |version: &str| {
        let packages = json!([{"arquivo": other}, {"arquivo": scene.unsigned(version)}]);
        site.run("batch", &json!({"pacotes": packages}))
    };
    scene.publisher.withdraw(&withdrawn());
    let ended = batch("1.0.0").expect(ExitCode::Signature);
    assert!(
        ended.report.to_string().contains("the index acme withdrew it"),
        "{}",
        ended.report
    );
    assert!(site.gestor.tree("acme-other").is_empty());
    let asked = scene.publisher.server.paths();
    let times = asked.iter().filter(|path| path.ends_with("timestamp.json")).count();
    assert_eq!(times, 1, "asked once for all: {asked:?}");
    batch("1.0.1").expect(ExitCode::Ok);
    let lock = site.gestor.root().join("backups/plugins/plugins.lock.json");
    let copy = site.gestor.root().join("backups/plugins/copy.lock.json");
    fs::copy(lock, &copy).unwrap();
    site.upload(&scene.unsigned("1.0.2"), &json!({})).expect(ExitCode::Ok);
    scene
        .publisher
        .withdraw(&json!([{"id": "GP-1", "plugin": "acme-shop", "versoes": "1.0.1", "motivo": "malware"}]));
    site.wait();
    let ended = site
        .run("batch", &json!({"from_lock": copy}))
        .expect(ExitCode::Signature);
    assert!(
        ended.report.to_string().contains("the index acme withdrew it"),
        "{}",
        ended.report
    );
    assert_eq!(site.version("acme-shop").as_deref(), Some("1.0.2"));
}
