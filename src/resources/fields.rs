//! The fields of a descriptor's item as fields of a row: names in both languages, defaults, and the tidying that SPEC
//! §7 asks for. Decides only from the item.

use std::collections::HashMap;
use std::sync::Arc;

use super::ResourceKind;
use crate::base::json::{JsonFault, JsonType, Part};
use crate::model::{Field, PackageRow, RowOrigin};

/// Names of descriptors and of columns.
const NAMES: [(&str, &str); 12] = [
    ("name", "nome"),
    ("path", "caminho"),
    ("layout", "layout_id"),
    ("type", "tipo"),
    ("module", "modulo"),
    ("option", "opcao"),
    ("root", "raiz"),
    ("without_permission", "sem_permissao"),
    ("version", "file_version"),
    ("group", "grupo"),
    ("value", "valor"),
    ("description", "descricao"),
];

/// Fields that the place of an item already says.
const LANGUAGE_FIELDS: [&str; 2] = ["language", "linguagem_codigo"];

fn column_of(name: &str) -> &str {
    NAMES
        .iter()
        .find(|(given, _)| *given == name)
        .map_or(name, |(_, column)| column)
}

/// Names of fields, each kept once.
#[derive(Debug, Default)]
pub(super) struct FieldNames(HashMap<String, Arc<str>>);

impl FieldNames {
    /// How many different ones there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn get(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.0.get(name) {
            return Arc::clone(known);
        }
        let made: Arc<str> = Arc::from(name);
        self.0.insert(name.to_owned(), Arc::clone(&made));
        made
    }
}

/// What an item's place says about it.
#[derive(Debug, Clone, Copy)]
pub(super) struct ItemPlace<'a> {
    pub(super) kind: ResourceKind,
    pub(super) source: &'a Arc<str>,
    pub(super) number: usize,
    pub(super) origin: RowOrigin,
    pub(super) language: &'a str,
    /// The folder of the module whose descriptor it is.
    pub(super) module: Option<&'a str>,
}

/// Makes a row of an item's entries.
pub(super) fn row(
    place: ItemPlace<'_>,
    entries: &[(String, Part<'_>)],
    names: &mut FieldNames,
) -> Result<PackageRow, JsonFault> {
    let mut row = PackageRow {
        source: Arc::clone(place.source),
        number: place.number,
        origin: place.origin,
        fields: Vec::with_capacity(entries.len() + 4),
    };
    for (key, part) in entries {
        let column = column_of(key);
        if LANGUAGE_FIELDS.contains(&column) || is_outdone(key, *part, entries) {
            continue;
        }
        row.set(&names.get(column), value(*part)?);
    }
    tidy(&mut row, place, names);
    Ok(row)
}

/// Whether another entry says the same field with more right: a column's own name before the English one, anything
/// before null.
fn is_outdone(key: &str, part: Part<'_>, entries: &[(String, Part<'_>)]) -> bool {
    let column = column_of(key);
    if !NAMES.iter().any(|(_, known)| *known == column) {
        return false;
    }
    let is_null = part.kind() == JsonType::Null;
    entries.iter().any(|(other, value)| {
        other != key && column_of(other) == column && value.kind() != JsonType::Null && (is_null || other == column)
    })
}

/// A piece of JSON as a field.
pub(super) fn value(part: Part<'_>) -> Result<Field, JsonFault> {
    Ok(match part.kind() {
        JsonType::Null => Field::Null,
        JsonType::Bool => Field::Bool(part.source() == "true"),
        JsonType::Number => Field::Number(part.source().into()),
        JsonType::Text => Field::Text(part.text()?),
        JsonType::List | JsonType::Object => Field::Json(part.compact()?),
    })
}

fn tidy(row: &mut PackageRow, place: ItemPlace<'_>, names: &mut FieldNames) {
    row.set(&names.get("language"), Field::Text(place.language.to_owned()));
    tidy_module(row, place.module, names);
    if let Some(Field::Text(group)) = row.get("grupo") {
        let group = group.trim().to_owned();
        row.set(&names.get("grupo"), Field::Text(group));
    }
    if place.kind == ResourceKind::Page {
        tidy_page(row, names);
    }
    if place.kind != ResourceKind::Variable && is_unsaid(row.get("status")) {
        row.set(&names.get("status"), Field::Text("A".to_owned()));
    }
}

fn tidy_module(row: &mut PackageRow, folder: Option<&str>, names: &mut FieldNames) {
    let module = match (row.get("modulo"), folder) {
        (Some(Field::Text(given)), _) if !given.trim().is_empty() => given,
        (given, Some(folder)) if is_unsaid(given) => folder,
        (Some(Field::Text(given)), None) => given,
        _ => return,
    };
    let module = module.trim().to_lowercase();
    row.set(&names.get("modulo"), Field::Text(module));
}

fn tidy_page(row: &mut PackageRow, names: &mut FieldNames) {
    if is_unsaid(row.get("caminho"))
        && let Some(id) = text_of(row, "id")
    {
        let path = format!("{id}/");
        row.set(&names.get("caminho"), Field::Text(path));
    }
    let kind = match row.get("tipo").and_then(Field::as_text) {
        Some("page") => "pagina",
        Some("system") => "sistema",
        _ => return,
    };
    row.set(&names.get("tipo"), Field::Text(kind.to_owned()));
}

/// Whether a field is absent, null or an empty text.
pub(super) fn is_unsaid(field: Option<&Field>) -> bool {
    match field {
        None | Some(Field::Null) => true,
        Some(Field::Text(text)) => text.trim().is_empty(),
        Some(_) => false,
    }
}

/// The text of a field; a number counts as its digits. None when it is unsaid.
pub(super) fn text_of<'row>(row: &'row PackageRow, name: &str) -> Option<&'row str> {
    match row.get(name)? {
        Field::Text(text) if !text.trim().is_empty() => Some(text),
        Field::Number(digits) => Some(digits),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(kind: ResourceKind, module: Option<&str>, json: &str) -> String {
        let entries = Part::read(json.as_bytes()).unwrap().entries(99).unwrap();
        let place = ItemPlace {
            kind,
            source: &Arc::from("x.json"),
            number: 1,
            origin: RowOrigin::Legacy,
            language: "pt-br",
            module,
        };
        let row = row(place, &entries, &mut FieldNames::default()).unwrap();
        let mut shown: Vec<String> = row
            .fields
            .iter()
            .map(|(name, field)| match field {
                Field::Null => format!("{name}=null"),
                Field::Bool(value) => format!("{name}={value}"),
                Field::Number(digits) => format!("{name}=#{digits}"),
                Field::Text(text) => format!("{name}={text}"),
                Field::Json(text) => format!("{name}=j{text}"),
            })
            .collect();
        shown.sort();
        shown.join(" ")
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table of cases")]
    fn fields_are_renamed_and_completed() {
        use ResourceKind::{Component, Layout, Page, Variable};
        for (kind, module, json, shown) in [
            (
                Page,
                Some("Mod-A"),
                r#"{"id":"x","name":"N","layout":"l","type":"system","root":true,"option":null,"without_permission":1,"version":"1.0"}"#,
                "caminho=x/ file_version=1.0 id=x language=pt-br layout_id=l modulo=mod-a nome=N opcao=null raiz=true \
                 sem_permissao=#1 status=A tipo=sistema",
            ),
            (
                Page,
                None,
                r#"{"id":"x","nome":"N","caminho":"c/","tipo":"page","status":"I"}"#,
                "caminho=c/ id=x language=pt-br nome=N status=I tipo=pagina",
            ),
            (
                Page,
                None,
                r#"{"id":7,"path":""}"#,
                "caminho=7/ id=#7 language=pt-br status=A",
            ),
            (
                Variable,
                Some("m"),
                r#"{"id":"v","value":{"a": 1},"group":" g ","type":"page","description":"d"}"#,
                "descricao=d grupo=g id=v language=pt-br modulo=m tipo=page valor=j{\"a\":1}",
            ),
            (
                Component,
                Some("m"),
                r#"{"id":"c","module":" Other ","language":"en","linguagem_codigo":"en"}"#,
                "id=c language=pt-br modulo=other status=A",
            ),
            (
                Component,
                Some("m"),
                r#"{"id":"c","modulo":null}"#,
                "id=c language=pt-br modulo=m status=A",
            ),
            (
                Component,
                Some("m"),
                r#"{"id":"c","modulo":" "}"#,
                "id=c language=pt-br modulo=m status=A",
            ),
            (
                Layout,
                None,
                r#"{"id":"l","modulo":null}"#,
                "id=l language=pt-br modulo=null status=A",
            ),
            (
                Layout,
                None,
                r#"{"id":"l","module":" "}"#,
                "id=l language=pt-br modulo= status=A",
            ),
            (
                Layout,
                None,
                r#"{"id":"l","status":null}"#,
                "id=l language=pt-br status=A",
            ),
        ] {
            assert_eq!(made(kind, module, json), shown, "{json}");
        }
    }

    #[test]
    fn a_field_that_is_said_twice_is_kept_once() {
        for (json, name) in [
            (r#"{"id":"l","name":"A","nome":"B"}"#, "B"),
            (r#"{"id":"l","nome":"B","name":"A"}"#, "B"),
            (r#"{"id":"l","nome":null,"name":"A"}"#, "A"),
            (r#"{"id":"l","name":"A","nome":null}"#, "A"),
            (r#"{"id":"l","nome":"B","name":null}"#, "B"),
            (r#"{"id":"l","name":null,"nome":null}"#, "null"),
            (r#"{"id":"l","name":"A","name":"C"}"#, "C"),
        ] {
            let shown = made(ResourceKind::Layout, None, json);
            assert_eq!(shown, format!("id=l language=pt-br nome={name} status=A"), "{json}");
        }
    }
}
