//! Reads the descriptors of all modules, or the legacy `Data.json`, into rows of the four resource tables (SPEC §6,
//! §7). One descriptor is in memory at a time; rows own their content.

use std::collections::BTreeMap;

use super::content::{ContentBudget, fill_content};
use super::descriptor::{Collected, Source};
use super::resource_files::ResourceTree;
use super::{Module, ResourceError, ResourceFault, ResourceKind, ResourceWarning};
use crate::base::file_tree::FileTree;
use crate::base::listed::Listed;
use crate::config::Limits;
use crate::model::{PackageRow, RowOrigin};

/// Rows by kind, in the order of their descriptors.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Resources {
    /// The rows; a kind without any is absent.
    pub rows: BTreeMap<ResourceKind, Vec<PackageRow>>,
    /// What should be known, though it stops nothing.
    pub warnings: Listed<ResourceWarning>,
}

/// Reads the descriptors of modules. Of a module with several, the first that has `resources` counts. All faults of
/// all descriptors come at once.
///
/// `go_on` is asked before each descriptor; when it says no, nothing is given.
pub fn read_modules(
    tree: &dyn FileTree,
    modules: &[Module],
    limits: &Limits,
    go_on: &mut dyn FnMut() -> bool,
) -> Result<Resources, ResourceError> {
    let mut collected = Collected::new(limits);
    if modules.len() as u64 > limits.modules {
        collected.faults.add(|| ResourceFault::TooMany {
            path: modules[0].folder.clone(),
            what: super::phrases::MODULES,
            limit: limits.modules,
            key: "modulos",
        });
        return finish(tree, modules, collected, limits);
    }
    for module in modules {
        if !go_on() {
            return Err(ResourceError::Stopped);
        }
        if collected.is_full() {
            break;
        }
        for path in &module.descriptors {
            let source = Source {
                path,
                origin: RowOrigin::Module { blank: false },
                module: Some((&module.name, &module.folder)),
            };
            if read_one(tree, source, &mut collected, limits)? {
                break;
            }
        }
    }
    finish(tree, modules, collected, limits)
}

/// Reads the legacy file.
pub fn read_legacy(
    tree: &dyn FileTree,
    modules: &[Module],
    path: &str,
    limits: &Limits,
) -> Result<Resources, ResourceError> {
    let mut collected = Collected::new(limits);
    let source = Source {
        path,
        origin: RowOrigin::Legacy,
        module: None,
    };
    read_one(tree, source, &mut collected, limits)?;
    finish(tree, modules, collected, limits)
}

fn read_one<'a>(
    tree: &dyn FileTree,
    source: Source<'a>,
    collected: &mut Collected<'a>,
    limits: &Limits,
) -> Result<bool, ResourceError> {
    if let Some(bytes) = tree.size(source.path).filter(|bytes| *bytes > limits.text_bytes) {
        collected.faults.add(|| ResourceFault::TooLarge {
            path: source.path.to_owned(),
            bytes,
            limit: limits.text_bytes,
        });
        return Ok(true);
    }
    let bytes = tree.read(source.path).map_err(|fault| ResourceError::Unreadable {
        path: source.path.to_owned(),
        source: fault,
    })?;
    Ok(bytes.is_some_and(|bytes| collected.read(&bytes, source)))
}

fn finish(
    tree: &dyn FileTree,
    modules: &[Module],
    collected: Collected<'_>,
    limits: &Limits,
) -> Result<Resources, ResourceError> {
    let Collected {
        rows,
        warnings,
        mut faults,
        ..
    } = collected;
    let places = ResourceTree::new(tree, modules);
    let mut by_kind = BTreeMap::new();
    let mut budget = ContentBudget::new(limits);
    for (kind, mut found) in rows {
        fill_content(tree, &places, kind, &mut found, &mut budget, &mut faults)?;
        by_kind.insert(kind, found.into_iter().map(|found| found.row).collect());
    }
    faults.finish()?;
    Ok(Resources {
        rows: by_kind,
        warnings,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::file_tree::MemoryTree;
    use crate::base::mutation::spoiled;
    use crate::model::Field;
    use crate::resources::PackageContents;

    fn read(files: &[(&str, &str)]) -> Result<Resources, ResourceError> {
        read_within(files, &Limits::default())
    }

    fn read_within(files: &[(&str, &str)], limits: &Limits) -> Result<Resources, ResourceError> {
        let tree = MemoryTree::of_texts(files);
        let contents = PackageContents::of(tree.paths());
        match &contents.legacy {
            Some(path) => read_legacy(&tree, &contents.modules, path, limits),
            None => read_modules(&tree, &contents.modules, limits, &mut || true),
        }
    }

    #[test]
    fn too_many_modules_name_their_limit() {
        let files = [("modules/a/a.json", "{}"), ("modules/b/b.json", "{}")];
        for (modules, passes) in [(2, true), (1, false)] {
            let limits = Limits {
                modules,
                ..Limits::default()
            };
            let told = read_within(&files, &limits)
                .err()
                .map(|fault| fault.messages(crate::model::Lang::En).concat());
            assert_eq!(told.is_none(), passes, "{told:?}");
            assert!(told.iter().all(|told| told.contains("`modulos`")), "{told:?}");
        }
    }

    #[test]
    fn a_text_that_is_too_long_names_its_limit() {
        let page = "modules/m/resources/en/pages/a/a.html";
        let descriptor = r#"{"resources": {"en": {"pages": [{"id": "a"}]}}}"#;
        let (short, long) = ("x".repeat(50), "x".repeat(51));
        for (text, bytes, path) in [
            (&short, 50, None),
            (&long, 50, Some(page)),
            (&short, 40, Some("modules/m/m.json")),
        ] {
            let limits = Limits {
                text_bytes: bytes,
                ..Limits::default()
            };
            let found = read_within(&[("modules/m/m.json", descriptor), (page, text)], &limits);
            let told = found.err().map(|fault| fault.messages(crate::model::Lang::En).concat());
            assert_eq!(told.is_some(), path.is_some(), "{told:?}");
            let named = |path| {
                told.iter()
                    .all(|told| told.contains(path) && told.contains("`bytes_texto`"))
            };
            assert!(path.is_none_or(named), "{told:?}");
        }
    }

    fn pages(files: &[(&str, &str)]) -> Vec<PackageRow> {
        read(files)
            .unwrap()
            .rows
            .remove(&ResourceKind::Page)
            .unwrap_or_default()
    }

    const ONE_PAGE: &str = r#"{"resources": {"pt-br": {"pages": [{"id": "x", "name": "X", "html": null, "css": "",
        "checksum": {"html": "", "css": "", "combined": ""}}]}}}"#;

    #[test]
    fn a_row_takes_its_content_from_its_files() {
        let html = "modules/m/resources/pt-br/pages/x/x.html";
        let css = "modules/m/resources/pt-br/pages/x/x.css";
        let descriptor = ("modules/m/m.json", ONE_PAGE);
        for (files, shown_html, shown_css, blank) in [
            (vec![descriptor, (html, "H"), (css, "C")], Some("H"), Some("C"), false),
            (vec![descriptor, (html, "H")], Some("H"), None, false),
            (vec![descriptor, (css, "C")], None, Some("C"), false),
            (vec![descriptor], None, None, true),
        ] {
            let rows = pages(&files);
            let row = &rows[0];
            assert_eq!(row.get("html").and_then(Field::as_text), shown_html, "{files:?}");
            assert_eq!(row.get("css").and_then(Field::as_text), shown_css, "{files:?}");
            assert_eq!(row.origin, RowOrigin::Module { blank });
            assert_eq!(row.get("checksum").is_some(), !blank, "{files:?}");
            assert!(
                row.get("html") != Some(&Field::Null),
                "an existing row's html must not be emptied: {files:?}"
            );
        }
        assert_eq!(pages(&[descriptor, (html, "H")])[0].get("css"), Some(&Field::Null));
        assert_eq!(pages(&[descriptor])[0].get("css"), None);
    }

    #[test]
    fn what_a_row_says_itself_counts_before_files() {
        let inline = r#"{"resources": {"pt-br": {"pages": [{"id": "x", "html": "INLINE", "checksum": "own"}]}}}"#;
        let alone = pages(&[("modulos/m/modulo.json", inline)]);
        assert_eq!(alone[0].get("html").and_then(Field::as_text), Some("INLINE"));
        assert_eq!(alone[0].origin, RowOrigin::Module { blank: false });
        let with_file = pages(&[("modulos/m/modulo.json", inline), ("pages/x.html", "FILE")]);
        assert_eq!(with_file[0].get("html").and_then(Field::as_text), Some("INLINE"));
        assert_eq!(with_file[0].get("checksum").and_then(Field::as_text), Some("own"));
    }

    #[test]
    fn the_first_descriptor_with_resources_counts() {
        let other = ONE_PAGE.replace("\"x\"", "\"y\"");
        let rows = pages(&[
            ("modules/m/module-id.json", "{\"name\": \"no resources\"}"),
            ("modules/m/module.json", &other),
            ("modules/m/m.json", ONE_PAGE),
        ]);
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].get("id").and_then(Field::as_text), Some("y"));
    }

    #[test]
    fn files_of_a_row_given_to_another_module_are_found_at_home() {
        let given = r#"{"resources": {"pt-br": {"pages": [{"id": "x", "module": "Other"}]}}}"#;
        let rows = pages(&[
            ("modules/M/M.json", given),
            ("modules/M/resources/pt-br/pages/x/x.html", "HOME"),
        ]);
        assert_eq!(rows[0].get("modulo").and_then(Field::as_text), Some("other"));
        assert_eq!(rows[0].get("html").and_then(Field::as_text), Some("HOME"));
    }

    #[test]
    fn the_legacy_file_brings_whole_rows() {
        let resources = read(&[("x/Data.json", ONE_PAGE), ("pages/x/index.html", "H")]).unwrap();
        let row = &resources.rows[&ResourceKind::Page][0];
        assert_eq!(row.origin, RowOrigin::Legacy);
        assert_eq!(row.get("html").and_then(Field::as_text), Some("H"));
        assert_eq!(row.get("modulo"), None);
        let bare = read(&[("Data.json", ONE_PAGE)]).unwrap();
        assert_eq!(bare.rows[&ResourceKind::Page][0].origin, RowOrigin::Legacy);
    }

    #[test]
    fn all_faults_come_at_once() {
        let tree = MemoryTree::new([
            ("modules/a/a.json".to_owned(), b"{".to_vec()),
            ("modules/b/b.json".to_owned(), ONE_PAGE.as_bytes().to_vec()),
            ("pages/x.html".to_owned(), b"ok\n \xe9".to_vec()),
        ]);
        let messages = read_modules(&tree, &Module::all(tree.paths()), &Limits::default(), &mut || true)
            .unwrap_err()
            .messages(crate::model::Lang::En);
        assert_eq!(messages.len(), 2);
        assert!(
            messages[0].starts_with("modules/a/a.json: line 1, column 1: not valid JSON"),
            "{messages:?}"
        );
        assert_eq!(
            messages[1],
            "pages/x.html: line 2, column 2: not UTF-8: save the file as UTF-8"
        );
    }

    /// The descriptor of an open conformance case.
    #[test]
    fn a_descriptor_named_as_its_folder_makes_whole_rows() {
        let descriptor = r#"{"resources": {"pt-br": {"pages": [
            {"id": "x-m", "name": "M", "type": "system", "root": true}, {"id": "x-both", "name": "B"}]}}}"#;
        let rows = pages(&[
            ("modules/mod-a/mod-a.json", descriptor),
            ("modules/mod-a/resources/pt-br/pages/x-m/x-m.html", "HTML"),
            ("modules/mod-a/resources/pt-br/pages/x-m/x-m.css", "CSS"),
            ("modules/mod-a/resources/pt-br/pages/x-both/x-both.html", "FROM MODULE"),
        ]);
        for (name, value) in [
            ("modulo", "mod-a"),
            ("tipo", "sistema"),
            ("html", "HTML"),
            ("css", "CSS"),
            ("caminho", "x-m/"),
            ("language", "pt-br"),
            ("status", "A"),
        ] {
            assert_eq!(rows[0].get(name).and_then(Field::as_text), Some(value), "{name}");
        }
        assert_eq!(rows[0].get("raiz"), Some(&Field::Bool(true)));
        let checksum = "{\"html\":\"07239dbd2a1a1dd793be9062a205eb6be88c36af3fe7e4d6426aea45aa253815\",\
                        \"css\":\"b581e46042cbfbb0af4542a858079a84fd3ae98e5563f615710191d5b3597680\",\
                        \"combined\":\"cc4c7e883c27541137faf99d328cb61096fb455bfbfd50800e96618b7ea4d922\"}";
        assert_eq!(rows[0].get("checksum"), Some(&Field::Json(checksum.to_owned())));
        assert_eq!(rows[1].get("html").and_then(Field::as_text), Some("FROM MODULE"));
    }

    const SEEDS: &[&str] = &[
        ONE_PAGE,
        r#"{"versao": "0.1.0", "resources": {"pt-br": {"pages": [{"name": "É", "id": "x", "module": " M ", "root": true,
            "version": "1.0", "checksum": {"html": "", "css": ""}}], "layouts": [], "components": [{"id": 7}],
            "variables": [{"id": "v", "value": [1, "\u00e9"], "group": " g "}]}, "en": []}}"#,
    ];

    proptest! {
        #![proptest_config(crate::base::mutation::at_least(2_000))]

        #[test]
        fn any_descriptor_is_answered(bytes in spoiled(SEEDS), html in prop::collection::vec(any::<u8>(), 0..6)) {
            let tree = MemoryTree::new([
                ("modules/m/m.json".to_owned(), bytes.clone()),
                ("modules/m/resources/pt-br/pages/x/x.html".to_owned(), html),
                ("Data.json".to_owned(), bytes),
            ]);
            let modules = Module::all(tree.paths());
            for result in [
                read_modules(&tree, &modules, &Limits::default(), &mut || true),
                read_legacy(&tree, &modules, "Data.json", &Limits::default()),
            ] {
                match result {
                    Ok(resources) => for row in resources.rows.values().flatten() {
                        prop_assert!(row.get("id").is_some() && row.get("language").is_some());
                        let mut names: Vec<&str> = row.fields.iter().map(|(name, _)| &**name).collect();
                        names.sort_unstable();
                        names.dedup();
                        prop_assert_eq!(names.len(), row.fields.len());
                        if row.origin == (RowOrigin::Module { blank: true }) {
                            prop_assert!(matches!(row.get("html"), None | Some(Field::Bool(_) | Field::Number(_) | Field::Json(_))));
                        }
                    },
                    Err(fault) => prop_assert!(!fault.messages(crate::model::Lang::En).is_empty()),
                }
            }
        }
    }
}
