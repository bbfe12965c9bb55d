//! Finds the table's row for each row of the package: the four steps of SPEC §6, each row of the table claimed once.
//! Pure.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::natural_key::Key;

/// Whose a row of the table is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::data) enum RowOwner {
    /// This plugin's.
    Own,
    /// Nobody's.
    Nobody,
    /// Another one's.
    Other(Box<str>),
    /// The table has no owner column.
    Shared,
}

/// The primary key of a row, in the table's own texts. Many hold the same one.
pub type PrimaryKey = Arc<[Box<[u8]>]>;

/// A row of the table, as far as finding needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::data) struct Present {
    /// Its primary key.
    pub identity: PrimaryKey,
    /// Its primary key, folded.
    pub identity_key: Key,
    /// Its key.
    pub key: Key,
    /// Its owner.
    pub owner: RowOwner,
    /// A row of the site's project.
    pub project: bool,
    /// A user changed it.
    pub user_modified: bool,
}

/// What a row of the package is found by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::data) struct WantedKey {
    /// The key is the primary key.
    pub primary: bool,
    /// The key.
    pub key: Key,
}

/// A row of the package, as far as finding needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::data) struct Wanted {
    /// Its key.
    pub key: WantedKey,
    /// It comes from a descriptor, so a data file's row comes before it.
    pub descriptor: bool,
}

/// Which parts of a key may be empty in the table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::data) struct Gaps {
    /// Places of module and group in the key.
    pub module: Vec<usize>,
    /// Place of the language in the key.
    pub language: Option<usize>,
    /// A nobody's row without module or language is taken as well: otherwise it is a page of the site's own.
    pub of_nobody: bool,
}

/// What was found for a row of the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::data) enum Finding {
    /// Nothing: the row is new.
    New,
    /// A row of the table.
    Found {
        /// Its place.
        present: usize,
        /// More rows of this plugin with the same key.
        others: Vec<usize>,
    },
    /// Several rows, and no rule to choose.
    Ambiguous {
        /// Their places.
        candidates: Candidates,
    },
    /// The package has the key twice.
    Duplicate {
        /// Place of the first row with it.
        first: usize,
    },
    /// A data file has the same key: its row counts.
    Overruled,
    /// The base knows the row, and it is not the plugin's to write any more.
    Absent(Absent),
}

/// What the base says of a row that is not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::data) enum Absent {
    /// A user deleted it.
    Deleted,
    /// A user deleted it, and somebody made another one of its key.
    Sites,
    /// The gestor has taken it over.
    Core,
    /// A permission that was written again: the entry means that row now.
    Bound {
        /// Its place.
        present: usize,
    },
}

/// Places of rows that could be meant, in lists that rows of the package share: many may mean the same many.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::data) struct Candidates(pub(in crate::data) Vec<Rc<[usize]>>);

impl Candidates {
    /// How many there are.
    pub(in crate::data) fn count(&self) -> usize {
        self.0.iter().map(|list| list.len()).sum()
    }

    /// The first of them, by primary key.
    pub(in crate::data) fn first(&self, count: usize) -> Vec<usize> {
        let mut first: Vec<usize> = self
            .0
            .iter()
            .flat_map(|list| list.iter().take(count))
            .copied()
            .collect();
        first.sort_unstable();
        first.truncate(count);
        first
    }
}

/// Which row of the package has claimed each row of the table.
type Claimed = [Option<usize>];

/// Finds a row of the table for each row of the package. `present` is sorted by primary key.
/// `renamed` gives the rows that the base finds by primary key, because a user changed their key (①b).
pub(in crate::data) fn find(
    wanted: &[Wanted],
    present: &[Present],
    gaps: &Gaps,
    insert_only: bool,
    renamed: &HashMap<usize, usize>,
) -> Vec<Finding> {
    let mut findings = duplicates(wanted);
    let mut claimed = vec![None; present.len()];
    for (row, place) in renamed {
        if findings[*row] == Finding::New && claimed[*place].is_none() {
            claimed[*place] = Some(*row);
            findings[*row] = Finding::Found {
                present: *place,
                others: Vec::new(),
            };
        }
    }
    exact(wanted, present, insert_only, &mut findings, &mut claimed);
    if !gaps.module.is_empty() {
        with_gaps(wanted, present, gaps, false, &mut findings, &mut claimed);
    }
    if gaps.language.is_some() {
        with_gaps(wanted, present, gaps, true, &mut findings, &mut claimed);
    }
    findings
}

/// Marks rows of the package that do not count, or cannot.
fn duplicates(wanted: &[Wanted]) -> Vec<Finding> {
    let mut findings = vec![Finding::New; wanted.len()];
    let mut first: HashMap<&WantedKey, usize> = HashMap::with_capacity(wanted.len());
    let by_rank = |descriptor: bool| (0..wanted.len()).filter(move |at| wanted[*at].descriptor == descriptor);
    for at in by_rank(false).chain(by_rank(true)) {
        match first.get(&wanted[at].key) {
            None => {
                first.insert(&wanted[at].key, at);
            }
            Some(earlier) if wanted[at].descriptor && !wanted[*earlier].descriptor => findings[at] = Finding::Overruled,
            Some(earlier) => {
                findings[at] = Finding::Duplicate { first: *earlier };
                findings[*earlier] = Finding::Duplicate { first: *earlier };
            }
        }
    }
    findings
}

/// Steps 1 and 2: the same key, of the same owner or of none.
fn exact(wanted: &[Wanted], present: &[Present], insert_only: bool, findings: &mut [Finding], claimed: &mut Claimed) {
    let mut by_key: HashMap<(bool, &Key), Vec<usize>> = HashMap::new();
    for (at, row) in present.iter().enumerate() {
        by_key.entry((false, &row.key)).or_default().push(at);
        by_key.entry((true, &row.identity_key)).or_default().push(at);
    }
    for (at, row) in wanted.iter().enumerate() {
        if findings[at] != Finding::New {
            continue;
        }
        let same = by_key.get(&(row.key.primary, &row.key.key));
        let of = |owner: RowOwner| -> Vec<usize> {
            let same = same.into_iter().flatten().copied();
            same.filter(|at| present[*at].owner == owner).collect()
        };
        let own = of(RowOwner::Own);
        let shared = of(RowOwner::Shared);
        // Meant by another row of the package already, which names it by its other key.
        let twice = own.iter().chain(&shared).find_map(|place| claimed[*place]);
        if let Some(first) = twice {
            findings[at] = Finding::Duplicate { first };
            continue;
        }
        if let Some((first, others)) = own.split_first() {
            claimed[*first] = Some(at);
            findings[at] = Finding::Found {
                present: *first,
                others: others.to_vec(),
            };
            continue;
        }
        let mut candidates = shared;
        if !row.key.primary {
            candidates.extend(
                of(RowOwner::Nobody)
                    .into_iter()
                    .filter(|place| claimed[*place].is_none()),
            );
        }
        if insert_only {
            candidates.truncate(1);
        }
        let candidates = if candidates.is_empty() {
            Vec::new()
        } else {
            vec![candidates.into()]
        };
        findings[at] = choose(Candidates(candidates), at, claimed);
    }
}

fn choose(candidates: Candidates, row: usize, claimed: &mut Claimed) -> Finding {
    match (candidates.count(), candidates.0.first()) {
        (1, Some(only)) => {
            let present = only[0];
            claimed[present] = Some(row);
            Finding::Found {
                present,
                others: Vec::new(),
            }
        }
        (0, _) | (_, None) => Finding::New,
        _ => Finding::Ambiguous { candidates },
    }
}

/// Steps 3 and 4: rows of the same owner (of none only where that was asked for) that lack module or group, and in step 4
/// the language.
fn with_gaps(
    wanted: &[Wanted],
    present: &[Present],
    gaps: &Gaps,
    language: bool,
    findings: &mut [Finding],
    claimed: &mut Claimed,
) {
    let lacking = lacking(present, gaps, language, claimed);
    for (at, row) in wanted.iter().enumerate() {
        if findings[at] != Finding::New || row.key.primary {
            continue;
        }
        let lists = shorter_keys(&row.key.key, gaps, language).into_iter();
        let lists = lists.filter_map(|key| lacking.get(&*key));
        // Of several rows with one key none is ever claimed here, so a list is free or is one claimed row.
        let lists = lists.filter(|list| claimed[list[0]].is_none()).map(Rc::clone);
        findings[at] = choose(Candidates(lists.collect()), at, claimed);
    }
}

/// Rows that may be taken although they lack a part of their key, by their key.
fn lacking<'p>(
    present: &'p [Present],
    gaps: &Gaps,
    language: bool,
    claimed: &Claimed,
) -> HashMap<&'p [Box<str>], Rc<[usize]>> {
    let parts = if language {
        gaps.language.as_slice()
    } else {
        &gaps.module
    };
    let mut by_key: HashMap<&[Box<str>], Vec<usize>> = HashMap::new();
    for (at, row) in present.iter().enumerate() {
        let takable = row.owner == RowOwner::Own || (gaps.of_nobody && row.owner == RowOwner::Nobody);
        if takable && claimed[at].is_none() && parts.iter().any(|part| row.key[*part].is_empty()) {
            by_key.entry(&row.key).or_default().push(at);
        }
    }
    by_key.into_iter().map(|(key, places)| (key, places.into())).collect()
}

/// The keys that rows may have which are filled up to this key: without one or more of the parts that may be missing.
fn shorter_keys(key: &Key, gaps: &Gaps, language: bool) -> Vec<Key> {
    let mut keys = vec![key.clone()];
    let module = gaps.module.iter().filter(|at| !key[**at].is_empty());
    for at in module {
        let shorter: Vec<Key> = keys.iter().map(|key| without(key, *at)).collect();
        keys.extend(shorter);
    }
    match gaps.language.filter(|_| language) {
        Some(at) if key[at].is_empty() => Vec::new(),
        Some(at) => keys.iter().map(|key| without(key, at)).collect(),
        None => keys.split_off(1),
    }
}

fn without(key: &Key, at: usize) -> Key {
    let mut key = key.clone();
    key[at] = Box::default();
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Key {
        text.split('/').map(Box::from).collect()
    }

    /// Keys are `language/module/id`.
    fn present(number: usize, owner: RowOwner, text: &str) -> Present {
        Present {
            identity: Arc::new([number.to_string().into_bytes().into()]),
            identity_key: key(&number.to_string()),
            key: key(text),
            owner,
            project: false,
            user_modified: false,
        }
    }

    fn wanted(text: &str) -> Wanted {
        Wanted {
            key: WantedKey {
                primary: false,
                key: key(text),
            },
            descriptor: false,
        }
    }

    fn pages() -> Gaps {
        Gaps {
            module: vec![1],
            language: Some(0),
            of_nobody: false,
        }
    }

    fn found(present: usize) -> Finding {
        Finding::Found {
            present,
            others: vec![],
        }
    }

    fn several() -> Finding {
        let candidates = Candidates(vec![[0, 1].into()]);
        Finding::Ambiguous { candidates }
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table of cases")]
    fn the_steps_come_in_order() {
        use RowOwner::{Nobody, Other, Own};
        let other = || Other("x".into());
        for (rows, wants, expected) in [
            (
                vec![(Nobody, "pt/m/a"), (Own, "pt/m/a")],
                vec!["pt/m/a"],
                vec![found(1)],
            ),
            (vec![(Nobody, "pt/m/a")], vec!["pt/m/a"], vec![found(0)]),
            (vec![(other(), "pt/m/a")], vec!["pt/m/a"], vec![Finding::New]),
            // A page of the site's own.
            (vec![(Nobody, "pt//a")], vec!["pt/m/a"], vec![Finding::New]),
            (vec![(Nobody, "/m/a")], vec!["pt/m/a"], vec![Finding::New]),
            (vec![(Own, "//a")], vec!["pt/m/a"], vec![found(0)]),
            (vec![(Own, "/m/a")], vec!["pt/m/a"], vec![found(0)]),
            (vec![(Own, "/n/a")], vec!["pt/m/a"], vec![Finding::New]),
            (vec![(Own, "en//a")], vec!["pt/m/a"], vec![Finding::New]),
            (vec![(Own, "pt/m/a")], vec!["pt//a"], vec![Finding::New]),
            // Exact keys of all rows come before gaps of any.
            (
                vec![(Own, "pt//a")],
                vec!["pt/m/a", "pt//a"],
                vec![Finding::New, found(0)],
            ),
            // One row is claimed once.
            (
                vec![(Own, "pt//a")],
                vec!["pt/m/a", "pt/n/a"],
                vec![found(0), Finding::New],
            ),
            // A missing module comes before a missing language.
            (vec![(Own, "/m/a"), (Own, "pt//a")], vec!["pt/m/a"], vec![found(1)]),
            (
                vec![(Own, "pt/m/a"), (Own, "pt/m/a")],
                vec!["pt/m/a"],
                vec![Finding::Found {
                    present: 0,
                    others: vec![1],
                }],
            ),
            (
                vec![(Nobody, "pt/m/a"), (Nobody, "pt/m/a")],
                vec!["pt/m/a"],
                vec![several()],
            ),
            (vec![(Own, "pt//a"), (Nobody, "pt//a")], vec!["pt/m/a"], vec![found(0)]),
            (vec![(Own, "pt//a"), (Own, "pt//a")], vec!["pt/m/a"], vec![several()]),
            (
                vec![],
                vec!["pt/m/a", "pt/m/b", "pt/m/a"],
                vec![
                    Finding::Duplicate { first: 0 },
                    Finding::New,
                    Finding::Duplicate { first: 0 },
                ],
            ),
        ] {
            let rows: Vec<_> = rows
                .into_iter()
                .enumerate()
                .map(|(at, (owner, text))| present(at, owner, text))
                .collect();
            let wants: Vec<_> = wants.into_iter().map(wanted).collect();
            assert_eq!(
                find(&wants, &rows, &pages(), false, &HashMap::new()),
                expected,
                "{rows:?}"
            );
        }
    }

    #[test]
    fn rows_of_nobody_are_taken_by_a_part_of_their_key_only_when_all_are() {
        let gaps = Gaps {
            of_nobody: true,
            ..pages()
        };
        for text in ["pt//a", "/m/a", "//a"] {
            let rows = [present(0, RowOwner::Nobody, text)];
            assert_eq!(
                find(&[wanted("pt/m/a")], &rows, &gaps, false, &HashMap::new()),
                [found(0)],
                "{text}"
            );
        }
        let rows = [
            present(0, RowOwner::Own, "pt//a"),
            present(1, RowOwner::Nobody, "pt//a"),
        ];
        assert_eq!(
            find(&[wanted("pt/m/a")], &rows, &gaps, false, &HashMap::new()),
            [several()]
        );
    }

    #[test]
    fn a_data_file_comes_before_a_descriptor() {
        let descriptor = Wanted {
            descriptor: true,
            ..wanted("pt/m/a")
        };
        let rows = [descriptor.clone(), wanted("pt/m/a"), descriptor];
        let found = find(&rows, &[], &pages(), false, &HashMap::new());
        assert_eq!(found, [Finding::Overruled, Finding::New, Finding::Overruled]);
    }

    #[test]
    fn a_primary_key_finds_own_and_shared_rows_only() {
        let by_number = Wanted {
            key: WantedKey {
                primary: true,
                key: key("0"),
            },
            descriptor: false,
        };
        for (owner, expected) in [
            (RowOwner::Own, found(0)),
            (RowOwner::Shared, found(0)),
            (RowOwner::Nobody, Finding::New),
            (RowOwner::Other("x".into()), Finding::New),
        ] {
            let rows = [present(0, owner, "a")];
            assert_eq!(
                find(
                    std::slice::from_ref(&by_number),
                    &rows,
                    &Gaps::default(),
                    false,
                    &HashMap::new()
                ),
                [expected]
            );
        }
        let also_by_name = wanted("a");
        let rows = [present(0, RowOwner::Shared, "a")];
        let both = find(
            &[by_number.clone(), also_by_name],
            &rows,
            &Gaps::default(),
            true,
            &HashMap::new(),
        );
        assert_eq!(both, [found(0), Finding::Duplicate { first: 0 }]);
        let twice = [present(0, RowOwner::Shared, "a"), present(1, RowOwner::Shared, "a")];
        assert_eq!(
            find(&[wanted("a")], &twice, &Gaps::default(), true, &HashMap::new()),
            [found(0)]
        );
    }
}
