//! Rows of others that name what goes with a plugin: a page in a menu, a layout of a page, a module's permissions (SPEC 2
//! §6). They stay as they are, and name nothing afterwards. Reads and counts; decides nothing.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::ControlFlow;

use super::absence::{Absence, Naming};
use super::contents::visit_contents;
use crate::base::db::{Database, DbError, push_text};
use crate::config::Removal;
use crate::data::fit::find::PrimaryKey;
use crate::data::package::error::DataError;
use crate::model::Slug;

const NO_SUCH_COLUMN: u16 = 1054;
/// Names that are asked for together.
const TOGETHER: usize = 200;

/// How a column names a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// It holds it.
    Is,
    /// It holds it, in rows that the gestor wrote for an admin page.
    IsOf(&'static str),
    /// A JSON text in it has it under a key.
    Json(&'static str),
    /// A page's text calls a widget of it.
    Widget,
}

/// A column in which rows of others may name what goes.
struct ReferringColumn {
    /// The table of what goes, and the column by which it is named.
    goes: (&'static str, &'static str),
    table: &'static str,
    column: &'static str,
    how: How,
}

const fn place(
    goes: (&'static str, &'static str),
    table: &'static str,
    column: &'static str,
    how: How,
) -> ReferringColumn {
    ReferringColumn {
        goes,
        table,
        column,
        how,
    }
}

const PAGE: (&str, &str) = ("paginas", "id");
const PAGE_NUMBER: (&str, &str) = ("paginas", "id_paginas");
const LAYOUT: (&str, &str) = ("layouts", "id");
const LAYOUT_NUMBER: (&str, &str) = ("layouts", "id_layouts");
const COMPONENT_NUMBER: (&str, &str) = ("componentes", "id_componentes");
const MODULE: (&str, &str) = ("modulos", "id");
const PROFILE: (&str, &str) = ("usuarios_perfis", "id");

const PLACES: [ReferringColumn; 27] = [
    place(LAYOUT, "paginas", "layout_id", How::Is),
    place(("modulos_grupos", "id"), "modulos", "modulo_grupo_id", How::Is),
    place(MODULE, "paginas", "modulo", How::Is),
    place(MODULE, "layouts", "modulo", How::Is),
    place(MODULE, "componentes", "modulo", How::Is),
    place(MODULE, "variaveis", "modulo", How::Is),
    place(MODULE, "modulos_operacoes", "modulo_id", How::Is),
    place(MODULE, "usuarios_perfis_modulos", "modulo", How::Is),
    place(MODULE, "historico", "modulo", How::Is),
    place(MODULE, "backup_campos", "modulo", How::Is),
    place(MODULE, "paginas", "html", How::Widget),
    place(MODULE, "layouts", "html", How::Widget),
    place(MODULE, "componentes", "html", How::Widget),
    place(
        ("modulos_operacoes", "id"),
        "usuarios_perfis_modulos_operacoes",
        "operacao",
        How::Is,
    ),
    place(PROFILE, "usuarios_perfis_modulos", "perfil", How::Is),
    place(PROFILE, "usuarios_perfis_modulos_operacoes", "perfil", How::Is),
    place(PAGE, "publisher_pages", "page_id", How::Is),
    place(PAGE, "menus", "fields_schema", How::Json("page_id")),
    place(PAGE, "galleries", "fields_schema", How::Json("link_page_id")),
    place(PAGE_NUMBER, "paginas_301", "id_paginas", How::Is),
    place(PAGE_NUMBER, "historico", "id", How::IsOf("admin-paginas")),
    place(PAGE_NUMBER, "backup_campos", "id", How::IsOf("admin-paginas")),
    place(LAYOUT_NUMBER, "historico", "id", How::IsOf("admin-layouts")),
    place(LAYOUT_NUMBER, "backup_campos", "id", How::IsOf("admin-layouts")),
    place(COMPONENT_NUMBER, "historico", "id", How::IsOf("admin-componentes")),
    place(COMPONENT_NUMBER, "backup_campos", "id", How::IsOf("admin-componentes")),
    place(("publisher", "id"), "publisher_pages", "publisher_id", How::Is),
];

/// Permissions of modules and operations that go, which go too unless only what packages brought is taken away.
const GRANTS: [&str; 2] = ["usuarios_perfis_modulos", "usuarios_perfis_modulos_operacoes"];

/// Counts them.
pub(super) fn references(
    database: &mut Database,
    absence: &Absence,
    (slug, removal): (&Slug, Removal),
) -> Result<Vec<Naming>, DataError> {
    let mut found = Vec::new();
    let mut names_by_place = BTreeMap::new();
    for place in &PLACES {
        let follows = GRANTS.contains(&place.table) && place.goes.0 != PROFILE.0;
        if follows && removal != Removal::Remove {
            continue;
        }
        let names: &Vec<Vec<u8>> = match names_by_place.entry(place.goes) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(empty) => empty.insert(names_of(database, absence, place.goes)?),
        };
        let mut rows = 0;
        for chunk in names.chunks(TOGETHER) {
            rows += count(database, place, (slug, chunk))?;
        }
        if rows > 0 {
            found.push(Naming {
                table: place.table,
                column: place.column,
                names: place.goes.0,
                rows,
            });
        }
    }
    Ok(found)
}

/// By what the rows of a table that go are named.
fn names_of(
    database: &mut Database,
    absence: &Absence,
    (table, column): (&str, &str),
) -> Result<Vec<Vec<u8>>, DataError> {
    let found = absence.tables.iter().find(|found| found.table.name().as_str() == table);
    let Some(found) = found.filter(|found| !found.going.is_empty()) else {
        return Ok(Vec::new());
    };
    let Some(at) = found.table.column(column) else {
        return Ok(Vec::new());
    };
    let identities: Vec<&PrimaryKey> = found.going.iter().map(|row| &row.identity).collect();
    let mut names = Vec::new();
    visit_contents(database, found.table.schema(), &[at], &identities, &mut |_, stored| {
        names.extend(stored.iter().flatten().filter(|name| !name.is_empty()).cloned());
        ControlFlow::Continue(())
    })?;
    names.sort();
    names.dedup();
    Ok(names)
}

fn count(
    database: &mut Database,
    place: &ReferringColumn,
    (slug, names): (&Slug, &[Vec<u8>]),
) -> Result<u64, DataError> {
    let of_others = owner_of(database, place.table)?;
    let statement = statement(place, names, of_others.then_some(slug));
    let counted = match database.query(statement) {
        Err(fault) if is_absent(&fault) => return Ok(0),
        rows => rows?.into_iter().next(),
    };
    let text = counted.and_then(|mut row| row.take::<String, _>(0));
    Ok(text.and_then(|text| text.parse().ok()).unwrap_or_default())
}

fn is_absent(fault: &DbError) -> bool {
    fault.is_no_table() || fault.server_code() == Some(NO_SUCH_COLUMN)
}

/// Whether the rows of a table have owners.
fn owner_of(database: &mut Database, table: &str) -> Result<bool, DataError> {
    let sql = "SELECT 1 FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? AND \
               COLUMN_NAME = 'plugin'";
    Ok(!database.exec_rows(sql, (table,))?.is_empty())
}

/// Rows that are the plugin's own are no others'.
fn statement(place: &ReferringColumn, names: &[Vec<u8>], owner: Option<&Slug>) -> Vec<u8> {
    let mut statement = format!("SELECT CAST(COUNT(*) AS CHAR) FROM `{}` WHERE ", place.table).into_bytes();
    if let Some(slug) = owner {
        statement.extend_from_slice(b"(plugin IS NULL OR plugin<>");
        push_text(&mut statement, slug.as_str().as_bytes());
        statement.extend_from_slice(b") AND ");
    }
    if let How::IsOf(module) = place.how {
        statement.extend_from_slice(b"modulo=");
        push_text(&mut statement, module.as_bytes());
        statement.extend_from_slice(b" AND ");
    }
    statement.push(b'(');
    for (at, name) in names.iter().enumerate() {
        if at > 0 {
            statement.extend_from_slice(b" OR ");
        }
        push_named(&mut statement, place, name);
    }
    statement.push(b')');
    statement
}

fn push_named(statement: &mut Vec<u8>, place: &ReferringColumn, name: &[u8]) {
    let column = format!("`{}`", place.column);
    let mut like = |between: &str, start: &str, end: &[u8]| {
        statement.extend_from_slice(format!("{between}{column} LIKE ").as_bytes());
        let pattern = [b"%", start.as_bytes(), &escaped(name), end, b"%"].concat();
        push_text(statement, &pattern);
    };
    match place.how {
        How::Is | How::IsOf(_) => {
            statement.extend_from_slice(format!("{column}=").as_bytes());
            push_text(statement, name);
        }
        // A server that keeps JSON as such writes a blank there.
        How::Json(key) => {
            like("(", &format!("\"{key}\":\""), b"\"");
            like(" OR ", &format!("\"{key}\": \""), b"\"");
            statement.push(b')');
        }
        How::Widget => like("", "widgets#", b"->"),
    }
}

/// A name in a pattern.
fn escaped(name: &[u8]) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(name.len());
    for byte in name {
        if matches!(byte, b'%' | b'_' | b'\\') {
            escaped.push(b'\\');
        }
        escaped.push(*byte);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(place: &ReferringColumn, owner: Option<&Slug>) -> String {
        let names = [b"a_b".to_vec(), b"c".to_vec()];
        String::from_utf8(statement(place, &names, owner)).unwrap()
    }

    fn literal(value: &str) -> String {
        let mut text = Vec::new();
        push_text(&mut text, value.as_bytes());
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn rows_of_others_alone_are_counted() {
        let slug = Slug::normalize("p").unwrap();
        let (a, b, p) = (literal("a_b"), literal("c"), literal("p"));
        assert_eq!(
            text(&place(LAYOUT, "paginas", "layout_id", How::Is), Some(&slug)),
            format!(
                "SELECT CAST(COUNT(*) AS CHAR) FROM `paginas` WHERE (plugin IS NULL OR plugin<>{p}) AND (`layout_id`={a} OR \
                 `layout_id`={b})"
            )
        );
        let admin = literal("admin-paginas");
        assert_eq!(
            text(&place(PAGE_NUMBER, "historico", "id", How::IsOf("admin-paginas")), None),
            format!("SELECT CAST(COUNT(*) AS CHAR) FROM `historico` WHERE modulo={admin} AND (`id`={a} OR `id`={b})")
        );
    }

    #[test]
    fn a_name_in_a_text_is_that_name() {
        let found = text(&place(PAGE, "menus", "fields_schema", How::Json("page_id")), None);
        let [tight, wide] = ["%\"page_id\":\"a\\_b\"%", "%\"page_id\": \"a\\_b\"%"].map(literal);
        assert!(
            found.contains(&format!(
                "(`fields_schema` LIKE {tight} OR `fields_schema` LIKE {wide})"
            )),
            "{found}"
        );
        let found = text(&place(MODULE, "paginas", "html", How::Widget), None);
        assert!(found.contains(&literal("%widgets#c->%")), "{found}");
    }
}
