//! A package judged as a site would judge it that has nothing installed, and what an author should know besides.

use std::path::Path;

use chrono::{DateTime, Utc};

use super::examined::{Examined, Ground, Named, examine};
use super::lints::findings;
use super::source::Source;
use super::syntax::syntax_findings;
use crate::author::{AuthorError, Finding, Level, Lint, LintRules, Observation};
use crate::config::Limits;
use crate::data::KnownRelease;
use crate::ops::Error;
use crate::outcome::ExitCode;
use crate::scripts::Php;

/// What is to be judged, and by what.
#[derive(Debug, Clone, Copy)]
pub struct Validation<'v> {
    /// A folder or a ZIP.
    pub path: &'v Path,
    /// An earlier package of the same plugin.
    pub against: Option<&'v Path>,
    /// The release of the gestor; the newest known one where none is said.
    pub release: Option<&'v str>,
    /// Lints that count as errors.
    pub denied: &'v [String],
    /// Lints that do not count.
    pub allowed: &'v [String],
    /// A file of rules in place of the plugin's own.
    pub rules: Option<&'v Path>,
    /// Who says whether the PHP in it is PHP; nobody where there is none.
    pub php: Option<&'v Php>,
    /// Limits of packages.
    pub limits: &'v Limits,
    /// A folder for what no path leads to.
    pub work: &'v Path,
    /// Now.
    pub now: DateTime<Utc>,
}

/// A finding, and how it weighs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// How it weighs.
    pub level: Level,
    /// What it is.
    pub finding: Finding,
}

/// What was found.
#[derive(Debug)]
pub struct Validated {
    /// The plugin, where that could be read.
    pub slug: Option<String>,
    /// Its version, likewise.
    pub version: Option<String>,
    /// The release of the gestor by which it was judged.
    pub release: &'static str,
    /// Why an installation would refuse it.
    pub fault: Option<Error>,
    /// What there is to say besides; nothing where it is refused.
    pub findings: Vec<Judged>,
}

impl Validated {
    /// A call that was wrong in itself: nothing was judged.
    pub fn unbegun(fault: Error) -> Self {
        Self {
            slug: None,
            version: None,
            release: KnownRelease::all().next().map_or("", KnownRelease::version),
            fault: Some(fault),
            findings: Vec::new(),
        }
    }

    /// How it ends: as the installation would; with [`ExitCode::Validate`] where only findings are errors.
    pub fn code(&self) -> ExitCode {
        match &self.fault {
            Some(fault) => fault.exit_code(),
            None if self.count(Level::Error) > 0 => ExitCode::Validate,
            None => ExitCode::Ok,
        }
    }

    /// How many findings weigh so.
    pub fn count(&self, level: Level) -> usize {
        self.findings.iter().filter(|judged| judged.level == level).count()
    }
}

/// Judges a package.
///
/// # Errors
/// What was said cannot be done: no such release, no such lint, another plugin's package. What is wrong with the package is in
/// what was found.
pub fn validate(wanted: &Validation<'_>) -> Result<Validated, Error> {
    Ok(judge(wanted)?.0)
}

/// The same, with the package where it is one.
pub(super) fn judge(wanted: &Validation<'_>) -> Result<(Validated, Option<(Source, Examined)>), Error> {
    let release = release(wanted.release)?;
    // A lint that nobody knows is told before anything is read.
    LintRules::default().with(wanted.denied, wanted.allowed)?;
    let ground = Ground {
        release,
        limits: wanted.limits,
        work: wanted.work,
        now: wanted.now,
    };
    let mut named = Named::default();
    let read = Source::read(wanted.path, wanted.rules, (wanted.limits, wanted.work));
    let examined = read.and_then(|mut source| {
        source.rules = source.rules.clone().with(wanted.denied, wanted.allowed)?;
        let examined = examine(&source, ground, &mut named)?;
        Ok((source, examined))
    });
    let (fault, package) = match examined {
        Ok(package) => (None, Some(package)),
        Err(fault @ Error::Author(_)) => return Err(fault),
        Err(fault) => (Some(fault), None),
    };
    let findings = match &package {
        Some((source, examined)) => weighed(wanted, source, (examined, ground))?,
        None => Vec::new(),
    };
    let validated = Validated {
        slug: named.slug,
        version: named.version,
        release: release.version(),
        fault,
        findings,
    };
    Ok((validated, package))
}

fn release(said: Option<&str>) -> Result<KnownRelease, AuthorError> {
    let known = || {
        let versions: Vec<&str> = KnownRelease::all().map(KnownRelease::version).collect();
        versions.join(", ")
    };
    let found = match said {
        Some(version) => KnownRelease::of(version),
        None => KnownRelease::all().next(),
    };
    found.ok_or_else(|| AuthorError::UnknownRelease {
        version: said.unwrap_or_default().to_owned(),
        known: known(),
    })
}

fn weighed(
    wanted: &Validation<'_>,
    source: &Source,
    (examined, ground): (&Examined, Ground<'_>),
) -> Result<Vec<Judged>, Error> {
    let mut found = findings(examined, source, ground.release)?;
    if let Some(php) = wanted.php.filter(|_| source.rules.level(Lint::Syntax).is_some()) {
        found.extend(syntax_findings(examined.located.tree(), php));
        found.sort_by(|one, other| (&one.file, one.line).cmp(&(&other.file, other.line)));
    }
    if let Some(before) = wanted.against {
        found.extend(compare(before, examined, wanted)?);
    }
    let judge = |finding: Finding| {
        let level = source.rules.level(finding.what.lint())?;
        Some(Judged { level, finding })
    };
    Ok(found.into_iter().filter_map(judge).collect())
}

/// What the package before says of the version of this one.
fn compare(before: &Path, examined: &Examined, wanted: &Validation<'_>) -> Result<Option<Finding>, Error> {
    let source = Source::read(before, None, (wanted.limits, wanted.work))?;
    let (opened, slug) = source.open(wanted.limits)?;
    if slug != examined.slug {
        return Err(AuthorError::OtherPlugin {
            path: before.to_owned(),
            found: slug.to_string(),
            wanted: examined.slug.to_string(),
        }
        .into());
    }
    let earlier = opened.locate(&slug)?;
    let manifest = earlier.read_manifest(&slug, None)?;
    let (version, last) = (examined.manifest.version, manifest.version);
    let is_raised = version > last;
    let is_same = version == last && contents(&earlier) == contents(&examined.located);
    Ok((!is_raised && !is_same).then(|| {
        Finding::of_file(
            crate::manifest::FILE_NAME,
            Observation::Version {
                version: version.to_string(),
                before: last.to_string(),
            },
        )
    }))
}

/// What stands in a package, whichever way it was packed.
fn contents(package: &crate::package::LocatedPackage) -> Vec<(&str, u64, u32)> {
    let members = package.archive().members().iter().filter(|member| !member.is_folder());
    let mut found: Vec<(&str, u64, u32)> = members
        .filter_map(|member| {
            Some((
                member.name().strip_prefix(package.prefix())?,
                member.size(),
                member.crc32(),
            ))
        })
        .collect();
    found.sort_unstable();
    found
}
