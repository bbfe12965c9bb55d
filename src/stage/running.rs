//! What others see of an operation that runs: `temp/plugins/<slug>.progress`, one small file that is written again and again
//! in place, and `<slug>.cancel`, by which others ask it to stop. Informs only: no operation fails because of them, and
//! whether one runs is what its lock says.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{StageError, premises};
use crate::base::fs::{
    Holder, LockState, file_names, lock_state, open_trusted, random_hex, read_all, remove_file, replace_file,
    write_whole,
};
use crate::model::{GestorRoot, Slug};

/// Between two writes, and between two looks at what others ask.
const PAUSE: Duration = Duration::from_millis(100);
/// For the site's group to read, and nobody else.
const MODE: u32 = 0o640;
/// Bytes of such a file at most.
const LIMIT: u64 = 64 << 10;
/// A write is as long as the longest before it, and this at least: who reads meanwhile finds one of the two.
const LENGTH: usize = 1024;

/// What others are told of an operation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Its number, by which it is asked to stop.
    pub operacao: String,
    /// The catalogue's word of what was called.
    pub acao: String,
    /// Since when.
    pub desde: String,
    /// Who asked for it.
    pub ator: Option<String>,
    /// It has committed, and cannot be stopped any more.
    pub confirmada: bool,
    /// How far it is, as a progress callback is told.
    pub progresso: Value,
}

/// The files of a running operation, one a plugin.
#[derive(Debug)]
pub struct RunningFiles {
    root: GestorRoot,
    slugs: Vec<Slug>,
    /// Those that were made: none of a plugin of which an interrupted run's still say what it was.
    files: RefCell<Vec<(Slug, File)>>,
    about: RefCell<About>,
    length: Cell<usize>,
    written: Cell<Option<Instant>>,
    looked: Cell<Option<Instant>>,
    is_stop_wanted: Cell<bool>,
}

impl RunningFiles {
    /// Begins to show an operation on plugins whose locks are held. What an earlier one left is replaced once nothing of
    /// it waits to be finished or undone.
    pub fn begin(root: &GestorRoot, slugs: &[Slug], about: About) -> Self {
        let operacao = random_hex().unwrap_or_default();
        let made = Self {
            root: root.clone(),
            slugs: slugs.to_vec(),
            files: RefCell::default(),
            about: RefCell::new(About { operacao, ..about }),
            length: Cell::new(LENGTH),
            written: Cell::new(None),
            looked: Cell::new(None),
            is_stop_wanted: Cell::new(false),
        };
        made.write();
        made
    }

    /// How far it is. Written at most ten times a second, and at each new step.
    pub fn tell(&self, progress: Value, is_new: bool) {
        self.about.borrow_mut().progresso = progress;
        if is_new || self.written.get().is_none_or(|at| at.elapsed() >= PAUSE) {
            self.write();
        }
    }

    /// From here on it cannot be stopped.
    pub fn commit(&self) {
        self.about.borrow_mut().confirmada = true;
        self.write();
    }

    /// Whether somebody asked for this operation to stop.
    pub fn is_stop_wanted(&self) -> bool {
        let is_due = self.looked.get().is_none_or(|at| at.elapsed() >= PAUSE);
        if !self.is_stop_wanted.get() && is_due && !self.files.borrow().is_empty() {
            self.looked.set(Some(Instant::now()));
            let operation = &self.about.borrow().operacao;
            let is_meant = |slug: &Slug| asked(&self.root, slug).is_some_and(|asked| asked == *operation);
            self.is_stop_wanted.set(self.slugs.iter().any(is_meant));
        }
        self.is_stop_wanted.get()
    }

    /// Ends it: the files go, also those of an interrupted run that this operation has settled. To be called before the
    /// locks are released.
    pub fn end(&self) {
        self.files.take();
        for slug in self.slugs.iter().filter(|slug| !waits(&self.root, slug)) {
            let _ = remove_file(&self.root.progress_file(slug));
            let _ = remove_file(&self.root.cancel_file(slug));
        }
    }

    fn write(&self) {
        self.written.set(Some(Instant::now()));
        self.make();
        let mut text = serde_json::to_vec(&*self.about.borrow()).unwrap_or_default();
        self.length.set(self.length.get().max(text.len()));
        text.resize(self.length.get(), b' ');
        for (_, file) in self.files.borrow().iter() {
            let _ = file.write_all_at(&text, 0);
        }
    }

    /// The files that are not there yet, and may be.
    fn make(&self) {
        let mut files = self.files.borrow_mut();
        for slug in &self.slugs {
            if files.iter().all(|(made, _)| made != slug) && !waits(&self.root, slug) {
                files.extend(file_of(&self.root, slug).map(|file| (slug.clone(), file)));
            }
        }
    }
}

/// Whether an interrupted run waits to be finished or undone.
fn waits(root: &GestorRoot, slug: &Slug) -> bool {
    std::fs::symlink_metadata(root.journal(slug)).is_ok()
}

/// An empty file for an operation. What asked an earlier one to stop goes.
fn file_of(root: &GestorRoot, slug: &Slug) -> Option<File> {
    let owner = premises::owner(root).ok()?;
    let _ = remove_file(&root.cancel_file(slug));
    replace_file(&root.progress_file(slug), Some(owner), MODE).ok()
}

/// What is found of an operation on a plugin.
#[derive(Debug, Clone, PartialEq)]
pub struct Running {
    /// What it told last, where it told anything that can be read.
    pub about: Option<About>,
    /// Who holds the lock; nobody where the operation was interrupted.
    pub lock: LockState,
    /// It was asked to stop.
    pub is_stop_wanted: bool,
}

impl Running {
    /// Nobody works on it any more, and it did not end by itself.
    pub fn is_interrupted(&self) -> bool {
        self.lock == LockState::Free
    }

    /// Who works on it.
    pub fn holder(&self) -> Option<&Holder> {
        match &self.lock {
            LockState::Held(holder) => holder.as_ref(),
            LockState::Free => None,
        }
    }
}

/// The operation on a plugin; nothing where none runs and none was interrupted. A file that a stranger wrote is none.
pub fn running(root: &GestorRoot, slug: &Slug) -> Result<Option<Running>, StageError> {
    let both = || -> Result<_, StageError> { Ok((lock_state(&root.lock_file(slug))?, about(root, slug))) };
    let (lock, about) = match both()? {
        // Between the two looks it may have ended, or another one may have begun.
        (LockState::Free, Some(_)) => both()?,
        found => found,
    };
    if about.is_none() && lock == LockState::Free {
        return Ok(None);
    }
    let operation = about.as_ref().map(|about| about.operacao.clone());
    Ok(Some(Running {
        is_stop_wanted: operation.is_some() && asked(root, slug) == operation,
        about,
        lock,
    }))
}

/// The plugins of which a file of progress or a lock stands.
pub fn shown(root: &GestorRoot) -> Result<Vec<Slug>, StageError> {
    let names = match file_names(&root.work()) {
        Err(fault) if fault.is_absent() => Vec::new(),
        names => names?,
    };
    let of = |name: &String| {
        let slug = name.strip_suffix(".progress").or_else(|| name.strip_suffix(".lock"))?;
        Slug::normalize(slug).ok().filter(|found| found.as_str() == slug)
    };
    let mut slugs: Vec<Slug> = names.iter().filter_map(of).collect();
    slugs.sort();
    slugs.dedup();
    Ok(slugs)
}

/// Asks an operation to stop.
pub fn ask_to_stop(root: &GestorRoot, slug: &Slug, operation: &str) -> Result<(), StageError> {
    let owner = premises::work_owner(root)?;
    Ok(write_whole(&root.cancel_file(slug), Some(owner), operation.as_bytes())?)
}

/// Takes back what was asked of an operation that has ended.
pub fn forget_stop(root: &GestorRoot, slug: &Slug) {
    let _ = remove_file(&root.cancel_file(slug));
}

fn about(root: &GestorRoot, slug: &Slug) -> Option<About> {
    let text = trusted(root, &root.progress_file(slug))?;
    serde_json::from_slice(text.trim_ascii()).ok()
}

fn asked(root: &GestorRoot, slug: &Slug) -> Option<String> {
    let text = trusted(root, &root.cancel_file(slug))?;
    String::from_utf8(text).ok().filter(|text| !text.is_empty())
}

fn trusted(root: &GestorRoot, path: &Path) -> Option<Vec<u8>> {
    let owner = premises::work_owner(root).ok()?;
    let file = open_trusted(path, owner, true).ok()??;
    read_all(file, path, LIMIT).ok()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    use super::*;
    use crate::base::fs::FileLock;

    fn gestor() -> (tempfile::TempDir, GestorRoot, Slug) {
        let folder = tempfile::tempdir().unwrap();
        let root = GestorRoot::new(folder.path());
        fs::create_dir_all(root.plugins()).unwrap();
        fs::create_dir_all(root.work()).unwrap();
        (folder, root, Slug::normalize("p").unwrap())
    }

    fn lock(root: &GestorRoot, slug: &Slug) -> FileLock {
        let holder = Holder::this_process("2026-01-02T03:04:05Z".to_owned());
        FileLock::take(&root.lock_file(slug), &holder, None, Duration::ZERO, || true).unwrap()
    }

    fn begun(root: &GestorRoot, slug: &Slug) -> RunningFiles {
        let about = About {
            acao: "install".to_owned(),
            ..About::default()
        };
        RunningFiles::begin(root, std::slice::from_ref(slug), about)
    }

    #[test]
    fn an_operation_is_shown_while_it_runs_and_leaves_nothing() {
        let (_folder, root, slug) = gestor();
        assert_eq!(running(&root, &slug).unwrap(), None);
        let held = lock(&root, &slug);
        let files = begun(&root, &slug);
        let found = running(&root, &slug).unwrap().unwrap();
        assert!(!found.is_interrupted() && found.holder().is_some_and(|holder| holder.pid == std::process::id()));
        let mode = fs::metadata(root.progress_file(&slug)).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, MODE);
        let inode = || fs::metadata(root.progress_file(&slug)).unwrap().ino();
        let first = inode();
        files.tell(serde_json::json!({"mensagem": "x".repeat(5000)}), true);
        files.tell(serde_json::json!({"mensagem": "y"}), true);
        assert_eq!(about(&root, &slug).unwrap().progresso["mensagem"], "y");
        assert_eq!(inode(), first, "rewritten in place");
        assert_eq!(shown(&root).unwrap(), std::slice::from_ref(&slug));
        files.end();
        drop(held);
        assert_eq!(running(&root, &slug).unwrap(), None);
        let left: Vec<_> = fs::read_dir(root.work())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(left, ["p.lock"]);
    }

    #[test]
    fn it_is_written_ten_times_a_second_at_most() {
        let (_folder, root, slug) = gestor();
        let files = begun(&root, &slug);
        for done in 0..1000 {
            files.tell(serde_json::json!({"feito": done}), false);
        }
        let told = about(&root, &slug).unwrap().progresso;
        assert!(told.is_null() || told["feito"].as_u64() < Some(999), "{told}");
        std::thread::sleep(PAUSE);
        files.tell(serde_json::json!({"feito": 1000}), false);
        assert_eq!(about(&root, &slug).unwrap().progresso["feito"], 1000);
    }

    #[test]
    fn only_the_operation_that_is_meant_is_stopped() {
        let (_folder, root, slug) = gestor();
        ask_to_stop(&root, &slug, "of before").unwrap();
        let files = begun(&root, &slug);
        assert!(!files.is_stop_wanted());
        ask_to_stop(&root, &slug, "of another").unwrap();
        std::thread::sleep(PAUSE);
        assert!(!files.is_stop_wanted());
        let operation = about(&root, &slug).unwrap().operacao;
        ask_to_stop(&root, &slug, &operation).unwrap();
        std::thread::sleep(PAUSE);
        assert!(files.is_stop_wanted());
    }

    #[test]
    fn one_whose_lock_is_free_was_interrupted() {
        let (_folder, root, slug) = gestor();
        let held = lock(&root, &slug);
        std::mem::forget(begun(&root, &slug));
        drop(held);
        assert!(running(&root, &slug).unwrap().unwrap().is_interrupted());
        // The next one takes its place.
        let files = begun(&root, &slug);
        files.end();
        assert_eq!(running(&root, &slug).unwrap(), None);
    }

    /// Whoever settles it need not have told anything of itself after that.
    #[test]
    fn what_an_interrupted_one_told_goes_when_it_is_settled() {
        let (_folder, root, slug) = gestor();
        std::mem::forget(begun(&root, &slug));
        fs::create_dir_all(root.staging(&slug)).unwrap();
        fs::write(root.journal(&slug), "{}").unwrap();
        begun(&root, &slug).end();
        assert!(running(&root, &slug).unwrap().is_some(), "it still waits");
        let files = begun(&root, &slug);
        fs::remove_file(root.journal(&slug)).unwrap();
        files.end();
        assert_eq!(running(&root, &slug).unwrap(), None);
    }

    #[test]
    fn the_files_of_strangers_say_nothing() {
        let (_folder, root, slug) = gestor();
        let files = begun(&root, &slug);
        let operation = about(&root, &slug).unwrap().operacao;
        ask_to_stop(&root, &slug, &operation).unwrap();
        std::os::unix::fs::chown(root.cancel_file(&slug), Some(65534), Some(65534)).expect("root runs these tests");
        assert!(!files.is_stop_wanted());
        std::os::unix::fs::chown(root.progress_file(&slug), Some(65534), Some(65534)).unwrap();
        assert_eq!(about(&root, &slug), None);
        fs::remove_file(root.progress_file(&slug)).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", root.progress_file(&slug)).unwrap();
        assert_eq!(about(&root, &slug), None);
    }
}
