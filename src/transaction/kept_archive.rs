//! The archives of what uninstalling took away, as somebody who prunes looks at them (SPEC 2 §10): each tells in itself whose
//! it is and what comes back out of it. What it does not tell may be another database's. Reads only.

use std::collections::{BTreeMap, BTreeSet};

use super::TransactionError;
use super::removed::{About, Removed};
use super::sharing::Sharing;
use crate::history::{PastEntry, ToldMigrations};
use crate::migrate::MigrationRecord;
use crate::model::{GestorRoot, Slug};
use crate::registry::State;
use crate::retention::{KeptArchive, KeptFile};
use crate::stage::removed;
use crate::stage::retained::Retained;

/// An archive, and what it tells of itself; nothing where it cannot be read.
pub(super) struct FoundArchive {
    pub(super) file: Retained,
    about: Option<About>,
    /// The points that the state in it names.
    points: Vec<u64>,
}

/// What this database knows, and archives are asked by.
pub(super) struct Asked<'k> {
    pub(super) slug: &'k Slug,
    pub(super) state: &'k State,
    pub(super) history: &'k [PastEntry],
    pub(super) told: &'k [ToldMigrations],
    pub(super) origin: Option<&'k str>,
    pub(super) sharing: &'k Sharing,
}

impl FoundArchive {
    /// Opens archives.
    pub(super) fn read(root: &GestorRoot, slug: &Slug, files: Vec<Retained>) -> Result<Vec<Self>, TransactionError> {
        let mut found = Vec::with_capacity(files.len());
        for file in files {
            let opened = removed::open(root, slug, &file.name)?;
            let mut archive = opened.and_then(|(path, file)| Removed::read(path, file).ok());
            let points = archive.as_mut().map(points_of).unwrap_or_default();
            let about = archive.map(|archive| archive.about);
            found.push(Self { file, about, points });
        }
        Ok(found)
    }

    /// Another database has made it.
    pub(super) fn is_foreign(&self, asked: &Asked<'_>) -> bool {
        let base = self.about.as_ref().and_then(|about| about.base.as_deref());
        base.is_some() && base != asked.origin
    }

    /// Whether it is this database's and no other's, as far as anything tells.
    fn is_own(&self, asked: &Asked<'_>) -> bool {
        if asked.sharing.has_twin() {
            return false;
        }
        let is_named = self.is_named_by_state(asked);
        let Some(about) = &self.about else { return is_named };
        let is_ours = about.base.is_some() && about.base.as_deref() == asked.origin;
        about.slug == asked.slug.as_str()
            && (is_named || is_ours && (asked.sharing.counts() || self.is_recorded(asked)))
    }

    fn is_named_by_state(&self, asked: &Asked<'_>) -> bool {
        asked.state.removed_archive.as_deref() == Some(self.file.name.as_str())
    }

    /// The history has the operation that made it.
    fn is_recorded(&self, asked: &Asked<'_>) -> bool {
        let number = self.about.as_ref().map(|about| about.historico);
        asked.history.iter().any(|entry| Some(entry.id) == number)
    }

    /// What is known of it. `is_settled`: nothing is left to be done.
    pub(super) fn fact(&self, asked: &Asked<'_>, is_settled: bool) -> KeptArchive {
        let is_own = self.is_own(asked);
        let is_named = self.is_named_by_state(asked);
        let about = self.about.as_ref();
        KeptArchive {
            file: KeptFile {
                name: self.file.name.clone(),
                bytes: self.file.bytes,
                written: self.file.written,
                is_named: is_named || is_own && self.is_recorded(asked),
                // A paused plugin has nothing else to come back from.
                is_needed: !is_settled || asked.state.is_paused() && is_named,
                is_others: !is_own,
            },
            earlier: about.and_then(|about| about.anterior.clone()),
            packages: self.packages(asked, is_own),
            copies: about
                .filter(|_| is_own)
                .map(|about| copies(about, asked.told))
                .unwrap_or_default(),
        }
    }

    /// The packages of what comes back out of it. One of an earlier release names points, and only its own database knows
    /// of which packages those are.
    fn packages(&self, asked: &Asked<'_>, is_own: bool) -> Option<BTreeSet<String>> {
        let about = self.about.as_ref()?;
        if let Some(packages) = &about.pacotes {
            return Some(packages.clone());
        }
        if !is_own {
            return None;
        }
        let by_number: BTreeMap<u64, &Option<String>> =
            asked.history.iter().map(|entry| (entry.id, &entry.checksum)).collect();
        let of_points = self
            .points
            .iter()
            .filter_map(|point| by_number.get(point).copied().cloned().flatten());
        Some(of_points.chain(about.checksum.clone()).collect())
    }
}

/// The copies of tables that come back with an archive.
fn copies(about: &About, told: &[ToldMigrations]) -> BTreeSet<String> {
    let own = told.iter().filter(|told| about.esquema && told.id == about.historico);
    own.flat_map(|told| MigrationRecord::read(&told.text).copies).collect()
}

fn points_of(archive: &mut Removed) -> Vec<u64> {
    let state = archive.records("estado").unwrap_or_default().into_iter().next();
    let number = |name: &str| {
        let value = state.as_ref()?.get(name)?;
        value.as_u64().or_else(|| value.as_str()?.parse().ok())
    };
    ["ponto", "ponto_anterior"].into_iter().filter_map(number).collect()
}
