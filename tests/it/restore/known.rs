//! What is told and known of a plugin that comes back.

use gestor_plugins::outcome::ExitCode;
use serde_json::json;

use super::{call, done, gestor, install, package};
use crate::support::operation::Ended;
use crate::support::scene::SLUG;

#[test]
fn what_is_told_of_a_plugin_that_the_admin_page_marks() {
    use gestor_plugins::config::Argument;
    let gestor = gestor();
    install(&gestor, &package("1.0.0", 2));
    let settings = crate::support::english();
    let look = |verify: bool| -> Ended {
        let mut call = call(&gestor, "");
        let call = call.as_object_mut().unwrap();
        call.remove("operacao");
        call.remove("espera_lock");
        let argument = Argument::from(&json!(call));
        let call = crate::support::operation::called(if verify { "verify" } else { "list" }, argument, &settings);
        crate::support::operation::run(call, settings.clone(), &mut crate::support::operation::Quiet)
    };
    let told = |status: &str, word: &str, option: &str| {
        gestor.database.run(&format!("UPDATE plugins SET status = '{status}'"));
        let listed = look(false);
        let found = listed.report["plugins"][0]["contradicoes"].clone();
        if word.is_empty() {
            assert_eq!(found, json!([]));
            return look(true).code;
        }
        assert_eq!(found, json!([word]));
        assert!(
            listed.report["avisos"].to_string().contains(option),
            "{}",
            listed.report
        );
        look(true).code
    };
    assert_eq!(told("A", "", ""), ExitCode::Ok);
    assert_eq!(told("I", "inativo", "--disable"), ExitCode::Drift);
    gestor.database.run("UPDATE plugins SET status = 'A'");
    done(&gestor, "disable", &json!({}));
    assert_eq!(told("I", "", ""), ExitCode::Ok);
    assert_eq!(told("A", "ativo", "--enable"), ExitCode::Drift);
    assert_eq!(told("D", "apagado", "--uninstall"), ExitCode::Drift);
    gestor.database.run("UPDATE plugins SET status = 'I'");
    std::fs::create_dir(gestor.root().join("plugins").join(SLUG)).unwrap();
    assert_eq!(told("I", "arquivos", ""), ExitCode::Drift);
    // What stands there goes to the backups.
    done(&gestor, "enable", &json!({}));
    assert_eq!(told("A", "", ""), ExitCode::Ok);
}

#[test]
fn what_is_known_of_a_tree_says_nothing_of_one_that_came_back() {
    for (goes, comes) in [("uninstall", "restore"), ("disable", "enable")] {
        let gestor = gestor();
        gestor.install(&package("1.0.0", 2), &[]).expect(ExitCode::Ok);
        std::thread::sleep(std::time::Duration::from_millis(20));
        let known = gestor.root().join(format!("temp/plugins/{SLUG}.arvore"));
        let earlier = std::fs::read(&known).unwrap();
        let edited = gestor.root().join(format!("plugins/{SLUG}/modules/m/data.bin"));
        // The tree holds what its package brought; what goes is in an archive of its own all the same.
        let backup = done(&gestor, goes, &json!({})).report["backup"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(backup.contains("/plugins/_backups/"), "{goes}: {backup}");
        assert!(!known.exists(), "{goes}");
        std::fs::write(&known, &earlier).unwrap();
        done(&gestor, comes, &json!({}));
        assert!(!known.exists(), "{comes}: nothing is known");
        std::fs::write(&known, &earlier).unwrap();
        std::fs::write(&edited, "\u{1}\u{0}").unwrap();
        let ended = gestor.install(&package("1.1.0", 2), &[]).expect(ExitCode::Ok);
        let backup = ended.report["backup"].as_str().unwrap();
        assert!(backup.contains("/plugins/_backups/"), "{comes}: {backup}");
        assert_eq!(std::fs::read(&edited).unwrap(), b"\0\x01", "{comes}");
        // The next one is as fast as ever.
        let ended = gestor.install(&package("1.2.0", 2), &[]).expect(ExitCode::Ok);
        let backup = ended.report["backup"].as_str().unwrap();
        assert!(backup.ends_with("/1.1.0.zip"), "{comes}: {backup}");
    }
}
