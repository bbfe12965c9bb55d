//! Migrations of several plugins run in one process, which loads one class of a name (SPEC 2 §7): two plugins that both
//! declare it cannot go together.

use std::collections::{BTreeMap, BTreeSet};

use super::Installation;
use crate::migrate::classes;
use crate::model::Slug;
use crate::ops::{Error, PluginRefusal};
use crate::package::Inspected;
use crate::transaction::{Context, applied_migrations};

/// Refuses a set in which migrations that are to run declare a class of the same name.
///
/// # Errors
/// [`PluginRefusal::SameClass`].
pub(super) fn admit(set: &[(Installation<'_>, &Inspected)], cx: &mut Context<'_>) -> Result<(), Error> {
    let mut known: BTreeMap<String, &Slug> = BTreeMap::new();
    for (installation, package) in set.iter().filter(|_| set.len() > 1) {
        let slug = installation.slug;
        cx.reporter.turn_to(Some(slug));
        for class in pending(installation, package, cx)? {
            if let Some(other) = known.get(&class) {
                return Err(PluginRefusal::SameClass {
                    slug: slug.to_string(),
                    other: other.to_string(),
                    class,
                }
                .into());
            }
            known.insert(class, slug);
        }
    }
    cx.reporter.turn_to(None);
    Ok(())
}

/// The classes of the migrations that have not run yet.
fn pending(
    installation: &Installation<'_>,
    package: &Inspected,
    cx: &mut Context<'_>,
) -> Result<BTreeSet<String>, Error> {
    let package = &package.located;
    if !installation.parts.migrations || !package.contents().has_migrations() {
        return Ok(BTreeSet::new());
    }
    let applied = applied_migrations(&mut cx.session.database, installation.slug)?.unwrap_or_default();
    let texts = package.texts_by_version()?;
    let pending = texts.iter().filter(|(version, _)| !applied.contains(*version));
    Ok(pending.flat_map(|(_, text)| classes(text)).collect())
}
