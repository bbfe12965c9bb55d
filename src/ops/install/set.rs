//! What one installation has gathered, or several, is admitted as a whole and brought about as a whole: every refusal comes
//! before anything is touched, and a dry run ends with them (SPEC 2 §3).

use super::before::Before;
use super::gather::Gathered;
use super::scripts::AdmittedScripts;
use super::{Installation, classes, point};
use crate::archive::Blacklist;
use crate::dependencies::{Member, order};
use crate::log::{Message, Reporter, Step};
use crate::migrate::Contraction;
use crate::model::{DatabaseIdentity, Phrase, Slug};
use crate::ops::believe::tell_differing;
use crate::ops::{DependencyRefusal, Error, committed, needs};
use crate::outcome::Report;
use crate::registry::{self, Feature, IsNew};
use crate::transaction::{
    Arrival, Change, Context, Contract, RowRules, Run, Target, TransactionReporter, Waiting, promise, rehearse_assets,
};

/// A plugin of the set.
pub(super) struct Part<'p> {
    pub(super) installation: Installation<'p>,
    before: &'p Before,
    pub(super) gathered: Gathered,
    /// What is taken away of the schema after the commit.
    pub(super) steps: Vec<Contraction>,
    /// The scripts that run after it.
    pub(super) scripts: Option<AdmittedScripts>,
    waiting: Waiting,
    pub(super) report: &'p mut Report,
}

impl<'p> Part<'p> {
    pub(super) fn new(
        installation: Installation<'p>,
        before: &'p Before,
        gathered: Gathered,
        report: &'p mut Report,
    ) -> Self {
        Self {
            installation,
            before,
            gathered,
            steps: Vec::new(),
            scripts: None,
            waiting: Waiting::default(),
            report,
        }
    }

    /// The plugin as it will be.
    pub(super) fn wanted(&self) -> needs::Wanted<'p> {
        let manifest = &self.gathered.package.manifest;
        needs::Wanted {
            slug: self.installation.slug,
            after: Some(Member {
                release: Some(manifest.version.into()),
                dependencies: manifest.dependencies.clone(),
            }),
            ignores: self.installation.call.ignores_dependencies,
            force: self.installation.call.force,
        }
    }
}

/// What is told is of a part.
fn turn_to(part: &Part<'_>, cx: &Context<'_>) {
    cx.reporter.turn_to(Some(part.installation.slug));
}

/// Every refusal: what they need, what earlier operations left of their schemas, in which order they can come about. They
/// stand in that order then.
pub(super) fn admit(parts: &mut [Part<'_>], cx: &mut Context<'_>) -> Result<(), Error> {
    admit_needs(parts, cx)?;
    let packages: Vec<_> = parts
        .iter()
        .map(|part| (part.installation, &part.gathered.package))
        .collect();
    classes::admit(&packages, cx)?;
    for part in parts.iter_mut() {
        turn_to(part, cx);
        part.installation
            .admit_schema(cx, part.before, &part.gathered.package)?;
        part.scripts = part.installation.admit_scripts(part.before, &part.gathered.package)?;
    }
    cx.reporter.turn_to(None);
    sort(parts)
}

/// Brings about what was admitted: all, or none. A dry run shows what would be.
///
/// # Errors
/// Then nothing is changed, unless [`Error::is_committed`] or [`Error::is_unknown`].
pub(super) fn bring_about(parts: &mut [Part<'_>], cx: &mut Context<'_>) -> Result<(), Error> {
    if parts.iter().any(|part| part.installation.call.dry_run) {
        show(parts, cx)
    } else {
        carry_out_all(parts, cx)
    }
}

/// Whether all of them have what they need, and others still have it, once they are these versions.
fn admit_needs(parts: &mut [Part<'_>], cx: &mut Context<'_>) -> Result<(), Error> {
    let Some(first) = parts.first() else { return Ok(()) };
    let (site, reporter) = (&first.installation.call.site, first.installation.reporter);
    let wanted: Vec<needs::Wanted<'_>> = parts.iter().map(Part::wanted).collect();
    let waiting = needs::admit(&mut cx.session.database, site, &wanted, reporter)?;
    for (part, waiting) in parts.iter_mut().zip(waiting) {
        part.waiting = waiting;
    }
    Ok(())
}

/// What others of the set need comes first; ties by name.
fn sort(parts: &mut [Part<'_>]) -> Result<(), Error> {
    let Some(first) = parts.first() else { return Ok(()) };
    let reporter = first.installation.reporter;
    let members = || {
        parts
            .iter()
            .filter_map(|part| Some((part.installation.slug, part.wanted().after?)))
    };
    let found = order(members()).or_else(|cycle| {
        let ignoring = |slug: &Slug| {
            parts
                .iter()
                .any(|part| part.installation.slug == slug && part.installation.call.ignores_dependencies)
        };
        let refusal = DependencyRefusal::Cycle { cycle };
        // Whoever may lack what it needs may come before it as well.
        let left = members().map(|(slug, member)| {
            let dependencies = if ignoring(slug) {
                Vec::new()
            } else {
                member.dependencies
            };
            (slug, Member { dependencies, ..member })
        });
        let found = order(left).map_err(|cycle| DependencyRefusal::Cycle { cycle })?;
        reporter.message(Message::Warning(Phrase::of(&refusal)));
        Ok::<_, DependencyRefusal>(found)
    })?;
    parts.sort_by_key(|part| found.iter().position(|slug| slug == part.installation.slug));
    Ok(())
}

/// A dry run shows what would become of each.
fn show(parts: &mut [Part<'_>], cx: &mut Context<'_>) -> Result<(), Error> {
    point("dry_inspected")?;
    show_published(parts, cx)?;
    for part in parts {
        turn_to(part, cx);
        part.installation.reporter.begin(Step::Plan)?;
        let Gathered {
            package,
            rows,
            base,
            staging,
            ..
        } = &part.gathered;
        let Some(folder) = &staging.folder else { continue };
        let installed = &part.before.installed;
        part.report.scripts = part.scripts.as_ref().map(AdmittedScripts::shown).unwrap_or_default();
        part.installation.show_plan(
            cx,
            (&staging.layout, folder),
            (package, rows, base),
            (installed, &mut *part.report),
        )?;
    }
    Ok(())
}

/// What would not be published, or not as its author may think: of all of them together, as they would come about.
fn show_published(parts: &[Part<'_>], cx: &Context<'_>) -> Result<(), Error> {
    let published = parts.iter().map(|part| {
        let package = &part.gathered.package;
        let version = package.manifest.version.to_string();
        (part.installation.slug, &package.located, version)
    });
    let published: Vec<_> = published.collect();
    rehearse_assets(cx.site.root, &published, cx.reporter)?;
    Ok(())
}

/// What a run borrows.
struct Lent<'p> {
    rules: RowRules<'p>,
    blacklist: Blacklist,
}

/// Steps 11 to 18.
fn carry_out_all(parts: &mut [Part<'_>], cx: &mut Context<'_>) -> Result<(), Error> {
    point("inspected")?;
    let Some(identity) = prepare_tables(parts, cx)? else {
        return Ok(());
    };
    let installations: Vec<Installation<'_>> = parts.iter().map(|part| part.installation).collect();
    let mut lent = Vec::with_capacity(installations.len());
    for installation in &installations {
        lent.push(Lent {
            rules: installation.rules()?,
            blacklist: installation.blacklist(),
        });
    }
    let (ended, afters) = run(parts, (&installations, &lent), &identity, cx)?;
    let is_committed = ended.as_ref().err().is_none_or(Error::is_committed);
    for (part, After { is_grown, fault }) in parts.iter_mut().zip(afters) {
        if let Some(fault) = fault {
            part.report.finish(fault.exit_code());
            part.report.erros = fault.messages(installations[0].reporter.lang());
        }
        let installation = part.installation;
        let failed_afterwards = is_committed && ended.is_err();
        if installation.wanted.is_some() || installation.batch.is_some() || failed_afterwards {
            part.report.confirmado = Some(is_committed);
        }
        if is_committed && is_grown {
            installation.synchronize_again(cx, (&part.gathered.rows, identity.clone()))?;
        }
    }
    ended.map_err(|fault| blame(parts, cx, fault))
}

/// What is known of a plugin of the set after the transaction.
struct After {
    /// It has got tables or columns back by it.
    is_grown: bool,
    /// What failed of it after the commit, besides the first of the set.
    fault: Option<Error>,
}

/// The transaction, and what is known of each after it.
fn run(
    parts: &mut [Part<'_>],
    (installations, lent): (&[Installation<'_>], &[Lent<'_>]),
    identity: &DatabaseIdentity,
    cx: &mut Context<'_>,
) -> Result<(Result<(), Error>, Vec<After>), Error> {
    let kept: Vec<_> = installations
        .iter()
        .zip(lent)
        .map(|(installation, lent)| installation.kept(&lent.blacklist))
        .collect();
    let mut runs = Vec::with_capacity(parts.len());
    for (((part, installation), lent), kept) in parts.iter_mut().zip(installations).zip(lent).zip(&kept) {
        let Gathered {
            package,
            rows,
            base,
            taken_back,
            staging,
        } = &mut part.gathered;
        let (base, waiting) = (std::mem::take(base), std::mem::take(&mut part.waiting));
        let account = installation.account(part.before, package.located.sha256(), (base, waiting));
        let arrival = Arrival {
            package,
            rows,
            migrates: installation.parts.migrations && package.located.contents().has_migrations(),
            metadata: installation.metadata(package),
            taken_back: std::mem::take(taken_back),
            scripts: part.scripts.as_ref().map(AdmittedScripts::wanted),
        };
        let change = Change {
            slug: installation.slug,
            after: Target::Present(arrival),
            rules: &lent.rules,
            account,
            contract: Contract {
                kept: Some(kept),
                steps: std::mem::take(&mut part.steps),
            },
        };
        let layout = staging.layout.clone();
        promise(&mut runs, change, (layout, identity.clone(), &mut *part.report), cx)?;
    }
    let Some(first) = installations.first() else {
        return Ok((Ok(()), Vec::new()));
    };
    let ended = committed::carry_out(&mut runs, cx, &first.call.site).map_err(Error::from);
    let after = |run: &mut Run<'_>| After {
        is_grown: run.has_brought_back(),
        fault: run.take_failure().map(Error::from),
    };
    Ok((ended, runs.iter_mut().map(after).collect()))
}

/// Our own tables, made where they are missing, before the journal names the database that they tell of. A server that
/// may forget what it committed is told of where it begins to matter: at first, and with each new plugin.
fn prepare_tables(parts: &[Part<'_>], cx: &mut Context<'_>) -> Result<Option<DatabaseIdentity>, Error> {
    let Some(first) = parts.first() else { return Ok(None) };
    let reporter = first.installation.reporter;
    let (database, IsNew(is_new)) = registry::prepare(&mut cx.session.database, &|| reporter.is_wanted())?;
    registry::prepare_for(&mut cx.session.database, Feature::Events, &|| reporter.is_wanted())?;
    let is_first = |part: &&Part<'_>| is_new || part.before.installed.version.is_none();
    if let Some(part) = parts.iter().find(is_first) {
        turn_to(part, cx);
        // A server that does not say what it does is none that can be warned of.
        if let Ok(Some(settings)) = registry::weak_commits(&mut cx.session.database) {
            reporter.message(Message::WeakCommits { settings });
        }
    }
    Ok(Some(database))
}

/// Whose fault it is, by the package of the one that failed.
fn blame(parts: &mut [Part<'_>], cx: &Context<'_>, fault: Error) -> Error {
    let failed = cx.reporter.turn_to(None);
    cx.reporter.turn_to(failed.as_ref());
    let is_only = parts.len() == 1;
    let mut all = parts.iter_mut();
    let Some(part) = all.find(|part| is_only || Some(part.installation.slug) == failed.as_ref()) else {
        return fault;
    };
    let installation = part.installation;
    let fault = installation.blame(part.gathered.package.located.archive(), fault);
    tell_differing(part.report, &fault, installation.reporter.lang());
    fault
}
