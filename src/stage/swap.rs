//! The swap: the new tree takes the place of the old one in one step, or in two where the file system knows no better.

use super::action::{Action, apply};
use super::{Journal, Layout, StageError};

/// How a folder is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mechanism {
    /// At once: there is no moment without the folder. The old tree then stands where the new one stood.
    Exchange,
    /// The old tree aside, then the new one in: between the two there is no folder.
    TwoRenames,
    /// There is no old tree.
    FirstRename,
}

/// The steps of a swap. Pure.
pub fn plan(layout: &Layout, mechanism: Mechanism) -> Vec<Action> {
    let (tree, installed, aside) = (layout.tree(), layout.installed(), layout.aside());
    let bring = Action::Rename {
        from: tree.clone(),
        to: installed.clone(),
    };
    let mut actions = match mechanism {
        Mechanism::Exchange => vec![Action::Exchange {
            one: tree,
            other: installed,
            spare: aside,
        }],
        Mechanism::TwoRenames => vec![
            Action::Rename {
                from: installed,
                to: aside,
            },
            bring,
        ],
        Mechanism::FirstRename => vec![bring],
    };
    actions.extend([layout.plugins(), layout.container()].map(Action::SyncFolder));
    actions
}

/// Swaps, after [`Journal::announce_swap`]. Says how it was done.
///
/// # Errors
/// Whatever it is, the journal knows both trees: undo the operation.
pub fn perform(layout: &Layout, journal: &Journal) -> Result<Mechanism, StageError> {
    let Some(replaces) = journal.replaces() else {
        return Err(StageError::TreeMissing { path: layout.tree() });
    };
    if !replaces {
        apply(&plan(layout, Mechanism::FirstRename))?;
        return Ok(Mechanism::FirstRename);
    }
    let applied = apply(&plan(layout, Mechanism::Exchange))?;
    Ok(if applied.without_exchange {
        Mechanism::TwoRenames
    } else {
        Mechanism::Exchange
    })
}
