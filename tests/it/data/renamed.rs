//! Records that a user renamed, and rows of the package that name them by their `id` of before (SPEC 2 §16).

use gestor_plugins::data::Notice;
use serde_json::{Value, json};

use super::merge::Done;
use super::merge_choice::Choice;
use super::site::Site;

/// A module and what names it: a page and a variable of it, and a grant to it; and a page of another module.
fn package() -> Value {
    let module = json!({"id": "agenda", "language": "pt-br", "nome": "Agenda", "modulo_grupo_id": "g", "status": "A"});
    let page = |id: &str, module: &str| {
        json!({"id": id, "language": "pt-br", "nome": id, "caminho": format!("{id}/"), "tipo": "page", "modulo": module,
               "html": "<p>", "status": "A"})
    };
    json!({
        "Modulos": [module],
        "Paginas": [page("lista", "agenda"), page("ficha", "agenda"), page("inicio", "dashboard")],
        "Variaveis": [{"id": "titulo", "language": "pt-br", "modulo": "agenda", "grupo": "g", "valor": "v", "tipo": "string"}],
        "UsuariosPerfisModulos": [{"perfil": "administradores", "modulo": "agenda"}],
    })
}

fn told(done: &Done) -> Vec<(String, String, String, &'static str, usize)> {
    let renamed = done.plan.notices.iter().filter_map(|notice| match notice {
        Notice::RenamedRecord {
            record,
            id,
            table,
            column,
            rows,
        } => Some((record.to_string(), id.clone(), table.to_string(), *column, *rows)),
        _ => None,
    });
    renamed.collect()
}

#[test]
fn rows_that_name_a_renamed_record_are_told() {
    let mut site = Site::new();
    let first = site.merge(&package(), "1.0.0", 1, Choice::default()).unwrap();
    assert_eq!(told(&first), []);
    site.database
        .run("UPDATE modulos SET id = 'compromissos' WHERE id = 'agenda'");
    let again = site.merge(&package(), "1.1.0", 2, Choice::default()).unwrap();
    let row = |table: &str, rows| {
        (
            "modulos".to_owned(),
            "agenda".to_owned(),
            table.to_owned(),
            "modulo",
            rows,
        )
    };
    let expected = [
        row("paginas", 2),
        row("usuarios_perfis_modulos", 1),
        row("variaveis", 1),
    ];
    let mut found = told(&again);
    found.sort();
    assert_eq!(found, expected);
    site.database
        .run("UPDATE modulos SET id = 'agenda' WHERE id = 'compromissos'");
    let back = site.merge(&package(), "1.2.0", 3, Choice::default()).unwrap();
    assert_eq!(told(&back), []);
}
