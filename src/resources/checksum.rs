//! The checksum of a resource: SHA-256 of its HTML and CSS (SPEC §7). Owns its text form and what counts as none.

use std::io;
use std::path::Path;

use super::ResourceError;
use crate::base::fs::{FsError, open_named};
use crate::base::hash::{sha256, sha256_reader};
use crate::base::json::{JsonType, Part};
use crate::model::{Field, Sha256Digest};

/// SHA-256 of a resource's HTML and CSS; at least one of them is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResourceChecksum {
    html: Option<Sha256Digest>,
    css: Option<Sha256Digest>,
}

impl ResourceChecksum {
    /// Joins two hashes; none when there is neither.
    pub fn new(html: Option<Sha256Digest>, css: Option<Sha256Digest>) -> Option<Self> {
        (html.is_some() || css.is_some()).then_some(Self { html, css })
    }

    /// Hashes two files; none when neither is there.
    pub fn of_files(html: Option<&Path>, css: Option<&Path>) -> Result<Option<Self>, ResourceError> {
        Ok(Self::new(digest_of_file(html)?, digest_of_file(css)?))
    }

    /// Hash of the HTML.
    pub fn html(&self) -> Option<Sha256Digest> {
        self.html
    }

    /// Hash of the CSS.
    pub fn css(&self) -> Option<Sha256Digest> {
        self.css
    }

    /// SHA-256 of both hashes in hexadecimal with `:` between; a missing one is the empty string.
    pub fn combined(&self) -> Sha256Digest {
        let hex = |digest: Option<Sha256Digest>| digest.map(|digest| digest.to_string()).unwrap_or_default();
        sha256(format!("{}:{}", hex(self.html), hex(self.css)).as_bytes())
    }

    /// The text that stands in the column `checksum`.
    pub fn to_json(&self) -> String {
        let quoted = |digest: Option<Sha256Digest>| digest.map_or_else(|| "null".to_owned(), |d| format!("\"{d}\""));
        format!(
            "{{\"html\":{},\"css\":{},\"combined\":\"{}\"}}",
            quoted(self.html),
            quoted(self.css),
            self.combined()
        )
    }
}

fn digest_of_file(path: Option<&Path>) -> Result<Option<Sha256Digest>, ResourceError> {
    let Some(path) = path.filter(|path| !path.as_os_str().is_empty()) else {
        return Ok(None);
    };
    let unreadable = |source| ResourceError::Unreadable {
        path: path.display().to_string(),
        source,
    };
    let file = match open_named(path, u64::MAX) {
        Ok(file) => file,
        Err(FsError::NotAFile { .. }) => return Ok(None),
        Err(fault) => {
            let fault = io::Error::from(fault);
            return match fault.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(None),
                _ => Err(unreadable(fault)),
            };
        }
    };
    let (digest, _) = sha256_reader(file).map_err(unreadable)?;
    Ok(Some(digest))
}

/// Whether a row's `checksum` says nothing: absent, null, an empty text, or an object whose parts are all empty. The
/// object may stand there as JSON or as a text with JSON in it.
pub(super) fn is_blank(checksum: Option<&Field>) -> bool {
    match checksum {
        None | Some(Field::Null) => true,
        Some(Field::Text(text) | Field::Json(text)) => text.trim().is_empty() || all_parts_blank(text),
        Some(_) => false,
    }
}

fn all_parts_blank(text: &str) -> bool {
    let Ok(part) = Part::read(text.as_bytes()) else {
        return false;
    };
    if part.is_empty() {
        return true;
    }
    let blank = |part: &Part<'_>| {
        part.is_empty() || (part.kind() == JsonType::Text && part.text().is_ok_and(|text| text.trim().is_empty()))
    };
    part.kind() == JsonType::Object
        && part
            .entries(9)
            .is_ok_and(|entries| entries.iter().all(|(_, part)| blank(part)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn of(html: Option<&str>, css: Option<&str>) -> Option<String> {
        let digest = |text: Option<&str>| text.map(|text| sha256(text.as_bytes()));
        ResourceChecksum::new(digest(html), digest(css)).map(|checksum| checksum.to_json())
    }

    #[test]
    fn a_checksum_is_compact_json() {
        assert_eq!(
            of(Some("HTML"), Some("CSS")).unwrap(),
            "{\"html\":\"07239dbd2a1a1dd793be9062a205eb6be88c36af3fe7e4d6426aea45aa253815\",\
             \"css\":\"b581e46042cbfbb0af4542a858079a84fd3ae98e5563f615710191d5b3597680\",\
             \"combined\":\"cc4c7e883c27541137faf99d328cb61096fb455bfbfd50800e96618b7ea4d922\"}"
        );
        let combined = sha256(format!("{EMPTY}:").as_bytes());
        assert_eq!(
            of(Some(""), None).unwrap(),
            format!("{{\"html\":\"{EMPTY}\",\"css\":null,\"combined\":\"{combined}\"}}")
        );
        let combined = sha256(format!(":{EMPTY}").as_bytes());
        assert_eq!(
            of(None, Some("")).unwrap(),
            format!("{{\"html\":null,\"css\":\"{EMPTY}\",\"combined\":\"{combined}\"}}")
        );
        assert_eq!(of(None, None), None);
    }

    #[test]
    fn files_are_hashed_where_they_exist() {
        let folder = tempfile::tempdir().unwrap();
        let html = folder.path().join("a.html");
        std::fs::write(&html, "HTML").unwrap();
        let of_files = |html: Option<&Path>, css: Option<&Path>| {
            ResourceChecksum::of_files(html, css)
                .unwrap()
                .map(|checksum| checksum.to_json())
        };
        let absent = folder.path().join("none.css");
        let below_file = html.join("x.css");
        assert_eq!(of_files(Some(&html), None), of(Some("HTML"), None));
        assert_eq!(of_files(None, Some(&html)), of(None, Some("HTML")));
        for neither in [
            None,
            Some(absent.as_path()),
            Some(below_file.as_path()),
            Some(folder.path()),
            Some(Path::new("")),
        ] {
            assert_eq!(of_files(neither, None), None, "{neither:?}");
            assert_eq!(of_files(Some(&html), neither), of(Some("HTML"), None), "{neither:?}");
        }
    }

    #[test]
    fn blank_checksums_are_seen_in_every_form() {
        let text = |text: &str| Some(Field::Text(text.to_owned()));
        let json = |text: &str| Some(Field::Json(text.to_owned()));
        for (checksum, blank) in [
            (None, true),
            (Some(Field::Null), true),
            (text(""), true),
            (text("  "), true),
            (text(r#"{"html":"","css":"","combined":""}"#), true),
            (json(r#"{"html":"","css":"","combined":""}"#), true),
            (json(r#"{"html":null,"css":null,"combined":null}"#), true),
            (json("{}"), true),
            (json("[]"), true),
            (text("null"), true),
            (json(r#"{"html":"x","css":"","combined":""}"#), false),
            (text(r#"{"html":"","css":"","combined":"x"}"#), false),
            (text("abc"), false),
            (text("{broken"), false),
            (json("[1]"), false),
            (Some(Field::Number("0".into())), false),
        ] {
            assert_eq!(is_blank(checksum.as_ref()), blank, "{checksum:?}");
        }
    }
}
