//! Takes the rows out of one descriptor or legacy file: `resources[<language>].{layouts,pages,components,variables}`
//! (SPEC §7). Decides only from its text; content that stands in files is filled in later.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::error::Faults;
use super::fields::{self, FieldNames, ItemPlace};
use super::{ResourceFault, ResourceKind, ResourceWarning, phrases};
use crate::base::json::{JsonFault, JsonType, Part};
use crate::base::letters::{is_no_name, shorten_text};
use crate::base::listed::Listed;
use crate::config::Limits;
use crate::model::{PackageRow, Phrase, RowOrigin};

/// A row, and the folder of the module whose descriptor brought it.
#[derive(Debug)]
pub(super) struct DescribedRow<'a> {
    pub(super) row: PackageRow,
    pub(super) home: Option<&'a str>,
}

/// Where a text comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) path: &'a str,
    pub(super) origin: RowOrigin,
    /// Name and folder of the module whose descriptor it is.
    pub(super) module: Option<(&'a str, &'a str)>,
}

/// What descriptors brought so far.
#[derive(Debug)]
pub(super) struct Collected<'a> {
    pub(super) rows: BTreeMap<ResourceKind, Vec<DescribedRow<'a>>>,
    pub(super) warnings: Listed<ResourceWarning>,
    pub(super) faults: Faults,
    names: FieldNames,
    limits: Limits,
    /// Texts that could not be decoded so far.
    broken: usize,
    /// Rows so far.
    count: u64,
    /// It was told that they are too many.
    told: bool,
}

/// Fields of an item, and entries of what holds lists: languages, sections.
const FIELDS: usize = 200;
const SECTIONS: usize = 200;
/// So many texts that cannot be decoded are told; each costs a look at all that stands before it.
const BROKEN: usize = 50;

impl<'a> Collected<'a> {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            rows: BTreeMap::new(),
            warnings: Listed::default(),
            faults: Faults::default(),
            names: FieldNames::default(),
            limits: *limits,
            broken: 0,
            count: 0,
            told: false,
        }
    }

    /// Whether rows or their names are more than a package may bring. Told once; what follows is not read.
    pub(super) fn is_full(&self) -> bool {
        self.count > self.limits.rows || self.names.len() as u64 > self.limits.columns
    }

    /// Tells, once, that it has become too much.
    fn tell_if_full(&mut self, source: Source<'_>) {
        if self.told || !self.is_full() {
            return;
        }
        self.told = true;
        let (limits, path) = (self.limits, source.path.to_owned());
        let (what, limit, key) = if self.count > limits.rows {
            (phrases::RESOURCES, limits.rows, "linhas")
        } else {
            (phrases::FIELDS, limits.columns, "colunas")
        };
        self.faults.add(|| ResourceFault::TooMany { path, what, limit, key });
    }

    /// Takes the rows of one text. Whether it has `resources` at all is the answer.
    pub(super) fn read(&mut self, bytes: &[u8], source: Source<'a>) -> bool {
        let entries = match Part::read(bytes) {
            Ok(part) => self.entries(part, source, phrases::THE_DESCRIPTOR, phrases::AN_OBJECT),
            Err(fault) => {
                self.add_json(source, fault);
                return true;
            }
        };
        let Some((_, resources)) = entries.into_iter().rev().find(|(key, _)| key == "resources") else {
            return false;
        };
        for (language, sections) in self.entries(resources, source, Phrase::of_others("resources"), phrases::LANGUAGES)
        {
            if self.is_too_long(source, phrases::THE_LANGUAGE, &language, sections) {
                continue;
            }
            let place = format!("resources.{language}");
            let sections = self.entries(sections, source, Phrase::of_others(place), phrases::SECTIONS);
            for (section, list) in sections {
                if self.is_too_long(source, phrases::THE_SECTION, &section, list) {
                    continue;
                }
                self.read_section(source, &language, &section, list);
            }
        }
        true
    }

    fn read_section(&mut self, source: Source<'a>, language: &str, section: &str, list: Part<'_>) {
        let place = format!("resources.{language}.{section}");
        let Some(kind) = ResourceKind::from_section(section) else {
            self.warnings.push(ResourceWarning::UnknownSection {
                path: source.path.to_owned(),
                place,
            });
            return;
        };
        let item_place = ItemPlace {
            kind,
            source: &Arc::from(format!("{} ({place})", source.path)),
            number: 0,
            origin: source.origin,
            language,
            module: source.module.map(|(name, _)| name),
        };
        for (at, item) in self.items(list, source, &place).into_iter().enumerate() {
            if self.is_full() || self.broken >= BROKEN {
                return;
            }
            let number = at + 1;
            self.read_item(source, &place, ItemPlace { number, ..item_place }, item);
        }
    }

    fn read_item(&mut self, source: Source<'a>, place: &str, item_place: ItemPlace<'_>, item: Part<'_>) {
        let number = item_place.number;
        self.count += 1;
        self.tell_if_full(source);
        if item.kind() != JsonType::Object {
            self.add_shape(source, item, phrases::item(number, place), phrases::AN_OBJECT);
            return;
        }
        let entries = match item.entries(FIELDS) {
            Ok(entries) => entries,
            Err(fault) => return self.add_json(source, fault),
        };
        if let Some((name, value)) = entries.iter().find(|(name, _)| is_no_name(name)) {
            self.is_too_long(source, phrases::THE_FIELD, name, *value);
            return;
        }
        let made = fields::row(item_place, &entries, &mut self.names);
        self.tell_if_full(source);
        match made {
            Ok(row) if fields::text_of(&row, "id").is_some() => {
                let home = source.module.map(|(_, folder)| folder);
                self.rows
                    .entry(item_place.kind)
                    .or_default()
                    .push(DescribedRow { row, home });
            }
            Ok(_) => self.faults.add(|| ResourceFault::MissingId {
                path: source.path.to_owned(),
                at: item.position(),
                place: place.to_owned(),
                number,
            }),
            Err(fault) => self.add_json(source, fault),
        }
    }

    /// Whether a key is longer than any name; told where it is.
    fn is_too_long(&mut self, source: Source<'_>, what: Phrase, name: &str, part: Part<'_>) -> bool {
        if !is_no_name(name) {
            return false;
        }
        self.faults.add(|| ResourceFault::NameTooLong {
            path: source.path.to_owned(),
            at: part.position(),
            what,
            name: shorten_text(name),
        });
        true
    }

    /// The entries of what must be an object; an empty list is an empty object of PHP's.
    fn entries<'t>(
        &mut self,
        part: Part<'t>,
        source: Source<'_>,
        place: Phrase,
        expected: Phrase,
    ) -> Vec<(String, Part<'t>)> {
        if part.kind() != JsonType::Object {
            if !part.is_empty() {
                self.add_shape(source, part, place, expected);
            }
            return Vec::new();
        }
        part.entries(SECTIONS).unwrap_or_else(|fault| {
            self.add_json(source, fault);
            Vec::new()
        })
    }

    /// The items of what must be a list; an empty object is an empty list of PHP's.
    fn items<'t>(&mut self, part: Part<'t>, source: Source<'_>, place: &str) -> Vec<Part<'t>> {
        if part.kind() != JsonType::List {
            if !part.is_empty() {
                self.add_shape(source, part, Phrase::of_others(place), phrases::A_LIST);
            }
            return Vec::new();
        }
        let limit = self.limits.resources;
        part.items(usize::try_from(limit).unwrap_or(usize::MAX))
            .unwrap_or_else(|fault| {
                self.add_list_fault(source, place, fault);
                Vec::new()
            })
    }

    /// A list that is too long breaks a limit, and that is named.
    fn add_list_fault(&mut self, source: Source<'_>, place: &str, fault: JsonFault) {
        if !matches!(fault, JsonFault::TooMany { .. }) {
            return self.add_json(source, fault);
        }
        let limit = self.limits.resources;
        self.faults.add(|| ResourceFault::TooMany {
            path: format!("{} ({place})", source.path),
            what: phrases::OF_ONE_KIND,
            limit,
            key: "recursos",
        });
    }

    fn add_shape(&mut self, source: Source<'_>, part: Part<'_>, place: Phrase, expected: Phrase) {
        self.faults.add(|| ResourceFault::WrongShape {
            path: source.path.to_owned(),
            at: part.position(),
            place,
            expected,
            found: part.kind(),
        });
    }

    fn add_json(&mut self, source: Source<'_>, fault: JsonFault) {
        self.broken += 1;
        self.faults.add(|| ResourceFault::Json {
            path: source.path.to_owned(),
            source: fault,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::work::grows_with;

    fn read(text: &str) -> (Collected<'static>, bool) {
        read_within(text, Limits::default())
    }

    fn read_within(text: &str, limits: Limits) -> (Collected<'static>, bool) {
        let mut collected = Collected::new(&limits);
        let source = Source {
            path: "modules/m/m.json",
            origin: RowOrigin::Module { blank: false },
            module: Some(("m", "modules/m")),
        };
        let has_resources = collected.read(text.as_bytes(), source);
        (collected, has_resources)
    }

    #[test]
    fn what_is_too_much_names_its_limit() {
        let two = r#"{"resources": {"en": {"pages": [{"id": "a"}, {"id": "b"}]}}}"#;
        let limits = Limits::default();
        for (limits, named) in [
            (Limits { resources: 1, ..limits }, Some("`recursos`")),
            (Limits { rows: 1, ..limits }, Some("`linhas`")),
            (Limits { columns: 0, ..limits }, Some("`colunas`")),
            (
                Limits {
                    resources: 2,
                    rows: 2,
                    columns: 10,
                    ..limits
                },
                None,
            ),
        ] {
            let faults = read_within(two, limits).0.faults.finish();
            let text = faults
                .err()
                .map(|fault| fault.messages(crate::model::Lang::En).concat());
            assert_eq!(text.is_some(), named.is_some(), "{text:?}");
            assert!(
                named.is_none_or(|named| text.as_deref().unwrap_or_default().contains(named)),
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_name_of_any_length_is_refused_and_shortened() {
        let long = "x".repeat(100_000);
        for (what, text) in [
            (
                "language",
                format!(r#"{{"resources": {{"{long}": {{"pages": [{{"id": "a"}}, {{"id": "b"}}]}}}}}}"#),
            ),
            (
                "section",
                format!(r#"{{"resources": {{"en": {{"{long}": 1, "pages": []}}}}}}"#),
            ),
            (
                "field",
                format!(r#"{{"resources": {{"en": {{"pages": [{{"id": "a", "{long}": 1}}]}}}}}}"#),
            ),
        ] {
            let (collected, _) = read(&text);
            assert!(collected.rows.is_empty() && collected.warnings.is_empty());
            let told = collected.faults.finish().unwrap_err().messages(crate::model::Lang::En);
            assert!(
                told.len() == 1 && told[0].contains(what) && told[0].contains("(100000)"),
                "{told:?}"
            );
            assert!(told[0].len() < 350, "{told:?}");
        }
    }

    #[test]
    fn texts_that_cannot_be_decoded_cost_no_more_than_others() {
        let text = |count: usize| {
            let items = vec![r#"{"id": "\ud800"}"#; count].join(",\n");
            read(&format!(r#"{{"resources": {{"en": {{"pages": [{items}]}}}}}}"#))
        };
        grows_with(|count| drop(text(count)), 16_000);
        assert_eq!(
            text(9_000)
                .0
                .faults
                .finish()
                .unwrap_err()
                .messages(crate::model::Lang::En)
                .len(),
            50
        );
    }

    #[test]
    fn rows_are_taken_by_language_and_kind() {
        let (collected, has_resources) = read(
            r#"{"versao": "1", "resources": {
                "pt-br": {"pages": [{"id": "a"}, {"id": "b"}], "variables": [{"id": "v"}], "layouts": []},
                "en": {"pages": [{"id": "a"}], "components": {}, "paginas": [{"id": "c"}]},
                "es": []
            }}"#,
        );
        assert!(has_resources);
        collected.faults.finish().unwrap();
        let pages: Vec<String> = collected.rows[&ResourceKind::Page]
            .iter()
            .map(|found| {
                assert_eq!(found.home, Some("modules/m"));
                let text = |name| fields::text_of(&found.row, name).unwrap();
                format!(
                    "{} {} {} {}",
                    found.row.source,
                    found.row.number,
                    text("id"),
                    text("language")
                )
            })
            .collect();
        assert_eq!(
            pages,
            [
                "modules/m/m.json (resources.pt-br.pages) 1 a pt-br",
                "modules/m/m.json (resources.pt-br.pages) 2 b pt-br",
                "modules/m/m.json (resources.en.pages) 1 a en",
                "modules/m/m.json (resources.en.paginas) 1 c en",
            ]
        );
        assert_eq!(collected.rows[&ResourceKind::Variable].len(), 1);
        assert_eq!(collected.rows.len(), 2);
    }

    #[test]
    fn descriptors_without_resources_bring_nothing() {
        for (text, has_resources) in [
            ("{}", false),
            ("[]", false),
            ("null", false),
            (r#"{"name": "x"}"#, false),
            (r#"{"resources": null}"#, true),
            (r#"{"resources": []}"#, true),
            (r#"{"resources": {"pt-br": null}}"#, true),
        ] {
            let (collected, found) = read(text);
            assert_eq!(found, has_resources, "{text}");
            assert!(collected.rows.is_empty(), "{text}");
            collected.faults.finish().unwrap();
        }
    }

    #[test]
    fn every_fault_is_named_with_its_place() {
        let (collected, _) = read(
            "{\"resources\": {\"pt-br\": {\"pages\": [\n {\"name\": \"x\"},\n 7,\n {\"id\": \"ok\"},\n {\"id\": \
             \"\\ud800\"}],\n \"layouts\": 1, \"widgets\": []},\n \"en\": 3}}",
        );
        assert_eq!(collected.rows[&ResourceKind::Page].len(), 1);
        let warning = collected.warnings[0].to_string();
        assert!(warning.contains("resources.pt-br.widgets is skipped"), "{warning}");
        let messages = collected.faults.finish().unwrap_err().messages(crate::model::Lang::En);
        for (message, shown) in messages.iter().zip([
            "modules/m/m.json: line 2, column 2: item 1 of resources.pt-br.pages has no `id`",
            "modules/m/m.json: line 3, column 2: item 2 of resources.pt-br.pages must be an object, found a number",
            "modules/m/m.json: line 5, column 9: not valid JSON",
            "modules/m/m.json: line 6, column 13: resources.pt-br.layouts must be a list of objects, found a number",
            "modules/m/m.json: line 7, column 8: resources.en must be an object with layouts",
        ]) {
            assert!(message.starts_with(shown), "{message}");
        }
        assert_eq!(messages.len(), 5);
    }

    #[test]
    fn broken_and_foreign_texts_are_faults() {
        for text in [
            "",
            "{",
            "7",
            "[1]",
            "\"x\"",
            r#"{"resources": [1]}"#,
            r#"{"resources": true}"#,
        ] {
            let (collected, _) = read(text);
            assert!(collected.faults.finish().is_err(), "{text}");
        }
    }

    #[test]
    fn a_flood_of_faults_is_counted() {
        let items = vec!["1"; 10_000].join(",\n");
        let (collected, _) = read(&format!("{{\"resources\": {{\"en\": {{\"pages\": [{items}]}}}}}}"));
        let messages = collected.faults.finish().unwrap_err().messages(crate::model::Lang::En);
        assert_eq!(messages.len(), 51);
        assert_eq!(messages[50], "and 9950 faults more of the same kind");
    }
}
