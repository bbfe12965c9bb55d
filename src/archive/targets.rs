//! Where the members of an archive go: which are unpacked, to which files and folders. Decides only.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use nix::errno::Errno;

use super::folders;
use super::open::below;
use super::{Archive, Member};

/// A member and where it goes.
pub(super) struct Task<'a> {
    pub(super) member: &'a Member,
    pub(super) target: Target<'a>,
}

#[derive(Clone, Copy)]
pub(super) enum Target<'a> {
    /// It is left out, and only checked.
    Nowhere,
    /// A folder, by its place in the list of folders.
    Folder(usize),
    /// A file: its path, and the place of its folder (none for the destination itself).
    File(&'a str, Option<usize>),
}

/// A folder to make. Whoever needs it first makes it.
pub(super) struct Folder<'a> {
    pub(super) path: &'a str,
    pub(super) above: Option<usize>,
    pub(super) made: OnceLock<Result<(), Errno>>,
}

/// Which members go where, in the order of their bytes, and every folder that is needed.
pub(super) fn plan<'a>(
    archive: &'a Archive,
    prefix: &str,
    skip: &dyn Fn(&str) -> bool,
) -> (Vec<Task<'a>>, Vec<Folder<'a>>) {
    let mut skipped = SkippedFolders { skip, last: None };
    let wanted: Vec<(&Member, Option<&str>)> = archive
        .members
        .iter()
        .enumerate()
        .map(|(place, member)| {
            let path = below(&member.name, prefix).filter(|_| !archive.is_left_out(place));
            (member, path.filter(|path| !skipped.is_skipped(path)))
        })
        .collect();
    let folders = list_folders(&wanted);
    let place = |path: &str| folders.binary_search_by(|folder| folder.path.cmp(path)).ok();
    let target = |member: &Member, path: Option<&'a str>| match path {
        None => Target::Nowhere,
        Some(path) if member.is_folder => place(path).map_or(Target::Nowhere, Target::Folder),
        Some(path) => Target::File(path, place(folders::split(path).0)),
    };
    let tasks = wanted.into_iter().map(|(member, path)| Task {
        member,
        target: target(member, path),
    });
    let mut tasks: Vec<Task<'a>> = tasks.collect();
    tasks.sort_by_key(|task| task.member.data_at);
    (tasks, folders)
}

impl Archive {
    /// The folders that unpacking what is below `prefix` makes, those that are only on the way to a file too.
    pub fn folders(&self, prefix: &str) -> BTreeSet<&str> {
        let members = self.members().iter();
        let wanted: Vec<(&Member, Option<&str>)> =
            members.map(|member| (member, below(&member.name, prefix))).collect();
        list_folders(&wanted).into_iter().map(|folder| folder.path).collect()
    }
}

/// The folders of members and those above them, sorted by path.
fn list_folders<'a>(wanted: &[(&Member, Option<&'a str>)]) -> Vec<Folder<'a>> {
    let mut paths = BTreeSet::new();
    for (member, path) in wanted {
        let Some(path) = path else { continue };
        let mut folder = if member.is_folder { path } else { folders::split(path).0 };
        while !folder.is_empty() && paths.insert(folder) {
            folder = folders::split(folder).0;
        }
    }
    let paths: Vec<&str> = paths.into_iter().collect();
    let folder = |path: &&'a str| Folder {
        path,
        above: paths.binary_search(&folders::split(path).0).ok(),
        made: OnceLock::new(),
    };
    paths.iter().map(folder).collect()
}

/// Asks the caller about each folder of a path, from the top; remembers the answer for the last folder.
struct SkippedFolders<'a> {
    skip: &'a dyn Fn(&str) -> bool,
    last: Option<(String, bool)>,
}

impl SkippedFolders<'_> {
    fn is_skipped(&mut self, path: &str) -> bool {
        let folder = folders::split(path).0;
        let known = self
            .last
            .as_ref()
            .filter(|(last, _)| last == folder)
            .map(|(_, skipped)| *skipped);
        let in_skipped = known.unwrap_or_else(|| {
            let ends = folder.match_indices('/').map(|(at, _)| at).chain([folder.len()]);
            ends.filter(|end| *end > 0).any(|end| (self.skip)(&folder[..end]))
        });
        self.last = Some((folder.to_owned(), in_skipped));
        in_skipped || (self.skip)(path)
    }
}
