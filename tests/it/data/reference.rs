//! The rules of SPEC §6 once more: slow, obvious, row by row, in the order of its sentences. The laws compare the
//! product with it. It knows the columns of the test's tables only.

use std::collections::BTreeMap;

use gestor_plugins::config::Adoption;
use gestor_plugins::outcome::TableCounts;

/// A row: a column that is not there is NULL in a table, and not given in a package.
pub(super) type Row = BTreeMap<&'static str, Option<String>>;

/// A table of the laws.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) name: &'static str,
    pub(super) primary: &'static str,
    pub(super) key: &'static [&'static str],
    /// Key columns that may be empty in the table: module and group.
    pub(super) gaps: &'static [&'static str],
    pub(super) unique: bool,
    pub(super) owner: bool,
    /// What a row without language gets.
    pub(super) language: Option<&'static str>,
    /// Columns in which a user's value stays, and where the package's goes.
    pub(super) preserve: &'static [(&'static str, Option<&'static str>)],
    pub(super) versao: bool,
}

/// What decides besides the rows.
#[derive(Debug, Clone)]
pub(super) struct Policy {
    pub(super) adoption: Adoption,
    /// Key columns of core rows.
    pub(super) core: Vec<Row>,
    /// Rows of the previously installed package.
    pub(super) previous: Vec<Row>,
}

/// The table afterwards, and what was counted.
#[derive(Debug, Default)]
pub(super) struct RowOutcome {
    pub(super) rows: Vec<Row>,
    pub(super) counts: TableCounts,
}

fn text(row: &Row, column: &str) -> String {
    row.get(column).cloned().flatten().unwrap_or_default()
}

/// As the collation compares: letter case and trailing spaces do not count, NULL is the empty text.
fn folded(value: &str) -> String {
    value.trim_end_matches(' ').to_ascii_lowercase()
}

fn key(shape: &Shape, row: &Row, is_package: bool) -> Vec<String> {
    let part = |column: &&'static str| {
        if is_package && *column == "language" && !row.contains_key("language") {
            return shape.language.unwrap_or_default().to_owned();
        }
        folded(&text(row, column))
    };
    shape.key.iter().map(part).collect()
}

fn is_own(shape: &Shape, row: &Row) -> bool {
    shape.owner && folded(&text(row, "plugin")) == "p1"
}

fn is_unowned(shape: &Shape, row: &Row) -> bool {
    shape.owner && text(row, "plugin").is_empty()
}

/// The rows of the table that may be meant in one of the four steps.
fn candidates(
    shape: &Shape,
    table: &[Row],
    claimed: &[bool],
    wanted: &[String],
    step: u8,
    adoption: Adoption,
) -> Vec<usize> {
    let fits = |at: &usize| {
        let row = &table[*at];
        let found = key(shape, row, false);
        let mut module_filled = false;
        let mut language_filled = false;
        for (place, column) in shape.key.iter().enumerate() {
            if found[place] == wanted[place] {
                continue;
            }
            let empty = found[place].is_empty();
            if empty && step >= 3 && shape.gaps.contains(column) {
                module_filled = true;
            } else if empty && step == 4 && *column == "language" {
                language_filled = true;
            } else {
                return false;
            }
        }
        let owner_fits = match step {
            1 => is_own(shape, row),
            2 => is_unowned(shape, row) || !shape.owner,
            _ => is_own(shape, row) || (adoption == Adoption::Always && is_unowned(shape, row)),
        };
        let step_fits = match step {
            3 => module_filled,
            4 => language_filled,
            _ => true,
        };
        owner_fits && step_fits && !claimed[*at]
    };
    let mut found: Vec<usize> = (0..table.len()).filter(fits).collect();
    found.sort_by_key(|at| text(&table[*at], shape.primary).parse::<u64>().unwrap());
    found
}

/// Synchronizes with `conflitos=pular`.
#[expect(clippy::too_many_lines, reason = "one row after the other, as the text has it")]
pub(super) fn synchronize(shape: &Shape, table: &[Row], package: &[Row], policy: &Policy) -> RowOutcome {
    let mut outcome = RowOutcome {
        rows: table.to_vec(),
        ..RowOutcome::default()
    };
    let keys: Vec<_> = package.iter().map(|row| key(shape, row, true)).collect();
    let mut open: Vec<usize> = Vec::new();
    for (at, one) in keys.iter().enumerate() {
        if keys.iter().filter(|other| *other == one).count() > 1 {
            outcome.counts.ignorados += 1;
        } else {
            open.push(at);
        }
    }
    let mut claimed = vec![false; table.len()];
    let mut contested = vec![false; table.len()];
    let last = if shape.gaps.is_empty() { 2 } else { 4 };
    let mut found: Vec<(usize, usize)> = Vec::new();
    for steps in [&[1, 2][..], &[3], &[4]] {
        if steps[0] > last {
            break;
        }
        let mut still_open = Vec::new();
        for at in open {
            let mut done = false;
            for step in steps {
                let rows = candidates(shape, table, &claimed, &keys[at], *step, policy.adoption);
                if rows.is_empty() {
                    continue;
                }
                if rows.len() > 1 && *step > 1 {
                    for row in &rows {
                        contested[*row] = true;
                    }
                    outcome.counts.ignorados += 1;
                } else {
                    claimed[rows[0]] = true;
                    for row in &rows {
                        contested[*row] = true;
                    }
                    found.push((at, rows[0]));
                }
                done = true;
                break;
            }
            if !done {
                still_open.push(at);
            }
        }
        open = still_open;
    }
    for (at, row) in found {
        meet(shape, &package[at], row, &keys[at], policy, &mut outcome);
    }
    for at in open {
        let taken = shape.unique && table.iter().any(|row| key(shape, row, false) == keys[at]);
        if taken {
            outcome.counts.ignorados += 1;
        } else {
            outcome.counts.inseridos += 1;
            outcome.rows.push(inserted(shape, &package[at]));
        }
    }
    let orphan =
        |at: &usize| is_own(shape, &table[*at]) && !contested[*at] && !keys.contains(&key(shape, &table[*at], false));
    outcome.counts.orfaos = (0..table.len()).filter(orphan).count() as u64;
    outcome
}

fn inserted(shape: &Shape, package: &Row) -> Row {
    let mut row = package.clone();
    if shape.owner {
        row.insert("plugin", Some("p1".to_owned()));
    }
    if let (None, Some(language)) = (package.get("language"), shape.language) {
        row.insert("language", Some(language.to_owned()));
    }
    if shape.versao && package.get("versao").cloned().flatten().is_none() {
        row.insert("versao", Some("1".to_owned()));
    }
    row
}

/// What happens to a row that was found.
fn meet(shape: &Shape, package: &Row, place: usize, wanted: &[String], policy: &Policy, outcome: &mut RowOutcome) {
    let before = outcome.rows[place].clone();
    let (after, aside) = updated(shape, package, &before);
    let differs = after != before;
    let project = !text(&before, "project").is_empty();
    let of_core = |row: &Row| key(shape, row, true);
    if shape.owner && is_unowned(shape, &before) {
        let own_key = key(shape, &before, false);
        let core = policy
            .core
            .iter()
            .map(of_core)
            .any(|core| core == own_key || core == wanted);
        if !differs && (core || project) {
            outcome.counts.iguais += 1;
            return;
        }
        let adopt =
            !project && (policy.adoption == Adoption::Always || (!core && policy.adoption == Adoption::Orphans));
        if !adopt {
            outcome.counts.ignorados += 1;
            return;
        }
        outcome.counts.adotados += 1;
        outcome.rows[place] = after;
        outcome.rows[place].insert("plugin", Some("p1".to_owned()));
    } else {
        let previously = shape.owner || policy.previous.iter().any(|row| key(shape, row, true) == wanted);
        if !differs {
            outcome.counts.iguais += 1;
            return;
        }
        if project || !previously {
            outcome.counts.ignorados += 1;
            return;
        }
        outcome.counts.alterados += 1;
        outcome.rows[place] = after;
    }
    outcome.counts.preservados += u64::from(aside);
}

/// The row with what the package changes, and whether a value went beside the user's.
fn updated(shape: &Shape, package: &Row, before: &Row) -> (Row, bool) {
    let mut after = before.clone();
    let mut aside = false;
    let user = text(before, "user_modified") == "1";
    for (column, value) in package {
        let present = before.get(column).cloned().flatten();
        let both_empty = value.clone().unwrap_or_default().is_empty() && present.clone().unwrap_or_default().is_empty();
        let no_versao = *column == "versao" && value.is_none();
        if *value == present || (shape.key.contains(column) && both_empty) || no_versao {
            continue;
        }
        match shape.preserve.iter().find(|(preserved, _)| user && preserved == column) {
            Some((_, Some(companion))) => {
                if before.get(companion).cloned().flatten() != *value {
                    after.insert(companion, value.clone());
                    aside = true;
                }
            }
            Some((_, None)) => {}
            None => {
                after.insert(column, value.clone());
            }
        }
    }
    if aside {
        after.insert("system_updated", Some("1".to_owned()));
    }
    let given = package.get("versao").cloned().flatten().is_some();
    if shape.versao && !given && after != *before {
        let number: i64 = text(before, "versao").parse().unwrap_or(0);
        after.insert("versao", Some((number + 1).to_string()));
    }
    (after, aside)
}
