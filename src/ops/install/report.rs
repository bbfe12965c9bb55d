//! What an installation tells: its report, its lines in the log, and the summary at the end.

use crate::config::{GithubOrigin, IndexOrigin, InstallParameters, Origin};
use crate::log::{Message, Reporter};
use crate::model::Sha256Digest;
use crate::ops::reporter::OperationReporter;
use crate::outcome::Report;
use crate::package::Inspected;

/// An operation begins.
pub(super) fn started(call: &InstallParameters, reporter: &OperationReporter<'_>) {
    let path = |path: &Option<std::path::PathBuf>| path.as_ref().map(|path| path.display().to_string());
    let reference = match &call.origin {
        Origin::Upload(file) | Origin::File(file) | Origin::LocalPath(file) => path(file),
        Origin::Url(of) => of.url.clone(),
        Origin::Index(IndexOrigin { index, range }) => {
            let range = range.as_ref().map(ToString::to_string).unwrap_or_default();
            Some(
                format!("{}:{} {range}", index.as_deref().unwrap_or("*"), call.slug)
                    .trim()
                    .to_owned(),
            )
        }
        Origin::Github(GithubOrigin { owner, repository, .. }) => {
            let both = owner.as_ref().zip(repository.as_ref());
            both.map(|(owner, repository)| format!("{owner}/{repository}"))
        }
    };
    let origin = call.origin.word().to_owned();
    reporter.message(Message::Started {
        origin,
        reference: reference.unwrap_or_default(),
    });
}

/// The package is in staging.
pub(super) fn obtained(report: &mut Report, reporter: &OperationReporter<'_>, (origin, package): (&str, Sha256Digest)) {
    report.origem = Some(crate::log::redact(origin));
    report.checksum = Some(package.to_string());
    let sha256 = package.to_string();
    reporter.message(Message::PackageHash { sha256 });
}

/// The package is the right one.
pub(super) fn inspected(report: &mut Report, reporter: &OperationReporter<'_>, package: &Inspected) {
    report.modulos = package.located.contents().module_names();
    reporter.message(Message::VersionFound {
        previous: report.versao_anterior.clone(),
        version: package.manifest.version.to_string(),
    });
}
