//! Metrics: what others' own parser reads is what was counted.

use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use gestor_plugins::config::{Reach, Settings};
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use super::{ask, ask_with, counts};
use crate::looks::package;
use crate::support::english;
use crate::support::gestor::Gestor;

/// Reads a text as Prometheus' own client does, and tells each sample: its name, its labels, its value.
const READER: &str = "import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
found = {}
for family in text_string_to_metric_families(sys.stdin.read()):
    found[family.name] = {'type': family.type, 'unit': family.unit,
        'samples': [[sample.name, sample.labels, sample.value] for sample in family.samples]}
json.dump(found, sys.stdout)
";

/// A Python that has the module.
fn python() -> &'static str {
    static PYTHON: LazyLock<String> = LazyLock::new(|| {
        let finder = concat!(env!("CARGO_MANIFEST_DIR"), "/bin/lib/openmetrics-python.sh");
        let found = Command::new("sh").arg(finder).output().unwrap();
        assert!(found.status.success(), "{}", String::from_utf8_lossy(&found.stderr));
        String::from_utf8(found.stdout).unwrap().trim().to_owned()
    });
    &PYTHON
}

fn read(text: &str) -> Value {
    let mut reader = Command::new(python())
        .args(["-c", READER])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    reader.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = reader.wait_with_output().unwrap();
    assert!(output.status.success(), "prometheus_client refuses it:\n{text}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn sample(found: &Value, family: &str, name: &str, labels: &Value) -> u64 {
    let samples = found[family]["samples"].as_array().unwrap();
    let sample = samples.iter().find(|sample| sample[0] == name && sample[1] == *labels);
    let value = &sample.unwrap_or_else(|| panic!("no {name}{labels}: {found}"))[2];
    whole(value.as_f64().unwrap())
}

/// A number without a fraction.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what is no such number fails the test"
)]
fn whole(value: f64) -> u64 {
    let number = value as u64;
    assert!(value.fract() == 0.0 && value >= 0.0, "{value}");
    number
}

fn open_metrics(gestor: &Gestor) -> String {
    let ended = ask(gestor, "metrics", &json!({"formato": "openmetrics"})).expect(ExitCode::Ok);
    ended.report["openmetrics"].as_str().unwrap().to_owned()
}

#[test]
fn the_text_is_what_was_counted() {
    let gestor = Gestor::new();
    let nothing = read(&open_metrics(&gestor));
    assert_eq!(nothing["gestor_plugins_operations"]["samples"], json!([]));
    gestor.install(&package("1.0.0"), &[]).expect(ExitCode::Ok);
    gestor.install(&package("1.0.0"), &[]).expect(ExitCode::Ok);
    gestor.install(&package("1.2.0"), &[]).expect(ExitCode::Ok);
    ask(&gestor, "verify", &json!({"slug": "told"})).expect(ExitCode::Ok);
    let found = read(&open_metrics(&gestor));
    for (event, count) in counts(&gestor, "told") {
        let labels = json!({"plugin": "told", "event": event});
        let total = sample(
            &found,
            "gestor_plugins_operations",
            "gestor_plugins_operations_total",
            &labels,
        );
        assert_eq!(total, count, "{event}");
        let of_all = json!({"plugin": "told", "event": event, "le": "+Inf"});
        let family = "gestor_plugins_operation_duration_seconds";
        let bucket = sample(&found, family, &format!("{family}_bucket"), &of_all);
        let of_histogram = sample(&found, family, &format!("{family}_count"), &labels);
        assert_eq!([bucket, of_histogram], [count; 2], "{event}");
    }
    let info = json!({"plugin": "told", "version": "1.2.0", "verdict": "ausente"});
    assert_eq!(sample(&found, "gestor_plugins_info", "gestor_plugins_info", &info), 1);
    let verified = "gestor_plugins_last_verification_timestamp_seconds";
    let at = sample(&found, verified, verified, &json!({"plugin": "told"}));
    let now = gestor
        .database
        .value("SELECT UNIX_TIMESTAMP()")
        .unwrap()
        .parse::<u64>()
        .unwrap();
    assert!(now.abs_diff(at) < 60, "{at} {now}");
    assert_eq!(found[verified]["unit"], "seconds");
    let wrong = json!({"slug": "told", "sha256": "0".repeat(64), "origem_tipo": "upload", "arquivo": gestor.root().join("none.zip")});
    ask(&gestor, "install", &wrong);
    let (listed, found) = (ask(&gestor, "metrics", &json!({})).report, read(&open_metrics(&gestor)));
    let records = "gestor_plugins_audit_records";
    let counted = ["true", "false"].map(|word| {
        let labels = json!({"allowed": word});
        sample(&found, records, &format!("{records}_total"), &labels)
    });
    assert_eq!(
        listed["auditoria"],
        json!({"permitidos": counted[0], "negados": counted[1]})
    );
    assert!(counted[0] >= 3 && counted[1] == 1, "{counted:?}");
}

#[test]
fn what_is_gone_is_counted_still() {
    let gestor = Gestor::new();
    gestor.install(&package("1.0.0"), &[]).expect(ExitCode::Ok);
    gestor.install(&package("1.0.0"), &[]).expect(ExitCode::Ok);
    let listed = ask(&gestor, "metrics", &json!({})).expect(ExitCode::Ok).report;
    assert_eq!(listed["metricas"][0]["eventos"]["update_nochange"]["total"], 1);
    assert_eq!(listed["metricas"][0]["veredito"], "ausente");
    ask(&gestor, "uninstall", &json!({"slug": "told"})).expect(ExitCode::Ok);
    let gone = read(&open_metrics(&gestor));
    assert_eq!(gone["gestor_plugins_info"]["samples"], json!([]));
    let labels = json!({"plugin": "told", "event": "uninstall"});
    sample(
        &gone,
        "gestor_plugins_operations",
        "gestor_plugins_operations_total",
        &labels,
    );
}

#[test]
fn five_hundred_plugins_are_told_at_once() {
    let gestor = Gestor::new();
    gestor.install(&package("1.0.0"), &[]).expect(ExitCode::Ok);
    let words = "SELECT 'install_success' AS w UNION SELECT 'install_fail' UNION SELECT 'update_nochange' UNION SELECT \
                 'update_changed' UNION SELECT 'rollback_exec' UNION SELECT 'uninstall' UNION SELECT 'verify_ok' UNION SELECT \
                 'verify_fail' UNION SELECT 'signature_refused' UNION SELECT 'signer_changed' UNION SELECT 'index_stale' UNION \
                 SELECT 'credential_failed' UNION SELECT 'revoked_installed'";
    gestor.database.run(&format!(
        "INSERT INTO plugins (id, nome, versao_instalada, status) WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 \
         FROM n WHERE i < 500) SELECT CONCAT('many-', i), 'N', CONCAT(i, '.0.0\"\\n'), 'A' FROM n; \
         INSERT INTO gestor_plugins_contadores SELECT p.id, e.w, 9, 1234, 1, 2, 3, 0, 0, 1 FROM plugins AS p, ({words}) AS e \
         WHERE p.id LIKE 'many-%'"
    ));
    let started = Instant::now();
    let text = open_metrics(&gestor);
    let spent = started.elapsed();
    assert!(spent < Duration::from_secs(5), "{spent:?}");
    assert!(text.len() < 8 << 20, "{} bytes", text.len());
    let found = read(&text);
    let samples = found["gestor_plugins_operations"]["samples"].as_array().unwrap().len();
    assert_eq!(samples, 500 * 13 + 1);
    let labels = json!({"plugin": "many-500", "event": "verify_ok", "le": "120.0"});
    let family = "gestor_plugins_operation_duration_seconds";
    assert_eq!(sample(&found, family, &format!("{family}_bucket"), &labels), 7);
    let info = json!({"plugin": "many-7", "version": "7.0.0\"\n", "verdict": "nao_conferida"});
    sample(&found, "gestor_plugins_info", "gestor_plugins_info", &info);
}

fn written(gestor: &Gestor, path: &Path, settings: Settings) -> crate::support::operation::Ended {
    let call = json!({"formato": "openmetrics", "arquivo": path});
    ask_with(gestor, "metrics", &call, settings)
}

#[test]
fn a_file_is_replaced_as_a_whole_and_never_through_a_link() {
    let gestor = Gestor::new();
    gestor.install(&package("1.0.0"), &[]).expect(ExitCode::Ok);
    let outside = tempfile::tempdir().unwrap();
    let folder = outside.path().canonicalize().unwrap();
    let path = folder.join("gestor.prom");
    let ended = written(&gestor, &path, english()).expect(ExitCode::Ok);
    assert_eq!(ended.report["arquivo"], json!(path));
    assert!(ended.report.get("openmetrics").is_none(), "{}", ended.report);
    let first = std::fs::metadata(&path).unwrap();
    assert_eq!(first.mode() & 0o777, 0o644);
    read(&std::fs::read_to_string(&path).unwrap());
    written(&gestor, &path, english()).expect(ExitCode::Ok);
    assert_ne!(std::fs::metadata(&path).unwrap().ino(), first.ino(), "another file");
    let names: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(names, std::slice::from_ref(&path), "and nothing beside it");
    // A link in its place, and one in the place of what is written first.
    let victim = folder.join("victim");
    std::fs::write(&victim, "safe").unwrap();
    for (place, code) in [
        (path.clone(), ExitCode::ParamsOrFile),
        (folder.join("gestor.prom.partial"), ExitCode::Ok),
    ] {
        let _ = std::fs::remove_file(&place);
        symlink(&victim, &place).unwrap();
        written(&gestor, &path, english()).expect(code);
        assert_eq!(std::fs::read_to_string(&victim).unwrap(), "safe", "{}", place.display());
        if code == ExitCode::ParamsOrFile {
            assert!(path.is_symlink(), "it stays as it is");
            std::fs::remove_file(&path).unwrap();
        }
    }
    assert!(std::fs::symlink_metadata(&path).unwrap().is_file());
    // Where PHP does not let the script write.
    let reach = Reach {
        folders: Some(vec![gestor.root().canonicalize().unwrap()]),
        sockets: vec![gestor.database.socket().to_owned()],
    };
    let held = Settings { reach, ..english() };
    std::fs::remove_file(&path).unwrap();
    written(&gestor, &path, held.clone()).expect(ExitCode::ParamsOrFile);
    assert!(!path.exists());
    written(&gestor, &gestor.root().join("temp/gestor.prom"), held).expect(ExitCode::Ok);
    // A folder that is not there is no reason to lose the file that is.
    written(&gestor, &folder.join("none/gestor.prom"), english()).expect(ExitCode::Move);
}

#[test]
fn no_other_file_is_replaced() {
    let gestor = Gestor::new();
    let folder = gestor.root().canonicalize().unwrap();
    for (name, text) in [("config.php", "<?php"), ("temp/list.json", "{\"plugins\": []}")] {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        let refused = written(&gestor, &path, english()).expect(ExitCode::ParamsOrFile);
        let told = refused.report["erros"][0].as_str().unwrap();
        assert!(told.contains("stays as it is"), "{told}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }
    std::fs::create_dir(folder.join("temp/folder")).unwrap();
    written(&gestor, &folder.join("temp/folder"), english()).expect(ExitCode::ParamsOrFile);
    // A text that only ends as ours do, and the folder of the audit log.
    let script = folder.join("script.sh");
    std::fs::write(&script, "echo\n# EOF\n").unwrap();
    written(&gestor, &script, english()).expect(ExitCode::ParamsOrFile);
    gestor.install(&package("1.0.0"), &[]).expect(ExitCode::Ok);
    let audit = folder.join("backups/plugins/_auditoria");
    written(&gestor, &audit.join("99.jsonl"), english()).expect(ExitCode::ParamsOrFile);
    // Each form in the place of the other.
    let path = folder.join("temp/gestor.prom");
    for format in ["json", "openmetrics", "json", "json"] {
        let call = json!({"formato": format, "arquivo": path});
        ask_with(&gestor, "metrics", &call, english()).expect(ExitCode::Ok);
    }
}

#[test]
fn a_counter_that_is_none_is_left_out_and_told() {
    let gestor = Gestor::new();
    gestor.install(&package("1.0.0"), &[]).expect(ExitCode::Ok);
    gestor.database.run(
        "ALTER TABLE gestor_plugins_contadores MODIFY total BIGINT NOT NULL; INSERT INTO gestor_plugins_contadores \
         (slug, evento, total, soma_ms, b1, b2, b3, b4, b5, b6) VALUES ('other', 'verify_ok', -1, 0, 0, 0, 0, 0, 0, 0)",
    );
    let ended = ask(&gestor, "metrics", &json!({"formato": "json"})).expect(ExitCode::Ok);
    let told = ended.report["avisos"][0].as_str().unwrap();
    assert!(
        told.contains("`verify_ok` of other") && told.contains("`total`"),
        "{told}"
    );
    let plugins = ended.report["metricas"].as_array().unwrap();
    assert_eq!(plugins.len(), 1, "{plugins:?}");
}
