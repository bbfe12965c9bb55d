//! Which paths a delegation speaks for: patterns, or the beginnings of a path's SHA-256.

use crate::base::hash::sha256;

/// Whether a pattern covers a path. `*` and `?` stand for letters of one part; no part is skipped.
pub(super) fn covers(pattern: &str, path: &str) -> bool {
    let (mut patterns, mut parts) = (pattern.split('/'), path.split('/'));
    loop {
        match (patterns.next(), parts.next()) {
            (None, None) => return true,
            (Some(pattern), Some(part)) if covers_part(pattern, part) => {}
            _ => return false,
        }
    }
}

/// In time that grows with the product of both lengths, whatever the pattern: on a mismatch the last `*` takes one more.
fn covers_part(pattern: &str, part: &str) -> bool {
    let (pattern, part): (Vec<char>, Vec<char>) = (pattern.chars().collect(), part.chars().collect());
    let (mut at, mut next, mut star) = (0, 0, None);
    while at < part.len() {
        match pattern.get(next) {
            Some('*') => {
                star = Some((next, at));
                next += 1;
            }
            Some(letter) if *letter == '?' || *letter == part[at] => (at, next) = (at + 1, next + 1),
            _ => match star {
                Some((stood, taken)) => {
                    star = Some((stood, taken + 1));
                    (at, next) = (taken + 1, stood + 1);
                }
                None => return false,
            },
        }
    }
    pattern[next..].iter().all(|letter| *letter == '*')
}

/// Whether the SHA-256 of a path begins with one of these.
pub(super) fn has_prefix(prefixes: &[String], path: &str) -> bool {
    let digest = sha256(path.as_bytes()).to_string();
    prefixes.iter().any(|prefix| digest.starts_with(prefix.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_cover_what_they_say() {
        for (pattern, path, covered) in [
            ("*", "a", true),
            ("*", "a/b", false),
            ("*/*", "a/b", true),
            ("a/*.zip", "a/b.zip", true),
            ("a/*.zip", "a/b.tar", false),
            ("foo-?.tgz", "foo-1.tgz", true),
            ("foo-?.tgz", "foo-12.tgz", false),
            ("A", "a", false),
            ("", "", true),
            ("*", "", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyy", false),
            ("[a]", "a", false),
            ("é?", "éü", true),
        ] {
            assert_eq!(covers(pattern, path), covered, "{pattern:?} {path:?}");
        }
        assert!(!covers(&"*a".repeat(5_000), &"a".repeat(4_000)));
    }

    #[test]
    fn a_bin_is_the_beginning_of_a_hash() {
        let digest = sha256(b"a/b").to_string();
        assert!(has_prefix(&["zz".to_owned(), digest[..3].to_owned()], "a/b"));
        assert!(!has_prefix(&[digest[..3].to_owned()], "a/c"));
        assert!(!has_prefix(&[], "a/b"));
    }
}
