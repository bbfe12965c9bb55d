//! Names of files, as addresses and stores have them.

use std::fmt::Write as _;

use super::digests::FileFacts;

/// The four roles that every repository has; no other role may be called like one.
pub(super) const TOP_LEVEL: [&str; 4] = ["root", "timestamp", "snapshot", "targets"];

/// A name in which nothing leads anywhere: whatever is no letter, digit, `-`, `_`, `.` or `~` as `%XX`; so are names of
/// nothing but points.
pub fn encoded(name: &str) -> String {
    let only_points = name.bytes().all(|byte| byte == b'.');
    let mut text = String::with_capacity(name.len());
    for byte in name.bytes() {
        let is_plain = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
        if is_plain && !only_points {
            text.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

/// The file of a role, of that version where the repository keeps all of them.
pub(super) fn file_of(role: &str, version: Option<u64>) -> String {
    match version {
        Some(version) => format!("{version}.{role}.json"),
        None => format!("{role}.json"),
    }
}

/// The parts of the address of a target: below its own path, with its hash before its name where the repository keeps
/// all of them.
pub fn place_of(path: &str, facts: &FileFacts, is_consistent: bool) -> Vec<String> {
    let mut parts: Vec<String> = path.split('/').map(str::to_owned).collect();
    let known = ["sha256", "sha512"]
        .iter()
        .find_map(|algorithm| facts.hashes.get(*algorithm));
    if let (Some(hash), Some(last), true) = (known, parts.last_mut(), is_consistent) {
        *last = format!("{hash}.{last}");
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_anywhere() {
        for (name, expected) in [
            ("a-b_c.9~", "a-b_c.9~"),
            ("../a", "..%2Fa"),
            ("..", "%2E%2E"),
            ("?#%", "%3F%23%25"),
            ("á\n", "%C3%A1%0A"),
            ("", ""),
        ] {
            assert_eq!(encoded(name), expected);
        }
        assert_eq!(file_of("a/b", Some(3)), "3.a/b.json");
        assert_eq!(file_of("timestamp", None), "timestamp.json");
    }
}
