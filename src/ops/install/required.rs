//! Plugins that a call does not name and that come along, because what it names needs them (SPEC 2 §7): which, from which
//! file, with which SHA-256.

use super::set::Part;
use crate::archive::Blacklist;
use crate::config::InstallParameters;
use crate::dependencies::{Explanation, NoSet, Problem, Solution, solve};
use crate::log::{Message, Reporter};
use crate::model::{Lang, Phrase, Release, Slug, VersionRange};
use crate::ops::indices::{Indices, Reached, is_unreachable};
use crate::ops::needs::Installed;
use crate::ops::offers::{self, Named, Offer, Offers, plugin_of};
use crate::ops::{DependencyRefusal, Error};
use crate::outcome::{DependencyReport, ExplanationReport, PlannedPlugin};
use crate::package::Opening;
use crate::transaction::Context;

/// A plugin that comes along.
pub(super) struct Required {
    pub(super) slug: Slug,
    pub(super) call: InstallParameters,
}

/// Finds out which plugins come along. Nothing comes where nothing is lacking.
///
/// # Errors
/// [`DependencyRefusal`] where there is no set; the first part's report says why.
pub(super) fn find(parts: &mut [Part<'_>], cx: &mut Context<'_>) -> Result<Vec<Required>, Error> {
    let Some(first) = parts.first() else {
        return Ok(Vec::new());
    };
    let (call, reporter) = (first.installation.call, first.installation.reporter);
    let installed = Installed::read(&mut cx.session.database, &call.site)?;
    if !is_lacking(parts, &installed) {
        return Ok(Vec::new());
    }
    let blacklist = first.installation.blacklist();
    let mut offers = Offers::read(&call.site, &call.dependency_rules, &blacklist, reporter)?;
    add_indexed(&mut offers, parts, &installed)?;
    let problem = offers::problem(&installed, &named(parts), &offers, call.dependency_rules.rise);
    let solution = answer(parts, &problem)?;
    let found = bring(parts, (&solution, &offers), &installed, &blacklist)?;
    Ok(found)
}

/// Why what is there is no set, for the report of the first part.
pub(super) fn explain(parts: &mut [Part<'_>], cx: &mut Context<'_>) -> Result<(), Error> {
    let Some(first) = parts.first() else { return Ok(()) };
    let installed = Installed::read(&mut cx.session.database, &first.installation.call.site)?;
    let problem = offers::problem(&installed, &named(parts), &Offers::default(), false);
    let _ = answer(parts, &problem);
    Ok(())
}

/// Adds what signed indices have of what is needed. One that cannot be reached is told, and the others are not asked in its
/// place: files of this machine may do.
fn add_indexed(offers: &mut Offers, parts: &[Part<'_>], installed: &Installed) -> Result<(), Error> {
    let Some(first) = parts.first().map(|part| part.installation) else {
        return Ok(());
    };
    let Some(reached) = Reached::any(&first.call.site, first.settings, first.reporter)? else {
        return Ok(());
    };
    let indices = Indices::new(&reached, &first.call.site, first.reporter, !first.call.dry_run)?;
    let rise = first.call.dependency_rules.rise;
    let named = named(parts);
    let is_out = |slug: &Slug| {
        let is_there = installed.set.members.contains_key(slug) && !rise;
        is_there || installed.paused.contains_key(slug) || named.iter().any(|one| one.slug == slug)
    };
    let mut needed: Vec<Slug> = named
        .iter()
        .flat_map(|one| &one.dependencies)
        .filter_map(plugin_of)
        .collect();
    if rise {
        needed.extend(installed.set.members.keys().cloned());
    }
    match offers.add_indexed(&indices, needed, &is_out) {
        Err(fault) => match is_unreachable(&fault) {
            Some(said) => {
                first.reporter.message(Message::Warning(said));
                Ok(())
            }
            None => Err(fault),
        },
        added => added,
    }
}

fn is_lacking(parts: &[Part<'_>], installed: &Installed) -> bool {
    let wanted: Vec<_> = parts.iter().map(Part::wanted).collect();
    let set = installed.after(&wanted);
    wanted.iter().any(|one| {
        let known = installed.set.lacks_of_dependants(one.slug);
        let newly =
            |lack: &crate::dependencies::Lack| known.iter().all(|known| known.need != lack.need || known.by != lack.by);
        !one.ignores && (!set.lacks_of(one.slug).is_empty() || set.lacks_of_dependants(one.slug).iter().any(newly))
    })
}

fn named<'n>(parts: &'n [Part<'_>]) -> Vec<Named<'n>> {
    let named = parts.iter().map(|part| {
        let (call, manifest) = (part.installation.call, &part.gathered.package.manifest);
        Named {
            slug: part.installation.slug,
            release: manifest.version.into(),
            dependencies: offers::firm(&manifest.dependencies, (call.force, call.ignores_dependencies)),
        }
    });
    named.collect()
}

fn answer(parts: &mut [Part<'_>], problem: &Problem) -> Result<Solution, Error> {
    solve(problem).map_err(|no_set| {
        let explanation = match &no_set {
            NoSet::Conflict(explanation) => Some(explanation),
            NoSet::Cycle(_) | NoSet::GivenUp => None,
        };
        if let Some(part) = parts.first_mut() {
            let lang = part.installation.reporter.lang();
            let known = part.report.dependencias.get_or_insert_default();
            known.explicacao = explanation.map(|explanation| report(explanation, lang));
        }
        DependencyRefusal::of(no_set).into()
    })
}

fn report(explanation: &Explanation, lang: Lang) -> ExplanationReport {
    let facts = explanation.facts.iter();
    ExplanationReport {
        linhas: explanation.lines(lang).to_vec(),
        fatos: facts.filter_map(|fact| serde_json::to_value(fact).ok()).collect(),
    }
}

/// The calls that bring what comes along, and the plan for the report.
fn bring(
    parts: &mut [Part<'_>],
    (solution, offers): (&Solution, &Offers),
    installed: &Installed,
    blacklist: &Blacklist,
) -> Result<Vec<Required>, Error> {
    let Some(first) = parts.first() else {
        return Ok(Vec::new());
    };
    let call = first.installation.call;
    let opening = Opening {
        limits: &call.site.limits,
        blacklist,
    };
    let (mut found, mut plan) = (Vec::new(), Vec::new());
    for (slug, release) in &solution.order {
        let before = installed.set.members.get(slug).and_then(|member| member.release);
        if let Some(offer) = offers.get(slug, *release).filter(|_| !is_named(parts, slug)) {
            let (call, sha256, origin) = called(call, slug, offer, opening)?;
            plan.push(planned((slug, *release), before, (origin, &sha256)));
            found.push(Required {
                slug: slug.clone(),
                call,
            });
        } else if let Some(part) = parts.iter().find(|part| part.installation.slug == slug) {
            let sha256 = part.gathered.package.located.sha256().to_string();
            plan.push(planned((slug, *release), before, ("chamada", &sha256)));
        }
    }
    if let Some(part) = parts.first_mut() {
        part.report.dependencias = Some(DependencyReport {
            plano: plan,
            explicacao: None,
        });
    }
    Ok(found)
}

/// The call that installs an offer, its SHA-256, and where it stands.
fn called(
    call: &InstallParameters,
    slug: &Slug,
    offer: &Offer,
    opening: Opening<'_>,
) -> Result<(InstallParameters, String, &'static str), Error> {
    match offer {
        Offer::File(shelf, package) => {
            let sha256 = package.verify(opening)?.to_string();
            let of_file = call.of_required(slug.as_str(), package.path(), sha256.clone());
            Ok((of_file, sha256, shelf.word()))
        }
        Offer::Indexed(index, version) => {
            let range = VersionRange::exactly(version.release());
            let of_index = call.of_indexed(slug.as_str(), index.as_str(), range);
            Ok((of_index, version.sha256.to_string(), "indice_assinado"))
        }
    }
}

fn is_named(parts: &[Part<'_>], slug: &Slug) -> bool {
    parts.iter().any(|part| part.installation.slug == slug)
}

fn planned(
    (slug, release): (&Slug, Release),
    before: Option<Release>,
    (origin, sha256): (&'static str, &str),
) -> PlannedPlugin {
    PlannedPlugin {
        slug: slug.to_string(),
        versao_anterior: before.map(|release| release.to_string()),
        versao: release.to_string(),
        sha256: sha256.to_owned(),
        origem: origin,
    }
}

impl DependencyRefusal {
    fn of(no_set: NoSet) -> Self {
        match no_set {
            NoSet::Conflict(explanation) => {
                let (portuguese, english) = (explanation.portuguese.join(" "), explanation.english.join(" "));
                Self::NoSet {
                    proof: Phrase::made(portuguese, english),
                }
            }
            NoSet::Cycle(cycle) => Self::Cycle { cycle },
            NoSet::GivenUp => Self::GivenUp,
        }
    }
}
