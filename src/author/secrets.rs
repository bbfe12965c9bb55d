//! What looks like a real secret: keys and tokens that say by their beginning what they are. Pure.

use crate::model::Phrase;

/// A kind of secret: how it begins, and how many letters of which sort follow at least.
struct Kind {
    begins: &'static str,
    follow: usize,
    also: &'static str,
    what: Phrase,
}

const KINDS: [Kind; 12] = [
    kind("ghp_", 36, "", Phrase::new("um token do GitHub", "a token of GitHub")),
    kind("gho_", 36, "", Phrase::new("um token do GitHub", "a token of GitHub")),
    kind("ghs_", 36, "", Phrase::new("um token do GitHub", "a token of GitHub")),
    kind(
        "github_pat_",
        60,
        "_",
        Phrase::new("um token do GitHub", "a token of GitHub"),
    ),
    kind(
        "glpat-",
        20,
        "_-",
        Phrase::new("um token do GitLab", "a token of GitLab"),
    ),
    kind("AKIA", 16, "", Phrase::new("uma chave da AWS", "a key of AWS")),
    kind("AIza", 35, "_-", Phrase::new("uma chave do Google", "a key of Google")),
    kind(
        "sk_live_",
        24,
        "",
        Phrase::new("uma chave da Stripe", "a key of Stripe"),
    ),
    kind(
        "rk_live_",
        24,
        "",
        Phrase::new("uma chave da Stripe", "a key of Stripe"),
    ),
    kind("xoxb-", 24, "-", Phrase::new("um token do Slack", "a token of Slack")),
    kind("xoxp-", 24, "-", Phrase::new("um token do Slack", "a token of Slack")),
    kind("npm_", 36, "", Phrase::new("um token do npm", "a token of npm")),
];

/// How a private key in PEM form begins; the words before `PRIVATE` are many.
const PEM: (&str, &str) = ("-----BEGIN ", "PRIVATE KEY-----");

const fn kind(begins: &'static str, follow: usize, also: &'static str, what: Phrase) -> Kind {
    Kind {
        begins,
        follow,
        also,
        what,
    }
}

/// The secrets in a text: the line of each, from 1, and what it looks like.
pub(super) fn secrets(text: &[u8]) -> Vec<(usize, Phrase)> {
    let mut found = Vec::new();
    for kind in &KINDS {
        for at in memchr::memmem::find_iter(text, kind.begins.as_bytes()) {
            if is_one(text, at, kind) {
                found.push((line_of(text, at), kind.what.clone()));
            }
        }
    }
    for at in memchr::memmem::find_iter(text, PEM.0.as_bytes()) {
        let line = text[at..]
            .split(|byte| matches!(byte, b'\n' | b'\r' | b'\\'))
            .next()
            .unwrap_or_default();
        if memchr::memmem::find(line, PEM.1.as_bytes()).is_some() {
            let what = Phrase::new("uma chave privada", "a private key");
            found.push((line_of(text, at), what));
        }
    }
    found.sort_by_key(|(line, _)| *line);
    found
}

fn is_one(text: &[u8], at: usize, kind: &Kind) -> bool {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    if at > 0 && is_word(&text[at - 1]) {
        return false;
    }
    let tail = &text[at + kind.begins.len()..];
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || kind.also.as_bytes().contains(byte);
    let letters: Vec<u8> = tail.iter().take_while(is_part).copied().collect();
    // An example says itself what it is: one letter over and over.
    let mut kinds = letters.clone();
    kinds.sort_unstable();
    kinds.dedup();
    letters.len() >= kind.follow && kinds.len() > 5
}

fn line_of(text: &[u8], at: usize) -> usize {
    1 + memchr::memchr_iter(b'\n', &text[..at]).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_told_by_how_they_begin() {
        let token = format!("{}{}", "ghp", "_aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5");
        let key = format!("-----BEGIN RSA {}-----\nabc", "PRIVATE KEY");
        for (text, expected) in [
            (format!("a\nb = '{token}'"), Some(2)),
            (format!("x{token}"), None),
            ("ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx".to_owned(), None),
            (format!("AKIA{}", "IOSF0DNN7EXA1PLE"), Some(1)),
            (key, Some(1)),
            ("-----BEGIN PUBLIC KEY-----".to_owned(), None),
            ("AKIA".to_owned(), None),
        ] {
            let found = secrets(text.as_bytes());
            assert_eq!(found.first().map(|(line, _)| *line), expected, "{text}");
        }
    }
}
