//! What the others of one transaction publish, keep or give up. An address has one plugin: the first in the order in which
//! they come about, as if one came after the other; but what one gives up another may take at once.

use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::UnicodeNormalization;

use super::planned::{AssetPlan, WantedAssets};
use super::record::AssetRecord;
use crate::model::{GestorRoot, Slug};
use crate::stage::{StageError, premises};

/// The plugins of a transaction of more than one.
#[derive(Debug, Default)]
pub struct Holders {
    members: Vec<Member>,
}

#[derive(Debug)]
struct Member {
    slug: Slug,
    before: AssetRecord,
    /// What it is going to have: files, and the folders above them.
    held: Names,
}

impl Holders {
    /// One more, with what it is to publish; nothing where it goes. Until it is planned it has what it publishes already and
    /// wants still.
    pub fn add(&mut self, root: &GestorRoot, slug: &Slug, wanted: Option<&WantedAssets<'_>>) -> Result<(), StageError> {
        let before = AssetRecord::read(root, slug, premises::owner(root)?);
        let assets = wanted.iter().flat_map(|wanted| &wanted.assets);
        let wanted: BTreeSet<&str> = assets.map(|asset| asset.target.as_str()).collect();
        let held = before.staying().filter(|path| wanted.contains(path.as_str()));
        self.members.push(Member {
            slug: slug.clone(),
            held: Names::of(held),
            before,
        });
        Ok(())
    }

    /// One was planned: that is what it will have.
    pub fn note(&mut self, slug: &Slug, plan: &AssetPlan) {
        if let Some(member) = self.members.iter_mut().find(|member| member.slug == *slug) {
            member.held = Names::of(plan.next.staying());
        }
    }

    /// Nothing of what one gives up is to go where another has taken it.
    pub fn release(&self, slug: &Slug, plan: &mut AssetPlan) {
        if self.members.is_empty() {
            return;
        }
        plan.next
            .arquivos
            .retain(|path, file| !file.sai || self.holder(slug, path).is_none());
        plan.forget_folders();
    }

    /// Who of the others has an address, or one that some file system takes for the same.
    pub(super) fn holder(&self, slug: &Slug, target: &str) -> Option<&Slug> {
        let member = self.others(slug).find(|member| member.held.clashes_with(target))?;
        Some(&member.slug)
    }

    /// Whether another one publishes a file until now, and will not any more.
    pub(super) fn gives_up(&self, slug: &Slug, target: &str) -> bool {
        self.others(slug).any(|member| member.before.publishes(target)) && self.holder(slug, target).is_none()
    }

    fn others(&self, slug: &Slug) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(move |member| member.slug != *slug)
    }
}

/// Paths by the one form that stands for all spellings of them.
#[derive(Debug, Default)]
struct Names(BTreeMap<String, Name>);

#[derive(Debug)]
struct Name {
    spelling: String,
    is_file: bool,
}

impl Names {
    fn of<'p>(paths: impl Iterator<Item = &'p String>) -> Self {
        let mut names = BTreeMap::new();
        for path in paths {
            for (part, is_file) in parts(path) {
                let spelling = part.to_owned();
                names.insert(folded(part), Name { spelling, is_file });
            }
        }
        Self(names)
    }

    /// A file where a folder is to be, the other way round, the same file, another spelling.
    fn clashes_with(&self, target: &str) -> bool {
        parts(target).any(|(part, is_last)| {
            let found = self.0.get(&folded(part));
            found.is_some_and(|found| is_last || found.is_file || found.spelling != part)
        })
    }
}

/// The folders above a path, the outermost first, and the path itself, which is the last.
fn parts(path: &str) -> impl Iterator<Item = (&str, bool)> {
    let folders = path.match_indices('/').map(|(at, _)| (&path[..at], false));
    folders.chain([(path, true)])
}

/// A name in the form that stands for all that differ in case, or in how Unicode writes a letter, alone.
pub(super) fn folded(name: &str) -> String {
    name.nfd().flat_map(char::to_lowercase).nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_in_all_its_spellings() {
        let held = ["m/css.css", "M2/x.js", "a/caf\u{e9}.css", "x/m.js"].map(str::to_owned);
        let names = Names::of(held.iter());
        for (target, clashes) in [
            ("m/css.css", true),
            ("m/CSS.css", true),
            ("m/js.js", false),
            ("M/js.js", true),
            ("m2/y.js", true),
            ("M2/y.js", false),
            ("a/cafe\u{301}.css", true),
            ("a/CAFE\u{301}.css", true),
            ("a/cafe.css", false),
            ("x/m.js/js.js", true),
            ("x", true),
            ("y/m.js", false),
        ] {
            assert_eq!(names.clashes_with(target), clashes, "{target}");
        }
    }
}
