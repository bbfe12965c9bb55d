//! The files of the installed tree, compared with what was installed: by the list that was recorded, else by the kept
//! package.

use std::collections::BTreeMap;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use serde::Serialize;

use super::PluginOverview;
use crate::base::fs::{Attempt, FsError, Inventory, Item, ItemKind, TreeId};
use crate::base::hash::sha256_reader;
use crate::ledger;
use crate::manifest::writable_of;
use crate::model::{GestorRoot, Sha256Digest, Slug};
use crate::ops::Error;
use crate::package::LocatedPackage;
use crate::transaction::{is_data, list_tree, look_at_assets};
use crate::trust::{FILE_NAME, StatedFile};

/// Files that are not as they were installed.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct FileFindings {
    faltando: Vec<String>,
    alterados: Vec<String>,
    extras: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ilegiveis: Vec<String>,
    /// How many are as they were signed.
    #[serde(skip)]
    iguais: usize,
}

impl FileFindings {
    pub(super) fn count(&self) -> usize {
        self.faltando.len() + self.alterados.len() + self.extras.len() + self.ilegiveis.len()
    }

    /// How many are as they were.
    pub(super) fn same(&self) -> usize {
        self.iguais
    }

    /// One that is not there.
    pub(super) fn missing(&mut self, path: &str) {
        self.faltando.push(path.to_owned());
    }

    /// One that is another.
    pub(super) fn altered(&mut self, path: &str) {
        self.alterados.push(path.to_owned());
    }
}

/// What a file was when it was installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Hash(Sha256Digest),
    Check(u32),
}

type Files = BTreeMap<Vec<u8>, (u64, Wanted)>;

/// Compares: with what was signed, else with the list that was recorded, else with the kept package. Where nothing says what
/// was installed, nothing is found: the package is missed elsewhere.
pub(super) fn look(
    root: &GestorRoot,
    slug: &Slug,
    known: &PluginOverview,
    (signed, package): (Option<&[StatedFile]>, Option<&LocatedPackage>),
) -> Result<FileFindings, Error> {
    let recorded = known.state.as_ref().and_then(|state| state.files.as_deref());
    let wanted = signed.map(signed_files);
    let wanted = wanted.or_else(|| recorded.and_then(recorded_files));
    let Some(mut wanted) = wanted.or_else(|| package.map(packed)) else {
        return Ok(FileFindings::default());
    };
    let manifest = known.installed.as_ref().and_then(|row| row.manifest.as_deref());
    let writable = manifest.map(writable_of).unwrap_or_default();
    let may_be_there = |item: &Item| {
        // Its own bytes are what says which others there are.
        let is_signature = signed.is_some() && item.path == Path::new(FILE_NAME);
        let is_written = item.path.to_str().is_some_and(|path| writable.covers(path));
        item.kind == ItemKind::File && (is_signature || is_written)
    };
    let mut found = FileFindings::default();
    let folder = root.installed(slug);
    if TreeId::of(&folder)?.is_some() {
        let tree = list_tree(&folder)?;
        for item in tree.items().iter().filter(|item| item.kind != ItemKind::Folder) {
            let path = item.path.as_os_str().as_bytes();
            match wanted.remove(path).map(|wanted| is_as(&tree, item, wanted)) {
                None if may_be_there(item) => {}
                None => found.extras.push(shown(path)),
                Some(Ok(true)) => found.iguais += 1,
                Some(Ok(false)) => found.alterados.push(shown(path)),
                Some(Err(_)) => found.ilegiveis.push(shown(path)),
            }
        }
    }
    found.faltando = wanted.keys().map(|path| shown(path)).collect();
    found.alterados.sort();
    found.extras.sort();
    Ok(found)
}

/// The files of the tree, as they were signed.
fn signed_files(files: &[StatedFile]) -> Files {
    let of_tree = files.iter().filter(|file| !is_data(&file.path));
    of_tree
        .map(|file| (file.path.as_bytes().to_vec(), (file.size, Wanted::Hash(file.sha256))))
        .collect()
}

fn shown(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}

/// What the plugin publishes, compared with what stands in `assets/`: `assets/<address>`. A name that somebody else has is
/// no damage.
pub(super) fn look_at_published(
    root: &GestorRoot,
    slug: &Slug,
    known: &PluginOverview,
    (package, found): (&LocatedPackage, &mut FileFindings),
) -> Result<(), Error> {
    let version = known.version().unwrap_or_default().to_owned();
    let damage = look_at_assets(root, slug, (package, version))?.damage;
    let below = |targets: Vec<String>| targets.into_iter().map(|target| format!("assets/{target}"));
    found.faltando.extend(below(damage.missing));
    found.alterados.extend(below(damage.altered));
    found.extras.extend(below(damage.extra));
    Ok(())
}

/// The list that was recorded: deflated lines `sha256 size path`. One that cannot be read is none.
fn recorded_files(deflated: &[u8]) -> Option<Files> {
    let text = ledger::inflate(deflated).ok()?;
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(recorded_file).collect()
}

fn recorded_file(line: &[u8]) -> Option<(Vec<u8>, (u64, Wanted))> {
    let mut parts = line.splitn(3, |byte| *byte == b' ');
    let digest = std::str::from_utf8(parts.next()?).ok()?.parse().ok()?;
    let size = std::str::from_utf8(parts.next()?).ok()?.parse().ok()?;
    Some((parts.next()?.to_vec(), (size, Wanted::Hash(digest))))
}

/// The files of the kept package.
fn packed(package: &LocatedPackage) -> Files {
    let members = package.archive().members().iter().filter(|member| !member.is_folder());
    let files = members.filter_map(|member| {
        let path = member.name().strip_prefix(package.prefix())?;
        (!is_data(path)).then(|| (path.as_bytes().to_vec(), (member.size(), Wanted::Check(member.crc32()))))
    });
    files.collect()
}

fn is_as(tree: &Inventory, item: &Item, (size, wanted): (u64, Wanted)) -> Result<bool, FsError> {
    if item.kind != ItemKind::File || item.size != size {
        return Ok(false);
    }
    let read = tree.open(item).and_then(|file| match wanted {
        Wanted::Hash(digest) => Ok(sha256_reader(file)?.0 == digest),
        Wanted::Check(crc) => Ok(check(file)? == crc),
    });
    read.map_err(|fault| FsError::new(Attempt::Read, tree.place(item), fault))
}

fn check(mut file: impl io::Read) -> io::Result<u32> {
    let mut hasher = crc32fast::Hasher::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hasher.finalize()),
            count => hasher.update(&buffer[..count]),
        }
    }
}
