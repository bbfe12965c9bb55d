//! What goes: a pure function of policy, facts and time. A stricter policy never keeps what a laxer one lets go.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::facts::{Facts, KeptFile, KeptPackage, PastOperation};
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
    /// Rows of the history, by number.
    pub history: Vec<u64>,
}

/// Decides. `aliens`: files that no operation of the history made go as well.
pub fn decide(policy: &Retention, facts: &Facts, aliens: bool) -> Decision {
    let files = Files { policy, facts, aliens };
    Decision {
        packages: files.packages(),
        backups: files.backups(),
        archives: files.archives(),
        history: history(policy, facts),
    }
}

struct Files<'f> {
    policy: &'f Retention,
    facts: &'f Facts,
    aliens: bool,
}

impl Files<'_> {
    fn packages(&self) -> Vec<String> {
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
            if is_beyond && !is_only_one && self.may_go(&package.file) {
                gone.push(package.file.name.clone());
            }
        }
        gone.reverse();
        gone
    }

    fn backups(&self) -> Vec<String> {
        let files: Vec<&KeptFile> = newest_first(&self.facts.backups, |file| file);
        let beyond = self.beyond(&files, self.policy.backups);
        let gone = files
            .iter()
            .zip(beyond)
            .filter(|(file, is_beyond)| *is_beyond && self.may_go(file));
        let mut gone: Vec<String> = gone.map(|(file, _)| file.name.clone()).collect();
        gone.reverse();
        gone
    }

    /// An archive may need those before it: the oldest go, up to the first that stays.
    fn archives(&self) -> Vec<String> {
        let mut files: Vec<&KeptFile> = newest_first(&self.facts.archives, |file| file);
        files.reverse();
        let days = self.policy.removed_days;
        let goes = |file: &&&KeptFile| days > 0 && self.is_older(file, days) && self.may_go(file);
        files.iter().take_while(goes).map(|file| file.name.clone()).collect()
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
        let is_known = file.is_named || self.aliens;
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
        (0_i64..60, 0_u64..50, any::<bool>(), prop::bool::weighted(0.2)).prop_map(
            |(days, bytes, is_named, is_needed)| KeptFile {
                name: String::new(),
                bytes,
                written: 1_000 * DAY - days * DAY,
                is_named,
                is_needed,
            },
        )
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
        (files(), applied, files(), files(), rows).prop_map(|(packages, applied, backups, archives, rows)| Facts {
            now: 1_000 * DAY + 60,
            packages: packages
                .into_iter()
                .zip(applied)
                .map(|(file, applied)| KeptPackage {
                    file,
                    sha256: None,
                    applied,
                })
                .collect(),
            backups,
            archives,
            history: rows
                .into_iter()
                .zip(1..)
                .map(|((days, is_needed), id)| PastOperation {
                    id,
                    began: 1_000 * DAY - days * DAY,
                    is_needed,
                })
                .collect(),
        })
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
            if wanted && is_covered && !file.is_needed && age >= YOUNG && (file.is_named || aliens) {
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
            for (file, gone) in all.chain(facts.archives.iter().map(|file| (file, &decided.archives))) {
                if gone.contains(&file.name) {
                    prop_assert!(!file.is_needed && file.is_named && facts.now - file.written >= YOUNG);
                }
            }
            for row in &facts.history {
                prop_assert!(!(row.is_needed && decided.history.contains(&row.id)));
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
            for (lax, strict) in [(lax.packages, strict.packages), (lax.backups, strict.backups), (lax.archives, strict.archives)] {
                prop_assert!(lax.iter().all(|name| strict.contains(name)), "{:?} {:?}", lax, strict);
            }
            prop_assert!(lax.history.iter().all(|id| strict.history.contains(id)));
        }
    }
}
