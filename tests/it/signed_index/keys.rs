//! A publisher's keys and folder: what others could have put there, what other programs made, what two runs do at once.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use super::{Publisher, Site, public, refused};
use crate::support::child;
use crate::support::package::Package;

fn published() -> Publisher {
    let publisher = Publisher::new();
    publisher.package(&Package::new("p", "1.0.0"), &json!({}));
    publisher
}

fn child_call(publisher: &Publisher, action: &str) -> Value {
    json!({"operacao": "index_publish", "acao": action, "raiz": publisher.folder(), "lang": "en",
        "pasta_publicada": publisher.folder(), "pasta_chaves": publisher.keys()})
}

#[test]
fn keys_that_others_see_or_could_have_put_there_sign_nothing() {
    let publisher = published();
    let before = publisher.read("root.json");
    let mode = |path: &Path, mode: u32| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let sign = || publisher.act(&json!({"acao": "assinar-raiz"}));
    mode(&publisher.key("targets"), 0o644);
    refused(&sign(), ExitCode::ParamsOrFile, "everybody may read it");
    mode(&publisher.key("targets"), 0o602);
    refused(&sign(), ExitCode::ParamsOrFile, "targets.pem is not trusted");
    mode(&publisher.key("targets"), 0o600);
    mode(&publisher.keys(), 0o777);
    refused(&sign(), ExitCode::ParamsOrFile, "keys is not trusted");
    mode(&publisher.keys(), 0o700);
    assert_eq!(publisher.read("root.json"), before);
    sign().expect(ExitCode::Ok);
    // Below the folder that everybody sees.
    let below = publisher.folder().join("keys");
    let begin = json!({"acao": "iniciar", "pasta_publicada": publisher.folder().join("new"), "pasta_chaves": publisher.folder().join("new/keys")});
    refused(&publisher.act(&begin), ExitCode::ParamsOrFile, "anybody could fetch");
    assert!(!publisher.folder().join("new").exists());
    fs::rename(publisher.keys(), &below).unwrap();
    std::os::unix::fs::symlink(&below, publisher.keys()).unwrap();
    refused(&sign(), ExitCode::ParamsOrFile, "anybody could fetch");
}

#[test]
fn a_root_that_was_begun_with_other_keys_and_never_finished_stops_nothing() {
    let publisher = published();
    let site = Site::knowing(&publisher);
    fs::copy(Publisher::new().key("targets"), publisher.key("targets")).unwrap();
    // The new key's targets stand there, the root that names it does not.
    let status = child::start(&child_call(&publisher, "assinar-raiz"), Some("index_written:kill:2")).wait();
    assert!(!status.unwrap().success());
    assert!(publisher.folder().join("3.targets.json").exists());
    assert!(!publisher.folder().join("2.root.json").exists());
    publisher.act(&json!({"acao": "renovar"})).expect(ExitCode::Ok);
    site.refresh().expect(ExitCode::Ok);
    publisher.act(&json!({"acao": "assinar-raiz"})).expect(ExitCode::Ok);
    site.refresh().expect(ExitCode::Ok);
    site.install("p", &json!({})).expect(ExitCode::Ok);
    // Nor does what anybody could have put there.
    fs::write(publisher.folder().join("4.targets.json"), "x").unwrap();
    publisher.act(&json!({"acao": "renovar"})).expect(ExitCode::Ok);
    publisher.package(&Package::new("q", "1.0.0"), &json!({}));
    site.refresh().expect(ExitCode::Ok);
    site.install("q", &json!({})).expect(ExitCode::Ok);
}

#[test]
fn two_runs_in_one_folder_do_not_meet() {
    let publisher = published();
    let mut held = child::start(&child_call(&publisher, "renovar"), Some("index_written:wait:1"));
    let partial = publisher.folder().join("3.snapshot.json.partial");
    while !partial.exists() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    refused(
        &publisher.act(&json!({"acao": "renovar"})),
        ExitCode::Locked,
        "another run publishes",
    );
    held.kill().unwrap();
    held.wait().unwrap();
    publisher.act(&json!({"acao": "renovar"})).expect(ExitCode::Ok);
}

#[test]
fn an_index_that_wants_more_than_is_done_here_is_left_as_it_is() {
    let publisher = published();
    let (other, key) = public(&Publisher::new().key("targets"));
    let put = |change: &dyn Fn(&mut Value)| {
        let root = publisher.forged("1.root.json", &[publisher.key("root")], |said| {
            said["version"] = json!(2);
            said["keys"][&other] = key.clone();
            change(said);
        });
        fs::write(publisher.folder().join("2.root.json"), root).unwrap();
    };
    let before = publisher.read("timestamp.json");
    for role in ["targets", "snapshot", "timestamp"] {
        put(&|said| {
            said["roles"][role]["keyids"].as_array_mut().unwrap().push(json!(other));
            said["roles"][role]["threshold"] = json!(2);
        });
        let text = format!("wants 2 keys for `{role}`");
        refused(
            &publisher.act(&json!({"acao": "assinar-raiz"})),
            ExitCode::ParamsOrFile,
            &text,
        );
        refused(
            &publisher.act(&json!({"acao": "renovar"})),
            ExitCode::Signature,
            "1 of the 2 keys",
        );
        assert_eq!(publisher.read("timestamp.json"), before, "{role}");
    }
    fs::remove_file(publisher.folder().join("2.root.json")).unwrap();
    let delegated = publisher.announce(3, |said| {
        said["delegations"] = json!({"keys": {}, "roles": [
            {"name": "team", "keyids": [], "threshold": 1, "terminating": false, "paths": ["*"]}]});
    });
    for (file, bytes) in delegated {
        fs::write(publisher.folder().join(file), bytes).unwrap();
    }
    refused(
        &publisher.act(&json!({"acao": "renovar"})),
        ExitCode::ParamsOrFile,
        "delegates files",
    );
}

#[test]
fn an_index_that_no_site_could_read_is_not_published() {
    let publisher = published();
    // As many plugins as the targets have room for.
    let large = publisher.announce(3, |said| {
        let digest = json!({"length": 1, "hashes": {"sha256": "0".repeat(64)}});
        said["targets"]["x".repeat((8 << 20) - 1000)] = digest;
    });
    for (file, bytes) in large {
        fs::write(publisher.folder().join(file), bytes).unwrap();
    }
    let before = publisher.read("timestamp.json");
    let path = publisher.folder().with_file_name("package.zip");
    Package::new("q", "1.0.0").write(&path);
    refused(
        &publisher.publish(&path, &json!({})),
        ExitCode::Signature,
        "4.targets.json has more than 8388608 bytes",
    );
    assert_eq!(publisher.read("timestamp.json"), before);
    let list = publisher.folder().with_file_name("list.json");
    fs::write(&list, r#"{"formato": 1, "itens": [{"versoes": ">=1"}]}"#).unwrap();
    refused(
        &publisher.act(&json!({"acao": "publicar", "revogados": list})),
        ExitCode::Validate,
        "names no plugin",
    );
}

#[test]
fn what_was_withdrawn_stays_so_and_previews_are_for_whoever_names_them() {
    let publisher = Publisher::new();
    let path = publisher.package(&Package::new("p", "1.0.0"), &json!({}));
    let bytes = fs::read(&path).unwrap();
    publisher.package(&Package::new("p", "0.9.0"), &json!({}));
    fs::write(&path, bytes).unwrap();
    publisher
        .act(&json!({"acao": "publicar", "slug": "p", "versao": "1.0.0", "retirada": "apaga dados"}))
        .expect(ExitCode::Ok);
    let again = publisher.publish(&path, &json!({})).expect(ExitCode::Ok);
    assert!(
        again.report["avisos"].to_string().contains("apaga dados"),
        "{}",
        again.report
    );
    assert_eq!(
        publisher.target(5, "plugin.p.json")["versoes"][0]["retirada"],
        "apaga dados"
    );
    publisher.package(&Package::new("p", "2.0.0"), &json!({"canal": "previa"}));
    assert_eq!(publisher.target(6, "catalogo.json")["plugins"][0]["versao"], "0.9.0");
    let site = Site::knowing(&publisher);
    site.install("p", &json!({})).expect(ExitCode::Ok);
    assert_eq!(site.version("p").as_deref(), Some("0.9.0"));
}
