//! What one call did, gathered until it ends: the same action on the same thing is one record that counts.

use std::collections::HashMap;

use super::Record;

/// Bytes that are held before they are written.
const MOST: usize = 4 << 20;

type Key = (Option<String>, String, Option<String>, bool);

/// Records that wait.
#[derive(Debug, Default)]
pub struct Gathered {
    records: Vec<Record>,
    places: HashMap<Key, usize>,
    bytes: usize,
}

impl Gathered {
    /// One more. Whether there are so many that they are to be written now.
    #[must_use]
    pub fn add(&mut self, record: Record) -> bool {
        let key = (
            record.plugin.clone(),
            record.action.clone(),
            record.resource.clone(),
            record.is_allowed,
        );
        if let Some(known) = self.places.get(&key).and_then(|place| self.records.get_mut(*place)) {
            known.times = known.times.saturating_add(record.times);
            return false;
        }
        self.bytes += size(&record);
        self.places.insert(key, self.records.len());
        self.records.push(record);
        self.bytes >= MOST
    }

    /// All that wait, in the order in which each came first; none waits any more.
    #[must_use]
    pub fn take(&mut self) -> Vec<Record> {
        self.places.clear();
        self.bytes = 0;
        std::mem::take(&mut self.records)
    }
}

/// About what a record takes.
fn size(record: &Record) -> usize {
    let texts = [&record.plugin, &record.resource, &record.reason, &record.actor];
    let texts: usize = texts.into_iter().flatten().map(String::len).sum();
    let context: usize = record
        .context
        .iter()
        .map(|(key, value)| key.len() + value.as_str().map_or(16, str::len))
        .sum();
    texts + record.action.len() + record.request.len() + context + 160
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(action: &str, resource: &str, is_allowed: bool) -> Record {
        Record {
            resource: Some(resource.to_owned()),
            is_allowed,
            ..Record::new(action, "r")
        }
    }

    #[test]
    fn what_is_done_again_is_counted() {
        let mut gathered = Gathered::default();
        for (action, resource, is_allowed) in [
            ("read", "a", true),
            ("read", "b", true),
            ("read", "a", true),
            ("read", "a", false),
            ("read", "a", true),
        ] {
            assert!(!gathered.add(record(action, resource, is_allowed)));
        }
        let taken = gathered.take();
        let counts: Vec<_> = taken.iter().map(|record| (record.is_allowed, record.times)).collect();
        assert_eq!(counts, [(true, 3), (true, 1), (false, 1)]);
        assert!(gathered.take().is_empty());
        assert!(!gathered.add(record("read", "a", true)));
        assert_eq!(gathered.take()[0].times, 1);
    }

    #[test]
    fn a_full_buffer_says_so() {
        let mut gathered = Gathered::default();
        let resource = "x".repeat(1000);
        let full = (0..5000).position(|number| gathered.add(record(&format!("a{number}"), &resource, true)));
        assert!(full.is_some_and(|at| (3000..4200).contains(&at)), "{full:?}");
    }
}
