//! Where a plugin writes in its own folder while it runs (`gravaveis`): files there that no package brought are no damage.
//! Decides only.

use super::ManifestFault;
use crate::base::json::{JsonType, Part};

/// The key.
pub(super) const KEY: &str = "gravaveis";
/// Paths that a plugin may name.
const MOST: usize = 100;

/// Paths below a plugin's folder in which it writes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Writable(Vec<String>);

impl Writable {
    pub(super) fn read(part: Part<'_>) -> Result<Self, ManifestFault> {
        let fault = || ManifestFault::Writable { at: part.position() };
        if part.kind() != JsonType::List {
            return Err(fault());
        }
        let mut paths = Vec::new();
        for item in part.items(MOST).map_err(|_| fault())? {
            let is_text = item.kind() == JsonType::Text;
            let path = item.text().ok().filter(|path| is_text && is_below(path));
            paths.push(path.ok_or_else(fault)?);
        }
        Ok(Self(paths))
    }

    /// Whether a file may be there: it is named, or stands below a folder of which all is (`cache/*`).
    pub fn covers(&self, path: &str) -> bool {
        self.0.iter().any(|named| match named.strip_suffix('*') {
            Some(folder) => path.len() > folder.len() && path.starts_with(folder),
            None => path == named,
        })
    }
}

/// A file, or `folder/*`: never all of the plugin's folder.
fn is_below(path: &str) -> bool {
    let (folder, is_all) = path.strip_suffix("/*").map_or((path, false), |folder| (folder, true));
    let is_plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['*', '\\']);
    let is_safe = folder.split('/').all(is_plain) && !folder.contains(char::is_control);
    is_safe && (is_all || !path.contains('*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_named_is_covered() {
        let read = |text: &str| Writable::read(Part::read(text.as_bytes()).unwrap());
        let writable = read(r#"["cache/*", "state.json", "a/b/*"]"#).unwrap();
        for (path, covered) in [
            ("cache/x", true),
            ("cache/x/y.php", true),
            ("cache", false),
            ("cache/", false),
            ("cachex", false),
            ("state.json", true),
            ("state.json2", false),
            ("a/b/c", true),
            ("a/c", false),
        ] {
            assert_eq!(writable.covers(path), covered, "{path}");
        }
        for wrong in [
            r#""cache/*""#,
            "[1]",
            r#"["*"]"#,
            r#"["/*"]"#,
            r#"["../*"]"#,
            r#"["a*"]"#,
            r#"["a/*/b"]"#,
            r#"["/a"]"#,
            r#"[""]"#,
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
