//! Reads the gestor's own `db/data/`, where it still has one: contracts and core rows. Reads only.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::core_keys::{self, CoreTable};
use crate::base::fs::{open_to_read, read_small};
use crate::data::package::data_file;
use crate::data::package::error::DataError;
use crate::data::package::table_name;
use crate::data::table::contract::Contracts;
use crate::data::table::schema::TableSchema;
use crate::model::PackageRow;

/// Bytes of the gestor's contracts, and then some.
const CONTRACTS_LIMIT: u64 = 16 << 20;
/// Bytes of one of its data files, and then some.
const DATA_LIMIT: u64 = 1 << 30;

/// Reads the gestor's contracts from its `db/data/` folder; the compiled-in ones count where it has none.
pub fn read_contracts(folder: &Path) -> Result<Contracts, DataError> {
    let path = folder.join("schema-metadata.json");
    match read_small(&path, CONTRACTS_LIMIT).map_err(io::Error::from) {
        Ok(text) => Ok(Contracts::new(Some(&text))),
        Err(fault) if is_absent(&fault) => Ok(Contracts::new(None)),
        Err(source) => Err(DataError::GestorFile { path, source }),
    }
}

fn is_absent(fault: &io::Error) -> bool {
    matches!(fault.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// What is known of a gestor's own rows.
#[derive(Debug, Clone, Default)]
pub struct CoreKeys {
    compiled: Option<&'static str>,
    files: BTreeMap<String, PathBuf>,
}

impl CoreKeys {
    /// The keys of a release (`None`: not known which), and of the data files in the gestor's `db/data/` folder. The
    /// files are read when their table is asked for.
    pub fn read(gestor_version: Option<&str>, folder: &Path) -> Result<Self, DataError> {
        let fault = |source| DataError::GestorFile {
            path: folder.to_owned(),
            source,
        };
        let mut files = BTreeMap::new();
        match std::fs::read_dir(folder) {
            Ok(entries) => {
                for entry in entries {
                    let path = entry.map_err(fault)?.path();
                    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
                    if name.ends_with("Data.json") && name != "Data.json" {
                        files.insert(table_name::derive(name), path);
                    }
                }
            }
            Err(source) if is_absent(&source) => {}
            Err(source) => return Err(fault(source)),
        }
        Ok(Self {
            compiled: gestor_version.and_then(core_keys::of_release),
            files,
        })
    }

    /// The keys of a release alone.
    pub fn of_release(version: &str) -> Self {
        Self {
            compiled: core_keys::of_release(version),
            files: BTreeMap::new(),
        }
    }

    /// The core rows of one table. A data file that cannot be understood makes every row without owner count as the
    /// gestor's, which is the careful reading.
    pub fn of_table(&self, schema: &TableSchema, contracts: &Contracts) -> Result<CoreTable, DataError> {
        let name = schema.name.as_str();
        let mut rows: Vec<PackageRow> = self
            .compiled
            .map_or_else(Vec::new, |keys| core_keys::rows_of(keys, name));
        let mut known = self.compiled.is_some() || !self.files.is_empty();
        if let Some(path) = self.files.get(name) {
            let file = open_to_read(path, DATA_LIMIT).map_err(|fault| DataError::GestorFile {
                path: path.clone(),
                source: fault.into(),
            })?;
            match data_file::parse(file, name) {
                Ok(mut read) => rows.append(&mut read),
                Err(_) => known = false,
            }
        }
        Ok(CoreTable::new(schema, contracts, &rows, known))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::table::contract::tests::table;

    #[test]
    fn the_gestors_files_count_where_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let schema = table("modulos", &["#n", "id", "language"], &[&["id", "language"]]);
        let key: super::super::natural_key::Key = Box::new(["x-c".into(), "pt-br".into()]);
        let is_core = |version| {
            let contracts = read_contracts(folder.path()).unwrap();
            let keys = CoreKeys::read(version, folder.path()).unwrap();
            keys.of_table(&schema, &contracts).unwrap().is_core(&key, &key)
        };
        assert!(is_core(None), "nothing is known");
        assert!(!is_core(Some("2.9.43")));
        let file = folder.path().join("ModulosData.json");
        std::fs::write(&file, "[{\"id\": \"X-C\", \"language\": \"pt-br\"}]").unwrap();
        assert!(is_core(Some("2.9.43")) && is_core(None));
        std::fs::write(&file, "[]").unwrap();
        assert!(!is_core(None), "the file says that there are none");
        std::fs::write(&file, "[broken").unwrap();
        assert!(is_core(Some("2.9.43")));
        assert!(read_contracts(Path::new("/nowhere/at/all")).is_ok());
    }
}
