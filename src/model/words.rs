//! Words by which values are stored: a table of both serves both ways.

/// The word of a value.
pub fn word_of<T: PartialEq>(words: &[(T, &'static str)], value: &T) -> &'static str {
    let found = words.iter().find(|(known, _)| known == value);
    found.map_or("", |(_, word)| word)
}

/// The value of a word.
pub fn of_word<T: Copy>(words: &[(T, &'static str)], word: &str) -> Option<T> {
    let found = words.iter().find(|(_, known)| *known == word);
    found.map(|(value, _)| *value)
}
