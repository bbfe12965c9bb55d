//! A package looked at as an installation on an empty gestor of a known release does, in the same order and by the same code: what
//! it refuses is refused here, with the same code. What it needs of other plugins counts as there.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;

use chrono::{DateTime, Utc};

use super::source::Source;
use crate::archive::Archive;
use crate::base::file_tree::FileTree;
use crate::config::{Limits, RowPolicy, SignatureLevel};
use crate::data::{Contracts, CoreKeys, CoreRow, KnownRelease, Notice, Plan, Request, core_rows, plan_on_empty};
use crate::dependencies::{Member, Set};
use crate::log::Silent;
use crate::manifest::Manifest;
use crate::model::{Component, Phrase, Release, Slug};
use crate::ops::believe::refusal;
use crate::ops::policy::{VersionFacts, admit_version};
use crate::ops::{DependencyRefusal, Error, config};
use crate::package::{LocatedPackage, PackageError, ReadRows, RowReading};
use crate::resources;
use crate::transaction::TransactionError;
use crate::trust::{self, Answer, Believed, Evidence, TrustFolder};

/// By what a package is looked at.
#[derive(Clone, Copy)]
pub(super) struct Ground<'g> {
    pub(super) release: KnownRelease,
    pub(super) limits: &'g Limits,
    /// A folder for what no path leads to.
    pub(super) work: &'g Path,
    pub(super) now: DateTime<Utc>,
}

/// A package that an empty gestor takes.
pub(super) struct Examined {
    pub(super) slug: Slug,
    pub(super) manifest: Manifest,
    pub(super) located: LocatedPackage,
    pub(super) rows: ReadRows,
    /// What an installation would warn of, but for rows.
    pub(super) warnings: Vec<Phrase>,
    /// The same of rows.
    pub(super) notices: Vec<Notice>,
    /// Rows that the gestor has itself.
    pub(super) core: Vec<CoreRow>,
}

/// Who a package says that it is, as far as that could be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) slug: Option<String>,
    pub(super) version: Option<String>,
}

/// Looks at a package. `named` learns who it is, also where it is refused.
///
/// # Errors
/// What an installation would say.
pub(super) fn examine(source: &Source, ground: Ground<'_>, named: &mut Named) -> Result<Examined, Error> {
    let (opened, slug) = source.open(ground.limits)?;
    named.slug = Some(slug.to_string());
    let archive = opened.archive().clone();
    let located = opened.locate(&slug).map_err(Error::from);
    let located = located.map_err(|fault| blame(&archive, fault))?;
    let (located, signature) = believe((located, &slug), ground.now)?;
    // Its files have to be what was signed, where they were.
    let archive = located.archive().clone();
    let examined = look(located, slug, (ground, signature), named).map_err(|fault| blame(&archive, fault))?;
    archive.verify(&|_, _| ControlFlow::Continue(()))?;
    Ok(examined)
}

/// Damage counts before anything that is wrong with contents.
fn blame(archive: &Archive, fault: Error) -> Error {
    let is_of_contents = matches!(
        fault,
        Error::Manifest(_)
            | Error::Settings(_)
            | Error::Version(_)
            | Error::Contents { .. }
            | Error::Transaction(TransactionError::Data(_))
    );
    if !is_of_contents {
        return fault;
    }
    match archive.verify(&|_, _| ControlFlow::Continue(())) {
        Ok(()) => fault,
        Err(damage) => damage.into(),
    }
}

/// A signature, where nobody is believed: one that cannot be right is refused.
fn believe(
    (mut located, slug): (LocatedPackage, &Slug),
    now: DateTime<Utc>,
) -> Result<(LocatedPackage, Option<Phrase>), Error> {
    let folder = TrustFolder::default();
    let believed = Believed { folder: &folder, now };
    let judgement = located.judge(slug, &Evidence::default(), believed)?;
    match trust::answer(judgement.verdict(), SignatureLevel::default(), folder.believes()) {
        Answer::Refused => Err(refusal(&judgement).into()),
        Answer::Warning => Ok((located, Some(trust::told(&judgement)))),
        Answer::Good | Answer::Info => Ok((located, None)),
    }
}

fn look(
    located: LocatedPackage,
    slug: Slug,
    (ground, signature): (Ground<'_>, Option<Phrase>),
    named: &mut Named,
) -> Result<Examined, Error> {
    let manifest = located.read_manifest(&slug, None)?;
    named.version = Some(manifest.version.to_string());
    let mut warnings: Vec<Phrase> = signature.into_iter().collect();
    warnings.extend(located.archive().warnings(located.prefix()).iter().map(Phrase::of));
    warnings.extend(manifest.warnings.iter().map(Phrase::of));
    config::check_package(&located)?;
    admit(&manifest, ground.release)?;
    let checked = resources::check_asset_names(located.tree().paths()).map_err(of_resources)?;
    warnings.extend(checked.iter().map(Phrase::of));
    let rows = located.read_rows(&RowReading {
        limits: ground.limits,
        spill: Some(ground.work),
        watch: &|_| Ok(()),
    })?;
    for told in &rows.warnings {
        warnings.extend(told.iter().map(Phrase::of));
    }
    admit_gestor(&slug, &manifest, ground.release)?;
    let (plan, core) = planned(&slug, &rows, ground.release)?;
    plan.check(RowPolicy::default().conflicts)?;
    resources::assets(located.tree(), &slug).map_err(of_resources)?;
    Ok(Examined {
        slug,
        manifest,
        located,
        rows,
        warnings,
        notices: plan.notices.iter().cloned().collect(),
        core,
    })
}

fn admit(manifest: &Manifest, release: KnownRelease) -> Result<(), Error> {
    let wanted = manifest.compatibility.as_ref();
    let excluded = wanted.filter(|wanted| !wanted.admits(release.version()));
    admit_version(VersionFacts {
        package: manifest.version,
        installed: None,
        excluded: excluded.map(|wanted| (wanted.to_string(), release.version().to_owned())),
        force: false,
        reprocess: false,
    })?;
    Ok(())
}

/// Whether it works on that gestor, as its needs say it. Those of other plugins and of PHP are a site's to have.
fn admit_gestor(slug: &Slug, manifest: &Manifest, release: KnownRelease) -> Result<(), DependencyRefusal> {
    let member = Member {
        release: Some(manifest.version.into()),
        dependencies: manifest.dependencies.clone(),
    };
    let set = Set {
        gestor: Release::leading(release.version()),
        php: None,
        members: BTreeMap::from([(slug.clone(), member)]),
    };
    let mut lacks = set.lacks_of(slug);
    lacks.retain(|lack| lack.need.on == Component::Gestor);
    if lacks.is_empty() {
        return Ok(());
    }
    let slug = slug.clone();
    Err(DependencyRefusal::Gestor { slug, lacks })
}

fn of_resources(fault: resources::ResourceError) -> PackageError {
    match fault {
        resources::ResourceError::Unreadable { path, source } => PackageError::unreadable(&path, source),
        fault => PackageError::Contents {
            data: Vec::new(),
            resources: vec![fault],
        },
    }
}

fn planned(slug: &Slug, rows: &ReadRows, release: KnownRelease) -> Result<(Plan, Vec<CoreRow>), Error> {
    let (contracts, core) = (Contracts::new(None), CoreKeys::of_release(release.version()));
    let request = Request {
        slug,
        tables: &rows.tables,
        policy: RowPolicy::default(),
        contracts: &contracts,
        core: &core,
        previous: None,
    };
    Ok((
        plan_on_empty(release, &request, &Silent)?,
        core_rows(release, &request)?,
    ))
}
