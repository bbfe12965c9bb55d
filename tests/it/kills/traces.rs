//! Where the name of a plugin still stands when it is gone, in any row and any file; and which rows of others name what went.

use std::collections::BTreeSet;

use gestor_plugins::outcome::ExitCode;
use serde_json::json;

use super::site::{self, SLUG, Way, go};
use crate::support::gestor::Gestor;

/// Everything that holds a plugin's name: `table.column` and paths, numbers left out.
fn traces(gestor: &Gestor) -> BTreeSet<String> {
    let names = [SLUG.to_owned(), SLUG.replace('-', "_")];
    let holds = |bytes: &[u8]| {
        let found = |name: &String| {
            bytes
                .windows(name.len())
                .any(|part| part.eq_ignore_ascii_case(name.as_bytes()))
        };
        names.iter().any(found)
    };
    let mut found = BTreeSet::new();
    for table in gestor.database.tables() {
        if holds(table.as_bytes()) {
            found.insert(format!("table {table}"));
        }
        let columns = gestor.database.rows(&format!("SHOW COLUMNS FROM `{table}`"));
        for row in gestor.database.rows(&format!("SELECT * FROM `{table}`")) {
            for (value, column) in row.iter().zip(&columns) {
                if value.as_ref().is_some_and(|text| holds(text.as_bytes())) {
                    found.insert(format!("{table}.{}", column[0].as_deref().unwrap_or_default()));
                }
            }
        }
    }
    for entry in walkdir::WalkDir::new(gestor.root())
        .min_depth(1)
        .into_iter()
        .map(Result::unwrap)
    {
        let name = entry.path().strip_prefix(gestor.root()).unwrap().display().to_string();
        let content = entry
            .file_type()
            .is_file()
            .then(|| std::fs::read(entry.path()).unwrap());
        if holds(name.as_bytes()) || content.is_some_and(|content| holds(&content)) {
            let mut name: String = name.chars().filter(|found| !found.is_ascii_digit()).collect();
            while name.contains("--") {
                name = name.replace("--", "-");
            }
            // Its folders have the name of a server, which is drawn.
            if name.starts_with(AUDIT) {
                name.truncate(AUDIT.len());
            }
            found.insert(name);
        }
    }
    found
}

/// The audit log.
const AUDIT: &str = "backups/plugins/_auditoria";
/// What may name a plugin of which nothing is to be left: that it was here, and by what it could come back.
const HISTORY: [&str; 7] = [
    // What was done is recorded for good, but for the oldest of it.
    AUDIT,
    // What was done, by whom, and which package it was: the history stays for good.
    "gestor_plugins_historico.slug",
    "gestor_plugins_historico.manifest_json",
    // The name of the log of its migrations.
    "gestor_plugins_historico.migracoes",
    // Which packages of it were ever seen, and whose they were.
    "gestor_plugins_versoes.slug",
    // How often what was done.
    "gestor_plugins_contadores.slug",
    // The operator's log.
    "logs/plugins/installer.log",
];
/// The list of databases counts what was done to each plugin, so that an older dump of one is noticed.
const LIST: &str = "backups/plugins/bases.json";
/// The lock that everybody shares who ever works on it.
const LOCK: &str = "temp/plugins/comes-and-goes.lock";
/// By what it could come back, until it is pruned.
const KEPT: [&str; 8] = [
    "backups/plugins/comes-and-goes",
    "backups/plugins/comes-and-goes/...zip",
    "backups/plugins/comes-and-goes/...zip.sha",
    "backups/plugins/comes-and-goes/adotados-.json",
    "backups/plugins/comes-and-goes/esquema-.jsonl.gz",
    "backups/plugins/comes-and-goes/removido-.zip",
    "plugins/_backups/comes-and-goes-.zip",
    "plugins/_backups/comes-and-goes-.tar.gz",
];

/// A grep over every row and every file.
#[test]
fn what_still_names_a_plugin_that_is_purged_is_known() {
    for (way, kept) in [(Way::Purge, true), (Way::Forget, false)] {
        let gestor = site::site(way);
        go(&gestor, way, None).expect(ExitCode::Ok);
        let found = traces(&gestor);
        let unexplained = found.iter().filter(|name| {
            let name = name.as_str();
            !HISTORY.contains(&name) && name != LOCK && name != LIST && !(kept && KEPT.contains(&name))
        });
        assert_eq!(
            unexplained.collect::<Vec<_>>(),
            Vec::<&String>::new(),
            "{way:?}: {found:#?}"
        );
        for name in HISTORY {
            assert!(found.contains(name), "{way:?}: {name} stays: {found:#?}");
        }
        assert_eq!(found.contains(KEPT[5]), kept, "{way:?}: {found:#?}");
    }
}

/// Rows of others are left as they are; that they name what went is counted.
#[test]
fn rows_of_others_that_name_what_goes_are_counted() {
    let gestor = site::site(Way::Remove);
    gestor.database.run(
        "INSERT INTO paginas (id, nome, language, layout_id, modulo, html) VALUES \
         ('s-1', 'S', 'en', 'k-l', 'k-m', 'a @[[widgets#k-m->render({})]]@ b'), ('s-2', 'S', 'en', 'other', 'k', 'k-m'); \
         INSERT INTO paginas_301 (id_paginas, caminho) SELECT id_paginas, 'old/' FROM paginas WHERE id = 'k-4'; \
         INSERT INTO historico (modulo, id) SELECT 'admin-paginas', id_paginas FROM paginas WHERE id = 'k-4'; \
         INSERT INTO historico (modulo, id) SELECT 'other', id_paginas FROM paginas WHERE id = 'k-4'; \
         INSERT INTO galleries (id, name, language, fields_schema) VALUES ('s-g', 'S', 'en', '{\"a\":[{\"link_page_id\": \"k-4\"}]}'); \
         INSERT INTO publisher_pages (page_id, publisher_id, language) VALUES ('k-4', 's-p', 'en')",
    );
    let named = |mode: Way| {
        let ended = site::rehearse(&gestor, mode).expect(ExitCode::Ok);
        let warned = ended.report["avisos"].to_string();
        assert!(warned.contains("`menus.fields_schema`"), "{warned}");
        ended.report["referencias"].clone()
    };
    let one = |table: &str, column: &str, names: &str| json!({"tabela": table, "coluna": column, "nomeia": names, "linhas": 1});
    let common = [
        one("paginas", "layout_id", "layouts"),
        one("paginas", "modulo", "modulos"),
        one("paginas", "html", "modulos"),
        one("publisher_pages", "page_id", "paginas"),
        one("menus", "fields_schema", "paginas"),
        one("galleries", "fields_schema", "paginas"),
        one("paginas_301", "id_paginas", "paginas"),
        one("historico", "id", "paginas"),
    ];
    let mut removed = common.to_vec();
    removed.insert(2, one("usuarios_perfis_modulos", "modulo", "modulos"));
    assert_eq!(named(Way::Remove), json!(removed), "a permission of nobody's stays");
    assert_eq!(named(Way::Purge), json!(common), "here it goes");
    let before = gestor.database.rows("SELECT * FROM menus WHERE id = 's-menu'");
    go(&gestor, Way::Remove, None).expect(ExitCode::Ok);
    assert_eq!(gestor.database.rows("SELECT * FROM menus WHERE id = 's-menu'"), before);
}
