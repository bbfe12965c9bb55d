//! Files of a tree that have another name somewhere else. Who writes to one of those in place changes both: where that must
//! not be, each gets bytes of its own.

use std::fs::File;
use std::io;
use std::path::Path;

use super::copy::make_alike;
use super::{Attempt, FsError, Inventory, Item, ItemKind, rename_over, replace_file};

/// Gives every file of a tree that has more names than one bytes of its own; owner, permissions and time stay. Nobody but us
/// may write to the tree.
pub fn separate_files(tree: &Path) -> Result<(), FsError> {
    let found = Inventory::of(tree)?;
    let mut shared = found.items().iter();
    shared.try_for_each(|item| match item.kind {
        ItemKind::File if item.links > 1 => separate(&found, item),
        _ => Ok(()),
    })
}

fn separate(tree: &Inventory, item: &Item) -> Result<(), FsError> {
    let path = tree.place(item);
    let mut partial = path.clone().into_os_string();
    partial.push(".partial");
    let partial = Path::new(&partial);
    let mut like: File = tree
        .open(item)
        .map_err(|fault| FsError::new(Attempt::Read, &path, fault))?;
    let mut made = replace_file(partial, None, 0o600)?;
    let copied = io::copy(&mut like, &mut made).and_then(|_| make_alike(&made, &like));
    copied.map_err(|fault| FsError::new(Attempt::Write, partial, fault))?;
    rename_over(partial, &path)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    use super::*;

    #[test]
    fn a_file_with_two_names_becomes_two_files() {
        let folder = tempfile::tempdir().unwrap();
        let (tree, outside) = (folder.path().join("tree"), folder.path().join("outside"));
        fs::create_dir_all(tree.join("a")).unwrap();
        fs::write(tree.join("a/own"), "own").unwrap();
        fs::write(&outside, "both").unwrap();
        fs::set_permissions(&outside, Permissions::from_mode(0o755)).unwrap();
        fs::hard_link(&outside, tree.join("a/shared")).unwrap();
        let own = fs::metadata(tree.join("a/own")).unwrap().ino();
        separate_files(&tree).unwrap();
        fs::write(&outside, "written to").unwrap();
        assert_eq!(fs::read_to_string(tree.join("a/shared")).unwrap(), "both");
        assert_eq!(fs::metadata(tree.join("a/shared")).unwrap().mode() & 0o777, 0o755);
        assert_eq!(fs::metadata(tree.join("a/own")).unwrap().ino(), own, "it stays");
        assert_eq!(fs::read_dir(tree.join("a")).unwrap().count(), 2);
    }
}
