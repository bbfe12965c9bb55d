//! One tree, several databases; a database from another day (SPEC 2 §16): what the list of a tree's databases says, and
//! what an operation leaves in it. The list is never a reason to fail: whoever cannot read or write it is told, and goes on.

use super::domains::domains_of;
use super::needed::Needed;
use super::{Context, TransactionError, TransactionReporter, messages};
use crate::base::db::Database;
use crate::base::fs::Holder;
use crate::history;
use crate::log::Message;
use crate::model::{GestorRoot, Phrase, Slug};
use crate::registry::{self, Point};
use crate::stage::bases::{self, Bases, BasesNotice, Claims, Here, KnownPoint, Neighbour, Noted};
use crate::stage::{self, Journal};

/// What the list of a tree's databases says, as one of them sees it.
#[derive(Debug, Default)]
pub struct Sharing {
    list: Bases,
    here: Here,
    notice: Option<BasesNotice>,
}

impl Sharing {
    /// Reads it. Makes nothing; where no database is listed, none is asked.
    pub fn read(database: &mut Database, root: &GestorRoot) -> Result<Self, TransactionError> {
        let (list, notice) = bases::read(root);
        let here = if list.is_empty() {
            Here::default()
        } else {
            here(database, root)?
        };
        Ok(Self { list, here, notice })
    }

    /// The other databases in which a plugin is installed.
    pub fn others(&self, slug: &Slug) -> Vec<Neighbour> {
        self.list.others(&self.here, slug)
    }

    /// The point of the plugin to which the tree belongs, where it is newer than what this database says (`counter` of its
    /// state, 0 without one): a dump was restored, or the server lost its last commits.
    pub fn restored(&self, slug: &Slug, counter: u64) -> Option<&KnownPoint> {
        self.list.newer(&self.here, slug.as_str(), counter)
    }

    /// SHA-256 of every package of the plugin that some database of this tree has installed.
    pub fn packages(&self, slug: &Slug) -> Vec<String> {
        self.list.packages(slug)
    }

    /// What the other databases need of what is kept of a plugin. Where the list does not count nobody knows.
    pub fn claims(&self, slug: &Slug) -> Claims {
        let mut claims = self.list.claims(&self.here, slug);
        claims.is_unknown |= !self.counts();
        claims
    }

    /// Whether the list counts, or none stands there.
    pub fn counts(&self) -> bool {
        self.notice.is_none()
    }

    /// Whether other databases may use this folder.
    pub fn may_have_others(&self) -> bool {
        !self.counts() || self.list.has_others(&self.here)
    }

    /// Whether another database of the folder has the same random id.
    pub fn has_twin(&self) -> bool {
        self.list.has_twin(&self.here)
    }

    /// Whether a backup of the plugin's tree is known to be of an operation of this database.
    pub fn has_made(&self, slug: &Slug, backup: &str) -> bool {
        let known = self
            .list
            .of(&self.here)
            .and_then(|base| base.plugins.get(slug.as_str()));
        known.is_some_and(|point| point.backups.contains(backup))
    }

    /// Says what is to be said of a plugin before anything is done.
    pub fn tell(&self, slug: &Slug, counter: u64, reporter: &dyn TransactionReporter) {
        if let Some(told) = self.warning(slug, counter) {
            reporter.message(Message::Warning(told));
        }
        self.tell_notice(reporter);
    }

    /// Says why the list that stands there does not count, where it does not.
    pub fn tell_notice(&self, reporter: &dyn TransactionReporter) {
        if let Some(notice) = &self.notice {
            reporter.message(Message::Warning(messages::notice(notice)));
        }
    }

    /// That this database is from another day, where it is.
    pub fn warning(&self, slug: &Slug, counter: u64) -> Option<Phrase> {
        self.restored(slug, counter)
            .map(|newer| messages::restored(slug.as_str(), newer, counter))
    }
}

/// How the list knows this database.
fn here(database: &mut Database, root: &GestorRoot) -> Result<Here, TransactionError> {
    let identity = registry::identify(database)?;
    let origin = registry::origin(database)?;
    let name = identity.as_ref().map(|found| found.name.clone());
    let name = name.unwrap_or_else(|| database.name().to_owned());
    Ok(Here {
        identity: identity
            .zip(origin)
            .map(|(found, origin)| (found.identity, origin.to_string())),
        domains: domains_of(root, &name),
        name,
    })
}

/// Says of a plugin what every operation on it says.
pub(super) fn tell(cx: &mut Context<'_>, slug: &Slug) -> Result<(), TransactionError> {
    tell_of(&mut cx.session.database, cx.site.root, slug, cx.reporter)
}

/// The same for who has a connection alone.
pub fn tell_of(
    database: &mut Database,
    root: &GestorRoot,
    slug: &Slug,
    reporter: &dyn TransactionReporter,
) -> Result<(), TransactionError> {
    let sharing = Sharing::read(database, root)?;
    let counter = if sharing.list.is_empty() {
        0
    } else {
        registry::points(database, Some(slug))?
            .first()
            .map_or(0, |point| point.counter)
    };
    sharing.tell(slug, counter, reporter);
    Ok(())
}

/// A committed operation, as the list notes it.
#[derive(Debug, Clone, Copy)]
pub struct Committed<'a> {
    /// Its number.
    pub operation: &'a str,
    /// It made tree and rows one, else it wrote rows alone.
    pub is_whole: bool,
    /// The backup of the tree that it made.
    pub backup: Option<&'a str>,
}

impl<'a> Committed<'a> {
    /// The one of a journal.
    pub(super) fn of(journal: &'a Journal) -> Self {
        Self {
            operation: journal.operation(),
            is_whole: !journal.is_of_rows(),
            backup: journal.backup(),
        }
    }
}

/// Notes what a committed operation left; whatever goes wrong is told. Can be repeated: recovery notes again what a killed
/// run may have noted.
pub fn note(cx: &mut Context<'_>, slug: &Slug, done: Committed<'_>) {
    let noted = try_note(cx, slug, done);
    tell_fault(noted, cx);
}

/// Notes that this database keeps nothing of a plugin but its history; whatever goes wrong is told.
pub(super) fn note_purged(cx: &mut Context<'_>, slug: &Slug) {
    let struck = strike(cx, slug);
    tell_fault(struck, cx);
}

fn tell_fault(done: Result<(), TransactionError>, cx: &Context<'_>) {
    if let Err(fault) = done {
        let told = messages::not_noted(&cx.site.root.bases(), &fault);
        cx.reporter.message(Message::Warning(told));
    }
}

/// The same for an operation that was killed: by its journal, and only where it committed.
pub(super) fn recover(cx: &mut Context<'_>, slug: &Slug, journal: &Journal) {
    match history::is_recorded(&mut cx.session.database, journal.operation()) {
        Ok(false) => {}
        Ok(true) => note(cx, slug, Committed::of(journal)),
        Err(fault) => cx.reporter.message(Message::warning(&fault)),
    }
}

fn strike(cx: &mut Context<'_>, slug: &Slug) -> Result<(), TransactionError> {
    let root = cx.site.root;
    if bases::read(root).0.is_empty() {
        return Ok(());
    }
    let here = here(&mut cx.session.database, root)?;
    let holder = Holder::this_process(cx.reporter.clock().now().to_rfc3339());
    Ok(bases::change(root, &holder, |list| list.strike(&here, slug))?)
}

fn try_note(cx: &mut Context<'_>, slug: &Slug, done: Committed<'_>) -> Result<(), TransactionError> {
    let (database, root) = (&mut cx.session.database, cx.site.root);
    let here = here(database, root)?;
    let holder = Holder::this_process(cx.reporter.clock().now().to_rfc3339());
    // One that is new to the list brings all of its plugins.
    let is_listed = bases::read(root).0.of(&here).is_some();
    let all = known_points(database, is_listed.then_some(slug))?;
    bases::change(root, &holder, |list| {
        list.settle(&here);
        for (other, point) in all.iter().filter(|(other, _)| other != slug) {
            let noted = Noted {
                point: point.clone(),
                is_whole: true,
                slug: other,
            };
            list.note(&here, noted);
        }
        let point = all.iter().find(|(found, _)| found == slug);
        let point = KnownPoint {
            operacao: Some(done.operation.to_owned()),
            backups: done.backup.map(str::to_owned).into_iter().collect(),
            ..point.map(|(_, point)| point.clone()).unwrap_or_default()
        };
        let is_whole = done.is_whole;
        list.note(&here, Noted { point, is_whole, slug });
        let folder = root.tree_backups();
        list.keep_backups(&here, slug, |name| folder.join(name).is_file());
    })?;
    Ok(())
}

/// What this database says of its plugins.
fn known_points(database: &mut Database, slug: Option<&Slug>) -> Result<Vec<(Slug, KnownPoint)>, TransactionError> {
    let mut found = Vec::new();
    for point in registry::points(database, slug)? {
        let Ok(slug) = Slug::normalize(&point.slug) else {
            continue;
        };
        found.push((slug.clone(), known_point(database, &slug, &point)?));
    }
    Ok(found)
}

fn known_point(database: &mut Database, slug: &Slug, point: &Point) -> Result<KnownPoint, TransactionError> {
    let entry = point.history.map_or(Ok(None), |id| history::entry(database, id))?;
    let (versao, sha256) = entry.map_or((None, None), |entry| (entry.versao_para, entry.checksum));
    let needed = Needed::read(database, slug)?;
    Ok(KnownPoint {
        versao,
        sha256,
        contador: point.counter,
        pacotes: Some(needed.packages),
        fixadas: needed.pinned,
        ..KnownPoint::default()
    })
}

/// Strikes out another database that is gone for good, by the first digits of its identity; gives its name.
///
/// # Errors
/// The other databases that are known, as a text, where these digits name none of them.
pub fn forget(
    database: &mut Database,
    root: &GestorRoot,
    (digits, reporter): (&str, &dyn TransactionReporter),
) -> Result<Result<String, Phrase>, TransactionError> {
    let here = here(database, root)?;
    let holder = Holder::this_process(reporter.clock().now().to_rfc3339());
    let done = bases::change(root, &holder, |list| list.forget(&here, digits))?;
    let named = |(identity, base): &(String, bases::KnownBase)| messages::base(&base.nome, &base.dominios, identity);
    Ok(done
        .map(|base| base.nome)
        .map_err(|known| messages::listed_bases(known.iter().map(named))))
}

/// Other databases, as people read them.
pub fn shown(others: &[Neighbour]) -> Phrase {
    let shown = |other: &Neighbour| messages::base(&other.name, &other.domains, &other.identity);
    messages::listed_bases(others.iter().map(shown))
}

/// Whether a plugin's tree is of a package; as far as anything says so.
pub fn tree_is_of(root: &GestorRoot, slug: &Slug, package: &str) -> Option<bool> {
    stage::installed_package(root, slug).map(|found| found.to_string() == package)
}
