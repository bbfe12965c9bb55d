//! Which of a package's rows with one key counts: a data file's before a descriptor's. Pure.

use std::collections::HashSet;

use crate::ledger::RowKey;
use crate::model::RowOrigin;

/// The rows of a table, as they come: those of data files first.
#[derive(Debug, Default)]
pub(in crate::data) struct Overruled {
    of_files: HashSet<RowKey>,
}

impl Overruled {
    /// Whether the next row says nothing, because a data file has one with its key.
    pub(in crate::data) fn is(&mut self, key: RowKey, origin: RowOrigin) -> bool {
        if matches!(origin, RowOrigin::Module { .. }) {
            return self.of_files.contains(&key);
        }
        self.of_files.insert(key);
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_descriptors_row_counts_where_no_data_file_has_its_key() {
        let mut overruled = Overruled::default();
        let (one, two) = (RowKey([1; 16]), RowKey([2; 16]));
        let module = RowOrigin::Module { blank: false };
        let rows = [
            (one, RowOrigin::DataFile),
            (one, RowOrigin::DataFile),
            (one, module),
            (two, module),
            (two, module),
        ];
        let found = rows.map(|(key, origin)| overruled.is(key, origin));
        assert_eq!(found, [false, false, true, false, false]);
    }
}
