//! What a plugin publishes for the gestor to serve: planned and put together before the swap is announced, renamed in with
//! it (SPEC 2 §9).

use super::super::run::Run;
use super::super::{Context, TransactionError, TransactionReporter};
use crate::base::fs::FolderTree;
use crate::log::Message;
use crate::model::{GestorRoot, Slug};
use crate::package::{LocatedPackage, PackageError};
use crate::resources;
use crate::stage::assets::{self, AssetPlan, AssetSteps, WantedAssets};

/// Plans and builds what changes in `assets/`. The new tree stands ready.
pub(in crate::transaction) fn prepare(run: &mut Run<'_>, cx: &Context<'_>) -> Result<(), TransactionError> {
    if !run.change.moves_tree() {
        return Ok(());
    }
    let (root, slug) = (run.layout.root().clone(), run.change.slug);
    let back = run.change.returning();
    let folder = back.map(|_| FolderTree::open(&run.layout.tree())).transpose()?;
    let wanted = match (run.change.arrival(), back.zip(folder.as_ref())) {
        (Some(arrival), _) => {
            let version = arrival.package.manifest.version.to_string();
            Some(wanted_of(&arrival.package.located, slug, version)?)
        }
        (None, Some((back, folder))) => {
            let archive = back.archives.first();
            Some(WantedAssets {
                version: archive
                    .and_then(|archive| archive.about.versao.clone())
                    .unwrap_or_default(),
                tree: folder,
                assets: resources::assets(folder, slug).map_err(of_resources)?,
            })
        }
        (None, None) => None,
    };
    let plan = assets::plan(&root, slug, wanted.as_ref())?;
    tell_warnings(&plan, cx.reporter);
    if plan.changes_nothing() {
        return Ok(());
    }
    run.journal.note_assets(Some(AssetSteps::begun(&plan)));
    if plan.makes_the_folder_itself() {
        run.journal.write(&run.layout)?;
    }
    let steps = assets::build(&run.layout, &plan, wanted.as_ref())?;
    run.journal.note_assets(steps);
    Ok(())
}

/// What a package publishes, and what is to be told of it, for a dry run.
pub fn rehearse(
    root: &GestorRoot,
    slug: &Slug,
    (package, version): (&LocatedPackage, String),
    reporter: &dyn TransactionReporter,
) -> Result<(), TransactionError> {
    tell_warnings(&look_at(root, slug, (package, version))?, reporter);
    Ok(())
}

/// What would change in `assets/`.
pub fn look_at(
    root: &GestorRoot,
    slug: &Slug,
    (package, version): (&LocatedPackage, String),
) -> Result<AssetPlan, TransactionError> {
    let wanted = wanted_of(package, slug, version)?;
    Ok(assets::plan(root, slug, Some(&wanted))?)
}

fn wanted_of<'t>(
    package: &'t LocatedPackage,
    slug: &Slug,
    version: String,
) -> Result<WantedAssets<'t>, TransactionError> {
    let assets = resources::assets(package.tree(), slug).map_err(of_resources)?;
    let tree = package.tree();
    Ok(WantedAssets { version, tree, assets })
}

fn of_resources(fault: resources::ResourceError) -> TransactionError {
    match fault {
        resources::ResourceError::Unreadable { path, source } => PackageError::unreadable(&path, source),
        fault => PackageError::Contents {
            data: Vec::new(),
            resources: vec![fault],
        },
    }
    .into()
}

fn tell_warnings(plan: &AssetPlan, reporter: &dyn TransactionReporter) {
    for warning in &plan.warnings {
        reporter.message(Message::warning(warning));
    }
}

/// Renames what was built to its addresses.
pub(in crate::transaction) fn apply(run: &Run<'_>) -> Result<(), TransactionError> {
    if let Some(steps) = run.journal.assets() {
        assets::perform(&run.layout, steps)?;
    }
    Ok(())
}
