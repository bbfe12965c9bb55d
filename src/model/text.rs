//! What people read, in both languages. Owns the way from a value to its text; the texts stand in each room's `messages`.

use std::borrow::Cow;
use std::fmt;

use super::Lang;

/// Something that people read: `Display` says it in English, this trait in Portuguese as well. A new variant without a
/// text in either language does not compile.
pub trait Bilingual: fmt::Display {
    /// The text in Brazilian Portuguese.
    fn portuguese(&self) -> String;

    /// The text in a language.
    fn text(&self, lang: Lang) -> String {
        match lang {
            Lang::PtBr => self.portuguese(),
            Lang::En => self.to_string(),
        }
    }
}

/// A text of ours in both languages, or the words of others, which are the same in both.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Phrase {
    pt: Cow<'static, str>,
    en: Cow<'static, str>,
}

impl Phrase {
    /// A text that is always the same.
    pub const fn new(pt: &'static str, en: &'static str) -> Self {
        Self {
            pt: Cow::Borrowed(pt),
            en: Cow::Borrowed(en),
        }
    }

    /// Words of a call, which are the same in both languages.
    pub const fn of_words(words: &'static str) -> Self {
        Self::new(words, words)
    }

    /// A text that was put together.
    pub fn made(pt: String, en: String) -> Self {
        Self {
            pt: Cow::Owned(pt),
            en: Cow::Owned(en),
        }
    }

    /// The words of others: a system, a server, a package.
    pub fn of_others(words: impl Into<String>) -> Self {
        let words = words.into();
        Self::made(words.clone(), words)
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.en.is_empty()
    }

    /// What something else says.
    pub fn of(said: &(impl Bilingual + ?Sized)) -> Self {
        Self::made(said.portuguese(), said.to_string())
    }
}

impl Bilingual for Phrase {
    fn portuguese(&self) -> String {
        self.pt.clone().into_owned()
    }
}

impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en)
    }
}

/// The words of an `io::Error` of ours.
impl std::error::Error for Phrase {}

impl fmt::Debug for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.en, f)
    }
}
