//! Words of faults and warnings about descriptors, in both languages.

use crate::model::{Lang, Phrase};

/// What a package has too many of.
pub(super) const MODULES: Phrase = Phrase::new("módulos", "modules");
/// See [`MODULES`].
pub(super) const RESOURCES: Phrase = Phrase::new("recursos", "resources");
/// See [`MODULES`].
pub(super) const FIELDS: Phrase = Phrase::new("campos diferentes", "different fields");
/// See [`MODULES`].
pub(super) const OF_ONE_KIND: Phrase =
    Phrase::new("recursos de um tipo e idioma", "resources of one kind and language");
/// What belongs in a place of a descriptor.
pub(super) const AN_OBJECT: Phrase = Phrase::new("um objeto", "an object");
/// See [`AN_OBJECT`].
pub(super) const A_LIST: Phrase = Phrase::new("uma lista de objetos", "a list of objects");
/// See [`AN_OBJECT`].
pub(super) const LANGUAGES: Phrase = Phrase::new(
    "um objeto com uma chave para cada idioma",
    "an object with a key for each language",
);
/// See [`AN_OBJECT`].
pub(super) const SECTIONS: Phrase = Phrase::new(
    "um objeto com layouts, pages, components ou variables (`resources` tem um para cada idioma)",
    "an object with layouts, pages, components or variables (`resources` has one for each language)",
);
/// The text of a descriptor as a whole.
pub(super) const THE_DESCRIPTOR: Phrase = Phrase::new("o descritor", "the descriptor");

/// What a key of a descriptor names.
pub(super) const THE_LANGUAGE: Phrase = Phrase::new("o idioma", "the language");
/// See [`THE_LANGUAGE`].
pub(super) const THE_SECTION: Phrase = Phrase::new("a seção", "the section");
/// See [`THE_LANGUAGE`].
pub(super) const THE_FIELD: Phrase = Phrase::new("o campo", "the field");

/// An item of a list.
pub(super) fn item(number: usize, place: &str) -> Phrase {
    Phrase::made(
        format!("o item {number} de {place}"),
        format!("item {number} of {place}"),
    )
}

/// The line that counts the faults that are not listed.
pub(super) fn more_faults(more: usize, lang: Lang) -> String {
    match lang {
        Lang::PtBr => format!("e mais {more} erros do mesmo tipo"),
        Lang::En => format!("and {more} faults more of the same kind"),
    }
}
