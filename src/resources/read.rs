//! Reads the descriptors of all modules, or the legacy `Data.json`, into rows of the four resource tables (SPEC §6,
//! §7). One descriptor is in memory at a time; rows own their content.

use std::collections::BTreeMap;

use super::content::fill_content;
use super::descriptor::{Collected, Source};
use super::places::Places;
use super::{Module, ResourceError, ResourceKind, ResourceWarning};
use crate::base::file_tree::FileTree;
use crate::model::{PackageRow, RowOrigin};

/// Rows by kind, in the order of their descriptors.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Resources {
    /// The rows; a kind without any is absent.
    pub rows: BTreeMap<ResourceKind, Vec<PackageRow>>,
    /// What should be known, though it stops nothing.
    pub warnings: Vec<ResourceWarning>,
}

/// Reads the descriptors of modules. Of a module with several, the first that has `resources` counts. All faults of
/// all descriptors come at once.
pub fn read_modules(tree: &dyn FileTree, modules: &[Module]) -> Result<Resources, ResourceError> {
    let mut collected = Collected::default();
    for module in modules {
        for path in &module.descriptors {
            let source = Source {
                path,
                origin: RowOrigin::Module { blank: false },
                module: Some((&module.name, &module.folder)),
            };
            if read_one(tree, source, &mut collected)? {
                break;
            }
        }
    }
    finish(tree, modules, collected)
}

/// Reads the legacy file.
pub fn read_legacy(tree: &dyn FileTree, modules: &[Module], path: &str) -> Result<Resources, ResourceError> {
    let mut collected = Collected::default();
    let source = Source {
        path,
        origin: RowOrigin::Legacy,
        module: None,
    };
    read_one(tree, source, &mut collected)?;
    finish(tree, modules, collected)
}

fn read_one<'a>(tree: &dyn FileTree, source: Source<'a>, collected: &mut Collected<'a>) -> Result<bool, ResourceError> {
    let bytes = tree.read(source.path).map_err(|fault| ResourceError::Unreadable {
        path: source.path.to_owned(),
        source: fault,
    })?;
    Ok(bytes.is_some_and(|bytes| collected.read(&bytes, source)))
}

fn finish(tree: &dyn FileTree, modules: &[Module], collected: Collected<'_>) -> Result<Resources, ResourceError> {
    let Collected {
        rows,
        warnings,
        mut faults,
        ..
    } = collected;
    let places = Places::new(tree, modules);
    let mut by_kind = BTreeMap::new();
    for (kind, mut found) in rows {
        fill_content(tree, &places, kind, &mut found, &mut faults)?;
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
    use super::*;
    use crate::base::file_tree::MemoryTree;
    use crate::model::Field;
    use crate::resources::PackageContents;

    fn tree(files: &[(&str, &str)]) -> MemoryTree {
        MemoryTree::new(
            files
                .iter()
                .map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())),
        )
    }

    fn read(files: &[(&str, &str)]) -> Result<Resources, ResourceError> {
        let tree = tree(files);
        let contents = PackageContents::of(tree.paths());
        match &contents.legacy {
            Some(path) => read_legacy(&tree, &contents.modules, path),
            None => read_modules(&tree, &contents.modules),
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
        let messages = read_modules(&tree, &Module::all(tree.paths())).unwrap_err().messages();
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
}
