//! What an installation tells: its report, its lines in the log, and the summary at the end.

use super::package::{Inspected, Obtained};
use super::tree::Ready;
use crate::Error;
use crate::base::fs::{Owner, Ownership};
use crate::config::{HeldLimit, InstallParameters, Origin, SettingFault};
use crate::log::{Message, PathNotice, Reporter};
use crate::model::{GestorRoot, Phrase, Slug};
use crate::ops::reporter::Narrator;
use crate::outcome::{ExitCode, FileCounts, Report};
use crate::stage::{self, Applied, Layout, Leftover};

/// First errors that stand in the last lines of the log; the admin page shows fifteen lines.
const ERRORS_SHOWN: usize = 8;

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

/// What a call and the machine say that does not count.
pub(in crate::ops) fn not_counted(held: &[HeldLimit], faults: &[SettingFault], narrator: &Narrator<'_>) {
    for HeldLimit { key, asked, allowed } in held.iter().cloned() {
        narrator.message(Message::LimitHeld { key, asked, allowed });
    }
    for fault in faults.iter().cloned() {
        narrator.message(Message::SettingIgnored {
            name: fault.name,
            found: fault.found,
            allowed: fault.allowed,
            default: fault.default,
        });
    }
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

/// Folders that were kept instead of removed.
pub(in crate::ops) fn tell_kept(narrator: &Narrator<'_>, applied: &Applied) {
    for fault in &applied.unpublished {
        narrator.message(Message::Warning(fault.clone()));
    }
    if !applied.kept.is_empty() {
        narrator.message(Message::Paths {
            what: PathNotice::KeptAside,
            paths: applied.kept.iter().map(|path| path.display().to_string()).collect(),
        });
    }
}

/// What earlier operations could not remove is tried once more, and told while it stands.
pub(in crate::ops) fn tell_leftovers(narrator: &Narrator<'_>, root: &GestorRoot, slug: &Slug) {
    for Leftover { path, reason } in stage::sweep(root, slug) {
        narrator.message(Message::Leftover {
            path: path.display().to_string(),
            reason: Phrase::of(&reason),
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

/// The end: code, errors, times; in the log the first errors once more, below everything else.
pub(in crate::ops) fn conclude(
    report: &mut Report,
    narrator: &Narrator<'_>,
    ended: Result<(), Error>,
    milliseconds: u64,
) {
    let code = match ended {
        Ok(()) => ExitCode::Ok,
        Err(fault) => {
            let mut messages = fault.messages(narrator.lang());
            let more = messages.len().saturating_sub(ERRORS_SHOWN);
            for message in messages.iter().take(ERRORS_SHOWN) {
                narrator.message(Message::Error(Phrase::of_others(message)));
            }
            if more > 0 {
                narrator.message(Message::MoreErrors { count: more });
            }
            report.erros.append(&mut messages);
            fault.exit_code()
        }
    };
    if report.dry_run && code == ExitCode::Ok {
        narrator.message(Message::DryRun);
    }
    let unlisted = narrator.unlisted_warnings();
    if unlisted > 0 {
        narrator.message(Message::MoreWarnings { count: unlisted });
    }
    report.avisos = narrator.warnings();
    report.duracao_ms = narrator
        .durations()
        .into_iter()
        .map(|(step, time)| (step.name(), time))
        .collect();
    report.finish(code);
    narrator.message(Message::Finished { code, milliseconds });
    report.log_falhou = narrator.log_fault();
    report.avisos.extend(report.log_falhou.clone());
}
