//! Names that a package must not bring (SPEC §8). Decides only.

use crate::base::letters::is_ignorable;

/// Patterns of refused names. `*` stands for any run of characters within one part of a path; a pattern of several
/// parts matches them one below the other, at any depth; a `/` at the end matches folders only. Case of ASCII letters
/// does not count. `.env*` lets the samples pass that plugins bring for their administrators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blacklist {
    patterns: Vec<Pattern>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Pattern {
    text: String,
    parts: Vec<String>,
    folders_only: bool,
}

/// What systems leave in folders: no file of a plugin.
const LITTER_FOLDER: &str = "__MACOSX";
const LITTER_FILES: [&str; 3] = [".DS_Store", "Thumbs.db", "desktop.ini"];

/// Names that `.env*` does not mean.
const SAMPLES: [&str; 4] = [".env.example", ".env.sample", ".env.dist", ".env.template"];

/// Whether a path is one of those that systems leave in folders. Such members are checked and left out.
pub fn is_litter(path: &str, is_folder: bool) -> bool {
    let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
    above.split('/').any(|part| part == LITTER_FOLDER)
        || if is_folder {
            name == LITTER_FOLDER
        } else {
            LITTER_FILES.iter().any(|known| name.eq_ignore_ascii_case(known))
        }
}

impl Default for Blacklist {
    fn default() -> Self {
        Self::new(crate::config::DEFAULT_BLACKLIST)
    }
}

impl Blacklist {
    /// A list of the given patterns; empty ones are dropped.
    pub fn new<Text: AsRef<str>>(patterns: impl IntoIterator<Item = Text>) -> Self {
        let patterns = patterns.into_iter().filter_map(|text| Pattern::new(text.as_ref()));
        Self {
            patterns: patterns.collect(),
        }
    }

    /// The list of the settings: theirs in place of the built-in one.
    pub fn from_settings(patterns: Option<&[String]>) -> Self {
        patterns.map_or_else(Self::default, Self::new)
    }

    /// The first pattern that a path matches.
    pub fn matching(&self, path: &str, is_folder: bool) -> Option<&str> {
        if self.patterns.is_empty() {
            return None;
        }
        let parts: Vec<String> = path.split('/').map(str::to_ascii_lowercase).collect();
        // Some systems drop what is not seen, and dots and spaces at the end.
        let may_lose = |part: &String| !part.is_ascii() || part.ends_with(['.', ' ']);
        let bare = parts.iter().any(may_lose).then(|| {
            let bare = parts.iter().map(|part| bare(part));
            bare.collect::<Vec<String>>()
        });
        let is_meant = |pattern: &&Pattern| {
            let bare = bare.as_ref().filter(|bare| **bare != parts);
            pattern.matches(&parts, is_folder) || bare.is_some_and(|bare| pattern.matches(bare, is_folder))
        };
        let found = self.patterns.iter().find(is_meant);
        found.map(|pattern| pattern.text.as_str())
    }
}

fn bare(part: &str) -> String {
    let seen: String = part.chars().filter(|letter| !is_ignorable(*letter)).collect();
    seen.trim_end_matches(['.', ' ']).to_owned()
}

impl Pattern {
    fn new(text: &str) -> Option<Self> {
        let trimmed = text.trim().trim_start_matches('/');
        let folders_only = trimmed.ends_with('/');
        let parts: Vec<String> = trimmed
            .split('/')
            .filter(|part| !part.is_empty())
            .map(str::to_ascii_lowercase)
            .collect();
        (!parts.is_empty()).then(|| Self {
            text: text.trim().to_owned(),
            parts,
            folders_only,
        })
    }

    fn matches(&self, parts: &[String], is_folder: bool) -> bool {
        let folders = if self.folders_only && !is_folder {
            parts.len() - 1
        } else {
            parts.len()
        };
        parts[..folders].windows(self.parts.len()).any(|window| {
            window
                .iter()
                .zip(&self.parts)
                .all(|(part, pattern)| part_matches(part, pattern))
        })
    }
}

/// Whether a part of a path is what a pattern with `*` says. Linear: only the last `*` is ever taken back.
fn part_matches(part: &str, pattern: &str) -> bool {
    if pattern == ".env*" && SAMPLES.contains(&part) {
        return false;
    }
    let (part, pattern) = (part.as_bytes(), pattern.as_bytes());
    let (mut at, mut wanted, mut star) = (0, 0, None);
    while at < part.len() {
        if pattern.get(wanted) == Some(&b'*') {
            star = Some((wanted, at));
            wanted += 1;
        } else if pattern.get(wanted) == Some(&part[at]) {
            at += 1;
            wanted += 1;
        } else if let Some((star_at, taken)) = star {
            star = Some((star_at, taken + 1));
            at = taken + 1;
            wanted = star_at + 1;
        } else {
            return false;
        }
    }
    pattern[wanted..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_refused_at_any_depth() {
        let list = Blacklist::default();
        for (path, is_folder, expected) in [
            (".env", false, Some(".env*")),
            ("a/b/.env.production", false, Some(".env*")),
            (".ENV", false, Some(".env*")),
            (".env/x", false, Some(".env*")),
            ("a.env", false, None),
            (".env.example", false, None),
            ("a/.ENV.Sample", false, None),
            (".env.dist", false, None),
            (".env.template", false, None),
            (".env.example.php", false, Some(".env*")),
            (".env.local", false, Some(".env*")),
            (".environment", false, Some(".env*")),
            ("environment.php", false, None),
            (".git/config", false, Some(".git/")),
            ("a/.git", true, Some(".git/")),
            ("a/.git", false, None),
            (".gitignore", false, None),
            (".github/x", false, None),
            ("x/.htpasswd", false, Some(".htpasswd")),
            (".htpasswd2", false, None),
            ("composer.json", false, None),
            (".htpasswd.", false, Some(".htpasswd")),
            (".htpasswd ", false, Some(".htpasswd")),
            ("a/.git./config", false, Some(".git/")),
            (".ht\u{200b}passwd", false, Some(".htpasswd")),
            ("\u{feff}.env", false, Some(".env*")),
        ] {
            assert_eq!(list.matching(path, is_folder), expected, "{path}");
        }
    }

    #[test]
    fn litter_is_known_at_any_depth() {
        for (path, is_folder, expected) in [
            ("__MACOSX", true, true),
            ("__MACOSX/a/._x", false, true),
            ("p/__MACOSX/._manifest.json", false, true),
            ("__MACOSX", false, false),
            (".DS_Store", false, true),
            ("p/a/.DS_Store", false, true),
            ("a/thumbs.db", false, true),
            ("Desktop.ini", false, true),
            ("Thumbs.db", true, false),
            ("thumbs.db.php", false, false),
            ("a__MACOSX/x", false, false),
        ] {
            assert_eq!(is_litter(path, is_folder), expected, "{path}");
        }
    }

    #[test]
    fn patterns_can_be_set() {
        let list = Blacklist::new(["config/*.key", " *secret*", "", "/"]);
        for (path, refused) in [
            ("config/a.key", true),
            ("x/config/a.key", true),
            ("config/x/a.key", false),
            ("a.key", false),
            ("my-secret-file", true),
            ("sec/ret", false),
        ] {
            assert_eq!(list.matching(path, false).is_some(), refused, "{path}");
        }
        assert_eq!(Blacklist::new(Vec::<String>::new()).matching(".env", false), None);
        let set = Blacklist::from_settings(Some(&["*.key".to_owned()]));
        assert_eq!(
            (set.matching("a.key", false), set.matching(".env", false)),
            (Some("*.key"), None)
        );
        assert_eq!(Blacklist::from_settings(None), Blacklist::default());
        assert!(part_matches("aXbXc", "a*b*c") && !part_matches("abd", "a*c") && part_matches("", "*"));
    }
}
