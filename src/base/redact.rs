//! Takes tokens out of texts that came from elsewhere (server answers, URLs) before they are shown.

const PREFIXES: [&str; 6] = ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"];

/// The text with every GitHub token, and user information or query of a URL, replaced by `***`. One look at each letter.
pub fn redact(text: &str) -> String {
    redact_urls(&redact_tokens(text))
}

fn redact_tokens(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut told = 0;
    for start in memchr::memchr_iter(b'g', text.as_bytes()) {
        if start < told || !PREFIXES.iter().any(|prefix| text[start..].starts_with(prefix)) {
            continue;
        }
        shown.push_str(&text[told..start]);
        shown.push_str("***");
        let length = text[start..].find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        told = length.map_or(text.len(), |length| start + length);
    }
    shown.push_str(&text[told..]);
    shown
}

fn redact_urls(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (head, tail) = rest.split_at(at + 3);
        shown.push_str(head);
        let end = tail
            .find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | ')'))
            .unwrap_or(tail.len());
        let (url, after) = tail.split_at(end);
        let authority_end = url.find(['/', '?', '#']).unwrap_or(url.len());
        let url = url[..authority_end].rfind('@').map_or(url, |sign| {
            shown.push_str("***@");
            &url[sign + 1..]
        });
        match url.find('?') {
            Some(query) => {
                shown.push_str(&url[..query]);
                shown.push_str("?***");
            }
            None => shown.push_str(url),
        }
        rest = after;
    }
    shown.push_str(rest);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::work::grows_with;

    #[test]
    fn tokens_do_not_survive() {
        for (given, shown) in [
            ("token ghp_0aZ9 refused", "token *** refused"),
            ("github_pat_11AB_xyz", "***"),
            ("ghs_a,gho_b", "***,***"),
            ("https://user:pass@host/a?token=1 x", "https://***@host/a?*** x"),
            ("https://host/a/b.zip", "https://host/a/b.zip"),
            ("xghp_1 gghp_2", "x*** g***"),
            ("nothing", "nothing"),
        ] {
            assert_eq!(redact(given), shown);
        }
    }

    #[test]
    fn each_letter_is_looked_at_once() {
        for text in ["ghp_-", "g", "ghp_", "://", "://a@", "://?"] {
            grows_with(|count| drop(redact(&text.repeat(count))), 40_000);
        }
    }
}
