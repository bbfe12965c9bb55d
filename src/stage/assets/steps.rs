//! What the journal keeps of published files, and what is left to do with them once it is known whether the operation
//! committed. Deciding is pure.

use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::planned::AssetPlan;
use crate::base::fs::{FsError, TreeId};
use crate::stage::{Action, Layout};

/// A file or folder that is published in one step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AssetUnit {
    /// Below `assets/`.
    pub(super) path: String,
    /// The one that is brought; none where it goes.
    pub(super) new: Option<TreeId>,
    /// The one that was found.
    pub(super) old: Option<TreeId>,
}

impl AssetUnit {
    /// Something comes to its address.
    pub(super) fn brings(&self) -> bool {
        self.new.is_some()
    }
}

/// What an operation does in `assets/`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AssetSteps {
    pub(super) units: Vec<AssetUnit>,
    /// Folders that are made, the outermost first.
    pub(super) created: Vec<String>,
    /// Folders of ours that have no file of ours any more, the innermost first.
    pub(super) emptied: Vec<String>,
    /// Files that somebody wrote to are kept.
    pub(super) keeps: bool,
    /// Nothing is to be recorded any more.
    pub(super) unpublishes: bool,
    /// It is put together beside the new tree, from where nothing is served; else in `assets/.plugins/`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) apart: bool,
}

impl AssetSteps {
    /// Before anything is put together: only the folders that may be made for it.
    pub fn begun(plan: &AssetPlan) -> Self {
        Self {
            created: plan.created.clone(),
            ..Self::default()
        }
    }

    /// Where it is put together.
    pub(super) fn staging(&self, layout: &Layout) -> PathBuf {
        if self.apart {
            layout.assets_apart()
        } else {
            layout.assets_staging()
        }
    }

    /// What is published until it is; after an exchange, what stood in its place; and what goes, once it is gone.
    pub(super) fn slot(&self, layout: &Layout, number: usize) -> PathBuf {
        self.staging(layout).join(number.to_string())
    }

    /// What stood in its place where the file system knows no exchange.
    pub(super) fn spare(&self, layout: &Layout, number: usize) -> PathBuf {
        self.staging(layout).join(format!("{number}.old"))
    }

    /// How many files and folders are brought or replaced, and how many go.
    pub fn counts(&self) -> (usize, usize) {
        let brought = self.units.iter().filter(|unit| unit.new.is_some()).count();
        (brought, self.units.len() - brought)
    }

    /// Whether all of its paths lie below `assets/`.
    pub(in crate::stage) fn is_sound(&self) -> bool {
        let is_below = |path: &String| {
            Path::new(path)
                .components()
                .all(|part| matches!(part, Component::Normal(_)))
        };
        let units = self.units.iter().map(|unit| &unit.path);
        units.clone().all(|path| !path.is_empty()) && units.chain(&self.created).chain(&self.emptied).all(is_below)
    }
}

/// What stands of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::stage) struct UnitOnDisk {
    /// Under its address.
    pub(super) at: Option<TreeId>,
    /// Where the new one was put together; after an exchange, the old one.
    pub(super) slot: Option<TreeId>,
    /// The old one, where the file system knows no exchange.
    pub(super) spare: Option<TreeId>,
}

/// Looks at all units.
pub(in crate::stage) fn look_again(steps: &AssetSteps, layout: &Layout) -> Result<Vec<UnitOnDisk>, FsError> {
    let units = steps.units.iter().enumerate();
    let looked = units.map(|(number, unit)| {
        Ok(UnitOnDisk {
            at: TreeId::of_any(&layout.asset(&unit.path))?,
            slot: TreeId::of_any(&steps.slot(layout, number))?,
            spare: TreeId::of_any(&steps.spare(layout, number))?,
        })
    });
    looked.collect()
}

/// What is left to do. Can be repeated.
pub(in crate::stage) fn decide(
    steps: &AssetSteps,
    layout: &Layout,
    standing: &[UnitOnDisk],
    committed: bool,
) -> Vec<Action> {
    let units = steps.units.iter().zip(standing).enumerate();
    let place = (steps, layout);
    let mut actions: Vec<Action> = if committed {
        units
            .filter_map(|(number, (unit, found))| leave(place, number, unit, *found))
            .collect()
    } else {
        let backwards = units.rev();
        backwards
            .flat_map(|(number, (unit, found))| take_back(place, number, unit, *found))
            .collect()
    };
    if committed {
        actions.extend(publish(steps, layout));
    }
    let staging = steps.staging(layout);
    let above = staging.parent().filter(|_| !steps.apart).map(Path::to_owned);
    actions.push(Action::Discard(staging));
    actions.extend(above.map(Action::DiscardEmptyFolder));
    let folder = |path: &String| Action::DiscardEmptyFolder(layout.asset(path));
    if committed {
        actions.extend(steps.emptied.iter().map(folder));
        let (root, slug) = (layout.root().clone(), layout.slug().clone());
        actions.push(Action::SweepAssets { root, slug });
    } else {
        actions.extend(steps.created.iter().rev().map(folder));
    }
    actions
}

/// What is no longer wanted goes; a stranger that took its place stays.
fn leave(
    (steps, layout): (&AssetSteps, &Layout),
    number: usize,
    unit: &AssetUnit,
    found: UnitOnDisk,
) -> Option<Action> {
    let goes = unit.new.is_none() && unit.old.is_some() && found.at == unit.old;
    goes.then(|| Action::Unpublish {
        from: layout.asset(&unit.path),
        aside: steps.slot(layout, number),
    })
}

/// What was there comes back, and what was brought goes. What is neither stays where it is.
fn take_back(
    (steps, layout): (&AssetSteps, &Layout),
    number: usize,
    unit: &AssetUnit,
    found: UnitOnDisk,
) -> Vec<Action> {
    let (at, slot, spare) = (
        layout.asset(&unit.path),
        steps.slot(layout, number),
        steps.spare(layout, number),
    );
    let rename = |from: &Path, to: &Path| Action::Rename {
        from: from.to_owned(),
        to: to.to_owned(),
    };
    if unit.new.is_none() {
        return Vec::new();
    }
    let old = |place: Option<TreeId>| unit.old.is_some() && place == unit.old;
    match found.at {
        None if old(found.spare) => vec![rename(&spare, &at)],
        None if old(found.slot) => vec![rename(&slot, &at)],
        Some(brought) if Some(brought) == unit.new && old(found.slot) => vec![Action::Exchange {
            one: slot,
            other: at,
            spare,
        }],
        Some(brought) if Some(brought) == unit.new && old(found.spare) => vec![rename(&at, &slot), rename(&spare, &at)],
        Some(brought) if Some(brought) == unit.new && unit.old.is_none() => vec![rename(&at, &slot)],
        _ => Vec::new(),
    }
}

/// The record of what is published, and files that somebody wrote to.
fn publish(steps: &AssetSteps, layout: &Layout) -> Vec<Action> {
    let mut actions = Vec::new();
    if steps.keeps {
        actions.push(Action::Keep {
            from: layout.assets_aside(),
            to: layout.kept_assets(),
        });
    }
    actions.push(if steps.unpublishes {
        Action::ForgetAssets(layout.assets_record())
    } else {
        Action::NoteAssets {
            from: layout.assets_record_partial(),
            to: layout.assets_record(),
        }
    });
    actions
}
