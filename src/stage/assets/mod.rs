//! Files that the gestor serves, in `assets/`, where it looks for them: published beside what stands there, renamed in
//! before the commit, undone with it, removed when their plugin goes (SPEC 2 §9).
//!
//! | file | what it does |
//! | --- | --- |
//! | `record` | which files are whose: `plugins/.instalado/<slug>.assets` |
//! | `look` | what stands under an address, and whose it is |
//! | `holders` | what others of the same transaction publish, keep or give up |
//! | `planned` | what is wanted and what becomes of it, as values |
//! | `plan` | what is brought, what goes, what stays: changes nothing |
//! | `build` | puts it together where nothing is served from |
//! | `steps` | what the journal keeps of it, and what is left to do once it is known whether the operation committed |
//! | `left` | what is to go and could not be removed |
//! | `swap` | the renames before the commit |
//!
//! A name that somebody else has is never touched: what stands there without our record is not ours.

mod build;
mod holders;
mod left;
mod look;
mod plan;
mod planned;
mod record;
mod steps;
mod swap;
mod warning;

pub use build::build;
pub use holders::Holders;
pub(super) use left::sweep;
pub use left::{left, pending, plugins_with_left, try_again};
pub use plan::plan;
pub use planned::{AssetDamage, AssetPlan, WantedAssets};
pub use record::AssetRecord;
pub use steps::AssetSteps;
pub(super) use steps::{decide, look_again};
pub use swap::perform;
pub use warning::AssetWarning;
