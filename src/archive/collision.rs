//! Names that clash (SPEC §8): twice the same, the same but for case or Unicode form, file and folder of one name.
//! Decides only.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use unicode_normalization::UnicodeNormalization;

use super::ArchiveError;
use super::error::shown;

/// The names of an archive so far.
#[derive(Debug, Default)]
pub(super) struct Names {
    seen: HashMap<String, Seen>,
}

#[derive(Debug)]
struct Seen {
    /// The spelling, where it is not the key itself.
    spelling: Option<Box<str>>,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    /// A folder with an entry of its own.
    Folder,
    /// A folder that only stands in the names of others.
    Implied,
}

impl Names {
    /// Adds a member's name (relative, without a `/` at the end) and the folders above it.
    pub(super) fn add(&mut self, name: &str, is_folder: bool) -> Result<(), ArchiveError> {
        let folded = fold(name);
        // The folders above, from the nearest: once one is known with this spelling, so are those above it.
        let mut above = name;
        let mut above_folded = folded.as_str();
        while let (Some(at), Some(folded_at)) = (above.rfind('/'), above_folded.rfind('/')) {
            (above, above_folded) = (&above[..at], &above_folded[..folded_at]);
            if !self.put(above_folded.to_owned(), above, Kind::Implied)? {
                break;
            }
        }
        let kind = if is_folder { Kind::Folder } else { Kind::File };
        self.put(folded, name, kind).map(|_| ())
    }

    /// Returns whether the name is new.
    fn put(&mut self, folded: String, name: &str, kind: Kind) -> Result<bool, ArchiveError> {
        match self.seen.entry(folded) {
            Entry::Vacant(place) => {
                let spelling = (place.key() != name).then(|| name.into());
                place.insert(Seen { spelling, kind });
                Ok(true)
            }
            Entry::Occupied(mut place) => {
                let other = place.get().spelling.as_deref().unwrap_or(place.key());
                if other != name {
                    return Err(ArchiveError::NameCollision {
                        member: shown(name),
                        other: shown(other),
                    });
                }
                place.get_mut().kind = together(place.get().kind, kind, name)?;
                Ok(false)
            }
        }
    }
}

fn together(earlier: Kind, later: Kind, name: &str) -> Result<Kind, ArchiveError> {
    match (earlier, later) {
        (Kind::File, Kind::File) => Err(ArchiveError::DuplicateName { member: shown(name) }),
        (Kind::File, _) | (_, Kind::File) => Err(ArchiveError::FileAndFolder { member: shown(name) }),
        // A folder that is listed twice is the same folder to every program.
        (Kind::Folder, _) | (_, Kind::Folder) => Ok(Kind::Folder),
        (Kind::Implied, Kind::Implied) => Ok(Kind::Implied),
    }
}

/// A name in the one form that stands for all its cases and Unicode forms.
fn fold(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    // Compatibility forms could bring a `/` (for instance from "⅟"-like signs): parts are folded one by one and keep
    // theirs, so the number of parts stays.
    let parts = name.split('/').map(|part| {
        let composed: String = part.nfkc().flat_map(fold_case).nfkc().collect();
        composed.replace('/', "\u{2044}")
    });
    parts.collect::<Vec<_>>().join("/")
}

/// Upper then lower case, where each is one character: so that all of `ς`, `σ`, `Σ` are one.
fn fold_case(character: char) -> impl Iterator<Item = char> {
    let mut upper = character.to_uppercase();
    let single = match (upper.next(), upper.next()) {
        (Some(one), None) => one,
        _ => character,
    };
    single.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(names: &[(&str, bool)]) -> Result<(), &'static str> {
        let mut seen = Names::default();
        names
            .iter()
            .try_for_each(|(name, is_folder)| seen.add(name, *is_folder))
            .map_err(|error| error.rule())
    }

    #[test]
    fn clashes_are_found() {
        for (first, second, expected) in [
            (("a", false), ("b", false), Ok(())),
            (("a", false), ("a", false), Err("ZIP_DUPLICATE_NAME")),
            (("a", true), ("a", true), Ok(())),
            (("a", false), ("A", false), Err("ZIP_NAME_COLLISION")),
            (("a/x", false), ("A/y", false), Err("ZIP_NAME_COLLISION")),
            (("a", true), ("A/y", false), Err("ZIP_NAME_COLLISION")),
            (("é", false), ("e\u{301}", false), Err("ZIP_NAME_COLLISION")),
            (("É", false), ("e\u{301}", false), Err("ZIP_NAME_COLLISION")),
            (("ﬁ", false), ("fi", false), Err("ZIP_NAME_COLLISION")),
            (("K", false), ("\u{212a}", false), Err("ZIP_NAME_COLLISION")),
            (("σ", false), ("ς", false), Err("ZIP_NAME_COLLISION")),
            (("a", false), ("a/b", false), Err("ZIP_FILE_AND_FOLDER")),
            (("a/b", false), ("a", false), Err("ZIP_FILE_AND_FOLDER")),
            (("a", false), ("a", true), Err("ZIP_FILE_AND_FOLDER")),
            (("a/b/c", false), ("a/b", false), Err("ZIP_FILE_AND_FOLDER")),
            (("a", true), ("a/b", false), Ok(())),
            (("a/b", false), ("a", true), Ok(())),
            (("a/b/c", false), ("a/b/d", false), Ok(())),
            (("a\u{ff0f}b", false), ("a/b", false), Ok(())),
            (("é", false), ("e", false), Ok(())),
        ] {
            assert_eq!(rule(&[first, second]), expected, "{first:?} {second:?}");
        }
        let late = [("a/b/c", false), ("a/b/d", false), ("a", false)];
        assert_eq!(rule(&late), Err("ZIP_FILE_AND_FOLDER"));
        let twice = [("a/b", false), ("a", true), ("a/c", false), ("a", true)];
        assert_eq!(rule(&twice), Ok(()));
    }
}
