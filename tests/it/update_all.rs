//! All plugins of a site are updated from where they came from.

use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use crate::looks::call;
use crate::support::english;
use crate::support::gestor::Gestor;
use crate::support::operation::{Ended, Quiet, called, run};
use crate::support::package::Package;

fn update_all(gestor: &Gestor, more: &Value) -> Ended {
    let read = called("update_all", call(gestor, more), &english());
    run(read, english(), &mut Quiet)
}

#[test]
fn all_are_updated_from_where_they_came_from() {
    let gestor = Gestor::new();
    let folder = tempfile::tempdir().unwrap();
    let file = |slug: &str| folder.path().join(format!("{slug}.zip"));
    let of = |slug: &str, version: &str| Package::new(slug, version).file("a.txt", version);
    for slug in ["one", "three", "two"] {
        of(slug, "1.0.0").write(&file(slug));
        let more = json!({"slug": slug, "origem_tipo": "local_path", "local_path": file(slug)});
        let read = called("install", call(&gestor, &more), &english());
        run(read, english(), &mut Quiet).expect(ExitCode::Ok);
    }
    let same = update_all(&gestor, &json!({})).expect(ExitCode::Ok).report;
    assert!(
        same["plugins"]
            .as_array()
            .unwrap()
            .iter()
            .all(|part| part["inalterado"] == true)
    );
    of("one", "1.1.0").write(&file("one"));
    std::fs::write(file("three"), "no zip").unwrap();
    of("two", "1.1.0").write(&file("two"));
    let versions = || {
        let sql = "SELECT GROUP_CONCAT(versao_instalada ORDER BY id) FROM plugins";
        gestor.database.value(sql).unwrap()
    };
    update_all(&gestor, &json!({"dry_run": true})).expect(ExitCode::ZipInvalid);
    assert_eq!(versions(), "1.0.0,1.0.0,1.0.0");
    let done = update_all(&gestor, &json!({"ator": "cron"}))
        .expect(ExitCode::ZipInvalid)
        .report;
    assert_eq!(versions(), "1.1.0,1.0.0,1.1.0");
    let codes: Vec<_> = done["plugins"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| part["codigo"].clone())
        .collect();
    assert_eq!(codes, [0, 21, 0]);
    assert!(done["erros"][0].as_str().unwrap().starts_with("three: "));
    let who = "SELECT COUNT(*) FROM gestor_plugins_historico WHERE ator='cron' AND codigo IS NOT NULL";
    assert_eq!(gestor.database.value(who).as_deref(), Some("3"));
    // Nothing says where it came from.
    gestor
        .database
        .run("UPDATE plugins SET origem_referencia=NULL WHERE id='three'");
    update_all(&gestor, &json!({})).expect(ExitCode::ParamsOrFile);
}
