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
}

impl PackageContents {
    /// Looks at sorted paths.
    pub fn of(paths: &[String]) -> Self {
        let data_files = files_of(paths, DATA_FOLDER, |name| {
            name.ends_with(LEGACY_NAME) && name != LEGACY_NAME
        });
        let legacy = if data_files.is_empty() { legacy(paths) } else { None };
        Self {
            data_files,
            legacy,
            modules: Module::all(paths),
            migrations: files_of(paths, MIGRATIONS_FOLDER, |name| {
                name.rsplit_once('.')
                    .is_some_and(|(_, kind)| kind.eq_ignore_ascii_case("php"))
            }),
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
        assert_eq!(found.modules.len(), 2);
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
