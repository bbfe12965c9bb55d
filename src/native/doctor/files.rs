//! Looks at the gestor's files: the installer's own, whose the folders are, how full the disk is, what is believed.

use std::path::Path;

use super::finding::Finding;
use super::texts;
use crate::base::fs::{Owner, free_space, is_folder, may_stand, may_write, real_folder};
use crate::model::{GestorRoot, Phrase};
use crate::native::site::drop_in::{OURS, SHARED, is_installed, is_ours, text_of};
use crate::native::site::own_files;
use crate::trust::TrustFolder;

/// Folders in which operations write.
const WRITTEN: [&str; 5] = ["plugins", "temp", "backups", "logs", "assets"];
/// Percent of a disk below which little is left.
const LOW: u64 = 10;
/// The same: nothing is left.
const FULL: u64 = 1;

/// Looks.
pub(super) fn look(root: &GestorRoot, trust: Option<&Path>) -> Vec<Finding> {
    let mut found = drop_in(root);
    found.extend(folders(root));
    found.extend(disk(root));
    found.extend(trust.and_then(|folder| believed(root, folder)));
    found
}

fn drop_in(root: &GestorRoot) -> Vec<Finding> {
    let mut found = Vec::new();
    if !is_installed(root) {
        let (what, todo) = texts::NO_FILES;
        found.push(Finding::error(
            "drop_in_ausente",
            root.as_path().join(OURS[0]).display(),
            what,
            todo,
        ));
        return found;
    }
    let own = own_files();
    for name in SHARED.iter().chain(&OURS) {
        let path = root.as_path().join(name);
        let is_shared = SHARED.contains(name);
        match text_of(&path) {
            Some(text) if is_shared && !is_ours(&text) => {
                let (what, todo) = texts::REVERTED;
                found.push(Finding::error("drop_in_revertido", path.display(), what, todo));
            }
            None => {
                let (what, todo) = texts::NO_FILES;
                found.push(Finding::error("drop_in_ausente", path.display(), what, todo));
            }
            Some(text) => {
                let other = own.as_ref().and_then(|own| text_of(&own.join(name)));
                if other.is_some_and(|other| other != text) {
                    let (what, todo) = texts::OTHER_FILES;
                    found.push(Finding::warning("drop_in_de_outra_versao", path.display(), what, todo));
                }
            }
        }
    }
    found
}

fn folders(root: &GestorRoot) -> Vec<Finding> {
    let plugins = Owner::of(&root.plugins()).ok();
    let mut found = Vec::new();
    for name in WRITTEN {
        let path = root.as_path().join(name);
        // What is not there is made.
        let Ok(path) = real_folder(&path) else { continue };
        if !is_folder(&path) {
            continue;
        }
        if !may_write(&path) {
            let user = Owner::process_user();
            found.push(Finding::error(
                "pasta_nao_gravavel",
                path.display(),
                Phrase::made(
                    format!("o usuário {user} não pode escrever nesta pasta"),
                    format!("the user {user} may not write in this folder"),
                ),
                Phrase::new(
                    "chame este programa como o usuário do servidor web ou como root, ou dê a pasta a esse usuário (chown)",
                    "call this program as the web server's user or as root, or give the folder to that user (chown)",
                ),
            ));
        }
        let owner = Owner::of(&path).ok();
        if let (Some(owner), Some(plugins)) = (owner, plugins)
            && owner.uid() != plugins.uid()
        {
            let (what, todo) = texts::OTHER_OWNER;
            let place = format!(
                "{} ({}; plugins/: {})",
                path.display(),
                owner.user_and_group(),
                plugins.user_and_group()
            );
            found.push(Finding::error("dono_diferente", place, what, todo));
        }
    }
    found
}

fn disk(root: &GestorRoot) -> Option<Finding> {
    let percent = free_space(root.as_path()).ok()?.percent();
    let what = || {
        Phrase::made(
            format!("restam {percent}% livres do disco"),
            format!("{percent}% of the disk are free"),
        )
    };
    let todo = Phrase::new(
        "libere espaço: gestor-plugins prune --dry-run mostra o que pode sair",
        "free some: gestor-plugins prune --dry-run shows what may go",
    );
    let place = root.as_path().display();
    if percent < FULL {
        return Some(Finding::error("disco_cheio", place, what(), todo));
    }
    (percent < LOW).then(|| Finding::warning("disco_quase_cheio", place, what(), todo))
}

/// The folder of what the site believes.
fn believed(root: &GestorRoot, folder: &Path) -> Option<Finding> {
    if !may_stand(folder) {
        return None;
    }
    let owner = Owner::of(&root.plugins()).ok()?;
    let fault = TrustFolder::read(Some(folder), owner).err()?;
    Some(Finding::error(
        "confianca_insegura",
        folder.display(),
        Phrase::of(&fault),
        Phrase::new(
            "tire de outros usuários o direito de escrever ali (chmod go-w) e confira quem é o dono; até lá, nada é instalado",
            "take the right to write there from other users (chmod go-w), and see who owns it; until then nothing is installed",
        ),
    ))
}
