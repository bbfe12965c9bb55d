//! A folder or a ZIP as a package, and what the plugin's own file says of it.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::archive::{Blacklist, PackOptions, list_package, pack_zip};
use crate::author::{LintRules, RULES_FILE};
use crate::base::fs::{is_folder, may_stand, nameless_file, open_named, read_small, real_folder};
use crate::config::Limits;
use crate::manifest;
use crate::model::Slug;
use crate::ops::Error;
use crate::package::{self, OpenedPackage, VerifiedPackage, find_root, is_left_out};

/// Bytes of a file of rules.
const RULES_BYTES: u64 = 256 << 10;

/// A package of an author.
pub(super) struct Source {
    pub(super) verified: VerifiedPackage,
    /// The plugin's folder, where it was packed of one.
    pub(super) root: Option<PathBuf>,
    /// What no package can hold.
    pub(super) left_out: Vec<PathBuf>,
    pub(super) rules: LintRules,
}

impl Source {
    /// Reads it. `work`: a folder for what no path leads to. `rules`: the file of rules, where one was said.
    pub(super) fn read(path: &Path, rules: Option<&Path>, (limits, work): (&Limits, &Path)) -> Result<Self, Error> {
        if !is_folder(path) {
            return Ok(Self {
                verified: VerifiedPackage::packed(path, open_named(path, limits.package_bytes)?)?,
                root: None,
                left_out: Vec::new(),
                rules: rules.map(read_rules).transpose()?.unwrap_or_default(),
            });
        }
        let root = find_root(&real_folder(path)?, &[], |tree| manifest::sole(tree))?;
        let own = root.join(RULES_FILE);
        let rules = rules.or(may_stand(&own).then_some(own.as_path()));
        let rules = rules.map(read_rules).transpose()?.unwrap_or_default();
        let (file, left_out) = packed(&root, &rules, (limits, work))?;
        Ok(Self {
            verified: VerifiedPackage::packed(path, file)?,
            root: Some(root),
            left_out,
            rules,
        })
    }

    /// Looks at every header, and who it is.
    pub(super) fn open(&self, limits: &Limits) -> Result<(OpenedPackage, Slug), Error> {
        let opened = package::open(&self.verified, limits, &Blacklist::from_settings(None))?;
        let slug = Slug::normalize(&opened.id()?)?;
        Ok((opened, slug))
    }
}

fn read_rules(path: &Path) -> Result<LintRules, Error> {
    Ok(LintRules::read(path, &read_small(path, RULES_BYTES)?)?)
}

/// A folder, packed where no path leads to it: the same tree gives the same bytes.
fn packed(root: &Path, rules: &LintRules, (limits, work): (&Limits, &Path)) -> Result<(File, Vec<PathBuf>), Error> {
    let wanted = |path: &Path, _| !is_left_out(path) && !rules.leaves_out(path);
    let listed = list_package(root, limits, &wanted)?;
    let file = nameless_file(work)?;
    pack_zip(&listed.inventory, &file, PackOptions { level: 6 })?;
    Ok((file, listed.left_out))
}
