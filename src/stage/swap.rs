//! The swap: the new tree takes the place of the old one in one step, or in two where the file system knows no better.

use super::action::{Action, apply};
use super::{Journal, Layout, StageError};
use crate::base::fs::{copy_tree, is_overlay};

/// How a folder is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mechanism {
    /// At once: there is no moment without the folder. The old tree then stands where the new one stood.
    Exchange,
    /// The old tree aside, then the new one in: between the two there is no folder.
    TwoRenames,
    /// The old tree is copied aside and removed, then the new one comes in: for a folder that came with the image of a
    /// container, which its file system cannot rename.
    Copy,
    /// There is no old tree.
    FirstRename,
}

/// The steps of a swap. Pure.
pub fn plan(layout: &Layout, mechanism: Mechanism) -> Vec<Action> {
    let (tree, installed, old_tree) = (layout.tree(), layout.installed(), layout.old_tree());
    let bring = Action::Rename {
        from: tree.clone(),
        to: installed.clone(),
    };
    let mut actions = match mechanism {
        Mechanism::Exchange => vec![Action::Exchange {
            one: tree,
            other: installed,
            spare: old_tree,
        }],
        Mechanism::TwoRenames => vec![
            Action::Rename {
                from: installed,
                to: old_tree,
            },
            bring,
        ],
        Mechanism::Copy => vec![Action::RemoveTree(installed), bring],
        Mechanism::FirstRename => vec![bring],
    };
    actions.extend([layout.plugins(), layout.container()].map(Action::SyncFolder));
    actions
}

/// Swaps, after [`Journal::announce_swap`]. Says how it was done.
///
/// # Errors
/// Whatever it is, the journal knows the trees: undo the operation.
pub fn perform(layout: &Layout, journal: &mut Journal) -> Result<Mechanism, StageError> {
    let mechanism = bring(layout, journal)?;
    if let Err(fault) = journal.check_brought(layout) {
        // Somebody was faster than we: what he put there goes, and undoing brings the old tree back.
        take_back(layout, mechanism)?;
        return Err(fault);
    }
    Ok(mechanism)
}

/// Takes a tree away that is not the announced one: to where it came from, or else where nobody runs it.
fn take_back(layout: &Layout, mechanism: Mechanism) -> Result<(), StageError> {
    if mechanism == Mechanism::Exchange {
        return apply(&plan(layout, Mechanism::Exchange)).map(drop);
    }
    let (from, to) = (layout.installed(), layout.tree());
    let back = apply(&[Action::Rename { from: from.clone(), to }]);
    back.or_else(|_| {
        let to = layout.undone_tree();
        apply(&[Action::Keep { from, to }])
    })
    .map(drop)
}

fn bring(layout: &Layout, journal: &mut Journal) -> Result<Mechanism, StageError> {
    let Some(replaces) = journal.replaces() else {
        return Err(StageError::TreeMissing { path: layout.tree() });
    };
    if !replaces {
        apply(&plan(layout, Mechanism::FirstRename))?;
        return Ok(Mechanism::FirstRename);
    }
    match apply(&plan(layout, Mechanism::Exchange)) {
        Ok(applied) if applied.without_exchange => {
            journal.check_replaced(layout, &layout.old_tree())?;
            Ok(Mechanism::TwoRenames)
        }
        Ok(_) => {
            if let Err(fault) = journal.check_replaced(layout, &layout.tree()) {
                // Somebody was faster than we: what stood there goes back.
                apply(&plan(layout, Mechanism::Exchange))?;
                return Err(fault);
            }
            Ok(Mechanism::Exchange)
        }
        Err(StageError::Fs(fault)) if fault.is_cross_device() && is_overlay(&layout.plugins())? => {
            prepare_copy(layout, journal)?;
            apply(&plan(layout, Mechanism::Copy))?;
            Ok(Mechanism::Copy)
        }
        Err(fault) => Err(fault),
    }
}

/// Takes the installed tree away, after [`Journal::announce_departure`]. It stands aside until the operation commits. Says
/// how it was done; nothing where there is no tree.
///
/// # Errors
/// Whatever it is, the journal knows the tree: undo the operation.
pub fn depart(layout: &Layout, journal: &mut Journal) -> Result<Option<Mechanism>, StageError> {
    if journal.replaces() != Some(true) {
        return Ok(None);
    }
    let sync = [layout.plugins(), layout.container()].map(Action::SyncFolder);
    let go = |first: Action| apply(&[vec![first], sync.to_vec()].concat());
    let moved = go(Action::Rename {
        from: layout.installed(),
        to: layout.old_tree(),
    });
    match moved {
        Ok(_) => match journal.check_replaced(layout, &layout.old_tree()) {
            Ok(()) => Ok(Some(Mechanism::TwoRenames)),
            Err(fault) => {
                // Somebody was faster than we: what stood there goes back.
                go(Action::Rename {
                    from: layout.old_tree(),
                    to: layout.installed(),
                })?;
                Err(fault)
            }
        },
        Err(StageError::Fs(fault)) if fault.is_cross_device() && is_overlay(&layout.plugins())? => {
            prepare_copy(layout, journal)?;
            go(Action::RemoveTree(layout.installed()))?;
            Ok(Some(Mechanism::Copy))
        }
        Err(fault) => Err(fault),
    }
}

/// Copies the old tree aside, and says in the journal that the copy is the old tree from now on.
pub(super) fn prepare_copy(layout: &Layout, journal: &mut Journal) -> Result<(), StageError> {
    copy_tree(&layout.installed(), &layout.old_tree())?;
    journal.announce_copy(layout)
}
