//! What a field is for people, and as which type it stands in `variaveis`. Values only.

/// The types that the gestor's editor of variables knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VariableType {
    /// A line of text.
    String,
    /// Text of several lines.
    Text,
    /// Yes or no: `1`, or nothing.
    Bool,
    /// A number as programs write it.
    Number,
    /// A whole number, with a dot before each third digit.
    Quantity,
    /// Money, as `1.234,56`.
    Money,
    /// CSS.
    Css,
    /// JavaScript.
    Js,
    /// HTML.
    Html,
    /// HTML by an editor.
    Tinymce,
    /// Days, as `31/12/2026|01/01/2027`.
    Dates,
    /// A day, as `31/12/2026`.
    Date,
    /// A minute, as `31/12/2026 23:59`.
    DateTime,
}

impl VariableType {
    /// As they are stored.
    pub const WORDS: [(&'static str, Self); 13] = [
        ("string", Self::String),
        ("text", Self::Text),
        ("bool", Self::Bool),
        ("number", Self::Number),
        ("quantidade", Self::Quantity),
        ("dinheiro", Self::Money),
        ("css", Self::Css),
        ("js", Self::Js),
        ("html", Self::Html),
        ("tinymce", Self::Tinymce),
        ("datas-multiplas", Self::Dates),
        ("data", Self::Date),
        ("data-hora", Self::DateTime),
    ];

    /// The word as it is stored.
    pub fn word(self) -> &'static str {
        let found = Self::WORDS.iter().find(|(_, known)| *known == self);
        found.map_or("", |(word, _)| word)
    }

    /// The type of a stored word.
    pub fn stored(word: &str) -> Option<Self> {
        Self::WORDS
            .iter()
            .find(|(known, _)| *known == word)
            .map(|(_, found)| *found)
    }
}

/// By what a field is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Widget {
    /// A line of text.
    Text,
    /// Text of several lines.
    TextArea,
    /// A line that is not shown.
    Password,
    /// A number.
    Number,
    /// A whole number as the gestor writes it.
    Quantity,
    /// Money as the gestor writes it.
    Money,
    /// Yes or no.
    Toggle,
    /// One of several.
    Dropdown,
    /// Several of several.
    MultiSelect,
    /// A colour.
    Color,
    /// A day.
    Date,
    /// A minute.
    DateTime,
    /// Days.
    Dates,
    /// CSS.
    Css,
    /// JavaScript.
    Js,
    /// HTML.
    Html,
    /// HTML by an editor.
    Tinymce,
    /// The text of any JSON, because nothing else fits.
    Json,
}

impl Widget {
    /// As `plugin_config` says them.
    pub const WORDS: [(&'static str, Self); 18] = [
        ("text", Self::Text),
        ("textarea", Self::TextArea),
        ("password", Self::Password),
        ("number", Self::Number),
        ("quantidade", Self::Quantity),
        ("dinheiro", Self::Money),
        ("toggle", Self::Toggle),
        ("dropdown", Self::Dropdown),
        ("multiselect", Self::MultiSelect),
        ("color", Self::Color),
        ("data", Self::Date),
        ("data-hora", Self::DateTime),
        ("datas-multiplas", Self::Dates),
        ("css", Self::Css),
        ("js", Self::Js),
        ("html", Self::Html),
        ("tinymce", Self::Tinymce),
        ("json", Self::Json),
    ];
    /// What a schema may say besides.
    const OTHER_WORDS: [(&'static str, Self); 6] = [
        ("string", Self::Text),
        ("bool", Self::Toggle),
        ("checkbox", Self::Toggle),
        ("select", Self::Dropdown),
        ("date", Self::Date),
        ("datetime", Self::DateTime),
    ];

    /// The word of a widget.
    pub fn word(self) -> &'static str {
        let found = Self::WORDS.iter().find(|(_, known)| *known == self);
        found.map_or("", |(word, _)| word)
    }

    /// The widget that a schema means by a word.
    pub(super) fn of_word(word: &str) -> Option<Self> {
        let mut known = Self::WORDS.iter().chain(&Self::OTHER_WORDS);
        known.find(|(known, _)| *known == word).map(|(_, found)| *found)
    }

    /// The words, with commas between.
    pub(super) fn words() -> String {
        Self::WORDS.map(|(word, _)| word).join(", ")
    }

    /// As which type its value stands in `variaveis`.
    pub fn variable(self) -> VariableType {
        match self {
            Self::Text | Self::Password | Self::Color | Self::Dropdown => VariableType::String,
            Self::TextArea | Self::MultiSelect | Self::Json => VariableType::Text,
            Self::Number => VariableType::Number,
            Self::Quantity => VariableType::Quantity,
            Self::Money => VariableType::Money,
            Self::Toggle => VariableType::Bool,
            Self::Date => VariableType::Date,
            Self::DateTime => VariableType::DateTime,
            Self::Dates => VariableType::Dates,
            Self::Css => VariableType::Css,
            Self::Js => VariableType::Js,
            Self::Html => VariableType::Html,
            Self::Tinymce => VariableType::Tinymce,
        }
    }

    /// Whether its value is a text of several lines.
    pub(super) fn has_lines(self) -> bool {
        matches!(
            self,
            Self::TextArea | Self::Css | Self::Js | Self::Html | Self::Tinymce | Self::Json
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_of_one_and_back() {
        for (word, found) in VariableType::WORDS {
            assert_eq!((VariableType::stored(word), found.word()), (Some(found), word));
            // What a plugin's author knows of the gestor's editor he may say of a field.
            assert!(Widget::of_word(word).is_some() || word == "text", "{word}");
        }
        for (word, found) in Widget::WORDS {
            assert_eq!((Widget::of_word(word), found.word()), (Some(found), word));
        }
        for word in ["", "TEXT", "slider"] {
            assert_eq!((VariableType::stored(word), Widget::of_word(word)), (None, None));
        }
    }

    #[test]
    fn the_words_of_the_first_design_are_known() {
        for word in ["text", "number", "toggle", "dropdown", "color"] {
            assert!(Widget::words().contains(word), "{word}");
        }
    }
}
