//! Questions that need no operation: no lock, no database, no log. Each answers at once on the caller's thread.

use std::path::Path;

use serde_json::{Value, json};

use crate::base::fs::open_named;
use crate::base::hash::sha256_reader;
use crate::data::derive_table;
use crate::model::{Sha256Digest, TableName};
use crate::resources::ResourceChecksum;

/// A file name from which no table name can be made (SPEC §6).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{file:?} is no data file: its name must be `<Table>Data.json`, with letters, digits and `_` in front of `Data.json`"
)]
pub struct NotADataFile {
    pub(super) file: String,
}

/// SHA-256 of a file, hexadecimal; nothing when there is no such file.
pub fn file_checksum(file: &Path) -> Option<String> {
    digest(file).map(|digest| digest.to_string())
}

/// The checksum of a resource (SPEC §7): `html`, `css`, `combined`; nothing when neither file exists.
pub fn resource_checksum(html: Option<&Path>, css: Option<&Path>) -> Option<Value> {
    let found = ResourceChecksum::new(html.and_then(digest), css.and_then(digest))?;
    let hex = |digest: Option<Sha256Digest>| digest.map(|digest| digest.to_string());
    Some(json!({"html": hex(found.html()), "css": hex(found.css()), "combined": found.combined().to_string()}))
}

fn digest(file: &Path) -> Option<Sha256Digest> {
    let opened = open_named(file, u64::MAX).ok()?;
    sha256_reader(opened).ok().map(|(digest, _)| digest)
}

/// The table of a data file, by its name (SPEC §6).
pub fn data_table(file: &Path) -> Result<String, NotADataFile> {
    let name = file.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let named = name.strip_suffix("Data.json").is_some_and(|stem| !stem.is_empty());
    let table = named.then(|| TableName::new(&derive_table(&name)).ok()).flatten();
    table
        .map(|table| table.as_str().to_owned())
        .ok_or_else(|| NotADataFile {
            file: name.chars().take(120).collect(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::hash::sha256;

    #[test]
    fn tables_are_named_after_their_files() {
        for (file, table) in [
            ("ModulosData.json", Some("modulos")),
            ("HostsConfiguracoesData.json", Some("hosts_configuracoes")),
            ("db/data/ExampleTableData.json", Some("example_table")),
            ("Example_TableData.json", Some("example_table")),
            ("Table2XData.json", Some("table2_x")),
            ("PromptsIaData.json", Some("prompts_ia")),
            ("Data.json", None),
            ("schema-metadata.json", None),
            ("a-bData.json", None),
            ("çData.json", None),
            ("", None),
        ] {
            assert_eq!(data_table(Path::new(file)).ok().as_deref(), table, "{file}");
        }
    }

    #[test]
    fn a_missing_part_counts_as_the_empty_string() {
        let folder = tempfile::tempdir().unwrap();
        let html = folder.path().join("p.html");
        std::fs::write(&html, "abc").unwrap();
        let absent = folder.path().join("p.css");
        let found = resource_checksum(Some(&html), Some(&absent)).unwrap();
        let of_html = sha256(b"abc").to_string();
        assert_eq!(found["html"], of_html.as_str());
        assert_eq!(found["css"], Value::Null);
        assert_eq!(
            found["combined"],
            sha256(format!("{of_html}:").as_bytes()).to_string().as_str()
        );
        assert_eq!(resource_checksum(Some(&absent), None), None);
        assert_eq!(file_checksum(folder.path()), None);
    }
}
