//! The statement: the list of a package's files that its author signed. Its bytes are signed as they are. Decides only what
//! is one; must not know who signed it.

use chrono::{DateTime, Utc};
use serde::de::{Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::json;

use super::scope::is_developer;
use super::time;
use crate::model::{Sha256Digest, Slug, Version};

/// Where the signature stands, in the plugin's root.
pub const FILE_NAME: &str = "assinatura.json";
/// Bytes of that file.
pub const MAX_BYTES: u64 = 6 << 20;
/// What the signed bytes are.
pub(super) const PAYLOAD_TYPE: &str = "application/vnd.gestor-plugins.package.v1+json";
/// The only form that there is.
const FORM: u32 = 1;
/// What says that a file is executable.
const EXECUTABLE: &str = "x";

/// A file as it was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatedFile {
    /// Below the plugin's root.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// Of its bytes.
    pub sha256: Sha256Digest,
    /// It is a program.
    pub is_executable: bool,
}

/// What an author says of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The plugin.
    pub id: Slug,
    /// Its version.
    pub version: Version,
    /// Whose it is.
    pub developer: String,
    /// When it was signed, as the author says; proves nothing.
    pub signed_at: DateTime<Utc>,
    /// Every file but the signature itself, by the bytes of their paths.
    pub files: Vec<StatedFile>,
}

impl Statement {
    /// Reads what was signed; what is not as it should be is named in English, by its author's tools made.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        let written = reader
            .deserialize_map(Written::default())
            .map_err(|fault| fault.to_string())?;
        reader.end().map_err(|fault| fault.to_string())?;
        let statement = written.into_statement()?;
        let mut paths = statement.files.windows(2);
        if let Some(pair) = paths.find(|pair| pair[0].path.as_bytes() >= pair[1].path.as_bytes()) {
            return Err(format!("`arquivos` is not sorted, or names {:?} twice", pair[1].path));
        }
        match statement.files.iter().find(|file| !is_safe(&file.path)) {
            Some(file) => Err(format!("{:?} is no path that a package may have", file.path)),
            None => Ok(statement),
        }
    }

    /// The bytes that are signed.
    pub fn to_bytes(&self) -> Vec<u8> {
        let file = |file: &StatedFile| {
            let mut entry = vec![json!(file.path), json!(file.size), json!(file.sha256.to_string())];
            entry.extend(file.is_executable.then(|| json!(EXECUTABLE)));
            entry
        };
        let statement = json!({
            "formato": FORM,
            "id": self.id.as_str(),
            "versao": self.version.to_string(),
            "desenvolvedor": self.developer,
            "assinado_em": time::show(self.signed_at),
            "arquivos": self.files.iter().map(file).collect::<Vec<_>>(),
        });
        statement.to_string().into_bytes()
    }
}

/// Whether a path stays below the root, and is no signature.
pub(super) fn is_safe(path: &str) -> bool {
    let is_plain = |part: &str| !matches!(part, "" | "." | "..");
    path != FILE_NAME && path.split('/').all(is_plain) && !path.contains('\\') && !path.contains(char::is_control)
}

/// A statement as it is written.
#[derive(Default)]
struct Written {
    form: Option<u32>,
    id: Option<String>,
    version: Option<String>,
    developer: Option<String>,
    signed_at: Option<String>,
    files: Option<Vec<Entry>>,
}

impl Written {
    fn into_statement(self) -> Result<Statement, String> {
        let missing = |key: &str| format!("`{key}` is missing");
        let form = self.form.ok_or_else(|| missing("formato"))?;
        if form != FORM {
            return Err(format!("`formato` is {form}, and only {FORM} is known"));
        }
        let id = self.id.ok_or_else(|| missing("id"))?;
        let version = self.version.ok_or_else(|| missing("versao"))?;
        let signed_at = self.signed_at.ok_or_else(|| missing("assinado_em"))?;
        let developer = self.developer.ok_or_else(|| missing("desenvolvedor"))?;
        let files = self.files.ok_or_else(|| missing("arquivos"))?;
        let slug = Slug::normalize(&id).ok().filter(|slug| slug.as_str() == id);
        let parsed = version.parse::<Version>().ok();
        Ok(Statement {
            id: slug.ok_or_else(|| format!("{id:?} is no plugin id"))?,
            version: parsed
                .filter(|parsed| parsed.to_string() == version)
                .ok_or_else(|| format!("{version:?} is no version"))?,
            developer: Some(developer)
                .filter(|name| is_developer(name))
                .ok_or("`desenvolvedor` is no name of a developer")?,
            signed_at: time::read(&signed_at).ok_or_else(|| format!("{signed_at:?} is no time"))?,
            files: files.into_iter().map(|entry| entry.0).collect(),
        })
    }
}

impl<'de> Visitor<'de> for Written {
    type Value = Self;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a statement")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self, A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            let is_again = match key.as_str() {
                "formato" => self.form.replace(map.next_value()?).is_some(),
                "id" => self.id.replace(map.next_value()?).is_some(),
                "versao" => self.version.replace(map.next_value()?).is_some(),
                "desenvolvedor" => self.developer.replace(map.next_value()?).is_some(),
                "assinado_em" => self.signed_at.replace(map.next_value()?).is_some(),
                "arquivos" => self.files.replace(map.next_value()?).is_some(),
                _ => return Err(A::Error::custom(format!("`{}` is unknown", key.escape_debug()))),
            };
            if is_again {
                return Err(A::Error::custom(format!("`{key}` stands twice")));
            }
        }
        Ok(self)
    }
}

/// A file as it is written: `[path, size, sha256]`, and `"x"` behind it for a program.
struct Entry(StatedFile);

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Entry;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("[path, size, sha256]")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Entry, A::Error> {
                let short = |at| A::Error::invalid_length(at, &"[path, size, sha256]");
                let path: String = list.next_element()?.ok_or_else(|| short(0))?;
                let size: u64 = list.next_element()?.ok_or_else(|| short(1))?;
                let sha256: String = list.next_element()?.ok_or_else(|| short(2))?;
                let mark: Option<String> = list.next_element()?;
                let is_wrong = mark.as_deref().is_some_and(|mark| mark != EXECUTABLE);
                if is_wrong || list.next_element::<IgnoredAny>()?.is_some() {
                    return Err(A::Error::custom("only \"x\" may follow a file's sha256"));
                }
                let digest = sha256.parse::<Sha256Digest>().map_err(A::Error::custom)?;
                if sha256.bytes().any(|byte| byte.is_ascii_uppercase()) {
                    return Err(A::Error::custom("a sha256 is written in lower case"));
                }
                Ok(Entry(StatedFile {
                    path,
                    size,
                    sha256: digest,
                    is_executable: mark.is_some(),
                }))
            }
        }
        deserializer.deserialize_seq(Read)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::mutation::spoiled;

    const GOOD: &str = r#"{"formato":1,"id":"acme-shop","versao":"1.2.3","desenvolvedor":"acme","assinado_em":"2026-05-01T10:00:00Z","arquivos":[["a.php",3,"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],["bin/run",3,"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad","x"]]}"#;

    #[test]
    fn a_statement_is_written_as_it_is_read() {
        let read = Statement::read(GOOD.as_bytes()).unwrap();
        assert_eq!((read.files.len(), read.files[1].is_executable), (2, true));
        assert_eq!(String::from_utf8(read.to_bytes()).unwrap(), GOOD);
    }

    #[test]
    fn whatever_is_unclear_is_no_statement() {
        for (from, to) in [
            (r#""formato":1"#, r#""formato":2"#),
            (r#""formato":1,"#, ""),
            (r#""formato":1"#, r#""formato":1,"formato":1"#),
            (r#""formato":1"#, r#""formato":1,"extra":1"#),
            (r#""formato":1"#, r#""form\u0061to":1,"formato":1"#),
            ("acme-shop", "Acme-Shop"),
            ("acme-shop", "acme shop"),
            ("1.2.3", "1.02.3"),
            ("1.2.3", "1.2"),
            (r#""acme""#, r#""Acme""#),
            ("2026-05-01T10:00:00Z", "yesterday"),
            ("a.php", "/a.php"),
            ("a.php", "../a.php"),
            ("a.php", "a/../b"),
            ("a.php", "a//b"),
            ("a.php", "a\\\\b"),
            ("a.php", "a\\u0000"),
            ("a.php", "assinatura.json"),
            ("a.php", "c.php"),
            ("a.php", "bin/run"),
            ("a.php\",3", "a.php\",3.0"),
            ("a.php\",3", "a.php\",-3"),
            ("a.php\",3", "a.php\",\"3\""),
            ("ba78", "BA78"),
            ("ba78", "zz78"),
            (r#","x""#, r#","y""#),
            (r#","x""#, r#","x","x""#),
            ("}", "} {}"),
            ("{", "[{"),
        ] {
            let spoiled = GOOD.replacen(from, to, 1);
            assert_ne!(spoiled, GOOD, "{from}");
            assert!(Statement::read(spoiled.as_bytes()).is_err(), "{spoiled}");
        }
        assert!(Statement::read(b"[1,\"a\"]").is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes in spoiled(&[GOOD])) {
            if let Ok(read) = Statement::read(&bytes) {
                prop_assert_eq!(Statement::read(&read.to_bytes()).unwrap(), read);
            }
        }
    }
}
