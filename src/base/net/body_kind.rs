//! What a body is, by its first bytes. Owns the difference between an archive and a page about it.

use super::messages;
use crate::model::Phrase;

/// What a request expects to get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyKind {
    /// Anything.
    Any,
    /// A ZIP file. Pages and messages are refused; that it is a sound archive is for others to check.
    Zip,
}

/// How many bytes are enough to tell.
pub(super) const HEAD: usize = 64;

impl BodyKind {
    /// What came instead; `None` when it may be what was expected.
    pub(super) fn mismatch(self, head: &[u8], content_type: Option<&str>) -> Option<Phrase> {
        if self == Self::Any || head.starts_with(b"PK") {
            return None;
        }
        let kind = content_type
            .unwrap_or_default()
            .split(';')
            .next()
            .unwrap_or_default()
            .trim();
        let kind = kind.to_ascii_lowercase();
        let body = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
        let is_page = kind == "text/html" || kind == "application/xhtml+xml" || body.starts_with(b"<");
        let is_json = kind.ends_with("json") || body.starts_with(b"{");
        let is_text = kind.starts_with("text/");
        match (is_page, is_json, is_text) {
            (true, _, _) => Some(messages::A_PAGE),
            (_, true, _) => Some(messages::A_JSON_MESSAGE),
            (_, _, true) => Some(messages::PLAIN_TEXT),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_told_from_archives() {
        for (head, kind, wrong) in [
            (&b"PK\x03\x04"[..], Some("text/html"), false),
            (b"PK\x05\x06", None, false),
            (b"<!DOCTYPE html>", None, true),
            (b"\xEF\xBB\xBF\r\n <html>", Some("application/zip"), true),
            (b"Please log in", Some("Text/HTML; charset=utf-8"), true),
            (b"{\"message\":", None, true),
            (b"sorry", Some("text/plain"), true),
            (b"\x1f\x8b", Some("application/octet-stream"), false),
            (b"", None, false),
        ] {
            assert_eq!(BodyKind::Zip.mismatch(head, kind).is_some(), wrong, "{head:?} {kind:?}");
            assert_eq!(BodyKind::Any.mismatch(head, kind), None);
        }
    }
}
