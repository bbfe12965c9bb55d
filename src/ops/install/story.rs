//! What an installation tells: its report, its lines in the log, and the summary at the end.

use super::package::{Inspected, Obtained};
use super::ready::Ready;
use crate::base::fs::{Owner, Ownership};
use crate::config::{InstallParameters, Origin};
use crate::log::{Message, Reporter};
use crate::ops::report::tell_kept;
use crate::ops::reporter::Narrator;
use crate::outcome::{FileCounts, Report};
use crate::stage::{self, Applied, Layout};

/// An operation begins.
pub(super) fn started(call: &InstallParameters, narrator: &Narrator<'_>) {
    let path = |path: &Option<std::path::PathBuf>| path.as_ref().map(|path| path.display().to_string());
    let reference = match call.origin {
        Origin::Upload | Origin::File => path(&call.file),
        Origin::LocalPath => path(&call.local_path),
        Origin::Url => call.url.clone().or_else(|| call.download_url.clone()),
        Origin::GithubPublic | Origin::GithubPrivate => call
            .owner
            .as_ref()
            .zip(call.repo.as_ref())
            .map(|(owner, repo)| format!("{owner}/{repo}")),
    };
    let origin = call.origin.word().to_owned();
    narrator.message(Message::Started {
        origin,
        reference: reference.unwrap_or_default(),
    });
}

/// The package is in staging.
pub(super) fn obtained(report: &mut Report, narrator: &Narrator<'_>, obtained: &Obtained) {
    report.origem = Some(crate::log::redact(&obtained.origin));
    report.checksum = Some(obtained.sha256.to_string());
    narrator.message(Message::PackageHash {
        sha256: obtained.sha256.to_string(),
    });
}

/// The package is the right one.
pub(super) fn inspected(report: &mut Report, narrator: &Narrator<'_>, package: &Inspected) {
    report.versao = Some(package.manifest.version.to_string());
    report.modulos = package.contents.module_names();
    narrator.message(Message::VersionFound {
        previous: report.versao_anterior.clone(),
        version: package.manifest.version.to_string(),
    });
}

/// The files stand where they belong.
pub(super) fn files(report: &mut Report, narrator: &Narrator<'_>, layout: &Layout, ready: &Ready) {
    report.arquivos = ready.counts;
    let installed = layout.installed();
    report.php_alterados = ready
        .php
        .iter()
        .map(|path| installed.join(path).display().to_string())
        .collect();
    narrator.message(Message::DataFolderRemoved);
    match &ready.ownership {
        Ownership::Set { .. } => {
            if let Ok(owner) = stage::owner(layout.root()) {
                let (user, group) = owner.names();
                narrator.message(Message::OwnershipSet { user, group });
            }
        }
        Ownership::MayNot => narrator.message(Message::OwnershipSkipped {
            user: Owner::process_user(),
        }),
    }
}

/// Backup and package have their names.
pub(super) fn published(report: &mut Report, narrator: &Narrator<'_>, layout: &Layout, applied: Applied) {
    tell_kept(narrator, &applied);
    if let Some(backup) = applied.backup {
        let path = backup.display().to_string();
        report.backup = Some(path.clone());
        narrator.message(Message::BackupCreated { path });
    }
    if let Some(version) = report.versao.as_ref().and_then(|text| text.parse().ok()) {
        narrator.message(Message::PackageKept {
            path: layout.kept_package(version).display().to_string(),
        });
    }
}

/// What had been done was undone: there is nothing of it to report.
pub(super) fn undone(report: &mut Report) {
    report.tabelas.clear();
    report.arquivos = FileCounts::default();
    report.php_alterados.clear();
    report.migracoes.clear();
    report.backup = None;
}
