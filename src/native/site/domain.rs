//! The settings of a domain: `autenticacoes/<domain>/.env`, as far as a call needs them.

use std::path::{Path, PathBuf};

use super::given::text;
use crate::base::fs::{folder_names, followed, may_stand};
use crate::config::{Argument, SOCKETS};
use crate::model::{GestorRoot, Lang};
use crate::native::NativeFault;
use crate::transaction::read_settings;

/// The settings of a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Domain {
    pub(super) name: String,
    values: Vec<(String, String)>,
    path: PathBuf,
}

impl Domain {
    /// The domain that was said, else the only one.
    pub(super) fn find(root: &GestorRoot, said: Option<&str>) -> Result<Self, NativeFault> {
        let folder = followed(&root.domains());
        let mut known = folder_names(&folder).unwrap_or_default();
        known.retain(|name| may_stand(&folder.join(name).join(".env")));
        known.sort();
        let shown = || {
            if known.is_empty() {
                "-".to_owned()
            } else {
                known.join(", ")
            }
        };
        let name = match (said, known.as_slice()) {
            (Some(said), all) if all.iter().any(|name| name == said) => said.to_owned(),
            (None, [only]) => only.clone(),
            (None, [_, _, ..]) => return Err(NativeFault::Several { known: shown() }),
            (said, _) => {
                return Err(NativeFault::NoDomain {
                    domain: said.unwrap_or("<domain>").to_owned(),
                    known: shown(),
                });
            }
        };
        let path = folder.join(&name).join(".env");
        let bytes = read_settings(&path).map_err(NativeFault::Settings)?;
        Ok(Self {
            name,
            values: values(&String::from_utf8_lossy(&bytes)),
            path,
        })
    }

    /// A setting; nothing where it is empty.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        let mut values = self.values.iter().rev();
        let found = values.find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        found.filter(|value| !value.is_empty())
    }

    /// The language that the gestor speaks, where it is one of ours.
    pub(super) fn lang(&self) -> Option<Lang> {
        Lang::from_code(self.value("LANGUAGE_DEFAULT")?)
    }

    /// Where its settings stand.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The database, as a call names it; without a name where the settings say none.
    pub(super) fn database(&self) -> Vec<(String, Argument)> {
        let mut entries = place(self.value("DB_HOST").unwrap_or_default());
        for (key, value) in [
            ("nome", self.value("DB_DATABASE")),
            ("usuario", self.value("DB_USERNAME")),
            ("senha", self.value("DB_PASSWORD")),
            ("tls", self.value("DB_TLS")),
            ("ca", self.value("DB_CA")),
        ] {
            entries.extend(value.map(|value| (key.to_owned(), text(value))));
        }
        entries
    }

    /// Where the site is.
    pub(super) fn address(&self) -> String {
        let path = self.value("URL_RAIZ").unwrap_or("/").trim_matches('/');
        if path.is_empty() {
            return format!("https://{}/", self.name);
        }
        format!("https://{}/{path}/", self.name)
    }
}

/// `localhost` (the socket), `host`, `host:port`, `host:/socket`.
fn place(host: &str) -> Vec<(String, Argument)> {
    let entry = |key: &str, value: &str| (key.to_owned(), text(value));
    if host.is_empty() || host.eq_ignore_ascii_case("localhost") {
        let found = SOCKETS.iter().find(|path| may_stand(path.as_ref()));
        return vec![entry("socket", found.unwrap_or(&SOCKETS[0]))];
    }
    if let Some(at) = host.find('/') {
        return vec![entry("socket", &host[at..])];
    }
    match host.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') || name.starts_with('[') => {
            vec![entry("host", name.trim_matches(['[', ']'])), entry("port", port)]
        }
        _ => vec![entry("host", host)],
    }
}

/// Settings line by line, as the gestor's reader takes them: quoted or not, with a comment behind.
fn values(text: &str) -> Vec<(String, String)> {
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| {
            let line = line.strip_prefix("export ").unwrap_or(line);
            let (name, value) = line.split_once('=')?;
            Some((name.trim().to_owned(), unquoted(value.trim())))
        })
        .collect()
}

fn unquoted(value: &str) -> String {
    if let Some(inside) = value.strip_prefix('\'') {
        return inside.split('\'').next().unwrap_or_default().to_owned();
    }
    let Some(inside) = value.strip_prefix('"') else {
        let bare = value.split_once(" #").map_or(value, |(bare, _)| bare);
        return bare.trim().to_owned();
    };
    let (mut found, mut letters) = (String::new(), inside.chars());
    while let Some(letter) = letters.next() {
        match letter {
            '"' => break,
            '\\' => found.extend(letters.next()),
            letter => found.push(letter),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(domains: &[(&str, &str)]) -> (tempfile::TempDir, GestorRoot) {
        let folder = tempfile::tempdir().unwrap();
        for (name, settings) in domains {
            let path = folder.path().join("autenticacoes").join(name);
            std::fs::create_dir_all(&path).unwrap();
            std::fs::write(path.join(".env"), settings).unwrap();
        }
        let root = GestorRoot::new(folder.path().canonicalize().unwrap());
        (folder, root)
    }

    #[test]
    fn a_domain_is_the_one_that_was_said_or_the_only_one() {
        let (_kept, one) = root(&[("a.org", "DB_DATABASE=a")]);
        assert_eq!(Domain::find(&one, None).unwrap().name, "a.org");
        let (_kept, two) = root(&[("a.org", "DB_DATABASE=a"), ("b.org", "DB_DATABASE=b")]);
        assert_eq!(
            Domain::find(&two, Some("b.org")).unwrap().value("DB_DATABASE"),
            Some("b")
        );
        let text = |said: Option<&str>| Domain::find(&two, said).unwrap_err().to_string();
        assert!(text(None).contains("a.org, b.org"));
        for wrong in ["c.org", "../autenticacoes/a.org", ""] {
            assert!(
                text(Some(wrong)).contains("domains of this gestor: a.org, b.org"),
                "{wrong}"
            );
        }
        let (_kept, none) = root(&[]);
        assert!(Domain::find(&none, None).is_err());
    }

    #[test]
    fn settings_are_read_as_the_gestor_reads_them() {
        let read = values(
            "# c\nDB_DATABASE=site # of production\nexport DB_USERNAME=\"us\\\"er\" # x\nDB_PASSWORD='p#w \\'\nEMPTY=\nno line\nURL_RAIZ=/loja/\n",
        );
        let of = |name: &str| {
            read.iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.as_str())
        };
        assert_eq!(of("DB_DATABASE"), Some("site"));
        assert_eq!(of("DB_USERNAME"), Some("us\"er"));
        assert_eq!(of("DB_PASSWORD"), Some("p#w \\"));
        assert_eq!(of("EMPTY"), Some(""));
        let domain = Domain {
            name: "a.org".to_owned(),
            values: read,
            path: PathBuf::from("/x/.env"),
        };
        assert_eq!(domain.address(), "https://a.org/loja/");
        assert_eq!(domain.value("EMPTY"), None);
        assert!(domain.database().contains(&("nome".to_owned(), text("site"))));
        let none = Domain {
            values: Vec::new(),
            ..domain
        };
        assert!(none.database().iter().all(|(key, _)| key != "nome"));
        assert_eq!(none.address(), "https://a.org/");
    }

    #[test]
    fn a_host_may_be_a_socket_or_have_a_port() {
        for (host, expected) in [
            ("db.example", vec![("host", "db.example")]),
            ("db.example:3307", vec![("host", "db.example"), ("port", "3307")]),
            ("[::1]:3307", vec![("host", "::1"), ("port", "3307")]),
            ("::1", vec![("host", "::1")]),
            ("localhost:/run/x.sock", vec![("socket", "/run/x.sock")]),
            ("/run/x.sock", vec![("socket", "/run/x.sock")]),
        ] {
            let expected: Vec<_> = expected
                .iter()
                .map(|(key, value)| ((*key).to_owned(), text(value)))
                .collect();
            assert_eq!(place(host), expected, "{host}");
        }
    }
}
