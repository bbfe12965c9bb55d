//! What a plugin needs, by what is stored of its manifest (SPEC 2 §7): its record; where that cannot be read, its kept package,
//! then its tree. Reads only.

use crate::archive::Blacklist;
use crate::config::Site;
use crate::dependencies::Member;
use crate::manifest;
use crate::model::{Dependency, Release, Slug};
use crate::package::KeptPackages;
use crate::stage;

/// What is recorded of a plugin.
pub(super) struct Stored<'a> {
    pub(super) slug: &'a Slug,
    pub(super) version: Option<&'a str>,
    /// SHA-256 of its package.
    pub(super) checksum: Option<&'a str>,
    pub(super) manifest: Option<&'a str>,
}

/// A plugin as its record tells it, and whether nobody can say all that it needs.
pub(super) fn member(site: &Site, stored: &Stored<'_>) -> (Member, bool) {
    let text = stored.manifest.filter(|text| !text.trim().is_empty());
    let recorded = text.map(|text| manifest::dependencies_of(text, stored.slug));
    let (partly, is_whole) = recorded.unwrap_or_default();
    let elsewhere = || of_package(site, stored).or_else(|| of_tree(site, stored.slug));
    let found = if is_whole { Some(partly.clone()) } else { elsewhere() };
    // A record without a manifest says nothing, and promises nothing.
    let is_unread = found.is_none() && text.is_some();
    let member = Member {
        release: stored.version.and_then(Release::leading),
        dependencies: found.unwrap_or(partly),
    };
    (member, is_unread)
}

fn of_package(site: &Site, stored: &Stored<'_>) -> Option<Vec<Dependency>> {
    let blacklist = Blacklist::from_settings(site.blacklist.as_deref());
    let kept = KeptPackages::of(site, stored.slug, &blacklist);
    let package = kept.open(stored.version, stored.checksum).ok()??;
    Some(package.read_manifest(stored.slug, None).ok()?.dependencies)
}

fn of_tree(site: &Site, slug: &Slug) -> Option<Vec<Dependency>> {
    let text = stage::installed_text(&site.root, slug, manifest::FILE_NAME)?;
    let (dependencies, is_whole) = manifest::dependencies_of(text.trim_start_matches('\u{feff}'), slug);
    is_whole.then_some(dependencies)
}
