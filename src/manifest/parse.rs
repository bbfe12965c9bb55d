//! Reads a manifest and names everything that is wrong with it at once (SPEC §5.8). Decides only from the bytes, the
//! plugin that was asked for, and the manifest stored for it.

use super::compatibility::{self, Compatibility};
use super::dependencies;
use super::scripts::{self, ScriptEntry};
use super::writable::{self, Writable};
use super::{MAX_BYTES, ManifestError, ManifestFault, ManifestWarning};
use crate::base::json::{JsonType, Part};
use crate::model::{Component, Dependency, KnownRanges, Slug, Version};

/// Characters of `plugins.id` and `plugins.nome`.
const COLUMN_LENGTH: usize = 255;

/// The keys of the epoch.
const EPOCH: [&str; 2] = ["epoch", "epoca"];
/// What its column holds.
const HIGHEST_EPOCH: u64 = i32::MAX as u64;

/// A manifest without faults.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// The plugin's id as it was written.
    pub id: String,
    /// The plugin's name for people.
    pub name: String,
    /// The plugin's version.
    pub version: Version,
    /// The text for `plugins.manifest_json`: as it was, without a byte order mark.
    pub raw: String,
    /// Which versions of the gestor it is for; none when it does not say.
    pub compatibility: Option<Compatibility>,
    /// What it needs, by its name.
    pub dependencies: Vec<Dependency>,
    /// What it wants run once it is installed, in that order.
    pub scripts: Vec<ScriptEntry>,
    /// Where it writes in its own folder while it runs.
    pub writable: Writable,
    /// Raised where there is no way back to versions of a lower one.
    pub epoch: u64,
    /// What should be known, though it stops nothing.
    pub warnings: Vec<ManifestWarning>,
}

/// Keys and values as they stand in the text.
type Entries<'a> = Vec<(String, Part<'a>)>;

/// The text of a manifest, taken apart: one JSON object, whatever stands in it.
pub struct ManifestText<'a> {
    path: &'a str,
    document: &'a str,
    entries: Entries<'a>,
}

/// The entries of a manifest, and what was found wrong with them so far.
struct Reading<'a, 'r> {
    entries: Entries<'a>,
    faults: Vec<ManifestFault>,
    ranges: &'r mut KnownRanges,
}

/// Reads the manifest at `path`. `installed` is the manifest that the gestor stores for this plugin, if any: an id that
/// is not the slug is only a warning when it was so before.
pub fn parse(bytes: &[u8], path: &str, slug: &Slug, installed: Option<&str>) -> Result<Manifest, ManifestError> {
    ManifestText::read(bytes, path)?.manifest(slug, installed, &mut KnownRanges::default())
}

impl<'a> ManifestText<'a> {
    /// Takes the text at `path` apart.
    ///
    /// # Errors
    /// It is too long, or no JSON object.
    pub fn read(bytes: &'a [u8], path: &'a str) -> Result<Self, ManifestError> {
        if bytes.len() > MAX_BYTES {
            return Err(ManifestError::TooLarge {
                path: path.to_owned(),
                limit: MAX_BYTES,
            });
        }
        let (document, entries) = object(bytes).map_err(|fault| of_content(path, vec![fault]))?;
        Ok(Self {
            path,
            document,
            entries,
        })
    }

    /// The id that it says.
    ///
    /// # Errors
    /// [`ManifestError::Unnamed`] where it says none.
    pub fn id(&self) -> Result<String, ManifestError> {
        id_in(&self.entries).ok_or_else(|| ManifestError::Unnamed {
            path: self.path.to_owned(),
        })
    }

    /// The manifest, as [`parse`] reads it; ranges that were read before are not read again.
    pub fn manifest(
        self,
        slug: &Slug,
        installed: Option<&str>,
        ranges: &mut KnownRanges,
    ) -> Result<Manifest, ManifestError> {
        let path = self.path;
        let mut reading = Reading {
            entries: self.entries,
            faults: Vec::new(),
            ranges,
        };
        let mut warnings = Vec::new();
        let id = reading.id(path, slug, installed, &mut warnings);
        let name = reading.text(&["name", "nome"], slug.as_str());
        let version = reading.version();
        let epoch = reading.epoch();
        let compatibility = reading
            .find(&["compatibility"])
            .and_then(|(_, part)| compatibility::read(part, path, &mut warnings));
        let dependencies = reading.dependencies(slug);
        let scripts = reading.scripts();
        let writable = reading.writable();
        match (id, name, version) {
            (Some(id), Some((_, name)), Some(version)) if reading.faults.is_empty() => Ok(Manifest {
                id,
                name,
                version,
                raw: self.document.to_owned(),
                compatibility,
                dependencies,
                scripts,
                writable,
                epoch,
                warnings,
            }),
            _ => Err(of_content(path, reading.faults)),
        }
    }
}

fn of_content(path: &str, faults: Vec<ManifestFault>) -> ManifestError {
    ManifestError::Faults {
        path: path.to_owned(),
        faults,
    }
}

fn object(bytes: &[u8]) -> Result<(&str, Entries<'_>), ManifestFault> {
    let part = Part::read(bytes)?;
    if part.kind() != JsonType::Object {
        return Err(ManifestFault::NotAnObject {
            at: part.position(),
            found: part.kind(),
        });
    }
    // Every text is decoded once, because the gestor reads the stored manifest with PHP, which refuses the whole of it
    // for one broken escape.
    part.check_texts()?;
    Ok((part.document(), part.entries(MAX_BYTES)?))
}

/// What an installed plugin needs, by its stored manifest: what of it can be read, and whether that is all.
pub fn dependencies_of(manifest: &str, slug: &Slug) -> (Vec<Dependency>, bool) {
    let Ok((_, entries)) = object(manifest.as_bytes()) else {
        return (Vec::new(), false);
    };
    let mut reading = Reading {
        entries,
        faults: Vec::new(),
        ranges: &mut KnownRanges::default(),
    };
    let found = reading.dependencies(slug);
    (found, reading.faults.is_empty())
}

/// The id of a manifest, where it can be read.
pub(super) fn id_of(bytes: &[u8]) -> Option<String> {
    id_in(&object(bytes).ok()?.1)
}

fn id_in(entries: &[(String, Part)]) -> Option<String> {
    let (_, part) = entries.iter().rev().find(|(key, _)| key == "id")?;
    let id = part.text().ok()?;
    Some(id.trim().to_owned())
}

/// The id that a manifest says.
///
/// # Errors
/// Why there is none: of what is no JSON object that is said, and not that its `id` is missing.
pub(super) fn said_id(bytes: &[u8], path: &str) -> Result<String, ManifestError> {
    ManifestText::read(bytes, path)?.id()
}

/// The epoch of a manifest; 0 where it does not say one that can be read.
pub fn epoch_of(manifest: &str) -> u64 {
    let entries = object(manifest.as_bytes())
        .map(|(_, entries)| entries)
        .unwrap_or_default();
    let reading = Reading {
        entries,
        faults: Vec::new(),
        ranges: &mut KnownRanges::default(),
    };
    reading.find(&EPOCH).and_then(|(_, part)| epoch(&part)).unwrap_or(0)
}

/// Where the plugin of a manifest writes in its own folder; nowhere where it does not say that so that it can be read.
pub fn writable_of(manifest: &str) -> Writable {
    let entries = object(manifest.as_bytes()).map(|(_, entries)| entries);
    let mut reading = Reading {
        entries: entries.unwrap_or_default(),
        faults: Vec::new(),
        ranges: &mut KnownRanges::default(),
    };
    reading.writable()
}

fn epoch(part: &Part<'_>) -> Option<u64> {
    let number = part.source().trim().parse::<u64>().ok()?;
    (part.kind() == JsonType::Number && number <= HIGHEST_EPOCH).then_some(number)
}

/// Whether an id is this plugin's, as it is or after the normalization that the call's own id went through.
pub(super) fn names(id: &str, slug: &Slug) -> bool {
    Slug::normalize(id).is_ok_and(|normalized| normalized == *slug)
}

impl<'a> Reading<'a, '_> {
    /// The first of the given keys that has a value; the last one counts where a key is given twice, as in PHP.
    fn find(&self, keys: &[&'static str]) -> Option<(&'static str, Part<'a>)> {
        keys.iter().find_map(|key| {
            self.entries
                .iter()
                .rev()
                .find(|(found, _)| found == key)
                .filter(|(_, part)| part.kind() != JsonType::Null)
                .map(|(_, part)| (*key, *part))
        })
    }

    /// A required text, with the piece that it was read from.
    fn text(&mut self, keys: &[&'static str], example: &str) -> Option<(Part<'a>, String)> {
        let missing = || ManifestFault::Missing {
            key: keys[0],
            example: example.to_owned(),
        };
        let Some((key, part)) = self.find(keys) else {
            self.faults.push(missing());
            return None;
        };
        match checked_text(key, part) {
            Ok(text) if text.is_empty() => self.faults.push(missing()),
            Ok(text) => return Some((part, text)),
            Err(fault) => self.faults.push(fault),
        }
        None
    }

    fn epoch(&mut self) -> u64 {
        let Some((key, part)) = self.find(&EPOCH) else { return 0 };
        epoch(&part).unwrap_or_else(|| {
            let (at, found) = (part.position(), part.kind());
            let key = key.to_owned();
            self.faults.push(ManifestFault::Epoch { at, key, found });
            0
        })
    }

    fn dependencies(&mut self, slug: &Slug) -> Vec<Dependency> {
        match self.find(&dependencies::KEYS) {
            Some((_, part)) => dependencies::read(part, slug, &mut self.faults, self.ranges),
            None => Vec::new(),
        }
    }

    fn scripts(&mut self) -> Vec<ScriptEntry> {
        match self.find(&scripts::KEYS) {
            Some((key, part)) => scripts::read(key, part, &mut self.faults),
            None => Vec::new(),
        }
    }

    fn writable(&mut self) -> Writable {
        let read = self.find(&[writable::KEY]).map(|(_, part)| Writable::read(part));
        read.unwrap_or_else(|| Ok(Writable::default())).unwrap_or_else(|fault| {
            self.faults.push(fault);
            Writable::default()
        })
    }

    fn version(&mut self) -> Option<Version> {
        let (part, text) = self.text(&["version", "versao"], "1.0.0")?;
        let fault = match text.parse() {
            Ok(version) => return Some(version),
            Err(source) => ManifestFault::Version {
                at: part.position(),
                key: "version".to_owned(),
                source,
            },
        };
        self.faults.push(fault);
        None
    }

    fn id(
        &mut self,
        path: &str,
        slug: &Slug,
        installed: Option<&str>,
        warnings: &mut Vec<ManifestWarning>,
    ) -> Option<String> {
        let (part, id) = self.text(&["id"], slug.as_str())?;
        let as_before = || installed.and_then(|text| id_of(text.as_bytes())).as_ref() == Some(&id);
        if Component::reserved(slug.as_str()).is_some() && !as_before() {
            let at = part.position();
            self.faults.push(ManifestFault::ReservedId { at, id: id.clone() });
        }
        if id == slug.as_str() {
            return Some(id);
        }
        let (shown_path, shown_id, shown_slug) = (path.to_owned(), id.clone(), slug.to_string());
        if names(&id, slug) {
            warnings.push(ManifestWarning::NormalizedId {
                path: shown_path,
                id: shown_id,
                slug: shown_slug,
            });
        } else if as_before() {
            warnings.push(ManifestWarning::KnownOtherId {
                path: shown_path,
                id: shown_id,
                slug: shown_slug,
            });
        } else {
            self.faults.push(ManifestFault::OtherPlugin {
                at: part.position(),
                id: shown_id,
                slug: shown_slug,
            });
        }
        Some(id)
    }
}

fn checked_text(key: &str, part: Part<'_>) -> Result<String, ManifestFault> {
    let place = || (part.position(), key.to_owned());
    if part.kind() != JsonType::Text {
        let ((at, key), found) = (place(), part.kind());
        return Err(ManifestFault::WrongType { at, key, found });
    }
    let text = part.text()?.trim().to_owned();
    let length = text.chars().count();
    if length > COLUMN_LENGTH {
        let ((at, key), limit) = (place(), COLUMN_LENGTH);
        Err(ManifestFault::TooLong { at, key, length, limit })
    } else if text.chars().any(char::is_control) {
        let (at, key) = place();
        Err(ManifestFault::ControlCharacter { at, key })
    } else {
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::mutation::spoiled;

    fn read(text: &str, installed: Option<&str>) -> Result<Manifest, ManifestError> {
        parse(
            text.as_bytes(),
            "manifest.json",
            &Slug::normalize("p1").unwrap(),
            installed,
        )
    }

    #[test]
    fn a_manifest_is_read_in_both_languages() {
        for text in [
            r#"{"id": "p1", "name": "Plugin", "version": "1.2.3"}"#,
            r#"{"id": "p1", "nome": " Plugin ", "versao": "1.2.3"}"#,
            r#"{"id": "p1", "name": null, "nome": "Plugin", "version": "1.2.3", "versao": "9.9.9"}"#,
            "\u{feff}{\"id\": \"x\", \"id\": \"p1\", \"name\": \"Plugin\", \"version\": \"1.2.3\"}",
        ] {
            let manifest = read(text, None).unwrap();
            assert_eq!(
                (manifest.id.as_str(), manifest.name.as_str()),
                ("p1", "Plugin"),
                "{text}"
            );
            assert_eq!(manifest.version.to_string(), "1.2.3", "{text}");
            assert_eq!(manifest.raw, text.trim_start_matches('\u{feff}'));
            assert_eq!(manifest.compatibility, None);
            assert!(manifest.warnings.is_empty());
        }
    }

    #[test]
    fn all_faults_are_named_at_once() {
        let text = "{\"id\": 7,\n \"name\": \"\",\n \"version\": \"1.0\"}";
        assert_eq!(
            read(text, None).unwrap_err().messages(crate::model::Lang::En),
            [
                "manifest.json: line 1, column 8: `id` must be a text in quotes, found a number",
                "manifest.json: `name` is missing: add it, for example \"name\": \"p1\"",
                "manifest.json: line 3, column 13: `version`: \"1.0\" is no version: write it as x.y.z in digits, x up \
                 to 2146, y and z up to 999",
            ]
        );
        assert_eq!(read("{}", None).unwrap_err().messages(crate::model::Lang::En).len(), 3);
    }

    #[test]
    fn wrong_content_is_named() {
        let with = |key: &str, value: &str| {
            let mut all = vec![("id", "\"p1\""), ("name", "\"n\""), ("version", "\"1.0.0\"")];
            all.retain(|(found, _)| *found != key);
            let all: Vec<String> = all.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
            format!("{{{},\"{key}\":{value}}}", all.join(","))
        };
        let long = format!("\"{}\"", "é".repeat(256));
        for (text, shown) in [
            (with("name", &long), "`name` has 256 characters, at most 255 fit"),
            (with("name", r#""a\u0000b""#), "`name` has a control character"),
            (with("name", r#""a\nb""#), "`name` has a control character"),
            (with("name", r#""\ud800""#), "not valid JSON"),
            (with("name", "[]"), "`name` must be a text in quotes, found a list"),
            (
                with("version", "1.0"),
                "`version` must be a text in quotes, found a number",
            ),
            (with("version", "\"2147.0.0\""), "is no version"),
            (
                with("id", "\"other\""),
                "the package is the plugin \"other\", not \"p1\"",
            ),
            (with("id", "\" \""), "`id` is missing"),
            ("[]".to_owned(), "must be one JSON object"),
            ("{\"id\": \"p1\",}".to_owned(), "line 1, column 13: not valid JSON"),
            (with("x", r#"{"deep": "\ud800"}"#), "column 54: not valid JSON"),
            (String::new(), "not valid JSON"),
        ] {
            let fault = read(&text, None).unwrap_err().to_string();
            assert!(fault.contains(shown), "{text}: {fault}");
        }
        let fits = with("name", &format!("\"{}\"", "é".repeat(255)));
        assert!(read(&fits, None).is_ok());
        let large = with("x", &format!("\"{}\"", "a".repeat(MAX_BYTES)));
        assert!(matches!(read(&large, None), Err(ManifestError::TooLarge { .. })));
    }

    #[test]
    fn another_id_is_a_warning_where_it_was_so_before() {
        let text = r#"{"id": "other", "name": "n", "version": "1.0.0"}"#;
        for (installed, refused) in [
            (None, true),
            (Some("broken"), true),
            (Some(r#"{"id": "p1"}"#), true),
            (Some(r#"{"id": "other"}"#), false),
        ] {
            let result = read(text, installed);
            assert_eq!(result.is_err(), refused, "{installed:?}");
            if let Ok(manifest) = result {
                assert!(manifest.warnings[0].to_string().contains("\"other\""));
            }
        }
        let normalized = read(r#"{"id": "P1", "name": "n", "version": "1.0.0"}"#, None).unwrap();
        assert_eq!(normalized.warnings.len(), 1);
    }

    const SEEDS: &[&str] = &[
        r#"{"id": "p1", "name": "Plugin", "version": "1.2.3", "compatibility": {"min": "1.0.0", "max": "2.x"}}"#,
        r#"{"id": "p1", "nome": "Plugin", "versao": "1.2.3", "compatibility": ">=1.0 <3, ^2 1.0 - 2.9"}"#,
    ];

    proptest! {
        #![proptest_config(crate::base::mutation::at_least(2_000))]

        #[test]
        fn any_bytes_are_answered(bytes in spoiled(SEEDS)) {
            let slug = Slug::normalize("p1").unwrap();
            match parse(&bytes, "manifest.json", &slug, None) {
                Ok(manifest) => {
                    prop_assert!(names(&manifest.id, &slug));
                    prop_assert!((1..=COLUMN_LENGTH).contains(&manifest.name.chars().count()));
                    prop_assert!(Part::read(manifest.raw.as_bytes()).is_ok_and(|part| part.compact().is_ok()));
                    if let Some(compatibility) = manifest.compatibility {
                        let _ = compatibility.admits("2.9.43");
                    }
                }
                Err(fault) => prop_assert!(!fault.messages(crate::model::Lang::En).is_empty()),
            }
        }
    }
}
