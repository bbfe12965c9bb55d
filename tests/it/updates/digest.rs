//! The message of a day: what has happened is told once, by the gestor's own mail, and comes again where it could not be sent.

use std::fs;
use std::process::Command;

use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use super::{World, plugin};
use crate::program::{PROGRAM, Said, put_php};

fn digest(world: &World, more: &Value) -> Value {
    world.run(more).expect(ExitCode::Ok).report["resumo"].clone()
}

#[test]
fn a_day_is_one_message_which_waits_until_it_was_sent() {
    let world = World::new();
    let trust = world.rules(&json!({"aviso_email": "ana@example.org"}));
    let more = json!({"confianca": trust});
    world.install("loja", "1.0.0");
    assert_eq!(digest(&world, &more), Value::Null, "nothing has happened");
    world.release(&plugin("loja", "1.1.0"), "loja", "1.1.0");
    let now = json!({"confianca": trust, "agora": true});
    // A look alone tells nobody.
    let look = json!({"confianca": trust, "agora": true, "so_verificar": true});
    assert_eq!(digest(&world, &look), Value::Null);
    world.release(&plugin("loja", "1.2.0"), "loja", "1.2.0");
    let first = digest(&world, &now);
    assert_eq!(
        (&first["para"], &first["numero"]),
        (&json!("ana@example.org"), &json!(1))
    );
    assert_eq!(first["assunto"], "Updates of plugins at 127.0.0.1");
    let line = first["linhas"][0].as_str().unwrap();
    assert!(
        line.starts_with("2026-12-01 00:00 loja: there is version 1.2.0: "),
        "{line}"
    );
    // Whoever has it may still send it; after a while it is given again.
    assert_eq!(digest(&world, &now), Value::Null);
    world.clock.goes(31);
    assert_eq!(digest(&world, &now), first);
    let sent = json!({"confianca": trust, "resumo_enviado": 1});
    let noted = world.run(&sent).expect(ExitCode::Ok).report;
    assert_eq!((&noted["resumo"], &noted["atualizacoes"]), (&Value::Null, &json!([])));
    world.clock.goes(60);
    world.release(&plugin("loja", "1.3.0"), "loja", "1.3.0");
    assert_eq!(digest(&world, &now), Value::Null, "one a day");
    world.clock.goes(24 * 60);
    let second = digest(&world, &now);
    assert_eq!(second["linhas"].as_array().unwrap().len(), 1, "{second}");
    assert_eq!(second["numero"], 2);
    // What nobody wants to hear is not kept either.
    world
        .run(&json!({"confianca": trust, "resumo_enviado": 2}))
        .expect(ExitCode::Ok);
    fs::write(trust.join("politica.json"), "{}").unwrap();
    world.release(&plugin("loja", "1.4.0"), "loja", "1.4.0");
    world.clock.goes(48 * 60);
    assert_eq!(digest(&world, &now), Value::Null);
    let kept = "SELECT valor FROM gestor_plugins_ajustes WHERE chave = 'resumo'";
    assert!(!world.gestor.database.value(kept).unwrap().contains("1.4.0"));
}

#[test]
fn what_is_no_address_of_mail_is_refused() {
    let world = World::new();
    for wrong in [
        "ana",
        "ana@",
        "@example.org",
        "a@b.org,c@d.org",
        "a b@c.org",
        "ana@example.org\r\nBcc: eva@example.org",
    ] {
        let trust = world.rules(&json!({"aviso_email": wrong}));
        let refused = world.run(&json!({"confianca": trust})).expect(ExitCode::ParamsOrFile);
        let told = refused.report["erros"][0].as_str().unwrap();
        assert!(told.contains("`aviso_email`"), "{told}");
    }
}

/// The gestor's mail, which ends as `answer` says.
const MAIL: &str = "<?php
$GLOBALS['_CONFIG']['email']['ativo'] = trim(file_get_contents(__DIR__ . '/answer')) !== 'off';
function comunicacao_email($params) {
    $answer = trim(file_get_contents(__DIR__ . '/answer'));
    echo 'noise';
    file_put_contents(__DIR__ . '/sent', json_encode($params) . PHP_EOL, FILE_APPEND);
    if ($answer === 'dies') { exit(1); }
    return $answer === 'sends' ? true : ($answer === 'fails' ? false : 'SMTP: ' . $answer);
}
";

/// A run of the program, where the gestor's mail ends so.
fn program(world: &World, answer: &str) -> Value {
    let root = world.gestor.root();
    fs::write(root.join("bibliotecas/answer"), answer).unwrap();
    let mut command = Command::new(PROGRAM);
    command
        .env_clear()
        .env("GESTOR_PLUGINS_LANG", "en")
        .env("PATH", std::env::var("PATH").unwrap_or_default())
        .env("GESTOR_PLUGINS_GITHUB_API", world.github.url(""))
        .env("GESTOR_PLUGINS_GITHUB_WEB", world.github.url("/web"))
        .args(["agendar", "--json", "--agora", "--gestor"])
        .arg(root);
    Said::of(&command.output().unwrap()).expect(ExitCode::Ok).json()
}

/// What a run warns of the message.
fn warned(report: &Value) -> String {
    let warnings = report["avisos"].as_array().unwrap().iter().filter_map(Value::as_str);
    let mut of_mail = warnings.filter(|told| told.contains("`aviso_email`"));
    of_mail.next().unwrap_or_default().to_owned()
}

/// The program has the gestor send it, in PHP, and notes that; what the gestor cannot send waits.
#[test]
fn the_program_sends_it_by_the_gestors_own_mail() {
    let world = World::new();
    let root = world.gestor.root().to_owned();
    let libraries = root.join("bibliotecas");
    put_php(&root);
    for name in ["banco", "modelo", "gestor"] {
        fs::write(libraries.join(format!("{name}.php")), "<?php\n").unwrap();
    }
    world.rules(&json!({"aviso_email": "ana@example.org"}));
    let database = &world.gestor.database;
    let settings = format!(
        "DB_HOST={}\nDB_DATABASE={}\nDB_USERNAME=root\nDB_PASSWORD=\n",
        database.socket().display(),
        database.name()
    );
    fs::write(root.join("autenticacoes/site/.env"), settings).unwrap();
    world.install("loja", "1.0.0");
    world.release(&plugin("loja", "1.1.0"), "loja", "1.1.0");
    let run = |answer: &str| program(&world, answer);
    let kept = || {
        let stored = database
            .value("SELECT valor FROM gestor_plugins_ajustes WHERE chave = 'resumo'")
            .unwrap();
        let stored: Value = serde_json::from_str(&stored).unwrap();
        // As if half an hour had gone by.
        database.run(
            "UPDATE gestor_plugins_ajustes SET valor = REPLACE(valor, 'entregue_em\":', 'entregue_em\":null,\"x\":')",
        );
        (
            stored["eventos"].as_array().unwrap().len(),
            stored["enviado_em"].is_i64(),
        )
    };
    // A gestor without such a library.
    let told = warned(&run("sends"));
    assert!(
        told.contains("could not be sent: the gestor has no bibliotecas/comunicacao.php"),
        "{told}"
    );
    fs::write(libraries.join("comunicacao.php"), MAIL).unwrap();
    for (answer, why) in [
        ("could not connect", "could not be sent: SMTP: could not connect"),
        ("off", "mail is off (EMAIL_ACTIVE)"),
        ("fails", "the gestor could not send it"),
        ("dies", "the script ended (exit)"),
    ] {
        assert_eq!(kept(), (1, false));
        let told = warned(&run(answer));
        assert!(told.contains(why), "{answer}: {told}");
    }
    assert_eq!(kept(), (1, false));
    assert_eq!(warned(&run("sends")), "");
    assert_eq!(kept(), (0, true));
    let sent = fs::read_to_string(libraries.join("sent")).unwrap();
    let sent: Value = serde_json::from_str(sent.lines().last().unwrap()).unwrap();
    assert_eq!(sent["destinatarios"], json!([{"email": "ana@example.org"}]));
    assert_eq!(sent["mensagem"]["assunto"], "Updates of plugins at site");
    let html = sent["mensagem"]["html"].as_str().unwrap();
    assert!(html.contains("loja: there is version 1.1.0"), "{html}");
    // Nothing new, nothing sent.
    let report = run("sends");
    assert_eq!((&report["resumo"], warned(&report)), (&Value::Null, String::new()));
}
