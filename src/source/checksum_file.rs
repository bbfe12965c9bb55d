//! What a `.sha256` file or the parameter `sha256` says. Pure: text in, digest out.

use crate::log::redact;
use crate::model::Sha256Digest;

/// Why a checksum cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChecksumFileError {
    /// Nothing in it.
    #[error("it is empty: write the 64 hexadecimal digits of the SHA-256, or what sha256sum prints")]
    Empty,
    /// Neither of the two forms.
    #[error("{line:?} is no SHA-256: write 64 hexadecimal digits, or what sha256sum prints")]
    NotUnderstood {
        /// The line, cut.
        line: String,
    },
    /// It speaks of other files only.
    #[error("it is about {found:?}, not about {expected:?}: take the checksum of this package")]
    OtherName {
        /// The name in it.
        found: String,
        /// The package.
        expected: String,
    },
    /// Two different values for the package.
    #[error("it has two different values for the package: leave one")]
    Contradiction,
}

/// Reads `<hex>`, or lines `<hex>  <name>` (`*` before the name for binary mode) of which one must be about `name`.
/// Where the package has no name of its own (`None`), any name passes. A BOM, CRLF and empty lines are tolerated.
pub(super) fn parse(text: &[u8], name: Option<&str>) -> Result<Sha256Digest, ChecksumFileError> {
    let text = String::from_utf8_lossy(text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text));
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let lines = lines.map(read_line).collect::<Result<Vec<_>, _>>()?;
    let about_us = |found: Option<&str>| match (found, name) {
        (Some(found), Some(name)) => file_name(found) == name,
        _ => true,
    };
    let mut ours = lines.iter().filter(|(_, found)| about_us(found.as_deref()));
    let Some((digest, _)) = ours.next() else {
        let other = lines.into_iter().find_map(|(_, found)| found);
        return Err(
            other.map_or(ChecksumFileError::Empty, |found| ChecksumFileError::OtherName {
                found: shown(&found),
                expected: name.unwrap_or_default().to_owned(),
            }),
        );
    };
    if ours.any(|(other, _)| other != digest) {
        return Err(ChecksumFileError::Contradiction);
    }
    Ok(*digest)
}

fn read_line(line: &str) -> Result<(Sha256Digest, Option<String>), ChecksumFileError> {
    let fault = || ChecksumFileError::NotUnderstood { line: shown(line) };
    let (hex, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    // sha256sum marks a name with escaped characters by a backslash before the digest.
    let digest = hex.trim_start_matches('\\').parse().map_err(|_| fault())?;
    let rest = rest.trim_start();
    let name = rest.strip_prefix('*').unwrap_or(rest);
    Ok((digest, (!name.is_empty()).then(|| name.to_owned())))
}

/// A piece of somebody's file, as it may stand in an error.
fn shown(text: &str) -> String {
    redact(text).chars().take(80).collect()
}

fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    const B: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn both_forms_are_read() {
        let upper = A.to_uppercase();
        for text in [
            A.to_owned(),
            format!("{upper}\n"),
            format!("{A}  p.zip\n"),
            format!("{A} *p.zip\r\n"),
            format!("{A}\tp.zip"),
            format!("\u{feff}{A}  p.zip\r\n\r\n"),
            format!("{B}  other.zip\n{A}  ./dist/p.zip\n"),
            format!("{A}  p.zip\n{A} *p.zip\n"),
        ] {
            let found = parse(text.as_bytes(), Some("p.zip"));
            assert_eq!(found.map(|digest| digest.to_string()), Ok(A.to_owned()), "{text:?}");
        }
        assert!(parse(format!("{A}  other.zip").as_bytes(), None).is_ok());
    }

    #[test]
    fn anything_else_is_refused() {
        type E = ChecksumFileError;
        let check = |text: &str| parse(text.as_bytes(), Some("p.zip")).unwrap_err();
        for text in ["", "\u{feff}\r\n", "\n\n"] {
            assert_eq!(check(text), E::Empty, "{text:?}");
        }
        for text in [
            "abc",
            "<html>",
            &A[1..],
            &format!("{A}x  p.zip"),
            &format!("p.zip  {A}"),
            &format!("{A}  p.zip\nx"),
        ] {
            assert!(matches!(check(text), E::NotUnderstood { .. }), "{text:?}");
        }
        for text in [
            &format!("{A}  other.zip"),
            &format!("{A}  p.zip.bak"),
            &format!("{A}  xp.zip"),
        ] {
            assert!(matches!(check(text), E::OtherName { .. }), "{text:?}");
        }
        for text in [
            &format!("{A}\n{B}"),
            &format!("{A}  p.zip\n{B}  p.zip"),
            &format!("{A}  p.zip\n{B}"),
        ] {
            assert_eq!(check(text), E::Contradiction, "{text:?}");
        }
        assert!(parse(b"\xff\xfe\x00", None).is_err());
    }
}
