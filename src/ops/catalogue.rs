//! The list of operations. C, PHP, the command line, the header, stubs and README are driven by it or compared with it: a
//! new operation is a file in `ops/` and a line here.

use super::definition::Definition;

/// Every operation.
pub static CATALOGUE: &[&Definition] = &[
    &super::install::DEFINITION,
    &super::list::DEFINITION,
    &super::history::DEFINITION,
    &super::conflicts::DEFINITION,
    &super::resolve::DEFINITION,
    &super::verify::DEFINITION,
    &super::install::BATCH,
    &super::update_all::DEFINITION,
    &super::prune::DEFINITION,
    &super::metrics::DEFINITION,
    &super::statistics::DEFINITION,
    &super::export::DEFINITION,
    &super::index_settings::DEFINITION,
    &super::index_publish::DEFINITION,
    &super::updates::DEFINITION,
    &super::update_policy::DEFINITION,
    &super::update_run::DEFINITION,
    &super::install::ROLLBACK,
    &super::uninstall::DEFINITION,
    &super::restore::RESTORE,
    &super::uninstall::DISABLE,
    &super::restore::ENABLE,
    &super::recover::DEFINITION,
    &super::diff::DEFINITION,
    &super::sign::DEFINITION,
    &super::signature::DEFINITION,
    &super::running::DEFINITION,
    &super::cancel::DEFINITION,
    &super::credentials::DEFINITION,
    &super::config::DEFINITION,
    &super::config::SET,
    &super::audit::DEFINITION,
    &super::audit_append::DEFINITION,
    &super::sync::DEFINITION,
    &super::mark::DEFINITION,
];

/// The operation of a word of C.
pub fn by_word(word: &str) -> Option<&'static Definition> {
    CATALOGUE.iter().copied().find(|operation| operation.word == word)
}

/// The operation of a function of PHP.
pub fn by_function(function: &str) -> Option<&'static Definition> {
    CATALOGUE
        .iter()
        .copied()
        .find(|operation| operation.function == function)
}

/// The words, with commas between.
pub fn words() -> String {
    let words: Vec<_> = CATALOGUE.iter().map(|operation| operation.word).collect();
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn all_differ<'n>(names: impl Iterator<Item = &'n str>) {
        let names: Vec<_> = names.collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
    }

    #[test]
    fn each_name_is_of_one_operation() {
        all_differ(CATALOGUE.iter().map(|operation| operation.word));
        all_differ(CATALOGUE.iter().map(|operation| operation.function));
        all_differ(
            CATALOGUE
                .iter()
                .flat_map(|operation| operation.options)
                .map(|option| option.name),
        );
    }

    #[test]
    fn what_is_required_is_taken() {
        for operation in CATALOGUE {
            for wanted in operation.requires {
                assert!(operation.does_take(wanted), "{}: {}", operation.word, wanted.name);
            }
        }
    }
}
