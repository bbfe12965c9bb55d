//! The installer's PHP files in a gestor: which they are, and whether what stands there is ours. Reads only.

use std::path::Path;

use crate::base::fs::{may_stand, open_named, read_all};
use crate::model::GestorRoot;

/// Files that a gestor has as well: a core update puts its old ones back.
pub(in crate::native) const SHARED: [&str; 3] = [
    "bibliotecas/plugins-consts.php",
    "bibliotecas/plugins-installer.php",
    "controladores/plugins/atualizacao-plugin.php",
];
/// Files that are ours alone, one of each kind.
pub(in crate::native) const OURS: [&str; 2] = [
    "bibliotecas/plugins-native/program.php",
    "bibliotecas/plugins-native/Installer.php",
];
/// Stands at the head of each of ours.
const MARK: &str = "@package gestor-plugins";
/// Bytes of one of them.
const MOST: u64 = 1 << 20;

/// The text of one of them; nothing where it cannot be read.
pub(in crate::native) fn text_of(path: &Path) -> Option<String> {
    let bytes = open_named(path, MOST)
        .and_then(|file| read_all(file, path, MOST))
        .ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Whether a text is one of ours.
pub(in crate::native) fn is_ours(text: &str) -> bool {
    text.contains(MARK)
}

/// Whether those that are ours alone stand in a gestor.
pub(in crate::native) fn is_installed(root: &GestorRoot) -> bool {
    OURS.iter().all(|name| may_stand(&root.as_path().join(name)))
}

/// Whether all of them stand in a gestor, and none of its own in their place.
pub(super) fn is_whole(root: &GestorRoot) -> bool {
    let is_our_own = |name: &&str| text_of(&root.as_path().join(name)).is_some_and(|text| is_ours(&text));
    is_installed(root) && SHARED.iter().all(is_our_own)
}

/// Whether they were installed, and a core update has put old ones in the place of some.
pub(super) fn is_reverted(root: &GestorRoot) -> bool {
    let is_old = |name: &str| text_of(&root.as_path().join(name)).is_some_and(|text| !is_ours(&text));
    is_installed(root) && SHARED.iter().any(|name| is_old(name))
}
