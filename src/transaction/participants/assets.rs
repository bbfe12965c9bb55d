//! What a plugin publishes for the gestor to serve: planned and put together before the swap is announced, renamed in with
//! it (SPEC 2 §9).

use super::super::run::Run;
use super::super::{Context, TransactionError, TransactionReporter};
use crate::base::fs::FolderTree;
use crate::log::Message;
use crate::model::{GestorRoot, Slug};
use crate::package::{LocatedPackage, PackageError};
use crate::resources;
use crate::stage::assets::{self, AssetPlan, AssetSteps, Holders, WantedAssets};

/// Plans what changes in `assets/`, of all of them together; then builds it. The new trees stand ready.
pub(in crate::transaction) fn prepare(runs: &mut [Run<'_>], cx: &Context<'_>) -> Result<(), TransactionError> {
    let mut holders = Holders::default();
    let moving = || runs.iter().filter(|run| run.change.moves_tree());
    if moving().count() > 1 {
        for run in moving() {
            let (root, slug) = (run.layout.root(), run.change.slug);
            with_wanted(run, |wanted| Ok(holders.add(root, slug, wanted)?))?;
        }
    }
    let mut plans = Vec::with_capacity(runs.len());
    for run in runs.iter_mut().filter(|run| run.change.moves_tree()) {
        let (root, slug) = (run.layout.root(), run.change.slug);
        cx.reporter.turn_to(Some(slug));
        let plan = with_wanted(run, |wanted| Ok(assets::plan(root, slug, wanted, &holders)?))?;
        holders.note(slug, &plan);
        tell_warnings(&plan, cx.reporter);
        plans.push((run, plan));
    }
    for (run, mut plan) in plans {
        cx.reporter.turn_to(Some(run.change.slug));
        holders.release(run.change.slug, &mut plan);
        build(run, &plan)?;
    }
    Ok(())
}

/// Puts together what is planned of one.
fn build(run: &mut Run<'_>, plan: &AssetPlan) -> Result<(), TransactionError> {
    if plan.changes_nothing() {
        return Ok(());
    }
    run.journal.note_assets(Some(AssetSteps::begun(plan)));
    if plan.makes_the_folder_itself() {
        run.journal.write(&run.layout)?;
    }
    let steps = with_wanted(run, |wanted| Ok(assets::build(&run.layout, plan, wanted)?))?;
    run.journal.note_assets(steps);
    Ok(())
}

/// What a plugin is to publish; nothing where it goes.
fn with_wanted<T>(
    run: &Run<'_>,
    act: impl FnOnce(Option<&WantedAssets<'_>>) -> Result<T, TransactionError>,
) -> Result<T, TransactionError> {
    let slug = run.change.slug;
    if let Some(arrival) = run.change.arrival() {
        let version = arrival.package.manifest.version.to_string();
        return act(Some(&wanted_of(&arrival.package.located, slug, version)?));
    }
    let Some(back) = run.change.returning() else {
        return act(None);
    };
    let folder = FolderTree::open(&run.layout.tree())?;
    let archive = back.archives.first();
    act(Some(&WantedAssets {
        version: archive
            .and_then(|archive| archive.about.versao.clone())
            .unwrap_or_default(),
        tree: &folder,
        assets: resources::assets(&folder, slug).map_err(of_resources)?,
    }))
}

/// What packages publish, those of one call together, and what is to be told of it, for a dry run.
pub fn rehearse(
    root: &GestorRoot,
    published: &[(&Slug, &LocatedPackage, String)],
    reporter: &dyn TransactionReporter,
) -> Result<(), TransactionError> {
    let mut holders = Holders::default();
    if published.len() > 1 {
        for (slug, package, version) in published {
            holders.add(root, slug, Some(&wanted_of(package, slug, version.clone())?))?;
        }
    }
    for (slug, package, version) in published {
        reporter.turn_to(Some(slug));
        let wanted = wanted_of(package, slug, version.clone())?;
        let plan = assets::plan(root, slug, Some(&wanted), &holders)?;
        holders.note(slug, &plan);
        tell_warnings(&plan, reporter);
    }
    Ok(())
}

/// What would change in `assets/`.
pub fn look_at(
    root: &GestorRoot,
    slug: &Slug,
    (package, version): (&LocatedPackage, String),
) -> Result<AssetPlan, TransactionError> {
    let wanted = wanted_of(package, slug, version)?;
    Ok(assets::plan(root, slug, Some(&wanted), &Holders::default())?)
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
