//! The first of many things, and how many more there were: what a person may read of a list that somebody else makes as
//! long as they like. Values only.

use std::ops::Deref;

use super::messages::and_more;
use crate::model::{Bilingual, Lang};

/// The most that is kept.
pub const LISTED: usize = 100;

/// Up to [`LISTED`] things; those beyond are counted and not even made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    items: Vec<T>,
    more: usize,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            more: 0,
        }
    }
}

impl<T> Listed<T> {
    /// Adds one.
    pub fn push(&mut self, item: T) {
        self.push_with(|| item);
    }

    /// Adds one, which is made only if it is kept.
    pub fn push_with(&mut self, make: impl FnOnce() -> T) {
        if self.items.len() < LISTED {
            self.items.push(make());
        } else {
            self.more += 1;
        }
    }

    /// Whether one more would be kept.
    pub fn has_room(&self) -> bool {
        self.items.len() < LISTED
    }

    /// Counts things that are not looked at.
    pub fn count_more(&mut self, more: usize) {
        self.more += more;
    }

    /// Puts one in the place of the last that is kept, which is only counted from then on.
    pub fn replace_last(&mut self, item: T) {
        if let Some(last) = self.items.last_mut() {
            *last = item;
            self.more += 1;
        }
    }

    /// Adds all that is kept to another list in that one's own way, and the count of the rest.
    pub fn drain_into(self, other: &mut Self, add: impl Fn(&mut Self, T)) {
        self.items.into_iter().for_each(|item| add(other, item));
        other.more += self.more;
    }

    /// Adds all of another list.
    pub fn append(&mut self, other: Self) {
        self.more += other.more;
        other.items.into_iter().for_each(|item| self.push(item));
    }

    /// How many there were in all.
    pub fn count(&self) -> usize {
        self.items.len() + self.more
    }

    /// Those that are kept.
    pub fn into_kept(self) -> Vec<T> {
        self.items
    }

    /// How many are not kept.
    pub fn more(&self) -> usize {
        self.more
    }
}

impl<T: Bilingual> Listed<T> {
    /// A line for each, and one that counts the rest.
    pub fn lines(&self, lang: Lang) -> Vec<String> {
        let mut lines: Vec<String> = self.items.iter().map(|item| item.text(lang)).collect();
        lines.extend((self.more > 0).then(|| and_more(self.more, lang)));
        lines
    }
}

impl<T> Extend<T> for Listed<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        items.into_iter().for_each(|item| self.push(item));
    }
}

impl<T> From<Vec<T>> for Listed<T> {
    fn from(items: Vec<T>) -> Self {
        let mut listed = Self::default();
        listed.extend(items);
        listed
    }
}

impl<T> Deref for Listed<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.items
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Phrase;

    #[test]
    fn the_first_are_kept_and_the_rest_is_counted() {
        let mut listed = Listed::default();
        for number in 0..LISTED {
            listed.push(number);
        }
        assert!(!listed.has_room());
        listed.push_with(|| unreachable!("what is not kept is not made"));
        listed.append(Listed::from((0..LISTED + 5).collect::<Vec<_>>()));
        assert_eq!(
            (listed.len(), listed.more(), listed.count()),
            (LISTED, LISTED + 6, 2 * LISTED + 6)
        );
        listed.replace_last(7);
        assert_eq!((listed[LISTED - 1], listed.count()), (7, 2 * LISTED + 7));
        let mut words = Listed::from(vec![Phrase::new("um", "one")]);
        words.count_more(6);
        assert_eq!(words.lines(Lang::PtBr), ["um", "e mais 6"]);
        assert_eq!(words.lines(Lang::En), ["one", "and 6 more"]);
    }
}
