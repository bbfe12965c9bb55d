//! What an installation tells and remembers of itself: its action, and where what the last package brought is known from.

use serde_json::Value;

use super::Installation;
use super::before::Before;
use crate::config::{InstallParameters, WantedPoint};
use crate::data::TableRows;
use crate::history::Action;
use crate::log::{Message, Reporter};
use crate::model::Sha256Digest;
use crate::ops::failure_history;
use crate::ops::known::RecordState;
use crate::ops::messages;
use crate::package::PackageRows;
use crate::registry::Installed;
use crate::transaction::{BaseSource, ChangeRecord, Waiting};

impl Installation<'_> {
    /// What the history calls it.
    pub(super) fn action(&self, installed: &Installed, package: Option<&str>) -> Action {
        let is_same = package.is_some() && installed.checksum.as_deref() == package;
        match installed.version {
            _ if self.wanted.is_some() => Action::Rollback,
            _ if self.repair.is_some() => Action::Repair,
            None => Action::Install,
            Some(_) if is_same && self.call.reprocess => Action::Reprocess,
            Some(_) => Action::Update,
        }
    }

    pub(super) fn account(
        &self,
        before: &Before,
        package: Sha256Digest,
        (base, waiting): (BaseSource, Waiting),
    ) -> ChangeRecord<'_> {
        let Before { installed, known, .. } = before;
        ChangeRecord {
            action: self.action(installed, Some(&package.to_string())),
            parameters: Some(self.parameters(before.installed.version.as_deref())),
            batch: self.batch,
            actor: self.call.actor.as_deref(),
            version: installed.version.clone(),
            checksum: known.point.as_ref().and_then(|point| point.checksum.clone()),
            state: known.state.clone(),
            base,
            waiting,
            external: known.external(installed),
        }
    }

    /// What the call wants, without secrets. A version that a way back leaves is held back from automatic updates.
    pub(super) fn parameters(&self, left: Option<&str>) -> String {
        let Some(wanted) = self.wanted else {
            return parameters(self.call);
        };
        let flags = [("forcar", self.call.force), ("manter_esquema", wanted.keep_schema)];
        let said = failure_history::parameters(self.call.policy, self.call.fusion, &flags);
        let mut said: Value = serde_json::from_str(&said).unwrap_or_default();
        match &wanted.wanted {
            WantedPoint::Previous => {}
            WantedPoint::Version(version) => said["version"] = version.as_str().into(),
            WantedPoint::Number(number) => said["ponto"] = (*number).into(),
        }
        if let Some(left) = left {
            said["pular"] = left.into();
        }
        said.to_string()
    }

    /// Where what the last package brought is known from: recorded, or from the package that the plugin's row names.
    pub(super) fn base_source(&self, before: &Before, has_base: bool) -> BaseSource {
        if !self.parts.rows {
            return BaseSource::Recorded;
        }
        let known = &before.known;
        // Recorded, though perhaps by a call that left the rows out, or lost since.
        if known.standing != RecordState::External && has_base {
            return BaseSource::Recorded;
        }
        let version = before.row_version.as_deref();
        let base = self.rows_of_installed(version, before.installed.checksum.as_deref());
        if known.standing == RecordState::External {
            let recorded = known.point.as_ref().and_then(|point| point.versao_para.as_deref());
            let told = messages::another_installer(version, recorded, base.is_some());
            self.reporter.message(Message::Warning(told));
        }
        base.map_or(BaseSource::Unknown, BaseSource::Package)
    }

    /// The rows of the package that the plugin's row names, where it is kept or stands among the uploads.
    fn rows_of_installed(&self, version: Option<&str>, sha256: Option<&str>) -> Option<Vec<TableRows>> {
        let blacklist = self.blacklist();
        // One that cannot be read any more is as good as none.
        let rows = self.reading(|reading| self.kept(&blacklist).rows_of(version, sha256, reading));
        rows.ok().flatten()
    }
}

/// What the call wants, without secrets.
fn parameters(call: &InstallParameters) -> String {
    let flags = [
        ("reprocessar", call.reprocess),
        ("no_resources", call.parts.no_resources),
        ("no_migrations", call.parts.no_migrations),
        ("only_migrations", call.parts.only_migrations),
        ("only_resources", call.parts.only_resources),
        ("forcar", call.force),
    ];
    failure_history::parameters(call.policy, call.fusion, &flags)
}

/// Tables of which the base speaks and the package brings nothing: named, so that their rows are seen.
pub(super) fn name_tables(rows: &mut PackageRows, base: &BaseSource, recorded: Vec<crate::model::TableName>) {
    let rebuilt = match base {
        BaseSource::Package(tables) => tables.iter().map(|rows| rows.table.clone()).collect(),
        BaseSource::Recorded | BaseSource::Unknown => Vec::new(),
    };
    for table in recorded.into_iter().chain(rebuilt) {
        if rows.wanted && rows.tables.iter().all(|rows| rows.table != table) {
            rows.tables.push(TableRows::none(table));
        }
    }
}
