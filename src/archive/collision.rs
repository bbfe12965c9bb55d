//! Names that clash (SPEC §8): twice the same, the same but for case or Unicode form, file and folder of one name.
//! Decides only.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use unicode_normalization::UnicodeNormalization;

use super::ArchiveError;
use super::error::shown;
use crate::base::letters::is_ignorable;

/// The names of an archive so far, as a tree: each part is kept once, however many names begin with it.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// By the folder, and the part in the one form that stands for all its spellings.
    seen: HashMap<(usize, Box<str>), Node>,
    /// The folder of the last name: the next is mostly beside it.
    last: (String, usize),
    bytes: u64,
}

#[derive(Debug)]
struct Node {
    id: usize,
    /// The spelling, where it is not the key itself.
    spelling: Option<Box<str>>,
    kind: NameType,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NameType {
    File,
    /// A folder with an entry of its own.
    Folder,
    /// A folder that only stands in the names of others.
    Implied,
}

/// The folder that all names stand in.
const ROOT: usize = 0;

impl Names {
    /// Files and folders, those too that only stand in the names of others.
    pub(super) fn count(&self) -> u64 {
        self.seen.len() as u64
    }

    /// Bytes that are kept for them.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Adds a member's name (relative, without a `/` at the end) and the folders above it.
    pub(super) fn add(&mut self, name: &str, is_folder: bool) -> Result<(), ArchiveError> {
        let (folder, last) = name.rsplit_once('/').unwrap_or(("", name));
        let mut above = ROOT;
        if self.last.0 == folder {
            above = self.last.1;
        } else if !folder.is_empty() {
            let mut start = 0;
            for part in folder.split('/') {
                above = self.put(above, &name[..start + part.len()], part, NameType::Implied)?;
                start += part.len() + 1;
            }
            self.last = (folder.to_owned(), above);
        }
        let kind = if is_folder { NameType::Folder } else { NameType::File };
        self.put(above, name, last, kind).map(drop)
    }

    /// Whether a name stands for one of these.
    pub(super) fn holds(&self, name: &str) -> bool {
        let step = |above, part: &str| self.seen.get(&(above, fold(part))).map(|node| node.id);
        name.split('/').try_fold(ROOT, step).is_some()
    }

    /// The place of a part, whose whole name is `name`, below the folder `above`.
    fn put(&mut self, above: usize, name: &str, part: &str, kind: NameType) -> Result<usize, ArchiveError> {
        let id = self.seen.len() + 1;
        match self.seen.entry((above, fold(part))) {
            Entry::Vacant(place) => {
                let key = &place.key().1;
                let spelling = (**key != *part).then(|| Box::<str>::from(part));
                self.bytes += (key.len() + spelling.as_ref().map_or(0, |spelling| spelling.len())) as u64;
                place.insert(Node { id, spelling, kind });
                Ok(id)
            }
            Entry::Occupied(mut place) => {
                let other = place.get().spelling.as_deref().unwrap_or(&place.key().1);
                if other != part {
                    // The folders above are spelled alike: they were put before.
                    let folder = &name[..name.len() - part.len()];
                    return Err(ArchiveError::NameCollision {
                        member: shown(name),
                        other: shown(&format!("{folder}{other}")),
                    });
                }
                let node = place.get_mut();
                node.kind = together(node.kind, kind, name)?;
                Ok(node.id)
            }
        }
    }
}

fn together(earlier: NameType, later: NameType, name: &str) -> Result<NameType, ArchiveError> {
    match (earlier, later) {
        (NameType::File, NameType::File) => Err(ArchiveError::DuplicateName { member: shown(name) }),
        (NameType::File, _) | (_, NameType::File) => Err(ArchiveError::FileAndFolder { member: shown(name) }),
        // A folder that is listed twice is the same folder to every program.
        (NameType::Folder, _) | (_, NameType::Folder) => Ok(NameType::Folder),
        (NameType::Implied, NameType::Implied) => Ok(NameType::Implied),
    }
}

/// A part of a name in the one form that stands for all its cases and Unicode forms, with letters of no width and without,
/// and with dots and spaces at its end, which some systems drop.
fn fold(part: &str) -> Box<str> {
    if part.is_ascii() {
        return part.trim_end_matches(['.', ' ']).to_ascii_lowercase().into();
    }
    // Down, up and down again is the full folding: `ß`, `ẞ` and `ss` are one, and so are `ς`, `σ`, `Σ`.
    let folded: String = part
        .nfkc()
        .filter(|letter| !is_ignorable(*letter))
        .flat_map(char::to_lowercase)
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .nfkc()
        .collect();
    folded.trim_end_matches(['.', ' ']).into()
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
            (("straße", false), ("STRASSE", false), Err("ZIP_NAME_COLLISION")),
            (("ẞ", false), ("ß", false), Err("ZIP_NAME_COLLISION")),
            (("a\u{200b}", false), ("a", false), Err("ZIP_NAME_COLLISION")),
            (("❤\u{fe0f}", false), ("❤", false), Err("ZIP_NAME_COLLISION")),
            (("a./x", false), ("a/y", false), Err("ZIP_NAME_COLLISION")),
            (("a ", false), ("a", false), Err("ZIP_NAME_COLLISION")),
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
        // The first folder of all is not the root.
        assert_eq!(rule(&[("a/b", false), ("b", false)]), Ok(()));
        let twice = [("a/b", false), ("a", true), ("a/c", false), ("a", true)];
        assert_eq!(rule(&twice), Ok(()));
    }

    #[test]
    fn a_clash_is_told_with_both_whole_names() {
        for (first, second, expected) in [
            ("one/two/x", "one/TWO/y", (r#""one/TWO""#, r#""one/two""#)),
            (
                "one/two/three/x",
                "one/two/Three/y",
                (r#""one/two/Three""#, r#""one/two/three""#),
            ),
            ("one/two/x", "one/two/X", (r#""one/two/X""#, r#""one/two/x""#)),
        ] {
            let mut names = Names::default();
            names.add(first, false).unwrap();
            let Err(ArchiveError::NameCollision { member, other }) = names.add(second, false) else {
                panic!("{second} passed");
            };
            assert_eq!((member.as_str(), other.as_str()), expected);
        }
    }

    #[test]
    fn bytes_are_counted_once_for_each_part_and_for_its_spelling() {
        let mut names = Names::default();
        for (name, bytes) in [("abc", 3), ("Def/x", 10), ("Def/yy", 12), ("Def", 12)] {
            names.add(name, name == "Def").unwrap();
            assert_eq!(names.bytes(), bytes, "{name}");
        }
    }
}
