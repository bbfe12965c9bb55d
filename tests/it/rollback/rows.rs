//! Rows that others wrote or brought meanwhile.

use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use super::{SLUG, Site};
use crate::support::child;
use crate::support::package::Package;
use crate::support::sql_migrations::migration;

#[test]
fn permissions_that_the_gestor_wrote_anew_go_with_their_module() {
    let of = |version: &str, modules: &[&str]| {
        let rows: Vec<Value> = modules
            .iter()
            .map(|id| json!({"id": id, "nome": id, "language": "en", "modulo_grupo_id": "g"}))
            .collect();
        let grants: Vec<Value> = modules
            .iter()
            .map(|id| json!({"perfil": "administradores", "modulo": id}))
            .collect();
        Package::new(SLUG, version)
            .data("Modulos", &json!(rows))
            .data("UsuariosPerfisModulos", &json!(grants))
    };
    let site = Site::of([of("1.0.0", &["x-one"]), of("2.0.0", &["x-one", "x-two"])]);
    site.install(1).expect(ExitCode::Ok);
    let database = &site.gestor.database;
    database.run(
        "DELETE FROM usuarios_perfis_modulos; INSERT INTO usuarios_perfis_modulos (perfil, modulo) VALUES \
         ('administradores', 'x-one'), ('administradores', 'x-two'), ('administradores', 'other')",
    );
    site.rollback(&json!({})).expect(ExitCode::Ok);
    let left = database.rows("SELECT modulo FROM usuarios_perfis_modulos ORDER BY modulo");
    assert_eq!(left, [[Some("other".to_owned())], [Some("x-one".to_owned())]]);
}

/// What a way back makes anew is empty when the rows go back: they are brought to it once more.
#[test]
fn rows_come_into_what_a_way_back_brings_back() {
    let make = "CREATE TABLE xis_t (id_x INT AUTO_INCREMENT PRIMARY KEY, id VARCHAR(50), plugin VARCHAR(90), \
                kept VARCHAR(20))";
    let undo = "DROP TABLE x_other; ALTER TABLE xis_t ADD COLUMN old VARCHAR(20)";
    let first = (
        "db/migrations/20260101000000_make_t.php",
        migration(make, Some("DROP TABLE xis_t")),
    );
    let second = (
        "db/migrations/20260102000000_make_other.php",
        migration("CREATE TABLE x_other (id INT)", Some(undo)),
    );
    let of = |version: &str| {
        let rows = ["k-1", "k-2"].map(|id| json!({"id": id, "old": version, "kept": version}));
        Package::new(SLUG, version)
            .data("XisT", &json!(rows))
            .file(first.0, first.1.clone())
    };
    let site = Site::of([of("1.0.0"), of("2.0.0").file(second.0, second.1.clone())]);
    let database = &site.gestor.database;
    site.install(1).expect(ExitCode::Ok);
    assert_eq!(database.count("xis_t", "kept = '2.0.0'"), 2);
    database.run("UPDATE xis_t SET kept = 'user' WHERE id = 'k-2'");
    let ended = site.rollback(&json!({})).expect(ExitCode::Ok);
    assert_eq!(
        ended.report["migracoes_desfeitas"],
        json!(["20260102000000 make_other"])
    );
    assert_eq!(database.count("xis_t", "old = '1.0.0'"), 2, "{}", ended.report);
    let kept = database.rows("SELECT kept FROM xis_t ORDER BY id");
    assert_eq!(kept, [[Some("1.0.0".to_owned())], [Some("user".to_owned())]]);
    let verified = child::other("verify", &child::about(&site.gestor, SLUG, &json!({})), None);
    let edited = &verified.expect(ExitCode::Ok).report["linhas"]["editadas"];
    assert_eq!(edited.as_array().map(Vec::len), Some(1), "{edited}");
}
