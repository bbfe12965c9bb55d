//! Names of members as they stand in texts. Decides only.

/// A name for a text: quoted, escaped, and cut.
pub(super) fn shown(name: &str) -> String {
    let cut: String = name.chars().take(200).collect();
    format!("{cut:?}")
}

/// The same for a name that may be no text.
pub(super) fn shown_bytes(name: &[u8]) -> String {
    shown(&String::from_utf8_lossy(&name[..name.len().min(800)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_and_cut() {
        assert_eq!(shown("a\"\n"), r#""a\"\n""#);
        assert_eq!(shown(&"é".repeat(201)), format!("\"{}\"", "é".repeat(200)));
        assert_eq!(shown_bytes(b"a\xff"), "\"a\u{fffd}\"");
        assert_eq!(shown_bytes(&[b'a'; 900]), format!("\"{}\"", "a".repeat(200)));
    }
}
