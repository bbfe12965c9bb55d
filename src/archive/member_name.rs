//! Names of members: decoded, checked, and made into relative paths (SPEC §8). Decides only.

use unicode_normalization::UnicodeNormalization;

use super::ArchiveError;
use super::budget::PATH_BYTES;
use super::error::{shown, shown_bytes};
use crate::config::Limits;

/// The upper half of code page 437.
const CODE_PAGE_437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

/// How the bytes of a name are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// The header says UTF-8.
    Utf8,
    /// The header says nothing. What is valid UTF-8 is UTF-8, whatever program and system made it: no text of another
    /// encoding is so by chance. Other bytes are code page 437, as the format has it.
    Unsaid,
}

/// Decodes the bytes of a name.
pub(super) fn decode(raw: &[u8], encoding: Encoding) -> Result<String, ArchiveError> {
    match (std::str::from_utf8(raw), encoding) {
        (Ok(name), _) => Ok(name.to_owned()),
        (Err(_), Encoding::Utf8) => Err(ArchiveError::NameEncoding {
            member: shown_bytes(raw),
            what: super::phrases::THE_NAME,
        }),
        (Err(_), Encoding::Unsaid) => Ok(decode_437(raw)),
    }
}

fn decode_437(raw: &[u8]) -> String {
    let upper: Vec<char> = CODE_PAGE_437.chars().collect();
    let decode = |byte: &u8| match byte.checked_sub(128) {
        None => char::from(*byte),
        Some(at) => upper
            .get(usize::from(at))
            .copied()
            .unwrap_or(char::REPLACEMENT_CHARACTER),
    };
    raw.iter().map(decode).collect()
}

/// A checked name: relative, parts separated by single `/`, no `.` and no `..`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CheckedName {
    /// The path; empty for the root folder itself (`./`).
    pub(super) path: String,
    /// It ended in `/`.
    pub(super) is_folder: bool,
}

/// Checks a decoded name. Parts `.` and empty parts are dropped, as every system does.
pub(super) fn check(name: &str, limits: &Limits) -> Result<CheckedName, ArchiveError> {
    if name.is_empty() {
        return Err(ArchiveError::EmptyName);
    }
    check_letters(name)?;
    check_place(name)?;
    let path = path(name);
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let is_folder = name.ends_with('/') || name == "." || name.ends_with("/.");
    check_sizes(name, &parts, is_folder, limits)?;
    Ok(CheckedName { path, is_folder })
}

/// The path that a name stands for.
pub(super) fn path(name: &str) -> String {
    let parts: Vec<&str> = name.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    parts.join("/")
}

fn check_letters(name: &str) -> Result<(), ArchiveError> {
    if name.chars().any(char::is_control) {
        return Err(ArchiveError::ControlCharacter { member: shown(name) });
    }
    if name.contains('\\') {
        return Err(ArchiveError::Backslash { member: shown(name) });
    }
    Ok(())
}

/// Whether a Unicode name may stand in place of a header's own name: where programs that know no Unicode names could
/// write it, they wrote it, and elsewhere they wrote something that stands for it. Part by part, because a name that
/// stands for another one would be two files to two programs.
pub(super) fn stands_for(raw: &[u8], unicode: &str) -> bool {
    let (mut own, mut replacing) = (raw.split(|byte| *byte == b'/'), unicode.split('/'));
    loop {
        match (own.next(), replacing.next()) {
            (None, None) => return true,
            (Some(own), Some(replacing)) if part_stands_for(own, replacing) => {}
            _ => return false,
        }
    }
}

fn part_stands_for(own: &[u8], unicode: &str) -> bool {
    if own == unicode.as_bytes() {
        return true;
    }
    if unicode.is_ascii() {
        return false;
    }
    if own.is_ascii() {
        return is_escaped(own, unicode);
    }
    match std::str::from_utf8(own) {
        // Every program reads this as UTF-8 that does not read the Unicode name.
        Ok(own) => own.nfc().eq(unicode.nfc()),
        Err(_) => is_in_code_page(own, unicode),
    }
}

/// Whether bytes may be a Unicode name in some code page, which nothing names: its ASCII letters are themselves, each other
/// one is one or two bytes of which the first is no ASCII (four beyond the basic plane), or a filler.
fn is_in_code_page(own: &[u8], unicode: &str) -> bool {
    if own.len() > 4 * unicode.chars().count() {
        return false;
    }
    // Where a letter may begin. Second bytes may be ASCII, so there can be several such places.
    let mut starts = vec![false; own.len() + 1];
    let mut next = starts.clone();
    starts[0] = true;
    for letter in unicode.chars() {
        for (at, byte) in own.iter().enumerate().filter(|(at, _)| starts[*at]) {
            let most = match *byte {
                _ if letter.is_ascii() => usize::from(u32::from(letter) == u32::from(*byte)),
                b'?' | b'_' => letter.len_utf16(),
                0x80.. => 2 * letter.len_utf16(),
                _ => 0,
            };
            let end = (at + most).min(own.len());
            next[at + 1..=end.max(at)].fill(true);
        }
        std::mem::swap(&mut starts, &mut next);
        next.fill(false);
    }
    starts[own.len()]
}

/// Whether an ASCII name is a Unicode name with an escape or a filler for each letter that is not ASCII: `#U00e1`,
/// `#L01f600` (Info-ZIP), `%U00e1` (Java), `?`, `_`.
fn is_escaped(own: &[u8], unicode: &str) -> bool {
    let mut rest = own;
    for letter in unicode.chars() {
        let mut pair = [0; 2];
        let units = letter.encode_utf16(&mut pair);
        let escaped = units
            .iter()
            .map(|unit| format!("%U{unit:04x}"))
            .collect::<Vec<_>>()
            .concat();
        let forms = [
            format!("#U{:04x}", u32::from(letter)),
            format!("#L{:06x}", u32::from(letter)),
            escaped,
            "?".repeat(units.len()),
            "?".to_owned(),
            "_".to_owned(),
        ];
        let length = if letter.is_ascii() {
            (rest.first().copied() == u8::try_from(letter).ok()).then_some(1)
        } else {
            let starts = |form: &&String| {
                let start = rest.get(..form.len());
                start.is_some_and(|start| start.eq_ignore_ascii_case(form.as_bytes()))
            };
            forms.iter().find(starts).map(String::len)
        };
        let Some(length) = length else { return false };
        rest = &rest[length..];
    }
    rest.is_empty()
}

/// Refuses names that would lead out of the folder that they are unpacked into.
pub(super) fn check_place(name: &str) -> Result<(), ArchiveError> {
    let bytes = name.as_bytes();
    if bytes.first() == Some(&b'/') {
        return Err(ArchiveError::AbsolutePath { member: shown(name) });
    }
    if bytes.len() >= 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':' {
        return Err(ArchiveError::DrivePath { member: shown(name) });
    }
    if name.split('/').any(|part| part == "..") {
        return Err(ArchiveError::ParentPath { member: shown(name) });
    }
    // Some systems drop dots and spaces at the end of a part, and nothing would be left of it.
    let is_dots =
        |part: &str| part.contains('.') && part != "." && part.chars().all(|letter| matches!(letter, '.' | ' '));
    if name.split('/').any(is_dots) {
        return Err(ArchiveError::DotsOnly { member: shown(name) });
    }
    Ok(())
}

fn check_sizes(name: &str, parts: &[&str], is_folder: bool, limits: &Limits) -> Result<(), ArchiveError> {
    let too_long = |bytes: usize, limit: u64| ArchiveError::NameTooLong {
        member: shown(name),
        bytes: bytes as u64,
        limit,
    };
    if name.len() > PATH_BYTES {
        return Err(too_long(name.len(), PATH_BYTES as u64));
    }
    // No Linux file system takes more than 255, whatever the limit says.
    let limit = limits.name_bytes.min(255);
    if let Some(part) = parts.iter().find(|part| part.len() as u64 > limit) {
        return Err(too_long(part.len(), limit));
    }
    let depth = (parts.len() as u64).saturating_sub(u64::from(!is_folder));
    if depth > limits.depth {
        return Err(ArchiveError::TooDeep {
            member: shown(name),
            depth,
            limit: limits.depth,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn path(name: &str) -> Result<(String, bool), &'static str> {
        check(name, &Limits::default())
            .map(|name| (name.path, name.is_folder))
            .map_err(|error| error.rule())
    }

    #[test]
    fn honest_names_pass() {
        for (name, expected, is_folder) in [
            ("a", "a", false),
            ("a/b.txt", "a/b.txt", false),
            ("a/", "a", true),
            ("./a", "a", false),
            ("a/./b", "a/b", false),
            ("a//b", "a/b", false),
            ("./", "", true),
            ("a/..b/c..", "a/..b/c..", false),
            ("ação/ü.html", "ação/ü.html", false),
            ("ab:c", "ab:c", false),
            ("x/c:/y", "x/c:/y", false),
        ] {
            assert_eq!(path(name), Ok((expected.to_owned(), is_folder)), "{name:?}");
        }
    }

    #[test]
    fn hostile_names_are_refused() {
        let long = "x".repeat(256);
        let deep = "d/".repeat(33);
        let path_limit = format!("{}/", "y".repeat(200)).repeat(21);
        for (name, rule) in [
            ("", "ZIP_EMPTY_NAME"),
            ("/etc/passwd", "ZIP_ABSOLUTE_PATH"),
            ("//a", "ZIP_ABSOLUTE_PATH"),
            ("C:/x", "ZIP_DRIVE_PATH"),
            ("c:x", "ZIP_DRIVE_PATH"),
            ("..", "ZIP_PARENT_PATH"),
            ("../x", "ZIP_PARENT_PATH"),
            ("a/../b", "ZIP_PARENT_PATH"),
            ("a/..", "ZIP_PARENT_PATH"),
            ("...", "ZIP_DOTS_ONLY"),
            ("a/..../b", "ZIP_DOTS_ONLY"),
            (".. ", "ZIP_DOTS_ONLY"),
            ("a/. ./b", "ZIP_DOTS_ONLY"),
            (" ./", "ZIP_DOTS_ONLY"),
            ("a\\b", "ZIP_BACKSLASH"),
            ("..\\x", "ZIP_BACKSLASH"),
            ("a\0b", "ZIP_CONTROL_CHARACTER"),
            ("a\nb", "ZIP_CONTROL_CHARACTER"),
            ("a\u{7f}", "ZIP_CONTROL_CHARACTER"),
            ("a\u{85}", "ZIP_CONTROL_CHARACTER"),
            (&long, "ZIP_NAME_TOO_LONG"),
            (&deep, "ZIP_TOO_DEEP"),
            (&path_limit, "ZIP_NAME_TOO_LONG"),
        ] {
            assert_eq!(path(name), Err(rule), "{name:?}");
        }
        let longest = format!("{}{}", format!("{}/", "y".repeat(255)).repeat(15), "y".repeat(255));
        assert_eq!((longest.len(), path(&longest).is_ok()), (PATH_BYTES, true));
        assert_eq!(path(&format!("./{longest}")), Err("ZIP_NAME_TOO_LONG"));
        assert!(path(&"d/".repeat(32)).is_ok());
        assert!(path(&format!("{}x", "d/".repeat(32))).is_ok());
    }

    #[test]
    fn a_unicode_name_must_be_the_same_name() {
        for (own, unicode, same) in [
            (&b"p#U00e1gina.html"[..], "página.html", true),
            (b"p#U00E1gina.html", "página.html", true),
            (b"a/#L01f600.css", "a/😀.css", true),
            (b"p%U00e1gina", "página", true),
            (b"%Ud83d%Ude00", "😀", true),
            (b"p?gina", "página", true),
            (b"p_gina", "página", true),
            (b"??.txt", "😀.txt", true),
            (b"p\xa0gina-n\xc6o.html", "página-não.html", true),
            ("página".as_bytes(), "página", true),
            (b"\x83e.txt", "房e.txt", true),
            (b"readme.txt", "evil.php", false),
            (b"a/readme.txt", "readme.txt", false),
            (b"p#U00e2gina", "página", false),
            (b"p??gina", "página", false),
            (b"evil.php", "\u{435}vil.php", false),
            (b"x.txt", "é.php", false),
            (b"\x82.txt", "é.php", false),
            (b"\x82/a.txt", "é/b.txt", false),
            (b"\x82.txt", "e.txt", false),
            (b"evil\x82.php", "página.php", false),
            (b"\x82\x82.php", "index-é.php", false),
            (b"a\x81b\x82.php", "é.php", false),
            ("Ã©.php".as_bytes(), "é.php", false),
            ("e\u{301}.php".as_bytes(), "é.php", true),
            (b"\x95\xb6\x8e\x9a\x83\x41.txt", "文字ア.txt", true),
            (b"\x95\x39\xfc\x36.txt", "😀.txt", true),
            (b"\x95\x39\xfc\x36", "😀", true),
            (
                b"\x95\xb6\x8e\x9a\x95\xb6\x8e\x9a\x95\xb6\x8e\x9a",
                "文字文字文字",
                true,
            ),
            (b"\x95\xb6\x8e", "文", false),
            (b"p\xa0gina-?.html", "página-房.html", true),
            (b"p\xa0gina-__.html", "página-房.html", false),
        ] {
            assert_eq!(
                stands_for(own, unicode),
                same,
                "{} {unicode}",
                String::from_utf8_lossy(own)
            );
        }
    }

    #[test]
    fn bytes_are_decoded() {
        assert_eq!(decode(b"caf\x82", Encoding::Unsaid).unwrap(), "café");
        assert_eq!(decode("café".as_bytes(), Encoding::Unsaid).unwrap(), "café");
        assert_eq!(decode("café".as_bytes(), Encoding::Utf8).unwrap(), "café");
        assert_eq!(
            decode(b"caf\x82", Encoding::Utf8).unwrap_err().rule(),
            "ZIP_NAME_ENCODING"
        );
        assert_eq!(
            decode(b"\xed\xa0\x80", Encoding::Utf8).unwrap_err().rule(),
            "ZIP_NAME_ENCODING"
        );
        assert_eq!(CODE_PAGE_437.chars().count(), 128);
    }

    proptest! {
        #[test]
        fn a_safe_name_never_leaves_the_root(name in "[a./\\\\:~ \u{0}-\u{ff}]{0,24}") {
            if let Ok(checked) = check(&name, &Limits::default()) {
                let path = std::path::Path::new(&checked.path);
                prop_assert!(path.components().all(|part| matches!(part, std::path::Component::Normal(_))));
                prop_assert!(!checked.path.contains('\\') && !checked.path.contains('\0'));
                prop_assert!(!checked.path.starts_with('/') && !checked.path.ends_with('/'));
            }
        }

        #[test]
        fn any_bytes_are_decoded_and_checked(raw in proptest::collection::vec(any::<u8>(), 0..64)) {
            for encoding in [Encoding::Utf8, Encoding::Unsaid] {
                let _ = decode(&raw, encoding).and_then(|name| check(&name, &Limits::default()));
            }
        }
    }
}
