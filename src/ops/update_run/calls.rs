//! Calls of other operations, each with what the run was called with, as far as it takes that.

use super::subject::Subject;
use super::{Run, SCHEDULER};
use crate::config::parameter::{ACTOR, MIGRATIONS};
use crate::config::{Argument, OriginKind};
use crate::model::Bilingual;
use crate::ops::audited;
use crate::ops::caller::Outcome;
use crate::ops::definition::Definition;
use crate::ops::update_all::repository;
use crate::outcome::ExitCode;
use crate::updates::Candidate;

/// What a call is given besides.
pub(super) type Entries = Vec<(&'static str, Argument)>;

pub(super) fn text(text: &str) -> Argument {
    Argument::Bytes(text.as_bytes().to_vec())
}

/// Whether nothing is wrong with a version: something else was in its way.
pub(super) fn is_passing(code: ExitCode) -> bool {
    matches!(code, ExitCode::Locked | ExitCode::Cancelled | ExitCode::Download)
}

/// Where a plugin came from, as a run asks there again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// An index, by its name.
    Index(String),
    /// A repository.
    Repository {
        owner: String,
        name: String,
        is_private: bool,
    },
    /// A file, or an address: nothing says where newer versions are.
    Nowhere,
}

impl Origin {
    pub(super) fn of(subject: &Subject) -> Self {
        let reference = subject.origin.reference.as_deref().unwrap_or_default();
        let kind = subject.origin.kind.as_deref().unwrap_or_default();
        match OriginKind::from_word("origem_tipo", kind) {
            Ok(OriginKind::Index) => match reference.split_once(':') {
                Some((index, _)) => Self::Index(index.to_owned()),
                None => Self::Nowhere,
            },
            Ok(kind @ (OriginKind::GithubPublic | OriginKind::GithubPrivate)) => match repository(reference) {
                Some((owner, name)) => Self::Repository {
                    owner: owner.to_owned(),
                    name: name.to_owned(),
                    is_private: kind == OriginKind::GithubPrivate,
                },
                None => Self::Nowhere,
            },
            _ => Self::Nowhere,
        }
    }
}

impl Run<'_> {
    /// Calls an operation.
    pub(super) fn call(&self, definition: &Definition, given: Entries) -> Outcome {
        let mut entries: Vec<(String, Argument)> =
            given.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        for (key, value) in &self.call.shared {
            let is_taken = definition.takes.iter().any(|taken| taken.name == key);
            if is_taken && entries.iter().all(|(known, _)| known != key) {
                entries.push((key.clone(), value.clone()));
            }
        }
        if definition.does_take(&ACTOR) && entries.iter().all(|(key, _)| key != ACTOR.name) {
            entries.push((ACTOR.name.to_owned(), text(SCHEDULER)));
        }
        if definition.does_take(&MIGRATIONS) && self.call.can_migrate {
            entries.retain(|(key, _)| key != MIGRATIONS.name);
            entries.push((MIGRATIONS.name.to_owned(), Argument::Callable));
        }
        match (definition.read)(Argument::Map(entries), self.settings) {
            Ok(request) => audited::carry_out(&*request, self.settings, self.caller, self.clock),
            Err(fault) => Outcome::of_wrong_call("", &fault.text(self.call.site.lang)),
        }
    }

    /// What brings a version of a plugin from where the plugin came from, and no other bytes than are meant.
    pub(super) fn from_its_origin(subject: &Subject, target: &Candidate) -> Option<Entries> {
        // Without one, what the source says in a file of its own has to agree.
        if target.sha256.is_none() && !target.has_checksum {
            return None;
        }
        let mut given = vec![
            ("slug", text(subject.slug.as_str())),
            // What is not simply the plugin's own is for a person to decide.
            ("conflitos", text("abortar")),
            ("fusao", text("abortar")),
        ];
        given.extend(target.sha256.map(|digest| ("sha256", text(&digest.to_string()))));
        match Origin::of(subject) {
            Origin::Nowhere => return None,
            Origin::Index(index) => given.extend([
                ("origem_tipo", text(OriginKind::Index.word())),
                ("indice", text(&index)),
                ("versao", text(&target.version.to_string())),
            ]),
            Origin::Repository {
                owner,
                name,
                is_private,
            } => {
                let kind = if is_private {
                    OriginKind::GithubPrivate
                } else {
                    OriginKind::GithubPublic
                };
                given.extend([
                    ("origem_tipo", text(kind.word())),
                    ("owner", text(&owner)),
                    ("repo", text(&name)),
                    ("ref", text(target.tag.as_deref()?)),
                ]);
                let token = subject.origin.credential.as_ref().filter(|_| is_private);
                given.extend(token.map(|token| ("cred_ref", text(token.expose()))));
            }
        }
        let reference = subject.origin.reference.as_deref();
        given.extend(reference.map(|reference| ("referencia", text(reference))));
        Some(given)
    }
}
