//! Rows of the site that hang by foreign keys on rows of a plugin: nothing of them goes, or loses what it says, untold; what
//! goes along with them comes back with the plugin.

use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use crate::support::child;
use crate::support::gestor::Gestor;
use crate::support::operation::Ended;
use crate::support::package::Package;
use crate::support::scene::SLUG;

/// Three tables below each other, and one that only loses what it refers to.
const CASCADES: &str = "CREATE TABLE s_notes (n INT AUTO_INCREMENT PRIMARY KEY, pid INT UNSIGNED, t VARCHAR(50), \
     CONSTRAINT s_notes_page FOREIGN KEY (pid) REFERENCES paginas (id_paginas) ON DELETE CASCADE); \
     CREATE TABLE s_tags (n INT AUTO_INCREMENT PRIMARY KEY, note INT, t VARCHAR(50), \
     CONSTRAINT s_tags_note FOREIGN KEY (note) REFERENCES s_notes (n) ON DELETE CASCADE); \
     CREATE TABLE s_seen (a INT, b INT, tag INT, t VARCHAR(50), PRIMARY KEY (a, b), \
     CONSTRAINT s_seen_tag FOREIGN KEY (tag) REFERENCES s_tags (n) ON DELETE SET NULL)";
const EMPTIES: &str = "CREATE TABLE s_nul (n INT AUTO_INCREMENT PRIMARY KEY, pid INT UNSIGNED, t VARCHAR(50), \
     CONSTRAINT s_nul_page FOREIGN KEY (pid) REFERENCES paginas (id_paginas) ON DELETE SET NULL)";

fn page(id: &str) -> Value {
    json!({"id": id, "nome": "N", "language": "en", "html": "H", "caminho": format!("{id}/")})
}

fn gestor() -> Gestor {
    let gestor = Gestor::new();
    install(&gestor, "1.0.0", &["k-1", "k-2"]);
    gestor
        .database
        .run("INSERT INTO paginas (id, nome, language, plugin, caminho) VALUES ('s-1', 'S', 'en', NULL, 's/')");
    gestor
}

fn install(gestor: &Gestor, version: &str, pages: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("p.zip");
    let pages: Vec<Value> = pages.iter().map(|id| page(id)).collect();
    Package::new(SLUG, version)
        .data("Paginas", &json!(pages))
        .write(&archive);
    let mut call = child::call(gestor, &archive, SLUG, false);
    call["forcar"] = json!(true);
    child::install(&call, None).expect(ExitCode::Ok);
}

fn run(gestor: &Gestor, operation: &str, more: &Value) -> Ended {
    child::other(operation, &child::about(gestor, SLUG, more), None)
}

/// Hangs rows on the pages: two notes on each, tags on the notes, and what refers to these.
fn hang(gestor: &Gestor) {
    gestor.database.run(&format!(
        "{CASCADES}; {EMPTIES}; INSERT INTO s_notes (pid, t) SELECT id_paginas, CONCAT('a', id) FROM paginas; \
         INSERT INTO s_notes (pid, t) SELECT id_paginas, CONCAT('b', id) FROM paginas; \
         INSERT INTO s_tags (note, t) SELECT n, t FROM s_notes; \
         INSERT INTO s_seen (a, b, tag, t) SELECT n, 7, n, t FROM s_tags; INSERT INTO s_seen VALUES (0, 0, NULL, 'none'); \
         INSERT INTO s_nul (pid, t) SELECT id_paginas, id FROM paginas"
    ));
}

/// All tables but ours and those that tell of the operation.
fn site(gestor: &Gestor) -> Vec<String> {
    let tables = gestor.database.tables();
    let ours = tables.iter().filter(|table| table.starts_with("gestor_plugins_"));
    let mut without: Vec<&str> = ours.map(String::as_str).collect();
    without.push("plugins");
    gestor.database.dump(&without)
}

const DEPARTURES: [(&str, &str, &str); 3] = [
    ("uninstall", "remover", "restore"),
    ("uninstall", "expurgar", "restore"),
    ("disable", "", "enable"),
];

fn with_mode(mode: &str, mut call: Value) -> Value {
    if !mode.is_empty() {
        call["modo"] = json!(mode);
    }
    call
}

#[test]
fn nothing_of_the_site_goes_untold() {
    for (operation, mode, _) in DEPARTURES {
        for dry_run in [true, false] {
            let gestor = gestor();
            hang(&gestor);
            let before = (site(&gestor), gestor.tree(SLUG));
            let ended = run(&gestor, operation, &with_mode(mode, json!({"dry_run": dry_run})));
            assert_eq!(ended.code, ExitCode::Sync, "{operation} {mode} {dry_run}");
            let told = ended.report["erros"].to_string();
            for part in [
                "`s_notes`, foreign key `s_notes_page`, 4 rows",
                "`s_tags`, foreign key `s_tags_note`, 4 rows",
                "`s_seen`, foreign key `s_seen_tag`, 4 rows",
                "`s_nul`, foreign key `s_nul_page`, 2 rows: the database empties what they refer to",
                "--forcar",
            ] {
                assert!(told.contains(part), "{operation} {mode} {dry_run}: {told}");
            }
            assert_eq!(
                (site(&gestor), gestor.tree(SLUG)),
                before,
                "{operation} {mode} {dry_run}"
            );
        }
    }
}

#[test]
fn what_goes_along_comes_back() {
    for (operation, mode, back) in DEPARTURES {
        let gestor = gestor();
        hang(&gestor);
        let before = site(&gestor);
        let ended = run(&gestor, operation, &with_mode(mode, json!({"forcar": true}))).expect(ExitCode::Ok);
        let told = ended.report["avisos"].to_string();
        assert!(told.contains("`s_tags`, foreign key `s_tags_note`, 4 rows"), "{told}");
        assert_eq!(ended.report["tabelas"]["s_notes"]["removidos"], 4);
        assert_eq!(ended.report["tabelas"]["s_nul"]["alterados"], 2);
        assert_eq!(gestor.database.count("s_notes", "1"), 2, "those of the site's own page");
        assert_eq!(gestor.database.count("s_nul", "pid IS NULL"), 2);
        run(&gestor, back, &json!({})).expect(ExitCode::Ok);
        assert_eq!(site(&gestor), before, "{operation} {mode}");
    }
}

#[test]
fn what_forbids_it_or_cannot_be_kept_stands_against_it() {
    let other = |gestor: &Gestor| format!("{}_o", gestor.database.name());
    for (make, told) in [
        (
            "CREATE TABLE s_r (n INT PRIMARY KEY, pid INT UNSIGNED, CONSTRAINT s_r_page FOREIGN KEY (pid) \
             REFERENCES paginas (id_paginas)); INSERT INTO s_r SELECT id_paginas, id_paginas FROM paginas",
            "`s_r`, foreign key `s_r_page`, 2 rows: they forbid it",
        ),
        (
            "CREATE TABLE s_r (pid INT UNSIGNED, CONSTRAINT s_r_page FOREIGN KEY (pid) \
             REFERENCES paginas (id_paginas) ON DELETE CASCADE); INSERT INTO s_r SELECT id_paginas FROM paginas",
            "`s_r`, foreign key `s_r_page`, 2 rows: the database would delete or empty them",
        ),
        (
            "CREATE TABLE `S-Odd` (n INT PRIMARY KEY, pid INT UNSIGNED, CONSTRAINT odd FOREIGN KEY (pid) \
             REFERENCES paginas (id_paginas) ON DELETE SET NULL); INSERT INTO `S-Odd` SELECT id_paginas, id_paginas FROM paginas",
            "foreign key `odd`, 2 rows: the database would delete or empty them",
        ),
        (
            "CREATE DATABASE OTHER; CREATE TABLE OTHER.far (n INT PRIMARY KEY, pid INT UNSIGNED, CONSTRAINT far_page \
             FOREIGN KEY (pid) REFERENCES HERE.paginas (id_paginas) ON DELETE CASCADE); \
             INSERT INTO OTHER.far SELECT id_paginas, id_paginas FROM paginas",
            ".far`, foreign key `far_page`, 2 rows: the database would delete or empty them",
        ),
    ] {
        let gestor = gestor();
        let make = make.replace("OTHER", &other(&gestor));
        gestor.database.run(&make.replace("HERE", gestor.database.name()));
        let before = site(&gestor);
        for more in [
            json!({}),
            json!({"forcar": true}),
            json!({"forcar": true, "dry_run": true}),
        ] {
            let ended = run(&gestor, "uninstall", &more);
            assert_eq!(ended.code, ExitCode::Sync, "{told}");
            let found = ended.report["erros"].to_string();
            assert!(found.contains(told) && !found.contains("--forcar"), "{found}");
            assert_eq!(site(&gestor), before, "{told}");
        }
        gestor
            .database
            .run(&format!("DROP DATABASE IF EXISTS {}", other(&gestor)));
    }
}

#[test]
fn what_comes_back_refers_to_what_its_parent_is_now() {
    let gestor = gestor();
    hang(&gestor);
    let number = gestor.database.rows("SELECT id_paginas FROM paginas WHERE id = 'k-1'")[0][0]
        .clone()
        .unwrap();
    run(&gestor, "disable", &json!({"forcar": true})).expect(ExitCode::Ok);
    gestor.database.run(&format!(
        "INSERT INTO paginas (id_paginas, id, nome, language, plugin, caminho) VALUES ({number}, 's-9', 'S', 'en', NULL, 's9/'); \
         INSERT INTO s_notes VALUES (1, {number}, 'new'); UPDATE s_nul SET t = 'USER', pid = {number} WHERE t = 'k-2'"
    ));
    let ended = run(&gestor, "enable", &json!({})).expect(ExitCode::Ok);
    let told = ended.report["avisos"].to_string();
    assert!(told.contains("another row has its primary key now"), "{told}");
    let page_of = |table: &str, of: &str| {
        let sql = format!("SELECT p.id FROM paginas p JOIN {table} c ON c.pid = p.id_paginas WHERE c.t = '{of}'");
        gestor.database.rows(&sql)[0][0].clone().unwrap()
    };
    for (table, row, page) in [
        ("s_notes", "ak-1", "k-1"),
        ("s_notes", "bk-1", "k-1"),
        ("s_notes", "ak-2", "k-2"),
        ("s_notes", "new", "s-9"),
        ("s_nul", "k-1", "k-1"),
        ("s_nul", "USER", "s-9"),
    ] {
        assert_eq!(page_of(table, row), page, "{table} {row}");
    }
    let tags = "SELECT COUNT(*) FROM s_tags t JOIN s_notes n ON t.note = n.n WHERE t.t <> n.t";
    assert_eq!(gestor.database.rows(tags)[0][0].as_deref(), Some("0"));
    assert_eq!(gestor.database.count("s_tags", "1"), 6);
}

#[test]
fn what_hung_on_a_row_that_does_not_come_back_is_told() {
    let gestor = gestor();
    hang(&gestor);
    run(&gestor, "uninstall", &json!({"forcar": true})).expect(ExitCode::Ok);
    gestor
        .database
        .run("INSERT INTO paginas (id, nome, language, plugin, caminho) VALUES ('k-1', 'S', 'en', NULL, 's9/')");
    let before = site(&gestor);
    assert_eq!(run(&gestor, "restore", &json!({})).code, ExitCode::Sync);
    assert_eq!(site(&gestor), before);
    let ended = run(&gestor, "restore", &json!({"conflitos": "pular"})).expect(ExitCode::Ok);
    assert_eq!(ended.report["tabelas"]["s_notes"]["ignorados"], 2);
    assert_eq!(ended.report["tabelas"]["s_tags"]["ignorados"], 2);
    assert_eq!(gestor.database.count("s_notes", "1"), 4);
    assert_eq!(gestor.database.count("s_nul", "t = 'k-1' AND pid IS NULL"), 1);
    assert_eq!(gestor.database.count("s_nul", "t = 'k-2' AND pid IS NOT NULL"), 1);
}

#[test]
fn rows_that_hang_on_each_other_go_and_come_back() {
    for rule in ["CASCADE", "RESTRICT", "SET NULL"] {
        let gestor = gestor();
        gestor.database.run(&format!(
            "ALTER TABLE paginas ADD COLUMN pai INT UNSIGNED, ADD COLUMN capa INT; \
             CREATE TABLE s_notes (n INT PRIMARY KEY, pid INT UNSIGNED NOT NULL, \
             CONSTRAINT s_notes_page FOREIGN KEY (pid) REFERENCES paginas (id_paginas) ON DELETE CASCADE); \
             ALTER TABLE paginas ADD CONSTRAINT own FOREIGN KEY (pai) REFERENCES paginas (id_paginas) ON DELETE {rule}, \
             ADD CONSTRAINT cover FOREIGN KEY (capa) REFERENCES s_notes (n) ON DELETE SET NULL; \
             INSERT INTO s_notes SELECT id_paginas + 5, id_paginas FROM paginas; \
             UPDATE paginas SET capa = id_paginas + 5; \
             SELECT MAX(id_paginas) INTO @last FROM paginas WHERE plugin = 'killed'; \
             UPDATE paginas SET pai = @last WHERE plugin = 'killed' AND id_paginas <> @last"
        ));
        let before = site(&gestor);
        run(&gestor, "disable", &json!({"forcar": true})).expect(ExitCode::Ok);
        assert_eq!(gestor.database.count("paginas", "1"), 1, "{rule}");
        run(&gestor, "enable", &json!({})).expect(ExitCode::Ok);
        assert_eq!(site(&gestor), before, "{rule}");
    }
}
