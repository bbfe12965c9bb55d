//! Inspects a whole archive before a byte of it is unpacked (SPEC §8): end record, directory, and every local header.
//! Sizes are never trusted for memory: the directory is read entry by entry through a window.

use std::collections::HashMap;

use super::blacklist::Blacklist;
use super::budget::Budget;
use super::central::{self, CentralEntry, Lengths};
use super::collision::Names;
use super::end_record::{self, EndRecord};
use super::error::{shown, shown_bytes};
use super::local::{self, LONGEST_DESCRIPTOR, LocalHeader};
use super::window::{Source, Window};
use super::{ArchiveError, Member};
use crate::config::Limits;

const WINDOW: usize = 64 << 10;

/// Inspects a file of `length` bytes and gives its members in the order of the directory.
pub(super) fn inspect(
    file: &dyn Source,
    length: u64,
    limits: &Limits,
    blacklist: &Blacklist,
) -> Result<Vec<Member>, ArchiveError> {
    inspect_some(file, length, (limits, blacklist), &|_| true)
}

/// The same of those members alone that are wanted, by name: of the others nothing but the directory is read.
pub(super) fn inspect_some(
    file: &dyn Source,
    length: u64,
    (limits, blacklist): (&Limits, &Blacklist),
    is_wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<Member>, ArchiveError> {
    let end = end_record::read(file, length)?;
    let entries = read_entries(file, &end, limits, blacklist)?;
    let data = check_locals(file, &end, &entries, is_wanted)?;
    let members = entries
        .into_iter()
        .zip(data)
        .filter(|(entry, _)| !entry.name.is_empty() && is_wanted(&entry.name));
    Ok(members.map(|(entry, data_at)| member(entry, data_at)).collect())
}

fn member(entry: CentralEntry, data_at: u64) -> Member {
    Member {
        name: entry.name,
        is_folder: entry.is_folder,
        is_executable: entry.is_executable,
        is_guessed: entry.is_guessed,
        is_deflated: entry.method == 8,
        crc32: entry.crc32,
        size: entry.size,
        packed: entry.packed,
        data_at,
        sha256: None,
    }
}

fn read_entries(
    file: &dyn Source,
    end: &EndRecord,
    limits: &Limits,
    blacklist: &Blacklist,
) -> Result<Vec<CentralEntry>, ArchiveError> {
    if end.entries > limits.entries {
        return Err(ArchiveError::TooManyEntries {
            found: end.entries,
            limit: limits.entries,
        });
    }
    let (mut names, mut budget, mut window) = (Names::default(), Budget::new(limits), Window::new(WINDOW));
    let (mut at, mut entries) = (end.directory_at, Vec::new());
    while at < end.directory_end {
        if entries.len() as u64 == end.entries {
            return Err(ArchiveError::EntryCount {
                expected: end.entries,
                found: end.entries + 1,
            });
        }
        let (entry, total) = read_entry(file, &mut window, at, end.directory_end, limits)?;
        budget.name(entry.name_bytes())?;
        budget.member(&entry.name, entry.size, entry.packed)?;
        let before = names.bytes();
        admit(&entry, &mut names, blacklist)?;
        budget.name(names.bytes() - before)?;
        budget.count(names.count())?;
        entries.push(entry);
        at += total;
    }
    budget.finish()?;
    check_own_names(&entries, &names)?;
    if entries.len() as u64 == end.entries {
        return Ok(entries);
    }
    Err(ArchiveError::EntryCount {
        expected: end.entries,
        found: entries.len() as u64,
    })
}

/// Programs that know no Unicode names write the headers' own: these must be as many members, and none of them another
/// one's name.
fn check_own_names(entries: &[CentralEntry], names: &Names) -> Result<(), ArchiveError> {
    if entries.iter().all(|entry| entry.own_path.is_none()) {
        return Ok(());
    }
    let mut seen: HashMap<String, &CentralEntry> = HashMap::new();
    for entry in entries {
        let own = entry.own_path.as_deref().unwrap_or(&entry.name);
        let earlier = seen.insert(own.to_ascii_lowercase(), entry);
        let is_anothers = entry.own_path.is_some() && names.holds(own);
        if is_anothers || earlier.is_some_and(|earlier| earlier.name != entry.name) {
            return Err(ArchiveError::UnicodeName {
                member: shown(own),
                unicode: shown(&entry.name),
            });
        }
    }
    Ok(())
}

fn read_entry(
    file: &dyn Source,
    window: &mut Window,
    at: u64,
    end: u64,
    limits: &Limits,
) -> Result<(CentralEntry, u64), ArchiveError> {
    let short = ArchiveError::DirectoryCorrupt {
        at,
        what: super::phrases::ENTRY_CUT_OFF,
    };
    if end - at < central::FIXED as u64 {
        return Err(short);
    }
    let lengths = Lengths::read(window.read(file, at, central::FIXED, end)?, at)?;
    let total = lengths.total();
    if end - at < total as u64 {
        return Err(short);
    }
    let entry = CentralEntry::parse(window.read(file, at, total, end)?, lengths, limits)?;
    Ok((entry, total as u64))
}

fn admit(entry: &CentralEntry, names: &mut Names, blacklist: &Blacklist) -> Result<(), ArchiveError> {
    if entry.name.is_empty() {
        return if entry.is_folder {
            Ok(())
        } else {
            Err(ArchiveError::EmptyName)
        };
    }
    if let Some(pattern) = blacklist.matching(&entry.name, entry.is_folder) {
        return Err(ArchiveError::Blacklisted {
            member: shown(&entry.name),
            pattern: pattern.to_owned(),
        });
    }
    names.add(&entry.name, entry.is_folder)
}

/// Checks that local headers and data fill the file from its first byte to the directory, each header like its entry.
/// Gives where each entry's data begins. Headers of those that are not wanted are not read.
fn check_locals(
    file: &dyn Source,
    end: &EndRecord,
    entries: &[CentralEntry],
    is_wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<u64>, ArchiveError> {
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by_key(|at| entries[*at].header_at);
    // Behind the last header there is nothing to compare with: it is looked at before anything is read.
    if let Some(last) = order.last().map(|at| &entries[*at]) {
        check_place(last, end)?;
    }
    let first = order.first().map_or(end.directory_at, |at| entries[*at].header_at);
    if first != 0 {
        return Err(ArchiveError::LeadingBytes { bytes: first });
    }
    let mut window = Window::new(WINDOW);
    let mut data = vec![0; entries.len()];
    for (place, at) in order.iter().enumerate() {
        let next = order.get(place + 1).map(|next| entries[*next].header_at);
        if is_wanted(&entries[*at].name) {
            data[*at] = check_local(file, &mut window, &entries[*at], next.unwrap_or(end.directory_at), end)?;
        }
    }
    Ok(data)
}

/// `next` is where the next header, or the directory, begins.
fn check_local(
    file: &dyn Source,
    window: &mut Window,
    entry: &CentralEntry,
    next: u64,
    end: &EndRecord,
) -> Result<u64, ArchiveError> {
    let member = || shown_bytes(entry.decoded_name());
    let at = entry.header_at;
    let limit = end.directory_at;
    check_place(entry, end)?;
    let length = local::header_length(window.read(file, at, local::FIXED, limit)?, entry)?;
    let data_at = at + length as u64;
    let data_end = data_at.saturating_add(entry.packed);
    if data_end > next {
        return Err(ArchiveError::Overlap { member: member() });
    }
    let header = window.read(file, at, length, limit)?.to_vec();
    let header = LocalHeader::compare(&header, entry)?;
    let between = next - data_end;
    let count = usize::try_from(between.min(LONGEST_DESCRIPTOR)).unwrap_or(0);
    header.check_between(window.read(file, data_end, count, limit)?, between, entry)?;
    Ok(data_at)
}

/// There is room for a local header where the entry says that it stands.
fn check_place(entry: &CentralEntry, end: &EndRecord) -> Result<(), ArchiveError> {
    if entry.header_at.saturating_add(local::FIXED as u64) <= end.directory_at {
        return Ok(());
    }
    Err(ArchiveError::LocalHeader {
        member: shown_bytes(entry.decoded_name()),
        at: entry.header_at,
    })
}
