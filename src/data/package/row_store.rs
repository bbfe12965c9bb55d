//! The package's rows, outside of memory: encoded one after the other, in memory while they are few, else in a file
//! without a name that vanishes with its owner. Rows are read back a window at a time. Knows no tables.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::phrases;
use crate::base::fs::nameless_file;
use crate::model::{Field, PackageRow, RowOrigin};

/// Bytes that are kept in memory before they go to the file.
const BUFFER: usize = 512 << 10;
/// Bytes of rows that are read back together.
const WINDOW: usize = 256 << 10;
/// Rows that are read back together.
const WINDOW_ROWS: usize = 500;

/// Rows in the order in which they were added.
#[derive(Debug, Default)]
pub struct RowStore {
    names: Interned,
    sources: Interned,
    entries: Vec<Entry>,
    /// Encoded rows that are not in the file.
    memory: Vec<u8>,
    /// Where the first of them starts, counted from the first row ever added.
    spilled: u64,
    file: Option<File>,
    folder: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    start: u64,
    length: u32,
    origin: RowOrigin,
}

#[derive(Debug, Default)]
struct Interned {
    texts: Vec<Arc<str>>,
    places: HashMap<Arc<str>, u32>,
}

impl Interned {
    fn place(&mut self, text: &Arc<str>) -> u32 {
        if let Some(place) = self.places.get(text) {
            return *place;
        }
        let place = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.texts.push(Arc::clone(text));
        self.places.insert(Arc::clone(text), place);
        place
    }

    fn text(&self, place: u32) -> io::Result<Arc<str>> {
        self.texts.get(place as usize).cloned().ok_or_else(broken)
    }
}

fn broken() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, phrases::ROWS_DAMAGED)
}

impl RowStore {
    /// A store that keeps everything in memory.
    pub fn in_memory() -> Self {
        Self::default()
    }

    /// A store that keeps what is much in a file without name in `folder`.
    pub fn in_folder(folder: &Path) -> Self {
        Self {
            folder: Some(folder.to_owned()),
            ..Self::default()
        }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Where a row came from.
    pub fn origin(&self, row: usize) -> RowOrigin {
        self.entries[row].origin
    }

    /// Bytes of a row as it is kept: about what its values take.
    pub fn size(&self, row: usize) -> usize {
        self.entries[row].length as usize
    }

    /// Adds a row.
    pub fn push(&mut self, row: &PackageRow) -> io::Result<()> {
        let start = self.spilled + self.memory.len() as u64;
        let before = self.memory.len();
        self.encode(row);
        let length = u32::try_from(self.memory.len() - before).map_err(|_| broken())?;
        self.entries.push(Entry {
            start,
            length,
            origin: row.origin,
        });
        if self.memory.len() >= BUFFER && self.folder.is_some() {
            self.spill()?;
        }
        Ok(())
    }

    /// Adds rows.
    pub fn extend(&mut self, rows: &[PackageRow]) -> io::Result<()> {
        rows.iter().try_for_each(|row| self.push(row))
    }

    /// Gives its memory back, where there is a folder for the rows.
    pub(in crate::data) fn release(&mut self) -> io::Result<()> {
        self.spill()?;
        if self.folder.is_some() {
            self.memory = Vec::new();
        }
        Ok(())
    }

    /// Writes what is in memory to the file, where there is a folder for it.
    fn spill(&mut self) -> io::Result<()> {
        if self.memory.is_empty() {
            return Ok(());
        }
        let file = match (&mut self.file, &self.folder) {
            (Some(file), _) => file,
            (empty, Some(folder)) => empty.insert(nameless_file(folder)?),
            (None, None) => return Ok(()),
        };
        file.write_all_at(&self.memory, self.spilled)?;
        self.spilled += self.memory.len() as u64;
        self.memory.clear();
        Ok(())
    }

    fn encode(&mut self, row: &PackageRow) {
        let source = self.sources.place(&row.source);
        let number = u32::try_from(row.number).unwrap_or(u32::MAX);
        let fields = u32::try_from(row.fields.len()).unwrap_or(u32::MAX);
        for head in [source, number, fields] {
            self.memory.extend_from_slice(&head.to_le_bytes());
        }
        for (name, field) in &row.fields {
            let name = self.names.place(name);
            let (kind, text): (u8, &str) = match field {
                Field::Null => (0, ""),
                Field::Bool(false) => (1, ""),
                Field::Bool(true) => (2, ""),
                Field::Number(digits) => (3, digits),
                Field::Text(text) => (4, text),
                Field::Json(text) => (5, text),
            };
            self.memory.extend_from_slice(&name.to_le_bytes());
            self.memory.push(kind);
            if kind >= 3 {
                let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
                self.memory.extend_from_slice(&length.to_le_bytes());
                self.memory.extend_from_slice(text.as_bytes());
            }
        }
    }

    /// The next rows from `from` on that are read back together; empty at the end.
    pub fn window(&self, from: usize) -> Range<usize> {
        let mut to = from;
        let mut bytes = 0;
        while to < self.entries.len() && to - from < WINDOW_ROWS && (to == from || bytes + self.size(to) <= WINDOW) {
            bytes += self.size(to);
            to += 1;
        }
        from..to
    }

    /// All windows, one after the other.
    pub fn windows(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        let first = Some(self.window(0)).filter(|window| !window.is_empty());
        std::iter::successors(first, |last| {
            Some(self.window(last.end)).filter(|window| !window.is_empty())
        })
    }

    /// Reads rows back, in the order in which they are named.
    pub fn load(&self, rows: impl IntoIterator<Item = usize>) -> io::Result<Vec<PackageRow>> {
        self.load_brief(rows, &|_| true)
    }

    /// Reads rows back without the texts and numbers of fields that are not wanted: those are NULL.
    pub fn load_brief(
        &self,
        rows: impl IntoIterator<Item = usize>,
        is_wanted: &dyn Fn(&str) -> bool,
    ) -> io::Result<Vec<PackageRow>> {
        let rows: Vec<usize> = rows.into_iter().collect();
        let wanted: Vec<bool> = self.names.texts.iter().map(|name| is_wanted(name)).collect();
        let mut loaded = Vec::with_capacity(rows.len());
        let mut buffer = Vec::new();
        let mut rest = rows.as_slice();
        while let Some(first) = rest.first() {
            let (run, later) = rest.split_at(self.run(rest));
            let mut encoded = Cursor(self.bytes(*first, run.len(), &mut buffer)?);
            for row in run {
                let origin = self.entries[*row].origin;
                loaded.push(self.decode(encoded.take(self.size(*row))?, origin, &wanted)?);
            }
            rest = later;
        }
        Ok(loaded)
    }

    /// Reads one row back.
    pub fn get(&self, row: usize) -> io::Result<PackageRow> {
        self.load([row])?.pop().ok_or_else(broken)
    }

    /// How many of the next rows follow each other, in the file or in memory, and are no more than a window.
    fn run(&self, rows: &[usize]) -> usize {
        let is_spilled = |row: usize| self.entries.get(row).is_some_and(|entry| entry.start < self.spilled);
        let mut bytes = 0;
        let follows = |(at, row): &(usize, &usize)| {
            bytes += self.entries.get(**row).map_or(0, |entry| entry.length as usize);
            *at == 0 || (**row == rows[0] + at && bytes <= WINDOW && is_spilled(**row) == is_spilled(rows[0]))
        };
        rows.iter().enumerate().take_while(follows).count()
    }

    /// Rows that follow each other, encoded.
    fn bytes<'b>(&'b self, first: usize, count: usize, buffer: &'b mut Vec<u8>) -> io::Result<&'b [u8]> {
        let entries = self.entries.get(first..first + count).ok_or_else(broken)?;
        let length: usize = entries.iter().map(|entry| entry.length as usize).sum();
        let start = entries.first().ok_or_else(broken)?.start;
        if let Some(start) = start.checked_sub(self.spilled) {
            let start = usize::try_from(start).map_err(|_| broken())?;
            return self.memory.get(start..start + length).ok_or_else(broken);
        }
        buffer.resize(length, 0);
        let file = self.file.as_ref().ok_or_else(broken)?;
        file.read_exact_at(buffer, start)?;
        Ok(buffer)
    }

    fn decode(&self, encoded: &[u8], origin: RowOrigin, wanted: &[bool]) -> io::Result<PackageRow> {
        let mut rest = Cursor(encoded);
        let source = self.sources.text(rest.number()?)?;
        let number = rest.number()? as usize;
        let count = rest.number()? as usize;
        let mut fields = Vec::with_capacity(count.min(encoded.len()));
        for _ in 0..count {
            let place = rest.number()?;
            let name = self.names.text(place)?;
            let kind = rest.take(1)?[0];
            let is_wanted = wanted.get(place as usize).copied().unwrap_or_default();
            let field = match kind {
                0 => Field::Null,
                3.. if !is_wanted => {
                    rest.skip_text()?;
                    Field::Null
                }
                1 => Field::Bool(false),
                2 => Field::Bool(true),
                3 => Field::Number(rest.text()?.into()),
                4 => Field::Text(rest.text()?.to_owned()),
                _ => Field::Json(rest.text()?.to_owned()),
            };
            fields.push((name, field));
        }
        Ok(PackageRow {
            source,
            number,
            origin,
            fields,
        })
    }
}

struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, count: usize) -> io::Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or_else(broken)?;
        self.0 = rest;
        Ok(taken)
    }

    fn number(&mut self) -> io::Result<u32> {
        let bytes = self.take(4)?.try_into().map_err(|_| broken())?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn skip_text(&mut self) -> io::Result<()> {
        let length = self.number()? as usize;
        self.take(length).map(drop)
    }

    fn text(&mut self) -> io::Result<&'a str> {
        let length = self.number()? as usize;
        std::str::from_utf8(self.take(length)?).map_err(|_| broken())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(number: usize, text: &str) -> PackageRow {
        let fields = [
            ("id", Field::Number(format!("{number}.50").into())),
            ("html", Field::Text(text.to_owned())),
            ("a", Field::Null),
            ("b", Field::Bool(true)),
            ("c", Field::Bool(false)),
            ("d", Field::Json("{\"ç\":1}".to_owned())),
        ];
        PackageRow {
            source: Arc::from(if number.is_multiple_of(2) { "even" } else { "odd" }),
            number,
            origin: if number == 3 {
                RowOrigin::Module { blank: true }
            } else {
                RowOrigin::DataFile
            },
            fields: fields
                .into_iter()
                .map(|(name, field)| (Arc::from(name), field))
                .collect(),
        }
    }

    #[test]
    fn rows_come_back_as_they_were() {
        let folder = tempfile::tempdir().unwrap();
        for mut store in [RowStore::in_memory(), RowStore::in_folder(folder.path())] {
            let rows: Vec<PackageRow> = (0..400).map(|number| row(number, &"ção".repeat(number * 4))).collect();
            store.extend(&rows).unwrap();
            assert_eq!(store.file.is_some(), store.folder.is_some());
            assert_eq!(store.len(), 400);
            assert_eq!(store.load(0..400).unwrap(), rows);
            assert_eq!(
                store.load([399, 0, 7]).unwrap(),
                [rows[399].clone(), rows[0].clone(), rows[7].clone()]
            );
            assert_eq!(store.get(3).unwrap().origin, store.origin(3));
            let windows: Vec<_> = store.windows().collect();
            assert_eq!(windows.iter().map(Range::len).sum::<usize>(), 400);
            assert!(windows.len() > 2 && windows.windows(2).all(|pair| pair[0].end == pair[1].start));
            assert!(store.get(400).is_err());
            let brief = store.load_brief([1, 2, 3], &|name| name == "id").unwrap();
            assert_eq!(brief[1].get("id"), rows[2].get("id"));
            assert_eq!(
                (brief[1].get("html"), brief[1].get("b")),
                (Some(&Field::Null), Some(&Field::Bool(true)))
            );
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "no trace on disk");
        assert_eq!(RowStore::in_memory().windows().count(), 0);
    }
}
