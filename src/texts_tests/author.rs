//! A sample of each variant of what authors are told.

use super::parts::*;
use super::{Sample, samples};
use crate::author::{AuthorError, Observation};
use crate::model::Phrase;

fn phrase() -> Phrase {
    Phrase::new("dito por alguém", "said by somebody")
}

pub(super) fn all() -> Vec<Sample> {
    let mut samples = samples!(AuthorError as AuthorError:
        UnknownLint AuthorError::UnknownLint { name: text(11), known: text(12) };
        Rules AuthorError::Rules { path: path(11), reason: phrase() };
        UnknownRelease AuthorError::UnknownRelease { version: text(11), known: text(12) };
        OtherPlugin AuthorError::OtherPlugin { path: path(11), found: text(12), wanted: text(13) };
        NoFolder AuthorError::NoFolder { path: path(11) };
        IsFolder AuthorError::IsFolder { path: path(11) };
        Inside AuthorError::Inside { path: path(11) };
        NoKey AuthorError::NoKey { path: path(11) };
        Wish AuthorError::Wish { what: text(11), reason: phrase() };
        UnknownTemplate AuthorError::UnknownTemplate { name: text(11), known: text(12) };
        NotEmpty AuthorError::NotEmpty { path: path(11) };);
    samples.extend(samples!(Observation as Observation:
        Installer Observation::Installer(phrase());
        Column Observation::Column(phrase());
        Language Observation::Language { table: text(11), id: text(12), found: text(13), missing: text(14) };
        Placeholders Observation::Placeholders {
            table: text(11), id: text(12), column: text(13), placeholder: text(14), with: text(15), without: text(16)
        };
        Title Observation::Title { id: text(11), language: text(12) };
        Path Observation::Path { path: text(11), language: text(12), first: text(13), second: text(14) };
        CoreRow Observation::CoreRow { table: text(11), key: text(12), release: text(13) };
        Unused Observation::Unused { id: text(11) };
        Version Observation::Version { version: text(11), before: text(12) };
        MigrationName Observation::MigrationName;
        MigrationTwice Observation::MigrationTwice { version: text(11) };
        MigrationClass Observation::MigrationClass { class: text(11) };
        MigrationClassTwice Observation::MigrationClassTwice { class: text(11), other: text(12) };
        MigrationReserved Observation::MigrationReserved { class: text(11) };
        MigrationNamespace Observation::MigrationNamespace { class: text(11), namespace: text(12) };
        MigrationTable Observation::MigrationTable { table: text(11) };
        MigrationParent Observation::MigrationParent { class: text(11) };
        Syntax Observation::Syntax { said: text(11) };
        WayBack Observation::WayBack;
        Leftover Observation::Leftover { word: text(11) };
        Secret Observation::Secret(phrase());
        Large Observation::Large { bytes: 1234, most: 567 };
        SystemFile Observation::SystemFile;
        Mark Observation::Mark;));
    samples
}
