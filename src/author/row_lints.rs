//! What is said of rows, learnt in one pass over them: languages, placeholders, titles, paths. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::placeholders::placeholders;
use super::{Finding, Observation};
use crate::model::{Field, PackageRow};

/// Columns with the language of a row.
const LANGUAGES: [&str; 2] = ["language", "linguagem_codigo"];
/// Columns with texts that the gestor fills.
const FILLED: [&str; 3] = ["html", "valor", "nome"];

/// `id`s by table.
pub type Brought = BTreeMap<String, BTreeSet<String>>;

/// What is known of rows so far.
#[derive(Debug, Default)]
pub struct RowLints {
    /// By table and `id`: by language, where the row stands and which placeholders it has, by column.
    rows: BTreeMap<(String, String), BTreeMap<String, Seen>>,
    /// By language and path: pages.
    paths: BTreeMap<(String, String), Vec<(String, String)>>,
    languages: BTreeSet<String>,
    found: Vec<Finding>,
}

#[derive(Debug)]
struct Seen {
    source: String,
    placeholders: Vec<(&'static str, BTreeSet<String>)>,
}

impl RowLints {
    /// Learns a row.
    pub fn add(&mut self, table: &str, row: &PackageRow) {
        let id = text(row, &["id"]);
        let Some(language) = text(row, &LANGUAGES).filter(|language| !language.is_empty()) else {
            return;
        };
        self.languages.insert(language.clone());
        let Some(id) = id else { return };
        if table == "paginas" {
            self.page(row, &id, &language);
        }
        let places = FILLED.iter().filter_map(|column| {
            let text = row.get(column)?.as_text()?;
            Some((*column, placeholders(text)))
        });
        let seen = Seen {
            source: row.source.to_string(),
            placeholders: places.collect(),
        };
        // A variable of two modules has one `id` in both.
        let module = text(row, &["modulo"]).unwrap_or_default();
        let name = if module.is_empty() {
            id
        } else {
            format!("{id} ({module})")
        };
        self.rows
            .entry((table.to_owned(), name))
            .or_default()
            .insert(language, seen);
    }

    fn page(&mut self, row: &PackageRow, id: &str, language: &str) {
        if text(row, &["nome"]).is_none_or(|title| title.trim().is_empty()) {
            let (id, language) = (id.to_owned(), language.to_owned());
            self.found
                .push(Finding::of_file(&row.source, Observation::Title { id, language }));
        }
        let is_active = text(row, &["status"]).is_none_or(|status| status == "A");
        if let Some(path) = text(row, &["caminho"]).filter(|_| is_active) {
            let key = (language.to_owned(), path.trim_matches('/').to_lowercase());
            self.paths
                .entry(key)
                .or_default()
                .push((id.to_owned(), row.source.to_string()));
        }
    }

    /// The `id`s of what was brought, by table.
    pub fn brought(&self) -> Brought {
        let mut brought = Brought::new();
        for (table, name) in self.rows.keys() {
            let id = name.split(" (").next().unwrap_or_default();
            brought.entry(table.clone()).or_default().insert(id.to_owned());
        }
        brought
    }

    /// What there is to say of all of them.
    pub fn finish(mut self) -> Vec<Finding> {
        for ((language, path), pages) in &self.paths {
            let mut names: Vec<&(String, String)> = pages.iter().collect();
            names.dedup_by(|one, other| one.0 == other.0);
            for (second, source) in names.iter().skip(1).copied() {
                let what = Observation::Path {
                    path: path.clone(),
                    language: language.clone(),
                    first: names[0].0.clone(),
                    second: second.clone(),
                };
                self.found.push(Finding::of_file(source, what));
            }
        }
        for ((table, id), languages) in &self.rows {
            lacking(&self.languages, (table, id), languages, &mut self.found);
            differing((table, id), languages, &mut self.found);
        }
        self.found
    }
}

fn lacking(
    all: &BTreeSet<String>,
    (table, id): (&str, &str),
    languages: &BTreeMap<String, Seen>,
    found: &mut Vec<Finding>,
) {
    let Some((first, seen)) = languages.first_key_value() else {
        return;
    };
    for missing in all.iter().filter(|language| !languages.contains_key(*language)) {
        let what = Observation::Language {
            table: table.to_owned(),
            id: id.to_owned(),
            found: first.clone(),
            missing: missing.clone(),
        };
        found.push(Finding::of_file(&seen.source, what));
    }
}

fn differing((table, id): (&str, &str), languages: &BTreeMap<String, Seen>, found: &mut Vec<Finding>) {
    let Some((first, one)) = languages.first_key_value() else {
        return;
    };
    for (language, other) in languages.iter().skip(1) {
        for (column, these) in &one.placeholders {
            let Some((_, those)) = other.placeholders.iter().find(|(name, _)| name == column) else {
                continue;
            };
            let tell = |placeholder: &String, with: &str, without: &str| Observation::Placeholders {
                table: table.to_owned(),
                id: id.to_owned(),
                column: (*column).to_owned(),
                placeholder: placeholder.clone(),
                with: with.to_owned(),
                without: without.to_owned(),
            };
            let of_first = these
                .difference(those)
                .map(|placeholder| tell(placeholder, first, language));
            let of_other = those
                .difference(these)
                .map(|placeholder| tell(placeholder, language, first));
            found.extend(
                of_first
                    .chain(of_other)
                    .map(|what| Finding::of_file(&other.source, what)),
            );
        }
    }
}

fn text(row: &PackageRow, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| match row.get(name)? {
        Field::Text(text) => Some(text.clone()),
        Field::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::RowOrigin;

    fn row(fields: &[(&str, &str)]) -> PackageRow {
        PackageRow {
            source: Arc::from("f.json"),
            number: 1,
            origin: RowOrigin::DataFile,
            fields: fields
                .iter()
                .map(|(name, value)| (Arc::from(*name), Field::Text((*value).to_owned())))
                .collect(),
        }
    }

    fn found(rows: &[(&str, &[(&str, &str)])]) -> Vec<String> {
        let mut lints = RowLints::default();
        for (table, fields) in rows {
            lints.add(table, &row(fields));
        }
        let mut names: Vec<String> = lints
            .finish()
            .iter()
            .map(|found| found.what.lint().name().to_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn rows_are_compared_across_languages() {
        let page = |id, language, html| {
            [
                ("id", id),
                ("language", language),
                ("nome", "N"),
                ("caminho", id),
                ("html", html),
            ]
        };
        let (a, b, c, d) = (
            page("a", "en", "#x#"),
            page("a", "pt-br", "#x#"),
            page("b", "en", "#y# #z#"),
            page("b", "pt-br", "#y#"),
        );
        assert!(found(&[("paginas", &a), ("paginas", &b)]).is_empty());
        assert_eq!(
            found(&[("paginas", &a), ("paginas", &b), ("paginas", &c)]),
            ["idioma-ausente"]
        );
        assert_eq!(found(&[("paginas", &c), ("paginas", &d)]), ["marcadores-diferentes"]);
        // What has no language is in none.
        assert!(found(&[("x", &[("id", "a")]), ("paginas", &a)]).is_empty());
    }

    #[test]
    fn pages_have_titles_and_paths_of_their_own() {
        let one = [("id", "a"), ("language", "en"), ("nome", " "), ("caminho", "x/")];
        let two = [("id", "b"), ("language", "en"), ("nome", "B"), ("caminho", "/X")];
        let gone = [
            ("id", "c"),
            ("language", "en"),
            ("nome", "C"),
            ("caminho", "x"),
            ("status", "D"),
        ];
        let all: [(&str, &[(&str, &str)]); 3] = [("paginas", &one), ("paginas", &two), ("paginas", &gone)];
        assert_eq!(found(&all), ["caminho-repetido", "pagina-sem-titulo"]);
        assert!(found(&[("layouts", &one), ("layouts", &two)]).is_empty());
    }
}
