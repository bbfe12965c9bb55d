//! The domains of a gestor: each has a folder `autenticacoes/<domain>/` with the settings of its database in `.env`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::base::fs::{FsError, followed, may_stand, read_small};
use crate::model::GestorRoot;

/// Bytes of a file of settings, and then some.
const SETTINGS_LIMIT: u64 = 1 << 20;

/// The domains whose settings name a database, by name.
pub fn domains_of(root: &GestorRoot, database: &str) -> Vec<String> {
    let Ok(folders) = fs::read_dir(followed(&root.domains())) else {
        return Vec::new();
    };
    let mut domains: Vec<String> = folders
        .filter_map(Result::ok)
        .filter(|folder| {
            let read = read_settings(&folder.path().join(".env"));
            names(&String::from_utf8_lossy(&read.unwrap_or_default()), database)
        })
        .map(|folder| folder.file_name().to_string_lossy().into_owned())
        .collect();
    domains.sort();
    domains
}

/// The bytes of a file of settings. Deployments keep what is shared elsewhere, and name it by links.
pub fn read_settings(path: &Path) -> Result<Vec<u8>, FsError> {
    read_small(&followed(path), SETTINGS_LIMIT)
}

/// Whether settings name a database: a key of it whose value is its name.
fn names(settings: &str, database: &str) -> bool {
    settings
        .lines()
        .filter_map(|line| line.split_once('='))
        .any(|(key, value)| {
            let key = key.trim().to_ascii_uppercase();
            let is_of_database = ["DATABASE", "DB_", "BANCO"].iter().any(|word| key.contains(word));
            is_of_database && (value.trim().trim_matches(['"', '\'']) == database || value_of(value) == database)
        })
}

/// A value without what quotes it, and without the comment behind it.
fn value_of(text: &str) -> &str {
    let text = text.trim();
    let quoted = |quote: char| text.strip_prefix(quote)?.split_once(quote);
    match quoted('"').or_else(|| quoted('\'')) {
        Some((inside, _)) => inside,
        None => text.split('#').next().unwrap_or_default().trim(),
    }
}

/// Settings of a domain that stand there and cannot be read, so that nobody knows which database they name; the folder of
/// domains where that cannot be read.
pub fn unread_settings(root: &GestorRoot) -> Option<PathBuf> {
    let domains = root.domains();
    let Ok(folders) = fs::read_dir(followed(&domains)) else {
        return may_stand(&domains).then_some(domains);
    };
    let settings = folders.filter_map(Result::ok).map(|folder| folder.path().join(".env"));
    settings
        .filter(|path| may_stand(path))
        .find(|path| read_settings(path).is_err())
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
            ("d.example", "DB_DATABASE=site_d # of production\r"),
            ("e.example", "DB_DATABASE = \"site_d\" # the same"),
            ("f.example", "DB_PASSWORD=\"x\" # site_d"),
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
        let shared = folder.path().join("shared.env");
        fs::rename(elsewhere.join("e.example/.env"), &shared).unwrap();
        std::os::unix::fs::symlink(&shared, elsewhere.join("e.example/.env")).unwrap();
        assert_eq!(domains_of(&root, "site_d"), ["d.example", "e.example"]);
        assert!(domains_of(&root, "site_c").is_empty());
        assert_eq!(unread_settings(&root), None);
        let unread = elsewhere.join("g.example/.env");
        fs::create_dir_all(&unread).unwrap();
        assert_eq!(unread_settings(&root), Some(unread));
        assert_eq!(unread_settings(&GestorRoot::new("/nowhere")), None);
        assert!(domains_of(&GestorRoot::new("/nowhere"), "x").is_empty());
    }
}
