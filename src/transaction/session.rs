//! What every operation on plugins holds: their process locks, the connection, and their database locks on that
//! connection. Locks of several plugins are taken in the order of their slugs, so that no two operations wait for each
//! other.

use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::{SiteAccess, TransactionReporter, messages};
use crate::base::db::{self, Database, DbError};
use crate::base::fs::{FileLock, FsError, Holder, LockError, missing_folders, remove_empty_folder, remove_file};
use crate::log::LogFile;
use crate::model::{GestorRoot, Phrase, Slug};
use crate::stage::running::RunningFiles;
use crate::stage::{self, StageError};

/// Why the locks of a plugin were not taken.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The call named no database.
    #[error("parameter `db` is missing: give host or socket, nome, usuario and senha of the gestor's database")]
    NoDatabase,
    /// The folder is no gestor.
    #[error("{} is no gestor: it has no config.php; give the folder with config.php as `raiz`", root.display())]
    NoGestor {
        /// What was given.
        root: PathBuf,
    },
    /// Another operation runs, here or on another server of the same database.
    #[error(
        "another operation on plugin {slug} is running ({holder}): wait until it has ended and try again, or give it time with `espera_lock`"
    )]
    Busy {
        /// The plugin.
        slug: String,
        /// Who holds the lock, since when.
        holder: Phrase,
    },
    /// The caller said stop while the lock was waited for.
    #[error("cancelled while waiting for the lock of the plugin")]
    Stopped,
    /// The lock file.
    #[error(transparent)]
    Files(#[from] FsError),
    /// The folders of the site.
    #[error(transparent)]
    Premises(#[from] StageError),
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
}

/// The locks and the connection of one operation. Dropping it releases all of them.
#[derive(Debug)]
pub struct Session {
    /// The connection that holds the database locks.
    pub database: Database,
    /// The plugins, in the order of their slugs.
    slugs: Vec<Slug>,
    /// What others see; it goes before the locks do.
    shown: Option<Shown>,
    locks: Vec<(FileLock, Traces)>,
}

/// The files by which others see an operation; dropping it takes them away, whoever still knows of them.
#[derive(Debug)]
struct Shown(Rc<RunningFiles>);

impl Shown {
    fn begin(root: &GestorRoot, slugs: &[Slug], reporter: &dyn TransactionReporter) -> Option<Self> {
        let files = Rc::new(RunningFiles::begin(root, slugs, reporter.about()?));
        reporter.show_in(&files);
        Some(Self(files))
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// What taking the lock made on disk, to be taken away again by an operation that must leave no trace.
#[derive(Debug, Default)]
struct Traces {
    lock_file: Option<PathBuf>,
    folders: Vec<PathBuf>,
}

impl Session {
    /// Takes the process locks, connects, and takes the database locks (SPEC §5.2).
    pub fn open(
        site: SiteAccess<'_>,
        slugs: &[&Slug],
        reporter: &dyn TransactionReporter,
    ) -> Result<Self, SessionError> {
        let settings = site.database.ok_or(SessionError::NoDatabase)?;
        check_root(site.root)?;
        stage::check_premises(site.root)?;
        let mut slugs: Vec<Slug> = slugs.iter().copied().cloned().collect();
        slugs.sort();
        slugs.dedup();
        let started = Instant::now();
        let patience = Duration::from_secs(site.lock_wait);
        let left = || patience.saturating_sub(started.elapsed());
        let mut locks = Vec::new();
        for slug in &slugs {
            locks.push(take_file_lock(site, slug, left(), reporter)?);
        }
        let shown = Shown::begin(site.root, &slugs, reporter);
        let mut database = Database::connect(settings)?;
        for slug in &slugs {
            let patience = left().max(for_the_dead(site, slug));
            take_database_lock(&mut database, slug, patience, reporter)?;
        }
        Ok(Self {
            database,
            slugs,
            shown,
            locks,
        })
    }

    /// Takes the locks of more plugins. None of them is waited for: their order is no longer that of the slugs, and two
    /// operations could wait for each other.
    ///
    /// # Errors
    /// [`SessionError::Busy`]; what was taken of them is held until the session ends.
    pub fn extend(
        &mut self,
        site: SiteAccess<'_>,
        slugs: &[Slug],
        reporter: &dyn TransactionReporter,
    ) -> Result<(), SessionError> {
        for slug in slugs
            .iter()
            .filter(|slug| !self.slugs.contains(slug))
            .collect::<Vec<_>>()
        {
            let taken = take_file_lock(site, slug, Duration::ZERO, reporter)?;
            self.locks.push(taken);
            let patience = for_the_dead(site, slug);
            take_database_lock(&mut self.database, slug, patience, reporter)?;
            self.slugs.push(slug.clone());
            self.slugs.sort();
        }
        Ok(())
    }

    /// Connects again after the connection was lost, and takes all database locks again: once they are ours, the server
    /// has finished whatever the lost connection was doing.
    pub fn reconnect(&mut self, site: SiteAccess<'_>, reporter: &dyn TransactionReporter) -> Result<(), SessionError> {
        let settings = site.database.ok_or(SessionError::NoDatabase)?;
        self.database = Database::connect(settings)?;
        for slug in &self.slugs {
            take_database_lock(&mut self.database, slug, RECONNECT_PATIENCE, reporter)?;
        }
        Ok(())
    }

    /// Ends an operation that leaves no trace: what taking the locks made is removed.
    pub fn close_without_trace(self) {
        let Self {
            database, shown, locks, ..
        } = self;
        drop(shown);
        for (_, traces) in locks.iter().rev() {
            if let Some(path) = &traces.lock_file {
                let _ = remove_file(path);
            }
            for folder in traces.folders.iter().rev() {
                let _ = remove_empty_folder(folder);
            }
        }
        drop(locks);
        drop(database);
    }
}

/// The log of a gestor, for one plugin.
pub fn log_of(root: &GestorRoot, slug: &str) -> LogFile {
    LogFile::new(root.log(), slug, stage::log_owner(root).ok())
}

/// A call with the folder of something else makes nothing there.
pub fn check_root(root: &GestorRoot) -> Result<(), SessionError> {
    if stage::is_gestor(root) {
        return Ok(());
    }
    Err(SessionError::NoGestor {
        root: root.as_path().to_owned(),
    })
}

/// Where staging stands although its process lock was free, a run was killed here a moment ago perhaps, and the server
/// still has its session: that is waited for, whatever the caller's patience is.
fn for_the_dead(site: SiteAccess<'_>, slug: &Slug) -> Duration {
    if site.waits_for_the_dead && site.root.staging(slug).exists() {
        DEATH_PATIENCE
    } else {
        Duration::ZERO
    }
}

/// How long a session of a killed process may block the next operation.
const DEATH_PATIENCE: Duration = Duration::from_secs(10);

/// How long a server may take to end a session whose client is gone.
const RECONNECT_PATIENCE: Duration = Duration::from_secs(20);

/// How often the folder of the lock may vanish before that is a fault.
const FOLDER_TRIES: u32 = 16;

fn take_file_lock(
    site: SiteAccess<'_>,
    slug: &Slug,
    patience: Duration,
    reporter: &dyn TransactionReporter,
) -> Result<(FileLock, Traces), SessionError> {
    let path = site.root.lock_file(slug);
    let traces = Traces {
        lock_file: (!path.exists()).then(|| path.clone()),
        folders: missing_folders(site.root.as_path(), &site.root.work()),
    };
    let owner = stage::work_owner(site.root)?;
    let holder = Holder::this_process(reporter.clock().now().to_rfc3339());
    let take = || -> Result<FileLock, SessionError> {
        stage::prepare_work(site.root)?;
        let lock = FileLock::take(&path, &holder, Some(owner), patience, || reporter.is_wanted());
        lock.map_err(|fault| refused(fault, slug))
    };
    let mut lock = take();
    // A dry run that ends takes its folders away with it, at any moment.
    for _ in 0..FOLDER_TRIES {
        match &lock {
            Err(SessionError::Files(fault) | SessionError::Premises(StageError::Fs(fault))) if fault.is_absent() => {
                lock = take();
            }
            _ => break,
        }
    }
    Ok((lock?, traces))
}

fn refused(fault: LockError, slug: &Slug) -> SessionError {
    match fault {
        LockError::Held { holder, .. } => {
            let holder = holder.map_or(messages::ANOTHER_PROCESS, |holder| Phrase::of(&holder));
            SessionError::Busy {
                slug: slug.to_string(),
                holder,
            }
        }
        LockError::Stopped { .. } => SessionError::Stopped,
        LockError::Fs(fault) => SessionError::Files(fault),
    }
}

fn take_database_lock(
    database: &mut Database,
    slug: &Slug,
    patience: Duration,
    reporter: &dyn TransactionReporter,
) -> Result<(), SessionError> {
    let name = lock_name(database.name(), slug);
    let started = Instant::now();
    loop {
        let left = patience.saturating_sub(started.elapsed());
        if database.get_lock(&name, u64::from(!left.is_zero()))? {
            return Ok(());
        }
        if !reporter.is_wanted() {
            return Err(SessionError::Stopped);
        }
        if left.is_zero() {
            let holder = database_holder(database, &name);
            return Err(SessionError::Busy {
                slug: slug.to_string(),
                holder,
            });
        }
    }
}

/// Name of the database lock, which fits whatever the names of database and plugin are.
fn lock_name(database: &str, slug: &Slug) -> String {
    db::lock_name("gestor_plugins:", &format!("{database}\0{slug}"))
}

fn database_holder(database: &mut Database, lock: &str) -> Phrase {
    let Ok(Some(id)) = database.is_used_lock(lock) else {
        return messages::ANOTHER_SERVER;
    };
    let sql = "SELECT HOST, DATE_FORMAT(NOW() - INTERVAL TIME SECOND, '%Y-%m-%d %H:%i:%s') \
               FROM information_schema.PROCESSLIST WHERE ID = ?";
    let row = database
        .exec_rows(sql, (id,))
        .ok()
        .and_then(|rows| rows.into_iter().next());
    let facts = row.and_then(|mut row| Some((row.take::<String, _>(0)?, row.take::<String, _>(1)?)));
    let facts = facts.as_ref().map(|(host, since)| (host.as_str(), since.as_str()));
    messages::database_connection(id, facts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_name_fits_and_tells_plugins_apart() {
        let slug = |name: &str| Slug::normalize(name).unwrap();
        let long = lock_name(&"d".repeat(64), &slug(&"p".repeat(90)));
        assert!(long.len() <= 64, "{long}");
        assert_ne!(lock_name("a", &slug("p")), lock_name("b", &slug("p")));
        assert_ne!(lock_name("a", &slug("p")), lock_name("a", &slug("q")));
    }
}
