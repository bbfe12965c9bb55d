//! Questions that need no operation: no lock, no database, no log. Each answers at once on the caller's thread.

use std::path::Path;

use serde_json::{Value, json};

use crate::base::hash::{sha256, sha256_file};

/// A file name from which no table name can be made (SPEC §6).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{file:?} is no data file: its name must be `<Table>Data.json`, with letters, digits and `_` in front of `Data.json`"
)]
pub struct NotADataFile {
    file: String,
}

/// SHA-256 of a file, hexadecimal; nothing when there is no such file.
pub fn file_checksum(file: &Path) -> Option<String> {
    let is_file = file.metadata().is_ok_and(|found| found.is_file());
    let hashed = is_file.then(|| sha256_file(file).ok()).flatten()?;
    Some(hashed.0.to_string())
}

/// The checksum of a resource (SPEC §7): `html`, `css`, `combined`; nothing when neither file exists.
pub fn resource_checksum(html: Option<&Path>, css: Option<&Path>) -> Option<Value> {
    let (html, css) = (html.and_then(file_checksum), css.and_then(file_checksum));
    if html.is_none() && css.is_none() {
        return None;
    }
    let pair = format!(
        "{}:{}",
        html.as_deref().unwrap_or_default(),
        css.as_deref().unwrap_or_default()
    );
    Some(json!({"html": html, "css": css, "combined": sha256(pair.as_bytes()).to_string()}))
}

/// The table of a data file, by its name (SPEC §6).
pub fn data_table(file: &Path) -> Result<String, NotADataFile> {
    let name = file.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let wrong = || NotADataFile {
        file: name.chars().take(120).collect(),
    };
    let stem = name.strip_suffix("Data.json").ok_or_else(wrong)?;
    let table = if stem.contains('_') {
        stem.to_ascii_lowercase()
    } else {
        snake_case(stem)
    };
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if table.is_empty() || !table.chars().all(allowed) {
        return Err(wrong());
    }
    Ok(table)
}

fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 8);
    for (at, letter) in name.char_indices() {
        if letter.is_ascii_uppercase() && at > 0 {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

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
