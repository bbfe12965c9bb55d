//! What deciding a conflict writes when the site has changed since it was found: another row has its number, another owner
//! its row, the package that brought it is not the last one.

use gestor_plugins::config::Argument;
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use crate::support::english;
use crate::support::gestor::Gestor;
use crate::support::operation::{Ended, Quiet, called, run};
use crate::support::package::Package;

fn variables(version: &str, value: &str) -> Package {
    let row =
        |id: &str, value: &str| json!({"language": "pt-br", "modulo": "m", "id": id, "valor": value, "tipo": "string"});
    let rows = json!([row("greeting", value), row("other", "same")]);
    Package::new("told", version).data("Variaveis", &rows)
}

fn page(version: &str, html: &str) -> Package {
    let rows = json!([{"id": "p", "language": "en", "nome": "P", "caminho": "p/", "html": html}]);
    Package::new("told", version).data("Paginas", &rows)
}

fn call(gestor: &Gestor, more: &Value) -> Argument {
    let mut call = json!({"raiz": gestor.root(), "slug": "told", "db": {
        "socket": gestor.database.socket(), "nome": gestor.database.name(), "usuario": "root",
    }});
    call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Argument::from(&call)
}

fn resolve(gestor: &Gestor, choice: &str) -> Ended {
    let more = json!({"conflito": "todos", "escolha": choice});
    let read = called("resolve", call(gestor, &more), &english());
    run(read, english(), &mut Quiet)
}

fn conflicts(gestor: &Gestor) -> Value {
    let read = called("conflicts", call(gestor, &json!({})), &english());
    let told = run(read, english(), &mut Quiet);
    told.expect(ExitCode::Ok).report["conflitos"].clone()
}

/// A site with a conflict about the greeting: the user's and the package's value differ.
fn in_conflict() -> Gestor {
    let gestor = Gestor::new();
    gestor.install(&variables("1.0.0", "one"), &[]).expect(ExitCode::Ok);
    gestor
        .database
        .run("UPDATE variaveis SET valor='USER' WHERE id='greeting'");
    gestor.install(&variables("1.1.0", "two"), &[]).expect(ExitCode::Ok);
    assert_eq!(conflicts(&gestor)[0]["meu"], "USER");
    gestor
}

fn value(gestor: &Gestor, id: &str) -> Option<String> {
    gestor
        .database
        .value(&format!("SELECT valor FROM variaveis WHERE id='{id}'"))
}

#[test]
fn a_row_is_found_by_its_key_and_not_by_its_old_number() {
    let gestor = in_conflict();
    let number = gestor
        .database
        .value("SELECT id_variaveis FROM variaveis WHERE id='greeting'")
        .unwrap();
    gestor
        .database
        .run("UPDATE variaveis SET id_variaveis=5000 WHERE id='greeting'");
    gestor.database.run(&format!(
        "INSERT INTO variaveis (id_variaveis, language, modulo, id, valor) VALUES ({number}, 'pt-br', 'site', 'mine', 'SITE')"
    ));
    assert_eq!(conflicts(&gestor)[0]["meu"], "USER");
    resolve(&gestor, "pacote").expect(ExitCode::Ok);
    assert_eq!(value(&gestor, "mine").as_deref(), Some("SITE"));
    assert_eq!(value(&gestor, "greeting").as_deref(), Some("two"));
}

#[test]
fn a_row_of_another_owner_is_not_written() {
    let gestor = in_conflict();
    gestor
        .database
        .run("UPDATE variaveis SET plugin='another', valor='THEIRS' WHERE id='greeting'");
    assert_eq!(conflicts(&gestor)[0]["meu"], Value::Null);
    resolve(&gestor, "pacote").expect(ExitCode::Sync);
    assert_eq!(value(&gestor, "greeting").as_deref(), Some("THEIRS"));
    assert_eq!(conflicts(&gestor).as_array().unwrap().len(), 1);
    resolve(&gestor, "minha").expect(ExitCode::Ok);
    assert_eq!(value(&gestor, "greeting").as_deref(), Some("THEIRS"));
    assert_eq!(conflicts(&gestor), json!([]));
}

#[test]
fn a_row_that_is_gone_leaves_nothing_to_decide_and_the_report_says_so() {
    let gestor = in_conflict();
    gestor.database.run("DELETE FROM variaveis WHERE id='greeting'");
    let done = resolve(&gestor, "pacote").expect(ExitCode::Ok);
    assert_eq!(done.report["resolvidos"][0]["escolha"], "extinto");
    assert_eq!(value(&gestor, "greeting"), None);
}

#[test]
fn a_deleted_row_comes_back_as_the_last_package_brings_it() {
    let gestor = Gestor::new();
    gestor.install(&variables("1.0.0", "one"), &[]).expect(ExitCode::Ok);
    gestor.database.run("DELETE FROM variaveis WHERE id='greeting'");
    gestor.install(&variables("1.1.0", "two"), &[]).expect(ExitCode::Ok);
    gestor.install(&variables("1.2.0", "three"), &[]).expect(ExitCode::Ok);
    assert_eq!(conflicts(&gestor)[0]["versao"], "1.2.0");
    resolve(&gestor, "pacote").expect(ExitCode::Ok);
    assert_eq!(value(&gestor, "greeting").as_deref(), Some("three"));
    gestor.install(&variables("1.3.0", "four"), &[]).expect(ExitCode::Ok);
    assert_eq!(value(&gestor, "greeting").as_deref(), Some("four"));
}

#[test]
fn bits_are_written_as_numbers() {
    let gestor = Gestor::new();
    let table = "CREATE TABLE bits (id_bits INT AUTO_INCREMENT PRIMARY KEY, id VARCHAR(20) NOT NULL UNIQUE, \
        plugin VARCHAR(20), w BIT(12), one BIT(1))";
    gestor.database.run(table);
    let bits = |version: &str, w: u32, one: u32| {
        Package::new("told", version).data("Bits", &json!([{"id": "a", "w": w, "one": one}]))
    };
    gestor.install(&bits("1.0.0", 6, 1), &[]).expect(ExitCode::Ok);
    gestor.database.run("UPDATE bits SET w=9, one=NULL");
    gestor.install(&bits("1.1.0", 5, 0), &[]).expect(ExitCode::Ok);
    let told = conflicts(&gestor);
    let told = told
        .as_array()
        .unwrap()
        .iter()
        .find(|told| told["coluna"] == "w")
        .unwrap();
    assert_eq!((&told["meu"], &told["pacote"]), (&json!("9"), &json!("5")));
    resolve(&gestor, "pacote").expect(ExitCode::Ok);
    let row = "SELECT CONCAT_WS(' ', w+0, one+0) FROM bits";
    assert_eq!(gestor.database.value(row).as_deref(), Some("5 0"));
}

#[test]
fn what_stands_in_a_companion_counts_only_where_the_package_brought_it() {
    for (companion, saved) in [("NULL", 0), ("'EDITED'", 1)] {
        let gestor = Gestor::new();
        gestor.install(&page("1.0.0", "<p>1"), &[]).expect(ExitCode::Ok);
        gestor
            .database
            .run("UPDATE paginas SET html='USER', user_modified=1 WHERE id='p'");
        gestor.install(&page("1.1.0", "<p>2"), &[]).expect(ExitCode::Ok);
        gestor
            .database
            .run(&format!("UPDATE paginas SET html_updated={companion} WHERE id='p'"));
        let kept = gestor.root().join("backups/plugins/told/1.1.0.zip");
        let away = kept.with_extension("away");
        std::fs::rename(&kept, &away).unwrap();
        resolve(&gestor, "pacote").expect(ExitCode::Irreversible);
        std::fs::rename(&away, &kept).unwrap();
        resolve(&gestor, "pacote").expect(ExitCode::Ok);
        let row = "SELECT CONCAT_WS(' ', html, IFNULL(html_updated, 'none')) FROM paginas WHERE id='p'";
        assert_eq!(gestor.database.value(row).as_deref(), Some("<p>2 none"));
        let edited = gestor
            .database
            .count("gestor_plugins_guardados", "valores LIKE '%EDITED%'");
        assert_eq!(edited, saved);
    }
}

#[test]
fn a_companion_is_emptied_when_its_conflict_ends_by_itself() {
    let gestor = Gestor::new();
    gestor.install(&page("1.0.0", "<p>1"), &[]).expect(ExitCode::Ok);
    gestor
        .database
        .run("UPDATE paginas SET html='USER', user_modified=1 WHERE id='p'");
    gestor.install(&page("1.1.0", "<p>2"), &[]).expect(ExitCode::Ok);
    gestor.install(&page("1.2.0", "USER"), &[]).expect(ExitCode::Ok);
    assert_eq!(conflicts(&gestor), json!([]));
    let row = "SELECT CONCAT_WS(' ', html, IFNULL(html_updated, 'none'), system_updated) FROM paginas WHERE id='p'";
    assert_eq!(gestor.database.value(row).as_deref(), Some("USER none 0"));
}

#[test]
fn parents_are_decided_before_what_refers_to_them() {
    let gestor = Gestor::new();
    gestor.database.run(
        "CREATE TABLE pai (id_pai INT AUTO_INCREMENT PRIMARY KEY, id VARCHAR(30) NOT NULL UNIQUE, plugin VARCHAR(30), \
         cod VARCHAR(20) UNIQUE)",
    );
    gestor.database.run(
        "CREATE TABLE fil (id_fil INT AUTO_INCREMENT PRIMARY KEY, id VARCHAR(30) NOT NULL UNIQUE, plugin VARCHAR(30), \
         pai VARCHAR(20), FOREIGN KEY (pai) REFERENCES pai (cod) ON UPDATE CASCADE)",
    );
    let family = |version: &str, code: &str| {
        let package = Package::new("told", version).data("Pai", &json!([{"id": "a", "cod": code}]));
        package.data("Fil", &json!([{"id": "f", "pai": code}]))
    };
    gestor.install(&family("1.0.0", "c1"), &[]).expect(ExitCode::Ok);
    // Sessions of the tests do not check, so that the child would not follow.
    gestor
        .database
        .run("SET foreign_key_checks=1; UPDATE pai SET cod='cu'; SET foreign_key_checks=0");
    gestor.install(&family("1.1.0", "c2"), &[]).expect(ExitCode::Ok);
    // The child's conflict is decided by a lower number.
    gestor
        .database
        .run("UPDATE gestor_plugins_conflitos SET id=id+100 WHERE tabela='pai'");
    resolve(&gestor, "pacote").expect(ExitCode::Ok);
    assert_eq!(gestor.database.value("SELECT pai FROM fil").as_deref(), Some("c2"));
}
