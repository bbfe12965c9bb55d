//! Plugin packages made from what a test names.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use serde_json::{Value, json};
use zip::write::SimpleFileOptions;

/// A package: members by name, written in this order.
#[derive(Debug, Clone)]
pub(crate) struct Package {
    id: String,
    members: BTreeMap<String, Vec<u8>>,
    wrap: String,
}

impl Package {
    /// A package with nothing but its manifest.
    pub(crate) fn new(id: &str, version: &str) -> Self {
        Self::with_manifest(&json!({"id": id, "name": id, "version": version}))
    }

    /// A package with a given manifest.
    pub(crate) fn with_manifest(manifest: &Value) -> Self {
        let id = manifest["id"].as_str().unwrap_or_default().to_owned();
        let made = Self {
            id,
            members: BTreeMap::new(),
            wrap: String::new(),
        };
        // A real package is never tiny.
        made.file("manifest.json", manifest.to_string())
            .file("README.txt", "x".repeat(400))
    }

    /// A package with what it needs, and a file that says its version.
    pub(crate) fn needing(slug: &str, version: &str, needs: &Value) -> Self {
        let manifest = json!({"id": slug, "name": slug, "version": version, "dependencies": needs});
        Self::with_manifest(&manifest).file("v.txt", version)
    }

    /// The same with a page.
    pub(crate) fn page_needing(slug: &str, version: &str, needs: &Value) -> Self {
        let page = json!({"id": slug, "language": "en", "nome": version, "caminho": format!("{slug}/"), "html": "<p>"});
        Self::needing(slug, version, needs).data("Paginas", &json!([page]))
    }

    /// A package of all files of a folder that holds a manifest.
    pub(crate) fn of_folder(folder: &Path) -> Self {
        let manifest: Value = serde_json::from_slice(&fs::read(folder.join("manifest.json")).unwrap()).unwrap();
        let mut made = Self::with_manifest(&manifest);
        for entry in walkdir::WalkDir::new(folder).into_iter().map(Result::unwrap) {
            if entry.file_type().is_file() {
                let name = entry.path().strip_prefix(folder).unwrap().to_str().unwrap();
                made = made.file(name, fs::read(entry.path()).unwrap());
            }
        }
        made
    }

    /// Adds a file, or replaces it.
    pub(crate) fn file(mut self, name: &str, content: impl Into<Vec<u8>>) -> Self {
        self.members.insert(name.to_owned(), content.into());
        self
    }

    /// Adds a data file: `data("Paginas", …)` is `db/data/PaginasData.json`.
    pub(crate) fn data(self, name: &str, rows: &Value) -> Self {
        self.file(&format!("db/data/{name}Data.json"), rows.to_string())
    }

    /// Puts everything below one folder.
    pub(crate) fn wrapped_in(mut self, folder: &str) -> Self {
        folder.clone_into(&mut self.wrap);
        self
    }

    /// The manifest's id.
    pub(crate) fn id(&self) -> String {
        self.id.clone()
    }

    /// The names of its members.
    pub(crate) fn names(&self) -> Vec<String> {
        self.members.keys().cloned().collect()
    }

    /// Writes the ZIP. The same package gives the same bytes.
    pub(crate) fn write(&self, path: &Path) {
        let mut archive = zip::ZipWriter::new(File::create(path).unwrap());
        let options = SimpleFileOptions::default().last_modified_time(zip::DateTime::default());
        for (name, content) in &self.members {
            archive.start_file(format!("{}{name}", self.wrap), options).unwrap();
            archive.write_all(content).unwrap();
        }
        archive.finish().unwrap();
    }
}
