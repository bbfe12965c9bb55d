//! The journal of an operation: what it changes on disk, written and synced before it does. Owns its form and its file;
//! must not decide what follows from it (see `recover`).

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::assets::AssetSteps;
use super::built::Built;
use super::durable::sync_all;
use super::layout::{CLOSED, Layout, Place};
use super::messages::foreign;
use super::trees::{Paths, Trees};
use super::{PreparedBackup, StageError, premises};
use crate::base::fs::{self as base, Attempt, FsError, TreeId};
use crate::model::{DatabaseIdentity, GestorRoot, Phrase, Sha256Digest, Slug, Version};

/// 2 names the database; a release that knows 1 alone would ask any database whether the operation committed.
const FORMAT: u32 = 2;
/// 3 may have no new tree: a release that does not know it would take the old one for lost.
const FORMAT_OF_DEPARTURES: u32 = 3;
/// 4 may publish files: a release that does not know it would leave them there.
const FORMAT_OF_ASSETS: u32 = 4;

/// Bytes of a journal, and then some.
const LIMIT: u64 = 4 << 20;

/// How far an operation has come, as far as files are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Things are put together beside what is installed.
    Started,
    /// The installed folder is about to be replaced, or is.
    SwapAnnounced,
}

/// The journal: one JSON file, `temp/plugins/<slug>/journal.json` (SPEC §9).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Journal {
    format: u32,
    operation: String,
    slug: String,
    begun: String,
    phase: Phase,
    place: Place,
    paths: Paths,
    /// Folders that the operation creates, outermost first.
    pub(super) created: Vec<PathBuf>,
    /// File name of the backup after the commit.
    pub(super) backup: Option<String>,
    /// Version of the kept package.
    pub(super) kept: Option<String>,
    pub(super) trees: Option<Trees>,
    /// What the new tree held; an earlier release did not note it.
    #[serde(default)]
    pub(super) built: Option<Built>,
    /// SHA-256 of the package that the new tree is made of.
    #[serde(default)]
    pub(super) package: Option<String>,
    /// The database whose transaction decides; format 1 did not name it.
    #[serde(default)]
    database: Option<DatabaseIdentity>,
    /// What is done in `assets/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    assets: Option<AssetSteps>,
    /// What is promised beside the files. Earlier releases called it so.
    #[serde(rename = "facts", default)]
    promises: Option<Promises>,
}

/// What a transaction promises beside its files: written before it is done, so that recovery can undo it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Promises {
    /// The stamp of files that keep what rows held.
    pub set_aside: Option<String>,
    /// Rows alone are changed: no tree, no record.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub rows_only: bool,
}

impl Journal {
    /// The journal of a new operation, with a random id. `begun` is a time in RFC 3339. Nothing is written yet.
    pub fn new(layout: &Layout, begun: String, promises: Promises) -> Result<Self, StageError> {
        let base = layout.root().as_path();
        let mut created = base::missing_folders(base, &layout.backups());
        created.extend(base::missing_folders(base, &layout.kept()));
        Ok(Self {
            format: FORMAT,
            operation: base::random_hex()?,
            slug: layout.slug().to_string(),
            begun,
            phase: Phase::Started,
            place: layout.place(),
            paths: Paths::of(layout),
            created: created.iter().map(|folder| layout.relative(folder)).collect(),
            backup: None,
            kept: None,
            trees: None,
            built: None,
            package: None,
            database: None,
            assets: None,
            promises: Some(promises),
        })
    }

    /// Names the package of the new tree, where there is one, and the database whose transaction decides.
    #[must_use]
    pub fn naming(mut self, package: Option<Sha256Digest>, database: DatabaseIdentity) -> Self {
        self.package = package.map(|package| package.to_string());
        self.database = Some(database);
        self
    }

    /// What is promised beside the files.
    pub fn promises(&self) -> Promises {
        self.promises.clone().unwrap_or_default()
    }

    /// Whether rows alone are changed.
    pub fn is_of_rows(&self) -> bool {
        self.promises.as_ref().is_some_and(|promises| promises.rows_only)
    }

    /// The database whose transaction decides; nothing in a journal of an earlier release.
    pub fn database(&self) -> Option<&DatabaseIdentity> {
        self.database.as_ref()
    }

    /// The name of the backup of the old tree, where it makes one.
    pub fn backup(&self) -> Option<&str> {
        self.backup.as_deref()
    }

    /// The id under which the transaction tells that it committed: 32 hexadecimal digits.
    pub fn operation(&self) -> &str {
        &self.operation
    }

    /// When the operation began.
    pub fn begun(&self) -> &str {
        &self.begun
    }

    /// How far it has come.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Whether the swap replaces a folder; `None` before it is announced.
    pub fn replaces(&self) -> Option<bool> {
        self.trees.map(|trees| trees.old.is_some())
    }

    /// The paths of the operation, below a gestor that may stand elsewhere than it stood then.
    pub fn layout(&self, root: &GestorRoot, slug: &Slug) -> Layout {
        Layout::new(root.clone(), slug.clone(), self.place)
    }

    /// Writes it, whole or not at all, and brings it to the disk.
    pub fn write(&self, layout: &Layout) -> Result<(), StageError> {
        let path = layout.journal();
        let bytes = serde_json::to_vec_pretty(self)
            .map_err(|fault| FsError::new(Attempt::Write, &path, std::io::Error::from(fault)))?;
        let owner = premises::owner(layout.root())?;
        Ok(base::write_whole(&path, Some(owner), &bytes)?)
    }

    /// What the new tree holds, where that is known.
    pub fn note_built(&mut self, built: Built) {
        self.built = Some(built);
    }

    /// What is done in `assets/`, from the next announcement on.
    pub fn note_assets(&mut self, steps: Option<AssetSteps>) {
        if steps.is_some() {
            self.format = FORMAT_OF_ASSETS;
        }
        self.assets = steps;
    }

    /// What is done in `assets/`.
    pub fn assets(&self) -> Option<&AssetSteps> {
        self.assets.as_ref()
    }

    /// Announces the swap: brings everything that was put together to the disk, then says so in the journal. `new` is
    /// the tree that was built, by the handle through which it was.
    ///
    /// # Errors
    /// [`StageError::TreeMissing`] when another stands in its place.
    pub fn announce_swap(
        &mut self,
        layout: &Layout,
        new: TreeId,
        backup: Option<&PreparedBackup>,
        kept: Option<Version>,
    ) -> Result<(), StageError> {
        let missing = || StageError::TreeMissing { path: layout.tree() };
        let check = || {
            (TreeId::of(&layout.tree())? == Some(new))
                .then_some(())
                .ok_or_else(missing)
        };
        check()?;
        self.trees = Some(Trees {
            new: Some(new),
            old: TreeId::of(&layout.installed())?,
            copy: None,
        });
        self.built = Some(self.built.map_or_else(|| Built::of(&layout.tree()), Ok)?);
        check()?;
        self.backup = backup.map(|backup| backup.name().to_owned());
        self.kept = kept.map(|version| version.to_string());
        self.phase = Phase::SwapAnnounced;
        sync_all(layout, backup.is_some(), kept.is_some())?;
        self.write(layout)
    }

    /// Announces that the package is kept, where the tree stays as it is.
    pub fn announce_kept(&mut self, layout: &Layout, version: Version) -> Result<(), StageError> {
        self.kept = Some(version.to_string());
        base::syncfs(&layout.kept())?;
        self.write(layout)
    }

    /// Announces that the installed folder goes, and nothing takes its place.
    pub fn announce_departure(&mut self, layout: &Layout, backup: Option<&PreparedBackup>) -> Result<(), StageError> {
        self.trees = Some(Trees {
            new: None,
            old: TreeId::of(&layout.installed())?,
            copy: None,
        });
        (self.built, self.kept) = (None, None);
        self.backup = backup.map(|backup| backup.name().to_owned());
        (self.phase, self.format) = (Phase::SwapAnnounced, self.format.max(FORMAT_OF_DEPARTURES));
        sync_all(layout, backup.is_some(), false)?;
        self.write(layout)
    }

    /// Whether the tree that the announced swap replaces is the one of which the backup was made. A migration or the
    /// site may have made or replaced the folder since.
    ///
    /// # Errors
    /// [`StageError::TreeReplaced`]: then undo, which moves nothing.
    pub fn check_found(&self, layout: &Layout, backed_up: Option<TreeId>) -> Result<(), StageError> {
        if self.trees.is_some_and(|trees| trees.old == backed_up) {
            return Ok(());
        }
        Err(StageError::TreeReplaced {
            path: layout.installed(),
        })
    }

    /// The tree that the swap has moved away, which must be the announced one.
    pub(super) fn check_replaced(&self, layout: &Layout, place: &Path) -> Result<(), StageError> {
        let wanted = self.trees.and_then(|trees| trees.copy.or(trees.old));
        if TreeId::of(place)? == wanted {
            return Ok(());
        }
        Err(StageError::TreeReplaced {
            path: layout.installed(),
        })
    }

    /// The tree that the swap has brought, which must be the announced one.
    pub(super) fn check_brought(&self, layout: &Layout) -> Result<(), StageError> {
        if TreeId::of(&layout.installed())? == self.trees.and_then(|trees| trees.new) {
            return Ok(());
        }
        Err(StageError::TreeMissing { path: layout.tree() })
    }

    /// Announces that another backup takes the place of the one that was announced.
    pub fn replace_backup(&mut self, layout: &Layout, backup: &PreparedBackup) -> Result<(), StageError> {
        self.backup = Some(backup.name().to_owned());
        self.write(layout)
    }

    /// Announces that the old tree is removed where it stands, because a whole copy of it stands aside.
    pub(super) fn announce_copy(&mut self, layout: &Layout) -> Result<(), StageError> {
        base::syncfs(&layout.container())?;
        let copy = TreeId::of(&layout.old_tree())?;
        if let Some(trees) = &mut self.trees {
            trees.copy = copy;
        }
        self.write(layout)
    }

    /// The journal that an interrupted operation on this plugin left; `None` when there is none.
    pub fn read(root: &GestorRoot, slug: &Slug) -> Result<Option<Self>, StageError> {
        let path = Layout::new(root.clone(), slug.clone(), Place::Temp).journal();
        let Some(bytes) = read_trusted(root, slug, (&path, LIMIT))? else {
            return Ok(None);
        };
        let unreadable = |source| StageError::JournalUnreadable {
            path: path.clone(),
            source,
        };
        let Form { format } = serde_json::from_slice(&bytes).map_err(unreadable)?;
        if format > FORMAT_OF_ASSETS {
            return Err(StageError::JournalNewer {
                path,
                found: format,
                known: FORMAT_OF_ASSETS,
            });
        }
        let journal: Self = serde_json::from_slice(&bytes).map_err(unreadable)?;
        match journal.fault(&journal.layout(root, slug)) {
            Some(what) => Err(StageError::JournalForeign { path, what }),
            None => Ok(Some(journal)),
        }
    }

    /// The journal of an operation that was closed, and of which the database may still hold its row. One that cannot be
    /// read any more is as good as none: nothing depends on the row.
    pub fn closed(root: &GestorRoot, slug: &Slug) -> Result<Option<Self>, StageError> {
        let bytes = read_trusted(root, slug, (&root.staging(slug).join(CLOSED), LIMIT))?;
        Ok(bytes.and_then(|bytes| serde_json::from_slice::<Self>(&bytes).ok()))
    }

    /// A journal may only speak of the paths that an operation on this plugin has.
    fn fault(&self, layout: &Layout) -> Option<Phrase> {
        let expected_folders = [layout.backups(), layout.kept()].map(|folder| layout.relative(&folder));
        let is_expected = |folder: &PathBuf| expected_folders.iter().any(|known| known.starts_with(folder));
        let is_plain = |name: &str| !name.is_empty() && !name.contains('/') && !name.starts_with('.');
        let is_operation = self.operation.len() == 32 && self.operation.bytes().all(|byte| byte.is_ascii_hexdigit());
        let announced = self.phase == Phase::SwapAnnounced;
        let is_digest = |text: &str| text.parse::<Sha256Digest>().is_ok();
        [
            (self.slug == layout.slug().as_str(), foreign::PLUGIN),
            (self.paths == Paths::of(layout), foreign::PATHS),
            (self.assets.as_ref().is_none_or(AssetSteps::is_sound), foreign::PATHS),
            (is_operation, foreign::OPERATION),
            (self.trees.is_some() == announced, foreign::PHASE),
            (
                self.created
                    .iter()
                    .all(|folder| folder.is_relative() && is_expected(folder)),
                foreign::FOLDERS,
            ),
            (self.backup.as_deref().is_none_or(is_plain), foreign::BACKUP),
            (self.package.as_deref().is_none_or(is_digest), foreign::CHECKSUM),
            (
                self.kept
                    .as_deref()
                    .is_none_or(|version| version.parse::<Version>().is_ok()),
                foreign::VERSION,
            ),
        ]
        .into_iter()
        .find_map(|(fits, what)| (!fits).then_some(what))
    }
}

/// A journal makes us move and remove files, as root perhaps: one that a stranger can have written, or that stands in a
/// folder of his, is refused.
pub(super) fn read_trusted(
    root: &GestorRoot,
    slug: &Slug,
    (path, limit): (&Path, u64),
) -> Result<Option<Vec<u8>>, StageError> {
    let owner = premises::owner(root)?;
    for (folder, owner) in [(root.work(), premises::work_owner(root)?), (root.staging(slug), owner)] {
        if !base::trusted_folder(&folder, owner)? {
            return Ok(None);
        }
    }
    let Some(file) = base::open_trusted(path, owner, true)? else {
        return Ok(None);
    };
    Ok(Some(base::read_all(file, path, limit)?))
}

#[derive(Deserialize)]
struct Form {
    format: u32,
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::Value;

    use super::super::tests::tree_of;
    use super::*;

    fn layout(root: &std::path::Path) -> Layout {
        let layout = Layout::new(GestorRoot::new(root), Slug::normalize("p").unwrap(), Place::Temp);
        fs::create_dir_all(layout.tree()).unwrap();
        fs::create_dir_all(layout.plugins()).unwrap();
        layout
    }

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let layout = layout(folder.path());
        let (root, slug) = (layout.root(), layout.slug());
        assert_eq!(Journal::read(root, slug).unwrap(), None);
        let mut journal = Journal::new(
            &layout,
            "2026".to_owned(),
            Promises {
                set_aside: Some("x".to_owned()),
                rows_only: false,
            },
        )
        .unwrap();
        assert_eq!(
            journal.created,
            ["plugins/_backups", "backups", "backups/plugins", "backups/plugins/p"].map(PathBuf::from)
        );
        journal.write(&layout).unwrap();
        assert_eq!(Journal::read(root, slug).unwrap().unwrap(), journal);
        journal.announce_swap(&layout, tree_of(&layout), None, None).unwrap();
        let read = Journal::read(root, slug).unwrap().unwrap();
        assert_eq!(read, journal);
        assert_eq!((read.phase(), read.replaces()), (Phase::SwapAnnounced, Some(false)));
        assert_eq!(read.layout(root, slug), layout);
    }

    #[test]
    fn a_journal_of_an_earlier_release_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let layout = layout(folder.path());
        Journal::new(&layout, "2026".to_owned(), Promises::default())
            .unwrap()
            .write(&layout)
            .unwrap();
        let mut old: Value = serde_json::from_slice(&fs::read(layout.journal()).unwrap()).unwrap();
        let fields = old.as_object_mut().unwrap();
        fields.insert("format".to_owned(), Value::from(1));
        fields.remove("package");
        fields.remove("database");
        fs::write(layout.journal(), old.to_string()).unwrap();
        let read = Journal::read(layout.root(), layout.slug()).unwrap().unwrap();
        assert_eq!((read.database(), read.phase()), (None, Phase::Started));
    }

    #[test]
    fn what_is_not_ours_is_not_obeyed() {
        let folder = tempfile::tempdir().unwrap();
        let layout = layout(folder.path());
        let mut journal = Journal::new(&layout, "2026".to_owned(), Promises::default()).unwrap();
        journal.announce_swap(&layout, tree_of(&layout), None, None).unwrap();
        let good = fs::read_to_string(layout.journal()).unwrap();
        for (from, to, said) in [
            ("{", "", "cannot be read"),
            ("\"format\": 2", "\"format\": 5", "has format 5"),
            ("\"package\": null", "\"package\": \"../x\"", "package's checksum"),
            ("\"slug\": \"p\"", "\"slug\": \"q\"", "another plugin"),
            ("plugins/p/tree", "../../etc", "other paths"),
            ("\"backups/plugins\"", "\"backups/../..\"", "other folders"),
            ("\"backups/plugins\"", "\"/etc\"", "other folders"),
            ("\"backup\": null", "\"backup\": \"../x\"", "backup's name"),
            ("\"kept\": null", "\"kept\": \"../x\"", "version"),
            ("swap_announced", "started", "contradict"),
            ("\"place\": \"temp\"", "\"place\": \"plugins\"", "other paths"),
            (journal.operation(), "1", "operation id"),
        ] {
            assert!(good.contains(from), "{from}");
            fs::write(layout.journal(), good.replacen(from, to, 1)).unwrap();
            let fault = Journal::read(layout.root(), layout.slug()).unwrap_err().to_string();
            assert!(fault.contains(said), "{from}: {fault}");
        }
        fs::write(layout.journal(), "").unwrap();
        assert!(Journal::read(layout.root(), layout.slug()).is_err());
    }
}
