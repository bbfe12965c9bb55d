//! What a `.sha256` file or the parameter `sha256` says. Pure: text in, digest out.

use std::borrow::Cow;

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

/// Reads what is written by the programs that make such files, in UTF-8 or (as Windows does) UTF-16:
///
/// | line | by |
/// | --- | --- |
/// | `<hex>`, `sha256:<hex>` | hand, GitHub |
/// | `<hex>  <name>`, `<hex> *<name>`, `\<hex>  <escaped name>` | sha256sum |
/// | `SHA256 (<name>) = <hex>` | BSD, `sha256sum --tag` |
/// | `SHA2-256(<name>)= <hex>`, `SHA256(<name>)= <hex>` | openssl |
/// | the name `-` or `stdin` | any of them at the end of a pipe |
///
/// One line must be about `name`. Where the package has no name of its own (`None`), any name passes. A BOM, CRLF, empty
/// lines and comments are tolerated.
pub fn parse(text: &[u8], name: Option<&str>) -> Result<Sha256Digest, ChecksumFileError> {
    let text = decode(text);
    let lines = text
        // A lone CR ends a line as well.
        .split(['\n', '\r'])
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let lines = lines.map(read_line).collect::<Result<Vec<_>, _>>()?;
    let is_named = |found: &str| name.is_none_or(|name| file_name(found) == name);
    let names_us = lines.iter().any(|(_, found)| found.as_deref().is_some_and(is_named));
    // What was hashed from a pipe has no name of its own; it counts where no line has the package's.
    let about_us = |found: Option<&str>| {
        found.is_none_or(|found| is_named(found) || (!names_us && matches!(found, "-" | "stdin")))
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

fn decode(text: &[u8]) -> Cow<'_, str> {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        Cow::Owned(
            char::decode_utf16(units)
                .map(|found| found.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect(),
        )
    };
    match text {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest),
        // Digits begin every line but those of tags: two bytes of which one is zero are a letter of UTF-16.
        [_, 0, ..] => wide(text, u16::from_le_bytes),
        [0, _, ..] => wide(text, u16::from_be_bytes),
        _ => String::from_utf8_lossy(text),
    }
}

fn read_line(line: &str) -> Result<(Sha256Digest, Option<String>), ChecksumFileError> {
    let fault = || ChecksumFileError::NotUnderstood { line: shown(line) };
    let (is_escaped, line) = line.strip_prefix('\\').map_or((false, line), |rest| (true, rest));
    let (hex, name) = tagged(line).unwrap_or_else(|| {
        let line = strip_scheme(line);
        let (hex, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim_start();
        (hex, rest.strip_prefix('*').unwrap_or(rest))
    });
    let digest = hex.parse().map_err(|_| fault())?;
    let name = if is_escaped { unescape(name) } else { name.to_owned() };
    Ok((digest, (!name.is_empty()).then_some(name)))
}

/// `SHA256 (name) = hex`, with or without the spaces. The name may have brackets of its own.
fn tagged(line: &str) -> Option<(&str, &str)> {
    let tag = line.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-')?;
    let is_ours = ["sha256", "sha2-256", "sha-256"]
        .iter()
        .any(|known| line[..tag].eq_ignore_ascii_case(known));
    let inside = line[tag..].trim_start().strip_prefix('(').filter(|_| is_ours)?;
    let (name, hex) = inside.rsplit_once(')')?;
    Some((hex.trim_start().strip_prefix('=')?.trim(), name))
}

/// Without the name of the algorithm, as GitHub shows a digest.
fn strip_scheme(line: &str) -> &str {
    let (scheme, rest) = line.split_once([':', '=']).unwrap_or(("", line));
    let is_ours = ["sha256", "sha-256"]
        .iter()
        .any(|known| scheme.trim().eq_ignore_ascii_case(known));
    if is_ours { rest.trim_start() } else { line }
}

/// A name as sha256sum escapes it.
fn unescape(name: &str) -> String {
    let mut plain = String::new();
    let mut letters = name.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => plain.extend(letters.next().map(|escaped| match escaped {
                'n' => '\n',
                'r' => '\r',
                other => other,
            })),
            letter => plain.push(letter),
        }
    }
    plain
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
            format!("sha256:{A}"),
            format!("SHA256:{upper}\n"),
            format!("sha256:{A}  p.zip"),
            format!("SHA256 (p.zip) = {A}\n"),
            format!("SHA256 (./dist/p.zip) = {upper}"),
            format!("SHA256(p.zip)= {A}\n"),
            format!("SHA2-256(p.zip)= {A}\r\n"),
            format!("SHA2-256(stdin)= {B}\nSHA2-256(p.zip)= {A}"),
            format!("\\{B}  a\\nb.zip\n{A}  p.zip"),
            format!("\\{A}  a\\\\b/p.zip"),
            format!("# made by hand\n{A}  p.zip"),
            format!("# made by hand\r{A}"),
            format!("{B}  other.zip\r{A}  p.zip\r"),
            format!("{A}  -\n"),
            format!("{B}  other.zip\n{A} *-"),
            format!("SHA2-256(stdin)= {A}\n"),
            format!("SHA256(stdin)= {A}"),
            format!("{B}  -\n{A}  p.zip"),
        ] {
            let found = parse(text.as_bytes(), Some("p.zip"));
            assert_eq!(found.map(|digest| digest.to_string()), Ok(A.to_owned()), "{text:?}");
        }
        assert!(parse(format!("{A}  other.zip").as_bytes(), None).is_ok());
        for text in [
            A.to_owned(),
            format!("{A}  p.zip\r\n"),
            format!("SHA256 (p.zip) = {A}\r\n"),
        ] {
            let units: Vec<u16> = text.encode_utf16().collect();
            let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
            let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
            for bytes in [
                [&[0xff, 0xfe][..], &little].concat(),
                [&[0xfe, 0xff][..], &big].concat(),
                little,
                big,
            ] {
                assert_eq!(parse(&bytes, Some("p.zip")).unwrap().to_string(), A, "{bytes:?}");
            }
        }
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
            &format!("md5:{A}"),
            &format!("SHA512 (p.zip) = {A}"),
            &format!("SHA256 (p.zip) {A}"),
        ] {
            assert!(matches!(check(text), E::NotUnderstood { .. }), "{text:?}");
        }
        for text in [
            &format!("{A}  other.zip"),
            &format!("{A}  p.zip.bak"),
            &format!("{A}  xp.zip"),
            &format!("SHA256 (other.zip) = {A}"),
            &format!("\\{A}  a\\np.zip"),
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

    #[test]
    fn a_refused_line_is_shown_cut_and_without_tokens() {
        let line = format!("https://u:p@host/x ghp_secret {}", "x".repeat(200));
        let ChecksumFileError::NotUnderstood { line } = parse(line.as_bytes(), None).unwrap_err() else {
            panic!("another fault");
        };
        assert!(line.starts_with("https://***@host/x *** xxx"), "{line}");
        assert_eq!(line.len(), 80);
    }
}
