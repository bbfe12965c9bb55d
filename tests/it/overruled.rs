//! Rows that a data file and a module's descriptor both bring: the data file's row is what the package brought, for the
//! base as for the table.

use std::fs;

use gestor_plugins::base::hash::sha256;
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use crate::support::english;
use crate::support::gestor::Gestor;
use crate::support::operation::{Ended, Quiet, called, run};
use crate::support::package::Package;

const SLUG: &str = "twice";

/// Pages that stand in both, each with other values; `layout` is a data file's.
fn package(version: &str, layout: &str) -> Package {
    let names = (1..=6).map(|at| format!("page-{at}"));
    let names: Vec<String> = names.collect();
    let row = |id: &String| {
        json!({"id": id, "language": "pt-br", "nome": id, "caminho": format!("{id}/"), "tipo": "system", "modulo": "m",
            "layout_id": layout, "html": format!("<p>{version}</p>"), "status": "A"})
    };
    let page =
        |id: &String| json!({"id": id, "name": id, "path": format!("{id}/"), "type": "system", "layout": "module"});
    let (rows, pages): (Vec<Value>, Vec<Value>) = names.iter().map(|id| (row(id), page(id))).unzip();
    let descriptor = json!({"resources": {"pt-br": {"pages": pages}}}).to_string();
    let made = Package::new(SLUG, version)
        .data("Paginas", &json!(rows))
        .file("modules/m/m.json", descriptor);
    names.iter().fold(made, |made, id| {
        let path = format!("modules/m/resources/pt-br/pages/{id}/{id}.html");
        made.file(&path, "<p>module</p>")
    })
}

/// A site with version 1.
fn site() -> Gestor {
    let gestor = Gestor::new();
    gestor.install(&package("1.0.0", "one"), &[]).expect(ExitCode::Ok);
    // Of the descriptor's pages no row came: all are the data file's.
    let log = gestor.log();
    let told = "sync modules plugin=twice modules=1 inserts=0 updates=0 skipped=0";
    assert!(log.contains(told), "{log}");
    gestor
}

fn call(gestor: &Gestor, word: &str, more: &Value) -> Ended {
    let database = &gestor.database;
    let mut call = json!({"slug": SLUG, "raiz": gestor.root(), "db": {
        "socket": database.socket(), "nome": database.name(), "usuario": "root",
    }});
    call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    run(called(word, (&call).into(), &english()), english(), &mut Quiet)
}

/// What verifying says of rows.
fn verified(gestor: &Gestor) -> Value {
    call(gestor, "verify", &json!({})).expect(ExitCode::Ok).report["linhas"].clone()
}

fn layouts(gestor: &Gestor) -> Vec<String> {
    let rows = gestor
        .database
        .rows("SELECT layout_id FROM paginas WHERE plugin = 'twice' ORDER BY id");
    rows.into_iter()
        .map(|mut row| row.remove(0).unwrap_or_default())
        .collect()
}

#[test]
fn an_update_is_remembered_and_goes_back() {
    let gestor = site();
    gestor.install(&package("2.0.0", "two"), &[]).expect(ExitCode::Ok);
    assert_eq!(layouts(&gestor), ["two"; 6]);
    assert_eq!(verified(&gestor)["editadas"], json!([]));
    gestor.install(&package("3.0.0", "three"), &[]).expect(ExitCode::Ok);
    assert_eq!(layouts(&gestor), ["three"; 6]);
    assert_eq!(gestor.database.count("gestor_plugins_conflitos", "1"), 0);
    for (version, layout) in [("2.0.0", "two"), ("1.0.0", "one")] {
        call(&gestor, "rollback", &json!({"version": version})).expect(ExitCode::Ok);
        assert_eq!(layouts(&gestor), [layout; 6], "back to {version}");
        assert_eq!(verified(&gestor)["editadas"], json!([]), "back to {version}");
    }
}

#[test]
fn what_a_user_deleted_is_remembered_as_deleted() {
    let gestor = site();
    gestor.database.run("DELETE FROM paginas WHERE id = 'page-1'");
    gestor.install(&package("2.0.0", "two"), &[]).expect(ExitCode::Ok);
    assert_eq!(layouts(&gestor), ["two"; 5]);
    // All the others come back after damage.
    gestor.database.run("DELETE FROM paginas WHERE plugin = 'twice'");
    gestor.install(&package("3.0.0", "three"), &[]).expect(ExitCode::Ok);
    assert_eq!(layouts(&gestor), ["three"; 5]);
}

/// Too many are gone for a user to have deleted them, whichever source a row comes from.
#[test]
fn a_damaged_table_is_restored() {
    let gestor = site();
    gestor.database.run("DELETE FROM paginas WHERE plugin = 'twice'");
    gestor.install(&package("2.0.0", "two"), &[]).expect(ExitCode::Ok);
    assert_eq!(layouts(&gestor), ["two"; 6]);
}

/// Another installer wrote version 2: the base is made from its package.
#[test]
fn a_base_that_is_made_anew_is_the_data_files() {
    let gestor = site();
    let uploads = gestor.root().join("contents/plugins");
    fs::create_dir_all(&uploads).unwrap();
    let file = uploads.join("twice-2.zip");
    package("2.0.0", "two").write(&file);
    let checksum = sha256(&fs::read(&file).unwrap());
    gestor.database.run(&format!(
        "UPDATE plugins SET versao_instalada = '2.0.0', checksum_pacote = '{checksum}' WHERE id = '{SLUG}'"
    ));
    gestor
        .database
        .run("UPDATE paginas SET layout_id = 'two', html = '<p>2.0.0</p>' WHERE plugin = 'twice'");
    gestor.install(&package("3.0.0", "three"), &[]).expect(ExitCode::Ok);
    assert_eq!(layouts(&gestor), ["three"; 6]);
    assert_eq!(gestor.database.count("gestor_plugins_conflitos", "1"), 0);
}

#[test]
fn a_diff_shows_the_data_files_values() {
    let gestor = site();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("p.zip");
    package("2.0.0", "two").write(&file);
    let shown = call(&gestor, "diff", &json!({"origem_tipo": "upload", "arquivo": file})).expect(ExitCode::Ok);
    let fields = shown.report["diferencas"]["campos"].as_array().unwrap();
    let of_layouts: Vec<&Value> = fields.iter().filter(|field| field["coluna"] == "layout_id").collect();
    assert_eq!(of_layouts.len(), 6, "{fields:?}");
    for field in of_layouts {
        let sides = (&field["base"], &field["meu"], &field["pacote"]);
        assert_eq!(sides, (&json!("one"), &json!("one"), &json!("two")));
    }
}

/// A row that says nothing does not name a record either.
#[test]
fn rows_that_name_a_renamed_record_are_counted_once() {
    let gestor = Gestor::new();
    let module = json!({"id": "m", "language": "pt-br", "nome": "M", "modulo_grupo_id": "g", "status": "A"});
    let package = |version: &str| package(version, "one").data("Modulos", &json!([module]));
    gestor.install(&package("1.0.0"), &[]).expect(ExitCode::Ok);
    gestor.database.run("UPDATE modulos SET id = 'n' WHERE id = 'm'");
    let ended = gestor.install(&package("2.0.0"), &[]).expect(ExitCode::Ok);
    let warnings = ended.report["avisos"].to_string();
    assert!(warnings.contains("6 rows of `paginas`"), "{warnings}");
}
