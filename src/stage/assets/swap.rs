//! The renames by which files are published, after the journal announced them and before the commit. A new name disturbs
//! nobody; an old one is exchanged in one step where the file system can.

use super::steps::{AssetSteps, AssetUnit};
use crate::base::failpoint;
use crate::base::fs::{self as base, Attempt, FsError, TreeId};
use crate::stage::{Action, Layout, StageError, apply, premises};

const FOLDER_MODE: u32 = 0o755;

/// Publishes.
///
/// # Errors
/// Whatever it is, the journal knows each file: undo the operation.
pub fn perform(layout: &Layout, steps: &AssetSteps) -> Result<(), StageError> {
    let owner = premises::assets_owner(layout.root())?;
    for folder in &steps.created {
        match base::make_folder(&layout.asset(folder), Some(owner), FOLDER_MODE) {
            Ok(_) | Err(FsError::Exists { .. }) => {}
            Err(fault) => return Err(premises::explain(fault, &layout.root().assets(), owner)),
        }
    }
    for (number, unit) in steps.units.iter().enumerate() {
        let path = layout.asset(&unit.path);
        let brought = bring((steps, layout), number, unit);
        brought.map_err(|fault| match fault {
            StageError::Fs(fault) => premises::explain(fault, path.parent().unwrap_or(&path), owner),
            other => other,
        })?;
        if unit.brings() && failpoint::reach("asset") {
            return Err(FsError::new(Attempt::Rename, path, nix::errno::Errno::EIO).into());
        }
    }
    sync(layout, steps)
}

fn bring((steps, layout): (&AssetSteps, &Layout), number: usize, unit: &AssetUnit) -> Result<(), StageError> {
    let (at, slot, spare) = (
        layout.asset(&unit.path),
        steps.slot(layout, number),
        steps.spare(layout, number),
    );
    match (unit.new, unit.old) {
        (None, _) => Ok(()),
        (Some(_), None) => apply(&[Action::Rename { from: slot, to: at }]).map(drop),
        (Some(_), Some(old)) => {
            let exchange = Action::Exchange {
                one: slot.clone(),
                other: at.clone(),
                spare: spare.clone(),
            };
            let done = apply(std::slice::from_ref(&exchange))?;
            let replaced = if done.without_exchange { spare } else { slot };
            if TreeId::of_any(&replaced)? == Some(old) {
                return Ok(());
            }
            // Somebody was faster than we: what he put there goes back.
            if !done.without_exchange {
                apply(&[exchange])?;
            }
            Err(FsError::Swapped { path: at }.into())
        }
    }
}

fn sync(layout: &Layout, steps: &AssetSteps) -> Result<(), StageError> {
    let mut folders: Vec<_> = steps
        .units
        .iter()
        .filter_map(|unit| layout.asset(&unit.path).parent().map(ToOwned::to_owned))
        .collect();
    folders.sort();
    folders.dedup();
    let actions: Vec<Action> = folders.into_iter().map(Action::SyncFolder).collect();
    apply(&actions).map(drop)
}
