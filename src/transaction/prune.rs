//! What is kept of a plugin and may go by now: looked at under its locks, decided by `retention`, removed one by one, the
//! oldest first (SPEC 2 §10). Whatever is broken off leaves less to do.

use std::collections::BTreeSet;
use std::path::PathBuf;

use chrono::NaiveDateTime;

use super::kept_archive::{Asked, FoundArchive};
use super::needed::Needed;
use super::sharing::Sharing;
use super::{Context, Life, TransactionError, messages};
use crate::base::db::Database;
use crate::base::failpoint;
use crate::config::Retention;
use crate::history::{self, PastEntry, ToldMigrations};
use crate::ledger;
use crate::log::Message;
use crate::migrate::MigrationRecord;
use crate::model::{GestorRoot, Slug};
use crate::package::KeptPackages;
use crate::registry::{self, State};
use crate::retention::{Decision, Facts, KeptFile, KeptPackage, PastOperation, decide};
use crate::stage;
use crate::stage::retained::{self, Retained};

/// Seconds by which the clock of a disk may differ from that of the history.
const CLOCKS: i64 = 2;
/// Seconds that an operation of which no end is known may have taken.
const UNENDED: i64 = 3600;

/// Something that was pruned, or would be.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Pruned {
    /// The plugin.
    pub slug: String,
    /// `pacote`, `backup`, `arquivo`, `copia` or `historico`.
    pub tipo: &'static str,
    /// The file's name; of the history, how many rows.
    pub nome: String,
    /// Bytes that are free then.
    pub bytes: u64,
}

/// How it is pruned.
#[derive(Debug, Clone, Copy)]
pub struct Pruning<'p> {
    /// What stays.
    pub policy: &'p Retention,
    /// Files that no operation of the history made go as well.
    pub aliens: bool,
    /// Nothing is removed.
    pub dry_run: bool,
    /// Somebody asked for it, and reads what is told; else it is in the log.
    pub is_asked_for: bool,
}

/// Prunes a plugin. What cannot be removed is told, and not said to be; what another database may need is told as well.
pub fn prune(
    cx: &mut Context<'_>,
    kept: &KeptPackages<'_>,
    pruning: Pruning<'_>,
) -> Result<Vec<Pruned>, TransactionError> {
    let now = cx.reporter.clock().now();
    let known = Known::read(&mut cx.session.database, kept, now.timestamp())?;
    let mut facts = known.facts();
    let mut decided = decide(pruning.policy, &facts, pruning.aliens);
    if !decided.packages.is_empty() {
        // Only then it matters which migrations a package has.
        known.look_into(&mut cx.session.database, kept, &mut facts)?;
        decided = decide(pruning.policy, &facts, pruning.aliens);
    }
    if !decided.others.is_empty() {
        let told = messages::stays_for_others(kept.slug.as_str(), &decided.others);
        cx.reporter.message(if pruning.is_asked_for {
            Message::Warning(told)
        } else {
            Message::Told(told)
        });
    }
    let mut pruned = known.files(&decided, pruning, (kept.root, kept.slug), cx);
    pruned.extend(known.rows(&decided, pruning, &mut cx.session.database)?);
    Ok(pruned)
}

/// All that is known of what is kept.
struct Known {
    slug: Slug,
    now: i64,
    packages: Vec<(crate::stage::kept::KeptPackage, Retained)>,
    backups: Vec<Retained>,
    archives: Vec<FoundArchive>,
    copies: Vec<Retained>,
    checksums: Vec<Retained>,
    history: Vec<PastEntry>,
    told: Vec<ToldMigrations>,
    state: State,
    origin: Option<String>,
    sharing: Sharing,
    /// SHA-256 of packages that somebody needs.
    needed: BTreeSet<String>,
    pinned: BTreeSet<String>,
    /// A database needs packages that are not known.
    is_unknown: bool,
    /// Numbers that the base names.
    based: BTreeSet<u64>,
    last: Option<u64>,
}

impl Known {
    fn read(database: &mut Database, kept: &KeptPackages<'_>, now: i64) -> Result<Self, TransactionError> {
        let (root, slug) = (kept.root, kept.slug);
        let sharing = Sharing::read(database, root)?;
        let claims = sharing.claims(slug);
        let Needed { packages, mut pinned } = Needed::read(database, slug)?;
        let mut needed: BTreeSet<String> = sharing.packages(slug).into_iter().collect();
        needed.extend(packages.into_iter().chain(claims.packages));
        needed.extend(stage::installed_package(root, slug).map(|package| package.to_string()));
        pinned.extend(claims.pinned);
        let base = ledger::read(database, slug)?.base;
        let entries = base.values().flat_map(|table| &table.entries);
        Ok(Self {
            slug: slug.clone(),
            now,
            packages: retained::packages(root, slug)?,
            backups: retained::backups(root, slug)?,
            archives: FoundArchive::read(root, slug, retained::archives(root, slug)?)?,
            copies: retained::copies(root, slug)?,
            checksums: retained::lone_checksums(root, slug)?,
            history: history::past(database, slug)?,
            told: history::told_migrations(database, slug)?,
            state: registry::read_state(database, slug)?.unwrap_or_default(),
            origin: registry::origin(database)?.map(|origin| origin.to_string()),
            sharing,
            needed,
            pinned,
            is_unknown: claims.is_unknown,
            based: entries.flat_map(|entry| [entry.since, entry.until]).collect(),
            last: history::last(database, slug)?.map(|entry| entry.id),
        })
    }

    /// Nothing is known to be left to do.
    fn is_settled(&self) -> bool {
        self.state.pending.is_none()
    }

    fn asked(&self) -> Asked<'_> {
        Asked {
            slug: &self.slug,
            state: &self.state,
            history: &self.history,
            told: &self.told,
            origin: self.origin.as_deref(),
            sharing: &self.sharing,
        }
    }

    /// Files that do not say whose they are may be another database's.
    fn may_be_of_others(&self) -> bool {
        let asked = self.asked();
        self.sharing.may_have_others() || self.archives.iter().any(|archive| archive.is_foreign(&asked))
    }

    fn facts(&self) -> Facts {
        let asked = self.asked();
        let archives = self
            .archives
            .iter()
            .map(|archive| archive.fact(&asked, self.is_settled()));
        Facts {
            now: self.now,
            packages: self.packages.iter().map(|package| self.package(package)).collect(),
            backups: self.backups.iter().map(|file| self.backup(file)).collect(),
            archives: archives.collect(),
            copies: self.copies.iter().map(|file| self.copy(file)).collect(),
            checksums: self.checksums.iter().map(of_file).collect(),
            history: self.history.iter().map(|entry| self.past(entry)).collect(),
        }
    }

    fn package(&self, (package, file): &(crate::stage::kept::KeptPackage, Retained)) -> KeptPackage {
        let is_of = |set: &BTreeSet<String>| package.sha256.as_ref().is_some_and(|sha256| set.contains(sha256));
        let is_it = |entry: &PastEntry| entry.checksum.is_some() && entry.checksum == package.sha256;
        KeptPackage {
            file: KeptFile {
                is_named: self.history.iter().any(is_it),
                is_needed: self.pinned.contains(&package.version) || !self.is_settled() || is_of(&self.needed),
                is_others: self.is_unknown,
                ..of_file(file)
            },
            sha256: package.sha256.clone(),
            applied: Some(BTreeSet::new()),
        }
    }

    /// A backup says by nothing but its name and its time whose it is: where others may have made it, it is ours only where
    /// that was noted.
    fn backup(&self, file: &Retained) -> KeptFile {
        let is_noted = self.sharing.has_made(&self.slug, &file.name);
        KeptFile {
            is_named: is_noted || self.history.iter().any(|entry| has_made(entry, file.written)),
            is_needed: !self.is_settled(),
            is_others: !is_noted && self.may_be_of_others(),
            ..of_file(file)
        }
    }

    /// A copy is this database's where its history names it.
    fn copy(&self, file: &Retained) -> KeptFile {
        let mut records = self.told.iter().map(|told| MigrationRecord::read(&told.text));
        let is_named = records.any(|record| record.copies.contains(&file.name));
        KeptFile {
            is_named,
            is_needed: !self.is_settled(),
            is_others: self.sharing.has_twin() || !is_named && self.may_be_of_others(),
            ..of_file(file)
        }
    }

    fn past(&self, entry: &PastEntry) -> PastOperation {
        let id = entry.id;
        let points = [self.state.point, self.state.previous_point, self.last];
        let is_kept = |sha256: &String| {
            self.packages
                .iter()
                .any(|(package, _)| package.sha256.as_ref() == Some(sha256))
        };
        PastOperation {
            id,
            began: seconds(&entry.began),
            is_needed: points.contains(&Some(id))
                || self.based.contains(&id)
                || entry.has_migrations
                || !self.is_settled()
                || entry.checksum.as_ref().is_some_and(is_kept),
        }
    }

    /// Which applied migrations each package has. One that cannot be looked into stays.
    fn look_into(
        &self,
        database: &mut Database,
        kept: &KeptPackages<'_>,
        facts: &mut Facts,
    ) -> Result<(), TransactionError> {
        // Which ones another database has applied is not known: all that a package has counts then.
        let applied = if self.may_be_of_others() {
            None
        } else {
            Life::read(database, kept.slug)?.applied(database, kept.slug)?
        };
        for (fact, (package, _)) in facts.packages.iter_mut().zip(&self.packages) {
            let opened = kept.open(Some(&package.version), package.sha256.as_deref());
            let versions = opened.ok().flatten().map(|package| package.migration_versions());
            fact.applied = versions.map(|mut versions| {
                versions.retain(|version| applied.as_ref().is_none_or(|applied| applied.contains(version)));
                versions
            });
        }
        Ok(())
    }

    /// Removes files. The packages last: until then what they are needed for is whole.
    fn files(
        &self,
        decided: &Decision,
        pruning: Pruning<'_>,
        (root, slug): (&GestorRoot, &Slug),
        cx: &Context<'_>,
    ) -> Vec<Pruned> {
        let mut pruned = Vec::new();
        let mut remove = |tipo: &'static str, file: &Retained, remove: &dyn Fn(&PathBuf) -> Result<(), _>| {
            let done = if pruning.dry_run { Ok(()) } else { remove(&file.path) };
            match done {
                Ok(()) => pruned.push(Pruned {
                    slug: slug.to_string(),
                    tipo,
                    nome: file.name.clone(),
                    bytes: file.bytes,
                }),
                Err(fault) => cx.reporter.message(Message::warning(&fault)),
            }
            failpoint::reach("pruned");
        };
        for file in picked(&decided.archives, &self.archives.iter().map(|archive| &archive.file)) {
            remove("arquivo", file, &|path| retained::remove_archive(root, slug, path));
        }
        for file in picked(&decided.backups, &self.backups.iter()) {
            remove("backup", file, &|path| retained::remove(path));
        }
        for file in picked(&decided.copies, &self.copies.iter()) {
            remove("copia", file, &|path| retained::remove(path));
        }
        for file in picked(&decided.checksums, &self.checksums.iter()) {
            remove("pacote", file, &|path| retained::remove(path));
        }
        for file in picked(&decided.packages, &self.packages.iter().map(|(_, file)| file)) {
            remove("pacote", file, &|path| retained::remove_package(path));
        }
        pruned
    }

    /// Removes rows of the history, and values set aside for ways back that are gone.
    fn rows(
        &self,
        decided: &Decision,
        pruning: Pruning<'_>,
        database: &mut Database,
    ) -> Result<Option<Pruned>, TransactionError> {
        if !pruning.dry_run {
            if let Some(oldest) = self.oldest_way_back(decided) {
                registry::drop_saved(database, &self.slug, oldest)?;
            }
            history::remove(database, &decided.history)?;
        }
        let count = decided.history.len();
        Ok((count > 0).then(|| Pruned {
            slug: self.slug.to_string(),
            tipo: "historico",
            nome: count.to_string(),
            bytes: 0,
        }))
    }

    /// The oldest point whose package stays, where packages go: what was set aside up to it leads nowhere any more.
    fn oldest_way_back(&self, decided: &Decision) -> Option<u64> {
        if decided.packages.is_empty() {
            return None;
        }
        let stays = |sha256: &String| {
            let mut packages = self.packages.iter();
            packages.any(|(package, file)| {
                package.sha256.as_ref() == Some(sha256) && !decided.packages.contains(&file.name)
            })
        };
        let points = self
            .history
            .iter()
            .filter(|entry| entry.checksum.as_ref().is_some_and(stays));
        points.map(|entry| entry.id).min()
    }
}

/// In the order in which it was decided.
fn picked<'f>(names: &[String], files: &(impl Iterator<Item = &'f Retained> + Clone)) -> Vec<&'f Retained> {
    let find = |name: &String| files.clone().find(|file| file.name == *name);
    names.iter().filter_map(find).collect()
}

fn of_file(file: &Retained) -> KeptFile {
    KeptFile {
        name: file.name.clone(),
        bytes: file.bytes,
        written: file.written,
        is_named: false,
        is_needed: false,
        is_others: false,
    }
}

/// Whether a file was written while an operation ran.
fn has_made(entry: &PastEntry, written: i64) -> bool {
    let began = seconds(&entry.began);
    let ended = entry.ended.as_deref().map_or(began + UNENDED, seconds);
    (began - CLOCKS..=ended + CLOCKS).contains(&written)
}

/// A time as the history has it, in seconds; one that cannot be read is now and never old.
fn seconds(text: &str) -> i64 {
    let read = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f");
    read.map_or(i64::MAX / 4, |time| time.and_utc().timestamp())
}
