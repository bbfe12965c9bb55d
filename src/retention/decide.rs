//! What goes: a pure function of policy, facts and time. A stricter policy never keeps what a laxer one lets go.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::facts::{Facts, KeptArchive, KeptFile, KeptPackage, PastOperation};
use crate::config::Retention;

/// Whatever is younger may belong to what somebody is just doing.
const YOUNG: i64 = 3600;
const DAY: i64 = 86_400;

/// What goes, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decision {
    /// Packages, by name.
    pub packages: Vec<String>,
    /// Backups, by name.
    pub backups: Vec<String>,
    /// Archives, by name.
    pub archives: Vec<String>,
    /// Copies of tables, by name.
    pub copies: Vec<String>,
    /// Checksums without a package, by name.
    pub checksums: Vec<String>,
    /// Rows of the history, by number.
    pub history: Vec<u64>,
    /// Files that would go, were it not that another database may need them.
    pub others: Vec<String>,
}

/// Decides. `aliens`: files that no operation of the history made go as well; never what another database may need.
pub fn decide(policy: &Retention, facts: &Facts, aliens: bool) -> Decision {
    let mut files = Files {
        policy,
        facts,
        aliens,
        others: Vec::new(),
    };
    let archives = files.archives();
    let stays = |archive: &&KeptArchive| !archives.contains(&archive.file.name);
    let staying: Vec<&KeptArchive> = facts.archives.iter().filter(stays).collect();
    Decision {
        copies: files.copies(&staying),
        backups: files.backups(),
        packages: files.packages(&staying),
        archives,
        checksums: checksums(facts),
        history: history(policy, facts),
        others: files.others,
    }
}

struct Files<'f> {
    policy: &'f Retention,
    facts: &'f Facts,
    aliens: bool,
    others: Vec<String>,
}

impl Files<'_> {
    /// What an archive that stays comes back with stays as well; all of them where it does not say what that is.
    fn packages(&mut self, staying: &[&KeptArchive]) -> Vec<String> {
        let is_unknown = staying.iter().any(|archive| archive.packages.is_none());
        let needed: BTreeSet<&String> = staying.iter().flat_map(|archive| &archive.packages).flatten().collect();
        let packages: Vec<&KeptPackage> = newest_first(&self.facts.packages, |package| &package.file);
        let files: Vec<&KeptFile> = packages.iter().map(|package| &package.file).collect();
        let mut newer: BTreeSet<&String> = BTreeSet::new();
        let mut gone = Vec::new();
        for (package, is_beyond) in packages.iter().zip(self.beyond(&files, self.policy.versions)) {
            let is_only_one = match &package.applied {
                Some(applied) => applied.iter().any(|migration| !newer.contains(migration)),
                None => true,
            };
            newer.extend(package.applied.iter().flatten());
            let is_needed = package.sha256.as_ref().is_some_and(|sha256| needed.contains(sha256));
            if is_beyond && !is_only_one && !is_needed && self.may_go(&package.file) {
                gone.push((&package.file, is_unknown));
            }
        }
        self.unless_of_others(gone)
    }

    fn backups(&mut self) -> Vec<String> {
        let files: Vec<&KeptFile> = newest_first(&self.facts.backups, |file| file);
        let beyond = self.beyond(&files, self.policy.backups);
        let gone = files
            .iter()
            .zip(beyond)
            .filter(|(file, is_beyond)| *is_beyond && self.may_go(file));
        let gone = gone.map(|(file, _)| (*file, false)).collect();
        self.unless_of_others(gone)
    }

    /// The oldest go, up to the first that stays; those of others do not count. What one that stays needs stays.
    fn archives(&mut self) -> Vec<String> {
        let facts = self.facts;
        let files: Vec<&KeptArchive> = newest_first(&facts.archives, |archive| &archive.file);
        let (others, own): (Vec<&KeptArchive>, Vec<&KeptArchive>) =
            files.iter().copied().partition(|archive| archive.file.is_others);
        let is_over = |archive: &&&KeptArchive| self.has_been_long_enough(&archive.file);
        let names = |archive: &&KeptArchive| archive.file.name.clone();
        let mut gone: BTreeSet<String> = own.iter().rev().take_while(is_over).map(names).collect();
        let told: Vec<String> = others.iter().rev().filter(is_over).map(names).collect();
        for archive in files.iter().filter(|archive| archive.earlier.is_some()) {
            if !gone.contains(&archive.file.name) {
                gone.retain(|name| Some(name) != archive.earlier.as_ref());
            }
        }
        self.others.extend(told);
        let mut oldest_first: Vec<String> = own.iter().map(names).filter(|name| gone.contains(name)).collect();
        oldest_first.reverse();
        oldest_first
    }

    /// Copies of tables go as archives do, unless one that stays brings them back.
    fn copies(&mut self, staying: &[&KeptArchive]) -> Vec<String> {
        let facts = self.facts;
        let needed: BTreeSet<&String> = staying.iter().flat_map(|archive| &archive.copies).collect();
        let files: Vec<&KeptFile> = newest_first(&facts.copies, |file| file);
        let gone = files.iter().filter(|file| self.has_been_long_enough(file));
        let gone = gone.filter(|file| !needed.contains(&file.name));
        let gone = gone.map(|file| (*file, false)).collect();
        self.unless_of_others(gone)
    }

    fn has_been_long_enough(&self, file: &KeptFile) -> bool {
        let days = self.policy.removed_days;
        days > 0 && self.is_older(file, days) && self.may_go(file)
    }

    /// What goes of this, the newest first, with whether it stays for another reason; what may be of others is noted.
    fn unless_of_others(&mut self, gone: Vec<(&KeptFile, bool)>) -> Vec<String> {
        let (others, gone): (Vec<_>, Vec<_>) = gone
            .into_iter()
            .rev()
            .partition(|(file, stays)| *stays || file.is_others);
        let name = |(file, _): (&KeptFile, bool)| file.name.clone();
        self.others.extend(others.into_iter().map(name));
        gone.into_iter().map(name).collect()
    }

    /// Which of them are beyond what the policy keeps by number, age or size.
    fn beyond(&self, files: &[&KeptFile], most: u64) -> Vec<bool> {
        let mut bytes: u64 = 0;
        let beyond = files.iter().zip(1_u64..).map(|(file, number)| {
            bytes = bytes.saturating_add(file.bytes);
            let is_too_much = self.policy.bytes > 0 && bytes > self.policy.bytes;
            let is_too_old = self.policy.days > 0 && self.is_older(file, self.policy.days);
            number > most || is_too_much || is_too_old
        });
        beyond.collect()
    }

    fn is_older(&self, file: &KeptFile, days: u64) -> bool {
        is_older(self.facts.now, file.written, days)
    }

    fn may_go(&self, file: &KeptFile) -> bool {
        let is_known = file.is_named || file.is_others || self.aliens;
        !file.is_needed && is_known && self.facts.now - file.written >= YOUNG
    }
}

fn is_older(now: i64, written: i64, days: u64) -> bool {
    let days = i64::try_from(days).unwrap_or(i64::MAX);
    now.saturating_sub(written) > days.saturating_mul(DAY)
}

fn newest_first<T>(all: &[T], file: impl Fn(&T) -> &KeptFile) -> Vec<&T> {
    let mut sorted: Vec<&T> = all.iter().collect();
    sorted.sort_by_key(|one| Reverse((file(one).written, file(one).name.clone())));
    sorted
}

/// A checksum without its package is nothing to anybody.
fn checksums(facts: &Facts) -> Vec<String> {
    let is_old = |file: &&KeptFile| facts.now - file.written >= YOUNG;
    let checksums = facts.checksums.iter().filter(is_old);
    checksums.map(|file| file.name.clone()).collect()
}

fn history(policy: &Retention, facts: &Facts) -> Vec<u64> {
    let mut rows: Vec<&PastOperation> = facts.history.iter().collect();
    rows.sort_by_key(|row| Reverse(row.id));
    let goes = |(row, number): &(&&PastOperation, u64)| {
        let is_too_many = policy.history_rows > 0 && *number > policy.history_rows;
        let is_too_old = policy.history_days > 0 && is_older(facts.now, row.began, policy.history_days);
        (is_too_many || is_too_old) && !row.is_needed && facts.now - row.began >= YOUNG
    };
    let mut gone: Vec<u64> = rows.iter().zip(1..).filter(goes).map(|(row, _)| row.id).collect();
    gone.reverse();
    gone
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn file() -> impl Strategy<Value = KeptFile> {
        let rarely = || prop::bool::weighted(0.2);
        (0_i64..60, 0_u64..50, any::<bool>(), rarely(), rarely()).prop_map(
            |(days, bytes, is_named, is_needed, is_others)| KeptFile {
                name: String::new(),
                bytes,
                written: 1_000 * DAY - days * DAY,
                is_named,
                is_needed,
                is_others,
            },
        )
    }

    /// An archive that names the one before it, packages by their first letter, and a copy.
    fn archives() -> impl Strategy<Value = Vec<KeptArchive>> {
        let packages = prop::option::weighted(0.9, prop::collection::btree_set("[a-d]", 0..3));
        let one = (file(), prop::bool::weighted(0.3), packages, any::<bool>());
        prop::collection::vec(one, 0..9).prop_map(|all| {
            let files = named(all.iter().map(|(file, ..)| file.clone()).collect());
            let mut by_age: Vec<&KeptFile> = files.iter().collect();
            by_age.sort_by_key(|file| (file.written, &file.name));
            let before = |file: &KeptFile| {
                let at = by_age.iter().position(|one| one.name == file.name)?;
                Some(by_age[at.checked_sub(1)?].name.clone())
            };
            let archive = |(file, (_, has_earlier, packages, has_copy)): (&KeptFile, (_, bool, _, bool))| KeptArchive {
                earlier: has_earlier.then(|| before(file)).flatten(),
                packages,
                copies: has_copy.then(|| file.name.clone()).into_iter().collect(),
                file: file.clone(),
            };
            files.iter().zip(all).map(archive).collect()
        })
    }

    fn named(mut files: Vec<KeptFile>) -> Vec<KeptFile> {
        for (number, file) in files.iter_mut().enumerate() {
            file.name = format!("f{number:02}");
        }
        files
    }

    fn facts() -> impl Strategy<Value = Facts> {
        let files = || prop::collection::vec(file(), 0..9).prop_map(named);
        let applied = prop::collection::vec(
            prop::option::weighted(0.9, prop::collection::btree_set("[abc]", 0..3)),
            9,
        );
        let rows = prop::collection::vec((0_i64..60, prop::bool::weighted(0.2)), 0..9);
        let kept = (files(), applied, files(), archives(), files(), files());
        (kept, rows).prop_map(
            |((packages, applied, backups, archives, copies, checksums), rows)| Facts {
                now: 1_000 * DAY + 60,
                packages: packages
                    .into_iter()
                    .zip(applied)
                    .zip("abcdefghi".chars())
                    .map(|((file, applied), letter)| KeptPackage {
                        file,
                        sha256: Some(letter.to_string()),
                        applied,
                    })
                    .collect(),
                backups,
                archives,
                copies,
                checksums,
                history: rows
                    .into_iter()
                    .zip(1..)
                    .map(|((days, is_needed), id)| PastOperation {
                        id,
                        began: 1_000 * DAY - days * DAY,
                        is_needed,
                    })
                    .collect(),
            },
        )
    }

    fn policy() -> impl Strategy<Value = Retention> {
        (
            1_u64..9,
            0_u64..9,
            0_u64..60,
            0_u64..200,
            0_u64..60,
            0_u64..9,
            0_u64..60,
        )
            .prop_map(
                |(versions, backups, days, bytes, removed_days, history_rows, history_days)| Retention {
                    versions,
                    backups,
                    days,
                    bytes,
                    removed_days,
                    history_rows,
                    history_days,
                    ..Retention::default()
                },
            )
    }

    /// The rules one by one, as they are written down, for one file at a time.
    fn obvious(policy: &Retention, facts: &Facts, aliens: bool) -> BTreeSet<String> {
        let before = |one: &KeptFile, other: &KeptFile| (one.written, &one.name) > (other.written, &other.name);
        let files: Vec<&KeptFile> = facts.packages.iter().map(|package| &package.file).collect();
        let archives = decide(policy, facts, aliens).archives;
        let staying: Vec<_> = facts
            .archives
            .iter()
            .filter(|archive| !archives.contains(&archive.file.name))
            .collect();
        let comes_back = |sha256: &Option<String>| {
            let brings = |archive: &&KeptArchive| match &archive.packages {
                Some(packages) => packages.contains(sha256.as_ref().unwrap()),
                None => true,
            };
            staying.iter().any(brings)
        };
        let mut gone = BTreeSet::new();
        for package in &facts.packages {
            let file = &package.file;
            let newer: Vec<_> = facts
                .packages
                .iter()
                .filter(|other| before(&other.file, file))
                .collect();
            let covered = |migration: &String| {
                newer.iter().any(|other| {
                    other
                        .applied
                        .as_ref()
                        .is_some_and(|applied| applied.contains(migration))
                })
            };
            let is_covered = package
                .applied
                .as_ref()
                .is_some_and(|applied| applied.iter().all(covered));
            let size: u64 = newer.iter().map(|other| other.file.bytes).sum::<u64>() + file.bytes;
            let age = facts.now - file.written;
            let wanted = newer.len() as u64 >= policy.versions
                || (policy.bytes > 0 && size > policy.bytes)
                || (policy.days > 0 && age > i64::try_from(policy.days).unwrap() * DAY);
            let is_free = !file.is_needed && !file.is_others && !comes_back(&package.sha256);
            if wanted && is_covered && is_free && age >= YOUNG && (file.is_named || aliens) {
                gone.insert(file.name.clone());
            }
        }
        assert!(gone.len() <= files.len());
        gone
    }

    proptest! {
        #[test]
        fn packages_go_as_the_rules_say(policy in policy(), facts in facts(), aliens: bool) {
            let decided = decide(&policy, &facts, aliens);
            let names: BTreeSet<String> = decided.packages.iter().cloned().collect();
            prop_assert_eq!(names, obvious(&policy, &facts, aliens));
        }

        #[test]
        fn what_is_needed_young_or_a_strangers_stays(policy in policy(), facts in facts()) {
            let decided = decide(&policy, &facts, false);
            let all = facts.packages.iter().map(|package| (&package.file, &decided.packages));
            let all = all.chain(facts.backups.iter().map(|file| (file, &decided.backups)));
            let all = all.chain(facts.copies.iter().map(|file| (file, &decided.copies)));
            for (file, gone) in all.chain(facts.archives.iter().map(|archive| (&archive.file, &decided.archives))) {
                if gone.contains(&file.name) {
                    prop_assert!(!file.is_needed && file.is_named && facts.now - file.written >= YOUNG);
                }
            }
            for row in &facts.history {
                prop_assert!(!(row.is_needed && decided.history.contains(&row.id)));
            }
        }

        #[test]
        fn what_others_may_need_stays_whoever_made_it(policy in policy(), facts in facts(), aliens: bool) {
            let decided = decide(&policy, &facts, aliens);
            let all = facts.packages.iter().map(|package| (&package.file, &decided.packages));
            let all = all.chain(facts.backups.iter().map(|file| (file, &decided.backups)));
            let all = all.chain(facts.copies.iter().map(|file| (file, &decided.copies)));
            for (file, gone) in all.chain(facts.archives.iter().map(|archive| (&archive.file, &decided.archives))) {
                prop_assert!(!(file.is_others && gone.contains(&file.name)));
            }
        }

        #[test]
        fn an_archive_that_stays_keeps_what_it_comes_back_with(policy in policy(), facts in facts(), aliens: bool) {
            let decided = decide(&policy, &facts, aliens);
            for archive in facts.archives.iter().filter(|archive| !decided.archives.contains(&archive.file.name)) {
                prop_assert!(archive.earlier.iter().all(|earlier| !decided.archives.contains(earlier)));
                prop_assert!(archive.copies.iter().all(|copy| !decided.copies.contains(copy)));
                for package in &facts.packages {
                    let comes_back = archive.packages.as_ref().is_none_or(|all| all.contains(package.sha256.as_ref().unwrap()));
                    prop_assert!(!(comes_back && decided.packages.contains(&package.file.name)));
                }
            }
        }

        #[test]
        fn a_stricter_policy_takes_all_that_a_laxer_one_takes(policy in policy(), facts in facts(), less in 0_u64..3) {
            // Fewer, younger, smaller; no limit is the laxest.
            let fewer = |limit: u64| limit.saturating_sub(less);
            let tighter = |limit: u64| if limit == 0 { 5 } else { limit.saturating_sub(less).max(1) };
            let stricter = Retention {
                versions: fewer(policy.versions),
                backups: fewer(policy.backups),
                days: tighter(policy.days),
                bytes: tighter(policy.bytes),
                removed_days: tighter(policy.removed_days),
                history_rows: tighter(policy.history_rows),
                history_days: tighter(policy.history_days),
                ..policy
            };
            let (lax, strict) = (decide(&policy, &facts, true), decide(&stricter, &facts, true));
            for (lax, strict) in [(lax.packages, strict.packages), (lax.backups, strict.backups), (lax.archives, strict.archives), (lax.copies, strict.copies)] {
                prop_assert!(lax.iter().all(|name| strict.contains(name)), "{:?} {:?}", lax, strict);
            }
            prop_assert!(lax.history.iter().all(|id| strict.history.contains(id)));
        }
    }
}
