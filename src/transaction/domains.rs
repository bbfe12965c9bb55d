//! The domains of a gestor: each has a folder `autenticacoes/<domain>/` with the settings of its database in `.env`.

use std::fs;
use std::path::PathBuf;

use crate::base::fs::read_small;
use crate::model::GestorRoot;

/// Bytes of a file of settings, and then some.
const SETTINGS_LIMIT: u64 = 1 << 20;

/// The domains whose settings name a database, by name.
pub fn domains_of(root: &GestorRoot, database: &str) -> Vec<String> {
    // Deployments keep what is shared elsewhere, and name it by links.
    let settled = |path: PathBuf| path.canonicalize().unwrap_or(path);
    let Ok(folders) = fs::read_dir(settled(root.domains())) else {
        return Vec::new();
    };
    let mut domains: Vec<String> = folders
        .filter_map(Result::ok)
        .filter(|folder| {
            let read = read_small(&settled(folder.path()).join(".env"), SETTINGS_LIMIT);
            names(&String::from_utf8_lossy(&read.unwrap_or_default()), database)
        })
        .map(|folder| folder.file_name().to_string_lossy().into_owned())
        .collect();
    domains.sort();
    domains
}

/// Whether settings name a database: a key of it whose value is its name.
fn names(settings: &str, database: &str) -> bool {
    settings
        .lines()
        .filter_map(|line| line.split_once('='))
        .any(|(key, value)| {
            let key = key.trim().to_ascii_uppercase();
            let is_of_database = ["DATABASE", "DB_", "BANCO"].iter().any(|word| key.contains(word));
            is_of_database && value.trim().trim_matches(['"', '\'']) == database
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_known_by_its_settings() {
        let folder = tempfile::tempdir().unwrap();
        for (domain, line) in [
            ("a.example", "DB_DATABASE=site_a"),
            ("b.example", "DB_DATABASE=\"site_b\"\nDB_PASSWORD=site_a2"),
            ("c.example", "MAIL_NAME=site_b"),
            ("www.b.example", "DB_DATABASE='site_b'"),
        ] {
            let path = folder.path().join("autenticacoes").join(domain);
            fs::create_dir_all(&path).unwrap();
            fs::write(path.join(".env"), line).unwrap();
        }
        let root = GestorRoot::new(folder.path());
        let domains = root.domains();
        let elsewhere = folder.path().join("shared");
        fs::rename(&domains, &elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &domains).unwrap();
        assert_eq!(domains_of(&root, "site_a"), ["a.example"]);
        assert_eq!(domains_of(&root, "site_b"), ["b.example", "www.b.example"]);
        assert!(domains_of(&root, "site_c").is_empty());
        assert!(domains_of(&GestorRoot::new("/nowhere"), "x").is_empty());
    }
}
