//! The bytes of a table's base: parts, each of which says which columns its digests are of. The same entries are always
//! the same bytes, and an entry is in the part that its key says, so a change touches few parts. Pure.
//!
//! A part, before it is deflated: `GPB`, format number, bits of the key that choose the part, number of the part (2
//! bytes), columns (count; length, name, class), entries until the end: key (16), flags, `since`, `until`, primary key
//! (count; length, bytes), row digest (8), a bit a column, digests (6) of the columns whose bit is set. Counts, lengths
//! and history numbers are LEB128.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

use super::entry::{BaseColumn, Entry, EntryOrigin, FieldDigest, KindClass, PrimaryKey, RowDigest, RowKey, TableBase};
use super::error::FormatFault;

const MAGIC: &[u8; 3] = b"GPB";
const FORMAT: u8 = 1;
/// Bytes of a part before it is deflated, so that none is longer than 32 KiB after it.
const PART: usize = (32 << 10) - 64;
/// Bits of the key that choose the part, at most: `parte` is a SMALLINT.
const MOST_BITS: u8 = 14;
/// What one part may inflate to; longer ones are not ours. A row of the widest table fits.
const LONGEST: u64 = 1 << 20;

const DELETED: u8 = 4;
const ORPHAN: u8 = 8;

/// The parts of a table's base, in order, not deflated yet. `entries` must be sorted. None for no entries.
pub fn encode(base: &TableBase) -> Vec<(u32, Vec<u8>)> {
    if base.entries.is_empty() {
        return Vec::new();
    }
    let order = used_columns(base);
    let columns = encode_columns(base, &order);
    let encoded: Vec<Vec<u8>> = base.entries.iter().map(|entry| encode_entry(entry, &order)).collect();
    let bits = bits_for(base, &encoded, columns.len() + 8);
    let mut parts: Vec<(u32, Vec<u8>)> = (0..1_u16 << bits).map(|part| (0, head(bits, part, &columns))).collect();
    for (entry, bytes) in base.entries.iter().zip(&encoded) {
        let (rows, part) = &mut parts[part_of(&entry.key, bits)];
        *rows += 1;
        part.extend_from_slice(bytes);
    }
    parts
}

fn head(bits: u8, part: u16, columns: &[u8]) -> Vec<u8> {
    let mut head = MAGIC.to_vec();
    head.extend_from_slice(&[FORMAT, bits]);
    head.extend_from_slice(&part.to_be_bytes());
    head.extend_from_slice(columns);
    head
}

/// The places of columns that any entry has a digest of, by name.
fn used_columns(base: &TableBase) -> Vec<usize> {
    let is_used = |at: &usize| {
        base.entries
            .iter()
            .any(|entry| entry.fields.get(*at).is_some_and(Option::is_some))
    };
    let mut used: Vec<usize> = (0..base.columns.len()).filter(is_used).collect();
    used.sort_by(|a, b| base.columns[*a].cmp(&base.columns[*b]));
    used
}

fn encode_columns(base: &TableBase, order: &[usize]) -> Vec<u8> {
    let mut bytes = Vec::new();
    push_number(&mut bytes, order.len() as u64);
    for at in order {
        let column = &base.columns[*at];
        push_bytes(&mut bytes, column.name.as_bytes());
        bytes.push(column.class.0);
    }
    bytes
}

/// The fewest bits by which no part is too long.
fn bits_for(base: &TableBase, encoded: &[Vec<u8>], head: usize) -> u8 {
    let fits = |bits: &u8| {
        let mut sizes = vec![head; 1 << bits];
        for (entry, bytes) in base.entries.iter().zip(encoded) {
            sizes[part_of(&entry.key, *bits)] += bytes.len();
        }
        sizes.iter().all(|size| *size <= PART)
    };
    (0..MOST_BITS).find(fits).unwrap_or(MOST_BITS)
}

fn part_of(key: &RowKey, bits: u8) -> usize {
    usize::from(u16::from_be_bytes([key.0[0], key.0[1]])) >> (16 - usize::from(bits))
}

fn encode_entry(entry: &Entry, order: &[usize]) -> Vec<u8> {
    let mut bytes = entry.key.0.to_vec();
    let origin = match entry.origin {
        EntryOrigin::Inserted => 0,
        EntryOrigin::Adopted => 1,
        EntryOrigin::Shared => 2,
        EntryOrigin::Unknown => 3,
    };
    let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
    bytes.push(origin | flag(entry.deleted, DELETED) | flag(entry.orphan, ORPHAN));
    push_number(&mut bytes, entry.since);
    push_number(&mut bytes, entry.until);
    push_number(&mut bytes, entry.identity.len() as u64);
    entry.identity.iter().for_each(|part| push_bytes(&mut bytes, part));
    bytes.extend_from_slice(&entry.row.0);
    let fields = || order.iter().map(|at| entry.fields.get(*at).copied().flatten());
    let mut bitmap = vec![0_u8; order.len().div_ceil(8)];
    for (at, _) in fields().enumerate().filter(|(_, field)| field.is_some()) {
        bitmap[at / 8] |= 1 << (at % 8);
    }
    bytes.extend_from_slice(&bitmap);
    fields().flatten().for_each(|digest| bytes.extend_from_slice(&digest.0));
    bytes
}

fn push_number(bytes: &mut Vec<u8>, mut number: u64) {
    loop {
        let [low, ..] = number.to_le_bytes();
        number >>= 7;
        if number == 0 {
            return bytes.push(low);
        }
        bytes.push(low | 0x80);
    }
}

fn push_bytes(bytes: &mut Vec<u8>, text: &[u8]) {
    push_number(bytes, text.len() as u64);
    bytes.extend_from_slice(text);
}

/// A part as it is stored.
pub(super) fn deflate(part: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(part)?;
    encoder.finish()
}

/// A stored part as it was before.
pub fn inflate(stored: &[u8]) -> Result<Vec<u8>, FormatFault> {
    let mut part = Vec::new();
    let mut decoder = DeflateDecoder::new(stored).take(LONGEST + 1);
    decoder.read_to_end(&mut part).map_err(|_| FormatFault::Deflate)?;
    if part.len() as u64 > LONGEST || decoder.into_inner().total_in() != stored.len() as u64 {
        return Err(FormatFault::Length);
    }
    Ok(part)
}

/// The base of a table from its parts, in order, inflated.
///
/// # Errors
/// Whatever is not exactly as [`encode`] makes it: half a base would call rows deleted that are not.
pub fn decode<'p>(parts: impl IntoIterator<Item = &'p [u8]>) -> Result<TableBase, FormatFault> {
    let mut base = TableBase::default();
    let mut expected: Option<(u8, Vec<BaseColumn>)> = None;
    let mut count = 0_usize;
    for part in parts {
        let mut reader = Reader(part);
        let (bits, number) = reader.head()?;
        let columns = reader.columns()?;
        let expected = expected.get_or_insert_with(|| (bits, columns.clone()));
        if *expected != (bits, columns) || usize::from(number) != count {
            return Err(FormatFault::Parts { what: "another head" });
        }
        while !reader.0.is_empty() {
            let entry = reader.entry(expected.1.len())?;
            if part_of(&entry.key, bits) != count || base.entries.last().is_some_and(|last| last.key >= entry.key) {
                return Err(FormatFault::Content {
                    what: "keys out of order",
                });
            }
            base.entries.push(entry);
        }
        count += 1;
    }
    match expected {
        Some((bits, columns)) if count == 1 << bits => base.columns = columns,
        Some(_) => return Err(FormatFault::Parts { what: "one is missing" }),
        None => {}
    }
    Ok(base)
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], FormatFault> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(FormatFault::Length)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], FormatFault> {
        self.take(N)?.try_into().map_err(|_| FormatFault::Length)
    }

    fn number(&mut self) -> Result<u64, FormatFault> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let [byte] = self.array()?;
            number |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(FormatFault::Content {
            what: "a number too long",
        })
    }

    fn bytes(&mut self) -> Result<&'a [u8], FormatFault> {
        let length = usize::try_from(self.number()?).map_err(|_| FormatFault::Length)?;
        self.take(length)
    }

    fn head(&mut self) -> Result<(u8, u16), FormatFault> {
        if self.take(MAGIC.len())? != MAGIC {
            return Err(FormatFault::Magic);
        }
        let [format, bits] = self.array()?;
        if format != FORMAT {
            return Err(FormatFault::Newer {
                found: format,
                known: FORMAT,
            });
        }
        if bits > MOST_BITS {
            return Err(FormatFault::Content { what: "too many parts" });
        }
        Ok((bits, u16::from_be_bytes(self.array()?)))
    }

    fn columns(&mut self) -> Result<Vec<BaseColumn>, FormatFault> {
        let count = self.number()?;
        let mut columns = Vec::new();
        for _ in 0..count {
            let name = std::str::from_utf8(self.bytes()?);
            let name = name
                .map_err(|_| FormatFault::Content {
                    what: "a column's name",
                })?
                .to_owned();
            let [class] = self.array()?;
            columns.push(BaseColumn {
                name,
                class: KindClass(class),
            });
        }
        Ok(columns)
    }

    fn entry(&mut self, columns: usize) -> Result<Entry, FormatFault> {
        let key = RowKey(self.array()?);
        let [flags] = self.array()?;
        let origin = match flags & 3 {
            0 => EntryOrigin::Inserted,
            1 => EntryOrigin::Adopted,
            2 => EntryOrigin::Shared,
            _ => EntryOrigin::Unknown,
        };
        if flags > (3 | DELETED | ORPHAN) {
            return Err(FormatFault::Content {
                what: "an unknown flag",
            });
        }
        let (since, until) = (self.number()?, self.number()?);
        let parts = self.number()?;
        let identity = (0..parts)
            .map(|_| Ok(self.bytes()?.into()))
            .collect::<Result<PrimaryKey, FormatFault>>()?;
        let row = RowDigest(self.array()?);
        let bitmap = self.take(columns.div_ceil(8))?;
        let is_given = |at: usize| bitmap[at / 8] & (1 << (at % 8)) != 0;
        let mut fields = Vec::with_capacity(columns);
        for at in 0..columns {
            fields.push(if is_given(at) {
                Some(FieldDigest(self.array()?))
            } else {
                None
            });
        }
        Ok(Entry {
            key,
            origin,
            deleted: flags & DELETED != 0,
            orphan: flags & ORPHAN != 0,
            since,
            until,
            identity,
            row,
            fields: fields.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry(columns: usize) -> impl Strategy<Value = Entry> {
        let field = proptest::option::of(any::<[u8; 6]>().prop_map(FieldDigest));
        let identity = proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..12), 0..3);
        let origin = proptest::sample::select(vec![
            EntryOrigin::Inserted,
            EntryOrigin::Adopted,
            EntryOrigin::Shared,
            EntryOrigin::Unknown,
        ]);
        let marks = (any::<bool>(), any::<bool>(), any::<u64>(), any::<u64>());
        let fields = proptest::collection::vec(field, columns);
        (any::<[u8; 16]>(), origin, marks, identity, any::<[u8; 8]>(), fields).prop_map(
            |(key, origin, (deleted, orphan, since, until), identity, row, fields)| Entry {
                key: RowKey(key),
                origin,
                deleted,
                orphan,
                since,
                until,
                identity: identity.into_iter().map(Into::into).collect(),
                row: RowDigest(row),
                fields: fields.into(),
            },
        )
    }

    fn column(name: &str) -> BaseColumn {
        BaseColumn {
            name: name.to_owned(),
            class: KindClass(b't'),
        }
    }

    /// A base of `count` entries whose keys are drawn from a number, all columns given.
    fn many(count: u32, columns: usize) -> TableBase {
        let mut base = TableBase {
            columns: (0..columns).map(|at| column(&format!("column_{at:02}"))).collect(),
            entries: Vec::new(),
        };
        for number in 0..count {
            let digest = crate::base::hash::sha256(&number.to_le_bytes());
            base.entries.push(Entry {
                key: RowKey::cut(&digest),
                origin: EntryOrigin::Inserted,
                deleted: false,
                orphan: false,
                since: 1,
                until: 0,
                identity: std::sync::Arc::new([number.to_string().into_bytes().into()]),
                row: RowDigest::cut(&digest),
                fields: vec![Some(FieldDigest::cut(&digest)); columns].into(),
            });
        }
        base.sort();
        base
    }

    fn raw(base: &TableBase) -> Vec<Vec<u8>> {
        encode(base).into_iter().map(|(_, part)| part).collect()
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(entries in proptest::collection::vec(entry(9), 0..40)) {
            let columns = ["z", "a", "m", "b", "y", "c", "x", "d", "w"].map(column).to_vec();
            let mut base = TableBase { columns, entries };
            base.sort();
            let parts = raw(&base);
            let stored: Vec<Vec<u8>> = parts.iter().map(|part| deflate(part).unwrap()).collect();
            let inflated: Vec<Vec<u8>> = stored.iter().map(|part| inflate(part).unwrap()).collect();
            prop_assert_eq!(&inflated, &parts);
            let read = decode(inflated.iter().map(Vec::as_slice)).unwrap();
            prop_assert_eq!(raw(&read), parts);
            prop_assert_eq!(read.entries.len(), base.entries.len());
            for (read_entry, entry) in read.entries.iter().zip(&base.entries) {
                for (at, column) in base.columns.iter().enumerate() {
                    let place = read.columns.iter().position(|found| found == column);
                    let digest = place.and_then(|place| read_entry.fields[place]);
                    prop_assert_eq!(digest, entry.fields[at]);
                }
                let same = Entry { fields: entry.fields.clone(), ..read_entry.clone() };
                prop_assert_eq!(&same, entry);
            }
        }

        #[test]
        fn other_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), cut in 0_usize..400) {
            let _ = decode([bytes.as_slice()]);
            let _ = inflate(&bytes);
            let part = &raw(&many(2, 3))[0];
            if cut < part.len() {
                // Behind its head or between two entries a part may end: the number of rows beside it tells.
                let cut = decode([&part[..cut]]);
                prop_assert!(cut.is_err() || cut.is_ok_and(|base| base.entries.len() < 2));
            }
        }
    }

    #[test]
    fn parts_are_short_and_one_change_touches_one() {
        let before = many(16_000, 20);
        let parts = encode(&before);
        let stored: Vec<usize> = parts.iter().map(|(_, part)| deflate(part).unwrap().len()).collect();
        assert!(stored.iter().all(|bytes| *bytes <= 32 << 10));
        let total: usize = stored.iter().sum();
        assert!(total < 16_000 * 220, "{total}");
        assert_eq!(parts.iter().map(|(rows, _)| rows).sum::<u32>(), 16_000);
        let mut after = before.clone();
        std::sync::Arc::make_mut(&mut after.entries[777].fields)[3] = Some(FieldDigest([9; 6]));
        let mut fresh = after.entries[0].clone();
        fresh.key = RowKey([0xAB; 16]);
        after.entries.push(fresh);
        after.sort();
        let changed = encode(&after)
            .iter()
            .zip(&parts)
            .filter(|(one, other)| one != other)
            .count();
        assert_eq!(changed, 2);
    }

    #[test]
    fn parts_that_do_not_fit_together_are_no_base() {
        let parts = raw(&many(600, 12));
        assert!(parts.len() > 2);
        let all: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        assert_eq!(decode(all.iter().copied()).unwrap(), many(600, 12));
        assert!(matches!(
            decode(all[1..].iter().copied()),
            Err(FormatFault::Parts { .. })
        ));
        assert!(matches!(
            decode(all[..1].iter().copied()),
            Err(FormatFault::Parts { .. })
        ));
        let mut newer = parts.clone();
        newer[0][3] = 2;
        let found = decode(newer.iter().map(Vec::as_slice));
        assert_eq!(found, Err(FormatFault::Newer { found: 2, known: 1 }));
        let mut other = parts.clone();
        let last = other.len() - 1;
        other.swap(0, last);
        assert!(decode(other.iter().map(Vec::as_slice)).is_err());
        assert_eq!(inflate(b"no deflate"), Err(FormatFault::Deflate));
        let with_tail = [deflate(&parts[0]).unwrap(), b"x".to_vec()].concat();
        assert_eq!(inflate(&with_tail), Err(FormatFault::Length));
    }
}
