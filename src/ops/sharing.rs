//! One tree, several databases (SPEC 2 §16): whether an operation may change the files of a plugin that other databases use
//! too, and which plugin a call means whose record the admin page has renamed.

use super::reporter::OperationReporter;
use super::{Error, PluginRefusal, messages};
use crate::base::db::Database;
use crate::config::Bases;
use crate::log::{Message, Reporter};
use crate::model::{GestorRoot, Sha256Digest, Slug};
use crate::registry;
use crate::stage::bases::Neighbour;
use crate::transaction::{Context, Sharing, sharing};

/// Refuses to change a tree that other databases use too, unless the call says that this one alone goes on. Where it may,
/// gives the others: they are behind then.
///
/// `becomes`: the package of which the tree will be, nothing where it goes. The package that stands there already, or that
/// all of them have, changes nothing.
pub(super) fn admit(
    cx: &mut Context<'_>,
    slug: &Slug,
    becomes: Option<Sha256Digest>,
    bases: &Bases,
) -> Result<Vec<Neighbour>, Error> {
    let sharing = Sharing::read(&mut cx.session.database, cx.site.root)?;
    let mut others = sharing.others(slug);
    if let Bases::Forget(digits) = bases {
        // A dry run has not struck it out.
        others.retain(|other| !other.identity.starts_with(digits));
    }
    let stands = becomes.and_then(|package| sharing::tree_is_of(cx.site.root, slug, &package.to_string()));
    if others.is_empty() || *bases == Bases::This || !changes(becomes, stands, &others) {
        return Ok(others);
    }
    let (slug, others) = (slug.to_string(), sharing::shown(&others));
    Err(PluginRefusal::TreeShared { slug, others }.into())
}

/// Whether the others get a tree that they do not have. `stands`: whether it is of the package already, where anything says
/// so.
fn changes(becomes: Option<Sha256Digest>, stands: Option<bool>, others: &[Neighbour]) -> bool {
    match (becomes, stands) {
        (None, _) => true,
        (Some(_), Some(true)) => false,
        (Some(package), _) => {
            let package = package.to_string();
            others
                .iter()
                .any(|other| other.sha256.as_deref() != Some(package.as_str()))
        }
    }
}

/// Strikes out the database that a call names, before anything else is done.
pub(super) fn forget(
    database: &mut Database,
    root: &GestorRoot,
    bases: &Bases,
    reporter: &OperationReporter<'_>,
) -> Result<(), Error> {
    let Bases::Forget(digits) = bases else { return Ok(()) };
    match sharing::forget(database, root, (digits, reporter))? {
        Ok(name) => {
            reporter.message(Message::Warning(messages::forgotten(&name)));
            Ok(())
        }
        Err(known) => Err(PluginRefusal::UnknownBase {
            digits: digits.clone(),
            known,
        }
        .into()),
    }
}

/// The plugin that a call means where the admin page has renamed its record: the one that was recorded, which is told.
/// Nothing where the name is the plugin's own.
pub(super) fn meant(
    database: &mut Database,
    name: &Slug,
    reporter: &OperationReporter<'_>,
) -> Result<Option<Slug>, Error> {
    let recorded = registry::recorded_slug(database, name)?;
    let Some(slug) = recorded.and_then(|slug| Slug::normalize(&slug).ok()) else {
        return Ok(None);
    };
    reporter.message(Message::Warning(messages::renamed(name.as_str(), slug.as_str())));
    Ok(Some(slug))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::hash::sha256;

    #[test]
    fn a_tree_changes_where_the_others_have_another_package() {
        let (one, other) = (sha256(b"1"), sha256(b"2"));
        let neighbour = |package: Option<Sha256Digest>| Neighbour {
            identity: String::new(),
            name: String::new(),
            domains: Vec::new(),
            version: None,
            sha256: package.map(|package| package.to_string()),
        };
        for (becomes, stands, of_other, expected) in [
            (None, Some(true), Some(one), true),
            (Some(one), Some(true), Some(other), false),
            (Some(one), Some(false), Some(one), false),
            (Some(one), Some(false), Some(other), true),
            (Some(one), None, Some(one), false),
            (Some(one), None, Some(other), true),
            (Some(one), None, None, true),
        ] {
            let found = changes(becomes, stands, &[neighbour(of_other)]);
            assert_eq!(found, expected, "{becomes:?} {stands:?} {of_other:?}");
        }
    }
}
