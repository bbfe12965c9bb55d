//! What a package brings, by its paths alone: data files, the legacy file, modules, migrations. Opens nothing.

use super::Module;

const LEGACY_NAME: &str = "Data.json";
const DATA_FOLDER: &str = "db/data/";
const MIGRATIONS_FOLDER: &str = "db/migrations/";

/// The parts of a package that an installation looks at. All paths are relative to the plugin's root.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PackageContents {
    /// `db/data/*Data.json`, sorted; never the legacy file.
    pub data_files: Vec<String>,
    /// The legacy `Data.json`, wherever it stands; only where there is no data file.
    pub legacy: Option<String>,
    /// Folders below `modules/` and `modulos/`.
    pub modules: Vec<Module>,
    /// `db/migrations/*.php`, sorted.
    pub migrations: Vec<String>,
    /// What stands below `db/` as if it were data or a migration, and is neither: it is not installed, so it would be
    /// lost without a word. Sorted.
    pub ignored: Vec<String>,
}

impl PackageContents {
    /// Looks at sorted paths.
    pub fn of(paths: &[String]) -> Self {
        let data_files = files_of(paths, DATA_FOLDER, |name| {
            name.ends_with(LEGACY_NAME) && name != LEGACY_NAME
        });
        let legacy = if data_files.is_empty() { legacy(paths) } else { None };
        let migrations = files_of(paths, MIGRATIONS_FOLDER, |name| has_ending(name, "php"));
        let is_used =
            |path: &String| data_files.contains(path) || migrations.contains(path) || legacy.as_ref() == Some(path);
        let ignored = paths.iter().filter(|path| looks_like_data(path) && !is_used(path));
        Self {
            ignored: ignored.cloned().collect(),
            data_files,
            legacy,
            modules: Module::all(paths),
            migrations,
        }
    }

    /// Whether the package brings migrations.
    pub fn has_migrations(&self) -> bool {
        !self.migrations.is_empty()
    }

    /// The names of its modules, for the report; a name that stands in both folders once.
    pub fn module_names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.modules.iter().map(|module| module.name.clone()).collect();
        names.sort();
        names.dedup();
        names
    }
}

fn has_ending(name: &str, ending: &str) -> bool {
    name.rsplit_once('.')
        .is_some_and(|(_, found)| found.eq_ignore_ascii_case(ending))
}

/// Whatever stands in `db/data/`, PHP in `db/migrations/`, JSON elsewhere in `db/`, and the legacy file: whatever the case
/// of the folders. Hidden files of editors and systems are nobody's data, unless they end like it.
fn looks_like_data(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_json = has_ending(name, "json");
    if name.starts_with("._") || (name.starts_with('.') && !is_json) {
        return false;
    }
    let folded = path.to_ascii_lowercase();
    folded.starts_with(DATA_FOLDER)
        || (folded.starts_with(MIGRATIONS_FOLDER) && has_ending(name, "php"))
        || (folded.starts_with("db/") && is_json)
        || path == LEGACY_NAME
}

/// The files directly in a folder; hidden ones (`._X` of macOS) are none of the package's.
fn files_of(paths: &[String], folder: &str, wanted: impl Fn(&str) -> bool) -> Vec<String> {
    paths
        .iter()
        .filter(|path| {
            path.strip_prefix(folder)
                .is_some_and(|name| !name.contains('/') && !name.starts_with('.') && wanted(name))
        })
        .cloned()
        .collect()
}

/// The one in `db/data/`, else the shallowest.
fn legacy(paths: &[String]) -> Option<String> {
    paths
        .iter()
        .filter(|path| path.rsplit('/').next() == Some(LEGACY_NAME) && !path.starts_with("__MACOSX/"))
        .min_by_key(|path| (!path.starts_with(DATA_FOLDER), path.matches('/').count()))
        .cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(paths: &[&str]) -> PackageContents {
        let mut paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
        paths.sort();
        PackageContents::of(&paths)
    }

    #[test]
    fn parts_are_found_where_they_belong() {
        let found = of(&[
            "manifest.json",
            "Data.json",
            "db/data/PaginasData.json",
            "db/data/Data.json",
            "db/data/._LayoutsData.json",
            "db/data/old/LayoutsData.json",
            "db/data/paginasdata.json",
            "db/migrations/20250101000000_create_x.php",
            "db/migrations/notes.md",
            "db/migrations/old/20240101000000_y.php",
            "modules/m/module.json",
            "modulos/m/modulo.json",
        ]);
        assert_eq!(found.data_files, ["db/data/PaginasData.json"]);
        assert_eq!(found.legacy, None);
        assert_eq!(found.migrations, ["db/migrations/20250101000000_create_x.php"]);
        assert_eq!(found.module_names(), ["m"]);
        assert_eq!(
            found.ignored,
            [
                "Data.json",
                "db/data/Data.json",
                "db/data/old/LayoutsData.json",
                "db/data/paginasdata.json",
                "db/migrations/old/20240101000000_y.php",
            ]
        );
        assert_eq!(found.modules.len(), 2);
    }

    #[test]
    fn what_looks_like_data_and_is_none_is_named() {
        for (path, is) in [
            ("db/data/VariaveisData.JSON", true),
            ("db/data/pt-br/LayoutsData.json", true),
            ("db/data/Paginas.json", true),
            ("db/data/notes.md", true),
            ("db/Data/PaginasData.json", true),
            ("DB/data/PaginasData.json", true),
            ("db/PaginasData.json", true),
            ("db/data/.PaginasData.json", true),
            ("db/migrations/sub/1_x.PHP", true),
            ("db/migrations/README.md", false),
            ("db/data/._PaginasData.json", false),
            ("db/data/.DS_Store", false),
            ("db/data/.gitkeep", false),
            ("modules/db/data/PaginasData.json", false),
            ("assets/Data.json", false),
        ] {
            assert_eq!(of(&[path, "db/data/XData.json"]).ignored == [path], is, "{path}");
        }
        assert!(of(&["Data.json"]).ignored.is_empty());
    }

    #[test]
    fn the_legacy_file_counts_where_nothing_else_does() {
        for (paths, legacy) in [
            (
                &["a/Data.json", "db/data/Data.json", "Data.json"][..],
                Some("db/data/Data.json"),
            ),
            (&["a/b/Data.json", "z/Data.json"], Some("z/Data.json")),
            (&["__MACOSX/Data.json"], None),
            (&["a/XData.json", "a/data.json"], None),
            (&["a/Data.json", "db/data/XData.json"], None),
        ] {
            assert_eq!(of(paths).legacy.as_deref(), legacy, "{paths:?}");
        }
        assert!(!of(&[]).has_migrations());
    }
}
