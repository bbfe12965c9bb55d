//! The table: what is stored opens as it was stored and in no other way; keys are put in front, taken away and lost; rotation is
//! killed and repeated.

use gestor_plugins::base::db::Database;
use gestor_plugins::config::DatabaseSettings;
use gestor_plugins::outcome::ExitCode;
use gestor_plugins::vault::store;
use serde_json::json;

use super::site::{KEY, OTHER_KEY, PART, Site, TOKEN, said};
use crate::support::child;
use crate::support::draw::Draw;

#[test]
fn a_credential_is_stored_named_replaced_and_removed() {
    let site = Site::new();
    site.credentials("listar", &json!({})).expect(ExitCode::Ok);
    assert!(
        !site
            .gestor
            .database
            .tables()
            .contains(&"plugins_credenciais".to_owned())
    );
    let stored = site.store("acme", &format!(" {TOKEN}\n"));
    assert_eq!(stored.report["nova"], true);
    assert_eq!(stored.report["origem"], site.api.url("").trim_end_matches('/'));
    let listed = site.credentials("listar", &json!({})).expect(ExitCode::Ok);
    let one = &listed.report["credenciais"][0];
    assert_eq!(
        (&one["alias"], &one["tipo"], &one["situacao"], &one["chave_atual"]),
        (&json!("acme"), &json!("github_token"), &json!("legivel"), &json!(true))
    );
    let other =
        json!({"alias": "acme", "segredo": "b3arer", "tipo": "http_bearer", "origem": "https://B.example:443/x"});
    let again = site.credentials("gravar", &other).expect(ExitCode::Ok);
    assert_eq!(
        (&again.report["nova"], &again.report["origem"]),
        (&json!(false), &json!("https://b.example"))
    );
    assert_eq!(site.gestor.database.count("plugins_credenciais", "1"), 1);
    site.credentials("remover", &json!({"alias": "acme"}))
        .expect(ExitCode::Ok);
    let gone = site
        .credentials("remover", &json!({"alias": "acme"}))
        .expect(ExitCode::ParamsOrFile);
    assert!(said(&gone).contains("no credential acme"));
}

#[test]
fn what_cannot_be_a_credential_is_refused_and_not_shown() {
    let site = Site::new();
    for (call, expected) in [
        (json!({"segredo": TOKEN}), "`alias` is missing"),
        (json!({"alias": "acme"}), "`segredo` is missing"),
        (json!({"alias": "Acme", "segredo": TOKEN}), "no name of a credential"),
        (json!({"alias": TOKEN, "segredo": TOKEN}), "no name of a credential"),
        (json!({"alias": "a", "segredo": format!("{TOKEN} x")}), "github_token"),
        (json!({"alias": "a", "segredo": "x".repeat(20_000)}), "github_token"),
        (
            json!({"alias": "a", "segredo": TOKEN, "tipo": "http_bearer"}),
            "`origem` is missing",
        ),
        (
            json!({"alias": "a", "segredo": TOKEN, "origem": "http://b.example"}),
            "https",
        ),
        (
            json!({"alias": "a", "segredo": TOKEN, "origem": "b.example"}),
            "b.example",
        ),
        (
            json!({"alias": "a", "segredo": TOKEN, "chaves": "correct horse battery staple"}),
            "never a passphrase",
        ),
        (json!({"alias": "a", "segredo": TOKEN, "chaves": "c2VjcmV0"}), "has 6"),
    ] {
        let refused = site.credentials("gravar", &call).expect(ExitCode::ParamsOrFile);
        let text = refused.report.to_string();
        assert!(said(&refused).contains(expected), "{text}");
        assert!(!text.contains(PART) && !text.contains("horse"), "{text}");
    }
    assert!(!site.ring().exists());
}

/// Each change that SQL can make to a row.
#[test]
fn a_row_that_was_altered_or_moved_does_not_open() {
    let site = Site::new();
    for (statement, alias) in [
        (
            "UPDATE plugins_credenciais SET id = id + 100 WHERE alias = 'acme'",
            "acme",
        ),
        (
            "UPDATE plugins_credenciais SET alias = 'evil' WHERE alias = 'acme'",
            "evil",
        ),
        (
            "UPDATE plugins_credenciais SET type = 'http_bearer' WHERE alias = 'acme'",
            "acme",
        ),
        (
            "UPDATE plugins_credenciais SET type = 'other' WHERE alias = 'acme'",
            "acme",
        ),
        (
            "UPDATE plugins_credenciais SET encrypted_secret = '' WHERE alias = 'acme'",
            "acme",
        ),
        (
            "UPDATE plugins_credenciais SET encrypted_secret = 'ghp_x' WHERE alias = 'acme'",
            "acme",
        ),
        (
            "UPDATE plugins_credenciais a JOIN plugins_credenciais b ON b.alias = 'other' SET a.encrypted_secret = \
             b.encrypted_secret WHERE a.alias = 'acme'",
            "acme",
        ),
        (
            "UPDATE plugins_credenciais SET encrypted_secret = CONCAT(LEFT(encrypted_secret, 40), IF(SUBSTR(encrypted_secret, \
             41, 1) = 'A', 'B', 'A'), SUBSTR(encrypted_secret, 42)) WHERE alias = 'acme'",
            "acme",
        ),
    ] {
        site.gestor.database.run("DROP TABLE IF EXISTS plugins_credenciais");
        site.store("acme", TOKEN);
        site.store("other", "ghp_other");
        site.gestor.database.run(statement);
        let checked = site.credentials("conferir", &json!({})).expect(ExitCode::Credential);
        let found = checked.report["credenciais"].as_array().unwrap();
        let one = found.iter().find(|one| one["alias"] == alias).unwrap();
        assert_eq!(one["situacao"], "alterada", "{statement}");
        assert!(said(&checked).contains("1 were altered or moved"), "{}", said(&checked));
        site.publish("1.0.0");
        let used = site.install(&json!({"cred_ref": format!("cred:{alias}")}));
        assert_eq!(used.code, ExitCode::Credential, "{statement}: {}", said(&used));
        assert!(said(&used).contains("altered or moved"), "{}", said(&used));
        assert!(site.sent().is_empty(), "{statement}: asked all the same");
    }
}

#[test]
fn a_key_that_is_missing_is_named_and_nothing_is_deleted() {
    let site = Site::new();
    let stored = site.credentials("gravar", &json!({"alias": "acme", "segredo": TOKEN, "chaves": KEY}));
    let key = stored.expect(ExitCode::Ok).report["chave_id"]
        .as_str()
        .unwrap()
        .to_owned();
    for keys in [json!({}), json!({"chaves": OTHER_KEY})] {
        let mut call = keys.clone();
        call["cred_ref"] = json!("cred:acme");
        let used = site.install(&call).expect(ExitCode::Credential);
        assert!(
            said(&used).contains(&key) && said(&used).contains("missing"),
            "{}",
            said(&used)
        );
        let listed = site.credentials("listar", &keys).expect(ExitCode::Ok);
        assert_eq!(listed.report["chaves_ausentes"], json!({&key: 1}));
        let rotated = site.credentials("rotacionar", &keys).expect(ExitCode::Credential);
        assert_eq!(rotated.report["chaves_ausentes"], json!({&key: 1}));
    }
    assert!(site.sent().is_empty());
    assert_eq!(site.gestor.database.count("plugins_credenciais", "alias = 'acme'"), 1);
    site.credentials("conferir", &json!({"chaves": format!("{OTHER_KEY},{KEY}")}))
        .expect(ExitCode::Ok);
}

#[test]
fn keys_of_the_environment_win_over_the_file_and_those_of_the_call_over_both() {
    let mut site = Site::new();
    site.store("acme", TOKEN);
    site.settings.keys = Some(gestor_plugins::model::Secret::new(OTHER_KEY));
    site.credentials("conferir", &json!({})).expect(ExitCode::Credential);
    let by_environment = site.store("environment", TOKEN);
    let by_call = site.credentials("gravar", &json!({"alias": "call", "segredo": TOKEN, "chaves": KEY}));
    assert_ne!(by_environment.report["chave_id"], by_call.report["chave_id"]);
    let both = json!({"chaves": format!("{KEY}\n{OTHER_KEY}")});
    let listed = site.credentials("listar", &both).expect(ExitCode::Ok);
    let standing = |alias: &str| {
        let all = listed.report["credenciais"].as_array().unwrap();
        all.iter().find(|one| one["alias"] == alias).unwrap()["situacao"].clone()
    };
    assert_eq!(
        ["acme", "environment", "call"].map(standing),
        ["chave_ausente", "legivel", "legivel"]
    );
}

#[test]
fn a_rotation_that_is_killed_is_repeated() {
    const ROWS: usize = 5;
    let site = Site::new();
    let old = json!({"chaves": KEY});
    let both = json!({"chaves": format!("{OTHER_KEY},{KEY}")});
    for point in [
        "sealed:kill:1",
        "rotated:kill:1",
        "rotated:kill:3",
        "sealed:kill:5",
        "rotated:kill:5",
    ] {
        site.gestor.database.run("DROP TABLE IF EXISTS plugins_credenciais");
        for number in 0..ROWS {
            let mut call = old.clone();
            call["alias"] = json!(format!("a{number}"));
            call["segredo"] = json!(format!("ghp_{number}"));
            site.credentials("gravar", &call).expect(ExitCode::Ok);
        }
        let killed = child::start(&site.in_child("rotacionar", &both), Some(point))
            .wait()
            .unwrap();
        assert!(killed.code().is_none(), "{point}: {killed}");
        // Under either key, and none is lost.
        site.credentials("conferir", &both).expect(ExitCode::Ok);
        let rotated = site.credentials("rotacionar", &both).expect(ExitCode::Ok);
        let sum = rotated.report["rotacionadas"].as_u64().unwrap() + rotated.report["ja_atuais"].as_u64().unwrap();
        assert_eq!(sum, ROWS as u64, "{point}");
        site.credentials("conferir", &json!({"chaves": OTHER_KEY}))
            .expect(ExitCode::Ok);
        let again = site.credentials("rotacionar", &both).expect(ExitCode::Ok);
        assert_eq!(again.report["rotacionadas"], 0);
    }
}

/// A rotation writes over what it read, and over nothing that was stored since.
#[test]
fn what_was_stored_since_is_not_written_over() {
    let site = Site::new();
    site.store("acme", TOKEN);
    let mut database = Database::connect(&DatabaseSettings {
        socket: Some(site.gestor.database.socket().into()),
        name: site.gestor.database.name().to_owned(),
        user: "root".to_owned(),
        ..DatabaseSettings::default()
    })
    .unwrap();
    let before = store::list(&mut database).unwrap().remove(0);
    site.store("acme", "ghp_newer");
    let sealed = || {
        site.gestor
            .database
            .value("SELECT encrypted_secret FROM plugins_credenciais")
    };
    let newer = sealed();
    assert_ne!(newer.as_deref(), Some(before.sealed.as_str()));
    assert!(!store::replace(&mut database, &before, "gpc1.other").unwrap());
    assert_eq!(sealed(), newer);
    let read = store::list(&mut database).unwrap().remove(0);
    assert!(store::replace(&mut database, &read, "gpc1.other").unwrap());
    assert_eq!(sealed().as_deref(), Some("gpc1.other"));
}

#[test]
fn two_rotations_and_a_writer_lose_nothing() {
    let site = Site::new();
    let both = json!({"chaves": format!("{OTHER_KEY},{KEY}")});
    let mut draw = Draw::of_process(0x51ab_20cd_9d3f_7701);
    for _ in 0..3 {
        for number in 0..8 {
            let call = json!({"alias": format!("a{number}"), "segredo": format!("ghp_{number}"), "chaves": KEY});
            site.credentials("gravar", &call).expect(ExitCode::Ok);
        }
        let mut running: Vec<_> = (0..2)
            .map(|_| child::start(&site.in_child("rotacionar", &both), None))
            .collect();
        std::thread::sleep(std::time::Duration::from_millis(draw.below(60)));
        let call = json!({"alias": "a5", "segredo": "ghp_new", "chaves": OTHER_KEY});
        site.credentials("gravar", &call).expect(ExitCode::Ok);
        for one in &mut running {
            assert_eq!(one.wait().unwrap().code(), Some(0));
        }
        let checked = site
            .credentials("conferir", &json!({"chaves": OTHER_KEY}))
            .expect(ExitCode::Ok);
        assert_eq!(checked.report["credenciais"].as_array().unwrap().len(), 8);
        site.publish("1.0.0");
        site.install(&json!({"cred_ref": "cred:a5", "chaves": OTHER_KEY, "dry_run": true}))
            .expect(ExitCode::Ok);
        assert_eq!(site.sent().pop().flatten().as_deref(), Some("token ghp_new"));
    }
}

#[test]
fn no_package_writes_credentials() {
    let site = Site::new();
    site.store("acme", TOKEN);
    let before = site.gestor.database.dump(&[]);
    let row = json!([{"id": 1, "type": "github_token", "alias": "acme", "encrypted_secret": "ghp_evil"}]);
    for name in ["PluginsCredenciais", "plugins_credenciais"] {
        let package = crate::support::package::Package::new("evil", "1.0.0").data(name, &row);
        let refused = site.gestor.install(&package, &[]).expect(ExitCode::Validate);
        assert!(said(&refused).contains("plugins_credenciais"), "{}", said(&refused));
    }
    assert_eq!(site.gestor.database.dump(&[]), before);
}
